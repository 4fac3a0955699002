"""The model as a whole: a pure function from a request and a seed to its choices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

from conformance.reference.chat.mind.calling import FunctionCall, calls, said_first
from conformance.reference.chat.mind.plan import Plan, script
from conformance.reference.chat.mind.sampling import Token, sample
from conformance.reference.chat.mind.understanding import intend, last_prompt
from conformance.reference.chat.request import ChatRequest


@dataclass(frozen=True, slots=True)
class Mind:
    """What a model is able to do: the calls it makes for a prompt, what it wants to say, and what it thinks.

    `thoughts` draws the tokens that are generated before the answer and are no part of it.
    """

    calls: Callable[[ChatRequest, str], tuple[FunctionCall, ...]] = calls
    intend: Callable[[ChatRequest], Plan] = intend
    thoughts: Callable[[Random], tuple[str, ...]] = lambda _: ()


ABLE = Mind()


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer: text or calls, why it ended, and the number of tokens that were generated for it.

    `thoughts` are the tokens that came before the answer; `spent` counts them too.
    """

    index: int
    tokens: tuple[Token, ...]
    finish_reason: str
    spent: int
    stopped_by: str = ""
    calls: tuple[FunctionCall, ...] = ()
    thoughts: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What the answer says."""
        return "".join(token.text for token in self.tokens)


def think(request: ChatRequest, seed: int, mind: Mind = ABLE) -> tuple[Choice, ...]:
    """The `n` choices of an answer, each drawn with random numbers of its own."""
    wanted = mind.calls(request, last_prompt(request).text)
    plan = () if wanted else mind.intend(request)
    return tuple(
        _choice(index, wanted, plan, request, mind, Random(f"{seed}/{index}"))  # noqa: S311
        for index in range(request.n)
    )


def _choice(
    index: int, wanted: tuple[FunctionCall, ...], plan: Plan, request: ChatRequest, mind: Mind, rng: Random
) -> Choice:
    """What was thought first, and the calls or the text as far as the limit then reaches."""
    thoughts = mind.thoughts(rng)[: request.max_tokens]
    if request.max_tokens is not None:
        request = replace(request, max_tokens=request.max_tokens - len(thoughts))
    made = _calling(index, wanted, request, rng) if wanted else _saying(index, plan, request, rng)
    return replace(made, thoughts=thoughts, spent=made.spent + len(thoughts))


def _saying(index: int, plan: Plan, request: ChatRequest, rng: Random) -> Choice:
    drawn = sample(plan, request, rng)
    return Choice(index, drawn.tokens, drawn.finish_reason, drawn.spent, drawn.stopped_by)


def _calling(index: int, wanted: tuple[FunctionCall, ...], request: ChatRequest, rng: Random) -> Choice:
    """What is said first, and the calls as far as the limit reaches; the last may be cut in its arguments."""
    first = sample(script(said_first(request)), request, rng)
    left = sum(call.spent for call in wanted)
    if request.max_tokens is not None:
        left = request.max_tokens - first.spent
    kept = []
    for call in wanted:
        name = call.spent - len(call.pieces)
        if left < name:
            break
        kept.append(replace(call, pieces=call.pieces[: left - name]))
        left -= kept[-1].spent
    whole = "function_call" if request.legacy_functions else "tool_calls"
    reason = whole if kept == list(wanted) else "length"
    spent = first.spent + sum(call.spent for call in kept)
    return Choice(index, first.tokens, reason, spent, calls=tuple(kept))

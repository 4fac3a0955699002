"""The model as a whole: a pure function from a request and a seed to its choices."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from conformance.reference.mind.calling import Call, calls
from conformance.reference.mind.sampling import Token, sample
from conformance.reference.mind.understanding import intend, last_prompt
from conformance.reference.request import ChatRequest


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer: text or calls, why it ended, and the number of tokens that were generated for it."""

    index: int
    tokens: tuple[Token, ...]
    finish_reason: str
    spent: int
    stopped_by: str = ""
    calls: tuple[Call, ...] = ()

    @property
    def text(self) -> str:
        """What the answer says."""
        return "".join(token.text for token in self.tokens)


def think(request: ChatRequest, seed: int) -> tuple[Choice, ...]:
    """The `n` choices of an answer, each drawn with random numbers of its own."""
    wanted = calls(request, last_prompt(request).text)
    if wanted:
        return tuple(_calling(index, wanted, request) for index in range(request.n))
    plan = intend(request)
    drawn = (sample(plan, request, Random(f"{seed}/{index}")) for index in range(request.n))  # noqa: S311
    return tuple(Choice(i, s.tokens, s.finish_reason, s.spent, s.stopped_by) for i, s in enumerate(drawn))


def _calling(index: int, wanted: tuple[Call, ...], request: ChatRequest) -> Choice:
    """The calls as far as the token limit reaches; the last one may be cut in its arguments."""
    left = request.max_tokens if request.max_tokens is not None else sum(call.spent for call in wanted)
    kept = []
    for call in wanted:
        name = call.spent - len(call.pieces)
        if left < name:
            break
        kept.append(replace(call, pieces=call.pieces[: left - name]))
        left -= kept[-1].spent
    whole = "function_call" if request.legacy_functions else "tool_calls"
    reason = whole if kept == list(wanted) else "length"
    return Choice(index, (), reason, sum(call.spent for call in kept), calls=tuple(kept))

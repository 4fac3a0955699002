"""Several choices in one answer: as many as asked for, drawn independently, told apart, and billed."""

from __future__ import annotations

import re
from functools import partial

from conformance.asking.change import to_be_refused
from conformance.contracts.chat.probes import prompts
from conformance.contracts.chat.probes.change import max_tokens, n
from conformance.contracts.chat.probes.invalid import NO_CHOICES
from conformance.contracts.chat.probes.named import CHOICE_LIMIT as LIMIT
from conformance.contracts.chat.probes.named import (
    COUNT,
    COUNT_CUT,
    COUNT_CUT_STREAM,
    COUNT_STREAM,
    OK,
    PHRASE_CHOICES,
    PHRASES,
    THREE_CUT,
)
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.sources import METHOD, OPENAI
from conformance.contracts.host.refusing import are_refused
from conformance.judging.requirement import MAY, MUST, SHOULD, controls, probes, requirement
from conformance.judging.saying import assume, needs, note, warn, wrong

N = "choices.n-answers"

choices_requirement = partial(requirement, source=OPENAI.n, claim="n", basis=N)

CUT = COUNT_CUT[-1]
CUT_STREAM = COUNT_CUT_STREAM
"""One choice, cut by the limit: shows that cutting and counting are right where there is only one."""

TWO_STREAMED = COUNT_STREAM | max_tokens(LIMIT) | n(2)


def indexes(view: View) -> list[int]:
    """The indexes of the choices, in order."""
    return [choice.index for choice in view.choices]


def counts(text: str) -> bool:
    """The numbers in the text are those from 1 on; the last may be cut."""
    found, expected = re.findall(r"\d+", text)[:20], prompts.COUNTED.split()
    return not found or (
        found[:-1] == expected[: len(found) - 1] and expected[len(found) - 1].startswith(found[-1])
    )


def needs_heat(cold: View, warm: View) -> bool:
    """Several choices are refused at temperature 0, where all are equal, and served above it."""
    return cold.last.status in (400, 422) and not cold.small_limit and warm.last.succeeded


def needs_no_heat(cold: View, warm: View) -> None:
    """Several choices are served at temperature 0, or are not served at all."""
    assume(
        not needs_heat(cold, warm),
        "several choices are refused at temperature 0 only: {refusal}",
        refusal=cold.refusal_in_words,
    )


def complete(view: View) -> None:
    """There are as many choices as asked for; otherwise that is the finding, not this."""
    asked, got = view.request["n"], len(view.choices)
    needs(N, got == asked, "n={asked} gives {got} choices", asked=asked, got=got)


@choices_requirement(
    N, MAY, claimed=MUST, basis=None, hurts="Callers that pick the best of several get one, or crash."
)
@controls(single=CUT)
@probes(answer=PHRASE_CHOICES, cold=THREE_CUT)
def test_n_choices_are_returned(single: View, answer: View, cold: View) -> None:
    """With n=4 there are four choices, with the indexes 0 to 3; with n=3 at temperature 0 there are three."""
    first = single.choices[0].index
    if needs_heat(cold, answer):
        note(
            "several choices are refused at temperature 0, where all would be equal: {refusal}",
            cold.at_status(),
            refusal=cold.refusal_in_words,
        )
    for view, sentence in (
        (answer, "n={asked} gives {got} choices"),
        (cold, "n={asked} gives {got} choices at temperature 0"),
    ):
        asked, got = view.request["n"], len(view.choices)
        assert got == asked, wrong(sentence, view.at("choices"), asked=asked, got=got)
    owner = "envelope.index-is-position"
    needs(owner, first == 0, "even a single choice has the index {first}", first=first)
    right = list(range(len(answer.choices)))
    assert indexes(answer) == right, wrong(
        "{count} choices have the indexes {indexes}",
        answer.at("choices"),
        count=len(right),
        indexes=indexes(answer),
    )


@choices_requirement(
    "choices.independent", MAY, claimed=SHOULD, hurts="Voting over choices votes over copies of one."
)
@controls(default=PHRASES)
@probes(answer=PHRASE_CHOICES)
def test_choices_are_independent(default: tuple[View, ...], answer: View) -> None:
    """The choices are drawn independently, not copies of one."""
    usual = [view.text.strip() for view in default]
    assume(len(set(usual)) > 2, "equal requests get the same answer too")
    complete(answer)
    drawn = {choice.text.strip() for choice in answer.choices}
    assume(all(drawn), "a choice has no visible text")
    # Four equal choices that four single answers never show: p^4 (1-p)^4 by chance, 1 in 15,000 where the
    # commonest phrase has the probability p = 0.1, and never more than 1 in 256.
    assume(len(drawn) > 1 or not drawn & set(usual), "the phrase that all choices are is a common one")
    assert len(drawn) > 1, wrong(
        "all four choices are {text!r}", answer.at("choices"), text=answer.text.strip()[:40]
    )


@choices_requirement(
    "choices.all-billed", MAY, claimed=MUST, hurts="Usage understates what was generated; budgets drift."
)
@controls(single=CUT, warm=PHRASE_CHOICES)
@probes(answer=THREE_CUT)
def test_all_choices_are_billed(single: View, warm: View, answer: View) -> None:
    """completion_tokens counts the tokens of all choices: three of 8 tokens are 24."""
    needs_no_heat(answer, warm)
    exact = single.usage.completion == single.request["max_tokens"]
    complete(answer)
    whole = [choice.index for choice in answer.choices if choice.finish_reason != "length"]
    assume(not whole, "not all three choices were cut at {limit} tokens", limit=LIMIT)
    assume(not answer.thinks, "the model thinks before it answers, and that is counted too")
    needs("limits.max-tokens-exact", exact, "even a single cut answer is not billed exactly")
    billed = answer.usage.completion
    assert billed == 3 * LIMIT, wrong(
        "{billed} completion tokens for three choices that were cut at {limit} each",
        answer.at("usage.completion_tokens"),
        billed=billed,
        limit=LIMIT,
    )


@choices_requirement("choices.prompt-billed-once", MAY, claimed=SHOULD, source=METHOD.metamorphic)
@controls(control=COUNT, single=CUT, warm=PHRASE_CHOICES)
@probes(answer=THREE_CUT)
def test_prompt_is_billed_once(control: View, single: View, warm: View, answer: View) -> None:
    """prompt_tokens with n=3 are those of the same prompt with one choice."""
    needs_no_heat(answer, warm)
    once = single.usage.prompt
    steady = control.usage.prompt == once
    needs("usage.same-prompt-same-count", steady, "prompt_tokens of the same prompt differ anyway")
    complete(answer)
    billed = answer.usage.prompt
    assert billed == once, wrong(
        "{billed} prompt tokens with three choices, {once} with one",
        answer.at("usage.prompt_tokens"),
        billed=billed,
        once=once,
    )


@choices_requirement(
    "choices.streamed-separately",
    MAY,
    claimed=MUST,
    source=(OPENAI.n, OPENAI.chunk_choices),
    hurts="The texts of the choices run into one another.",
)
@controls(control=CUT_STREAM, plain=PHRASE_CHOICES)
@probes(answer=TWO_STREAMED)
def test_choices_are_streamed_separately(control: View, plain: View, answer: View) -> None:
    """In a stream with n=2 each chunk says whose it is, and each choice gets its text and finish_reason."""
    ends = control.choices[0].finish_reason is not None
    assume(control.text.strip(), "a stream of one choice has no visible text either")
    needs_no_heat(answer, plain)
    complete(plain)
    assert indexes(answer) == [0, 1], wrong(
        "a stream with n=2 has choices with the indexes {indexes}",
        answer.at("choices[0].index"),
        indexes=indexes(answer)[:9],
    )
    first, second = answer.choices
    silent = second if first.text else first
    assert bool(first.text) == bool(second.text), wrong(
        "only one of the two choices has text", answer.at("delta", silent)
    )
    needs("stream.finish-reason-once", ends, "a stream of one choice has no finish_reason either")
    unfinished = [choice for choice in answer.choices if choice.finish_reason is None]
    assert not unfinished, wrong(
        "no finish_reason for the choices {indexes}",
        *(answer.at("finish_reason", choice) for choice in unfinished),
        indexes=[choice.index for choice in unfinished],
    )
    mixed = [choice for choice in answer.choices if not counts(choice.text)]
    assert not mixed or not counts(control.text), wrong(
        "the texts of the choices are mixed: {text!r}",
        answer.at("delta.content", mixed[0]),
        text=mixed[0].text[:40],
    )
    opening = next(choice for chunk in answer.chunks for choice in chunk.get("choices") or ())
    if opening["index"] != 0:
        warn(
            "choice {index} comes first: the stream helper of openai-python expects choice 0 to open",
            answer.at("index", opening),
            index=opening["index"],
        )


@choices_requirement("choices.invalid-n-refused", MAY, claimed=SHOULD)
@controls(answer=PHRASE_CHOICES)
@probes(
    zero=NO_CHOICES,
    fraction=OK | n(1.5) | to_be_refused,
)
def test_invalid_n_is_refused(answer: View, zero: View, fraction: View) -> None:
    """An n of 0 or 1.5 is refused."""
    needs(N, answer.served, "n is refused altogether")
    complete(answer)
    are_refused(zero, fraction)

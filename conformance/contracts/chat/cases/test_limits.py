"""Limits on the length of an answer: they hold, exactly, and reaching one is no error."""

from __future__ import annotations

from functools import partial

from conformance.asking.change import costing, setting, to_be_refused, without
from conformance.asking.probe import Probe
from conformance.contracts.chat.probes.change import max_tokens
from conformance.contracts.chat.probes.named import (
    COUNT,
    COUNT_CUT,
    COUNT_CUT_STREAM,
    OK,
    documented_examples,
)
from conformance.contracts.chat.reading.asked import limited
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.selecting import every_stream
from conformance.contracts.chat.sources import METHOD, OPENAI
from conformance.judging.requirement import (
    MUST,
    SHOULD,
    controls,
    probes,
    probes_for,
    proven_alone,
    requirement,
)
from conformance.judging.saying import assume, concerns, needs, wrong
from conformance.provider.model import Claims

limit_requirement = partial(
    requirement, source=OPENAI.max_tokens, claim="max_tokens", basis="limits.truncation-is-success"
)

ONE, FIVE, SIXTEEN = COUNT_CUT
OTHER_NAME = COUNT | without("max_tokens") | setting(max_completion_tokens=5) | costing(5)


def examples_without_limit(claims: Claims) -> dict[str, tuple[Probe, ...]]:
    """The documented examples that leave the limit to the provider."""
    examples = documented_examples(claims).values()
    return {"answers": tuple(probe for probe in examples if not probe.claims & {"max_tokens", "stream"})}


def goes_on(control: View, limit: int) -> None:
    """The control shows that the answer is longer than the limit."""
    words = len(control.text.split())
    assume(words > limit, "without the limit the answer has only {words} words", words=words)


def numbers(view: View) -> int:
    """How many numbers were written; each takes at least one token."""
    return len(view.text.split())


@limit_requirement("limits.truncation-is-success", MUST, basis=None, hurts="A long answer becomes an error.")
@probes(answers=COUNT_CUT)
def test_reaching_the_limit_is_no_error(answers: tuple[View, ...]) -> None:
    """An answer that is cut at max_tokens is a success, even at one token."""
    for answer in answers:
        answer.require_answer()


def stays_within(answer: View, limit: int) -> None:
    """The text has no more words than the limit allows tokens."""
    words = numbers(answer)
    assert words <= limit, wrong(
        "{words} words were written within {limit} tokens", answer.at_text(), words=words, limit=limit
    )


def keeps_its_limit(answer: View) -> None:
    """The same of what others asked."""
    stays_within(answer, answer.limit or 0)


@proven_alone(limited, keeps_its_limit)
@limit_requirement(
    "limits.max-tokens-bounds", MUST, hurts="A limit that is to bound cost and time bounds neither."
)
@controls(control=COUNT)
@probes(answers=COUNT_CUT)
def test_max_tokens_bounds_the_text(control: View, answers: tuple[View, ...]) -> None:
    """No more text is generated than max_tokens allows."""
    for answer in answers:
        limit = answer.request["max_tokens"]
        goes_on(control, limit)
        stays_within(answer, limit)


@limit_requirement(
    "limits.finish-reason-length", MUST, source=OPENAI.finish_reason, hurts="A cut answer looks complete."
)
@controls(control=COUNT)
@probes(answers=(FIVE, SIXTEEN))
def test_finish_reason_is_length(control: View, answers: tuple[View, ...]) -> None:
    """finish_reason is `length` where the limit cut the answer."""
    for answer in answers:
        limit = answer.request["max_tokens"]
        goes_on(control, limit)
        needs("limits.max-tokens-bounds", numbers(answer) <= limit, "the limit is not kept")
        reason = answer.finish_reason
        assert reason == "length", wrong(
            "{probe}: finish_reason is {reason!r}",
            answer.at("finish_reason", answer.choices[0]),
            probe=answer.probe,
            reason=reason,
        )


@limit_requirement("limits.max-tokens-exact", SHOULD)
@controls(control=COUNT)
@probes(answers=COUNT_CUT)
def test_limit_is_used_up_exactly(control: View, answers: tuple[View, ...]) -> None:
    """completion_tokens equals max_tokens where finish_reason is `length`."""
    for answer in answers:
        limit = answer.request["max_tokens"]
        goes_on(control, limit)
        needs("limits.max-tokens-bounds", numbers(answer) <= limit, "the limit is not kept")
        needs(
            "limits.finish-reason-length", answer.finish_reason == "length", "the answer is not marked as cut"
        )
        billed = answer.usage.completion
        assume(billed == limit or not answer.thinks, "the model thinks, which the limit may not be about")
        allowed = "{billed} tokens are billed, {limit} were allowed"
        needs("usage.within-limit", billed <= limit, allowed, billed=billed, limit=limit)
        assert billed == limit, wrong(
            "{probe}: cut at {limit} tokens, but {billed} are billed",
            answer.at("usage.completion_tokens"),
            probe=answer.probe,
            limit=limit,
            billed=billed,
        )


@limit_requirement("limits.output-grows-with-limit", SHOULD, source=METHOD.metamorphic)
@controls(control=COUNT)
@probes(answers=COUNT_CUT)
def test_text_grows_with_the_limit(control: View, answers: tuple[View, ...]) -> None:
    """The text at a lower limit is the beginning of the text at a higher one."""
    goes_on(control, 16)
    texts = [answer.text for answer in answers]
    assume(not any(answer.thinks for answer in answers), "the model thinks aloud before it writes")
    whole = control.text
    for text in texts:
        known = text in whole or text[:2] == whole[:2]
        assume(known, "the model answered differently this time")
    sizes = [len(text) for text in texts]
    assert sizes == sorted(sizes), wrong(
        "the texts at 1, 5 and 16 tokens have {sizes} characters",
        *(answer.at_text() for answer in answers),
        sizes=sizes,
    )
    other = [answer for answer in answers if not whole.startswith(answer.text)]
    assert not other, wrong(
        "a cut answer is not the beginning of the whole one", *(answer.at_text() for answer in other)
    )


@limit_requirement(
    "limits.bounds-stream",
    MUST,
    hurts="A limit that is to bound cost and time does not hold for streams.",
)
@controls(control=COUNT, plain=FIVE)
@probes(streamed=COUNT_CUT_STREAM)
def test_limit_holds_in_a_stream(control: View, plain: View, streamed: View) -> None:
    """In a stream the same limit holds, and finish_reason is `length`."""
    goes_on(control, 5)
    needs("limits.max-tokens-bounds", numbers(plain) <= 5, "the limit is not kept anyway")
    needs("limits.finish-reason-length", plain.finish_reason == "length", "no cut answer is marked as cut")
    assert numbers(streamed) <= 5, wrong(
        "{numbers} numbers were streamed within 5 tokens", streamed.at_text(), numbers=numbers(streamed)
    )
    reason = streamed.finish_reason
    assert reason == "length", wrong(
        "finish_reason is {reason!r}", streamed.at("finish_reason", streamed.choices[0]), reason=reason
    )


@limit_requirement(
    "limits.stream-ends", MUST, basis=None, hurts="One request can cost as much as a thousand, and never end."
)
@every_stream
def test_a_stream_ends_where_its_limit_is_passed(view: View) -> None:
    """A stream does not go on long after its limit is reached."""
    failure = view.last.failure
    runaway = failure is not None and failure.kind == "runaway"
    assert not runaway, wrong("{failure}", view, failure=failure and failure.message)


@requirement(
    "limits.max-completion-tokens",
    SHOULD,
    claimed=MUST,
    source=OPENAI.max_completion_tokens,
    claim="max_completion_tokens",
    hurts="Clients that follow OpenAI's deprecation of max_tokens get answers without a limit.",
)
@controls(control=COUNT, older=FIVE)
@probes(answer=OTHER_NAME)
def test_max_completion_tokens_works(control: View, older: View, answer: View) -> None:
    """max_completion_tokens is accepted and bounds the answer, and nothing but the answer."""
    goes_on(control, 5)
    assert numbers(answer) <= 5, wrong(
        "ignored: {numbers} numbers were written within 5 tokens", answer.at_text(), numbers=numbers(answer)
    )
    if not older.served or answer.thinks or older.thinks:
        return
    whole, under_both = control.text.strip(), (older.text.strip(), answer.text.strip())
    same = all(whole.startswith(text) for text in under_both)
    assume(same or not under_both[0], "the model answered differently this time")
    assert len(under_both[1]) >= len(under_both[0]), wrong(
        "within 5 tokens max_tokens gives {older!r} and max_completion_tokens {text!r}: it seems to count "
        "more than the answer, such as the prompt",
        answer.at_text(),
        older=under_both[0],
        text=under_both[1],
    )


@limit_requirement("limits.invalid-refused", SHOULD)
@probes(answers=tuple(OK | max_tokens(value) | to_be_refused for value in (0, 1.5, "5")))
def test_invalid_limit_is_refused(answers: tuple[View, ...]) -> None:
    """max_tokens of 0, 1.5 or "5" is refused."""
    served = [view for view in answers if not view.refused]
    assert not served, wrong(
        "not refused: max_tokens {served}",
        *(view.at_status() for view in served),
        served=", ".join(repr(view.request["max_tokens"]) for view in served),
    )


@limit_requirement("limits.default-not-tiny", SHOULD, basis=None)
@probes_for(examples_without_limit)
def test_default_limit_is_not_tiny(answers: tuple[View, ...]) -> None:
    """Without max_tokens, the documented example is answered to its end."""
    concerns(answers, "no documented example leaves max_tokens out")
    for answer in answers:
        assert answer.finish_reason != "length", wrong(
            "{probe}: cut after {length} characters",
            answer.at("finish_reason", answer.choices[0]),
            probe=answer.probe,
            length=len(answer.text),
        )

"""What a stream says: its usage, its failures, and the same as an answer that is not streamed."""

from __future__ import annotations

import re
from functools import partial

from conformance.asking.change import setting, stream, to_be_refused
from conformance.contracts.chat.cases.streaming import asked_for_usage, choices, moderates, stream_requirement
from conformance.contracts.chat.cases.thinking import shown
from conformance.contracts.chat.probes.named import (
    COUNT,
    COUNT_CUT,
    COUNT_STREAM,
    COUNT_USAGE,
    OK,
)
from conformance.contracts.chat.reading.schema import violations
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.selecting import every_stream
from conformance.contracts.chat.sources import CLIENTS, METHOD, OPENAI
from conformance.judging.requirement import MAY, MUST, SHOULD, controls, probes, requirement
from conformance.judging.saying import assume, concerns, needs, note, warn, wrong

usage_requirement = partial(
    requirement, source=OPENAI.include_usage, claim="stream_options", basis="stream.usage-chunk-last"
)

REFUSED = OK | stream | setting(messages=[]) | to_be_refused


@stream_requirement("stream.usage-only-when-asked", MAY, source=OPENAI.chunk_usage)
@every_stream
def test_usage_comes_only_when_asked(answer: View) -> None:
    """Without include_usage, no chunk has usage."""
    if not asked_for_usage(answer):
        unasked = [chunk for chunk in answer.chunks if chunk.get("usage") is not None]
        if unasked:
            note(
                "{count} chunks have usage that was not asked for",
                answer.at("usage", unasked[-1]),
                count=len(unasked),
            )


@usage_requirement(
    "stream.usage-chunk-last",
    SHOULD,
    claimed=MUST,
    basis=None,
    hurts="Streamed answers cannot be accounted for.",
)
@probes(answer=COUNT_USAGE)
def test_usage_comes_in_a_last_chunk(answer: View) -> None:
    """With include_usage, one last chunk has usage and empty choices; usage is null or absent before it."""
    listing = [chunk for chunk in answer.chunks if isinstance(chunk.get("choices"), list)]
    chunks = [chunk for chunk in listing if not moderates(chunk)]
    places = [number for number, chunk in enumerate(chunks, 1) if chunk.get("usage") is not None]
    assert places or not answer.finish_reason, wrong(
        "include_usage is ignored: no chunk has usage", answer.at("usage"), answer
    )
    where = [answer.at("usage", chunks[place - 1]) for place in places]
    assert len(places) == 1, wrong(
        "{count} chunks have usage, where one should", *where[:3], count=len(places)
    )
    assert places[0] == len(chunks), wrong(
        "usage is in chunk {place} of {chunks}, not in the last", *where, place=places[0], chunks=len(chunks)
    )
    if chunks[-1].get("choices"):
        warn("usage is in a chunk that has choices, not in one of its own", *where)


@usage_requirement("stream.usage-null-before-the-last", MAY)
@probes(answer=COUNT_USAGE)
def test_usage_is_null_before_the_last_chunk(answer: View) -> None:
    """With include_usage, every other chunk has `usage: null`."""
    needs("stream.usage-chunk-last", answer.usage_members is not None, "no chunk has usage")
    others = [chunk for chunk in answer.chunks if chunk.get("usage") is None and chunk.get("choices")]
    absent = [chunk for chunk in others if "usage" not in chunk]
    if absent:
        note(
            "{count} of {all} chunks have no member `usage`, where the reference has null",
            answer.at("", absent[0]),
            count=len(absent),
            all=len(others),
        )


@usage_requirement("stream.usage-valid", SHOULD, source=OPENAI.usage_total)
@probes(answer=COUNT_USAGE)
def test_streamed_usage_is_valid(answer: View) -> None:
    """Streamed usage has integer counts, greater than 0."""
    members = answer.usage_members
    needs("stream.usage-chunk-last", members is not None, "no chunk has usage")
    found = violations("usage", members)
    assert not found, wrong(
        "{violations}",
        *(answer.at(one.path, members) for one in found[:3]),
        violations="; ".join(map(str, found[:3])),
    )
    least = min(answer.usage.prompt, answer.usage.completion)
    needs("usage.counts-positive", least > 0 or not answer.text, "a count is 0, or less")
    assert least > 0, wrong(
        "{prompt} prompt and {completion} completion tokens, without a text",
        answer.at("usage.completion_tokens"),
        prompt=answer.usage.prompt,
        completion=answer.usage.completion,
    )


@stream_requirement(
    "stream.refusal-is-http-error",
    MUST,
    source=CLIENTS.openai_python,
    hurts="openai-python raises nothing, and the stream is silently empty.",
)
@probes(answer=REFUSED)
def test_refusal_of_a_stream_is_an_http_error(answer: View) -> None:
    """A streamed request that is invalid gets a 4xx status, not a stream."""
    status = answer.status
    assert status >= 400, wrong(
        "HTTP {status} for a request without messages", answer.at_status(), status=status
    )
    assert answer.media_type != "text/event-stream", wrong(
        "HTTP {status} with an event stream", answer.at_header("content-type"), status=status
    )


@stream_requirement("stream.failure-is-error-event", SHOULD, source=CLIENTS.openai_python)
@every_stream
def test_failure_is_an_error_event(answer: View) -> None:
    """A stream that fails under way says so in an event {"error": {"message": …}}."""
    failed = [chunk for chunk in answer.chunks if chunk.get("error")]
    ended = answer.stream.counts.get("done-missing", 0) == 0 or any(
        choice.get("finish_reason") for _, choice, _ in choices(answer)
    )
    concerns(failed or not ended, "no stream failed under way")
    assert failed, wrong(
        "the stream ends in silence, without finish_reason or [DONE]",
        answer.at("choices[0].finish_reason"),
        answer,
    )
    error = failed[0]["error"]
    message, where = error.get("message") if isinstance(error, dict) else None, answer.at("error", failed[0])
    assert isinstance(message, str), wrong("the error has no message: {error!r}", where, error=error)
    assert message, wrong("the error message is empty", where)


@stream_requirement(
    "stream.truncation-visible",
    MUST,
    source=METHOD.metamorphic,
    hurts="Half an answer is taken for a whole one.",
)
@controls(plain=COUNT, again=COUNT_USAGE)
@probes(streamed=COUNT_STREAM)
def test_truncation_is_visible(plain: View, again: View, streamed: View) -> None:
    """A stream that breaks off before the answer is complete does not look complete."""
    whole, got = plain.text.strip(), streamed.text.strip()
    assume(whole, "the plain answer is empty")
    cut = whole.startswith(got) and re.search(r"\w", whole[len(got) :])
    if cut and again.served:
        assume(again.text.strip() != whole, "another stream of the same request is whole: it varies")
    reasons = {choice.get("finish_reason") for _, choice, _ in choices(streamed)}
    ended = "done-missing" not in streamed.stream.counts
    looks_complete = reasons & {"stop"} or (ended and not reasons & {"length", "content_filter"})
    assert not (cut and looks_complete), wrong(
        "{got} of {all} characters were streamed, and the stream ends as if that were all",
        streamed.at_text(),
        got=len(got),
        all=len(whole),
    )


@usage_requirement("stream.same-usage-as-not-streamed", SHOULD, source=METHOD.metamorphic)
@controls(plain=COUNT, cut=COUNT_CUT[1])
@probes(streamed=COUNT_USAGE)
def test_usage_is_the_same_as_not_streamed(plain: View, cut: View, streamed: View) -> None:
    """The same request costs the same, streamed and not."""
    one, other = plain.usage, streamed.usage
    needs("usage.counts-positive", min(one.prompt, other.prompt) > 0, "prompt_tokens is 0, or less")
    assert one.prompt == other.prompt, wrong(
        "{plain} prompt tokens plain, {streamed} streamed",
        streamed.at("usage.prompt_tokens"),
        plain=one.prompt,
        streamed=other.prompt,
    )
    # What is thought differs from one answer to the next, and is billed.
    if plain.text == streamed.text and not (plain.thinks or streamed.thinks):
        off = abs(one.completion - other.completion)
        if off > 1:
            shown(cut)
        assert off <= 1, wrong(
            "{plain} completion tokens plain, {streamed} streamed",
            streamed.at("usage.completion_tokens"),
            plain=one.completion,
            streamed=other.completion,
        )


@usage_requirement("stream.deltas-agree-with-usage", MAY, source=METHOD.metamorphic)
@probes(answer=COUNT_USAGE)
def test_number_of_deltas_agrees_with_usage(answer: View) -> None:
    """There are no more deltas with text than tokens billed, and not far fewer."""
    deltas = sum(bool(delta.get("content")) for _, _, delta in choices(answer))
    billed = answer.usage.completion
    assume(deltas >= billed / 40 or not answer.thinks, "the model thinks before it answers")
    assert billed / 40 <= deltas <= billed + 2, wrong(
        "{deltas} deltas with text, {billed} tokens billed",
        answer.at("usage.completion_tokens"),
        deltas=deltas,
        billed=billed,
    )

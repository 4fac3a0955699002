"""Streams: server-sent events that every client can read, and that say what the plain answer says."""

from __future__ import annotations

import math
from collections.abc import Iterable

from conformance.contracts.chat.cases.streaming import UNICODE_STREAM, failure, read, stream_requirement
from conformance.contracts.chat.probes.named import (
    COUNT_CUT_STREAM,
    COUNT_STREAM,
    COUNT_USAGE,
)
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.selecting import every_stream
from conformance.contracts.chat.sources import CLIENTS, OPENAI, WHATWG
from conformance.judging.requirement import MUST, SHOULD, controls, probes
from conformance.judging.saying import assume, needs, wrong
from conformance.wire import sse

ENOUGH_TOKENS = 25
"""A stream of fewer tokens may arrive at once from a fast model."""

ENOUGH_TIME = 0.2
"""Seconds; what is written in less may arrive at once from a fast model."""

APART = 0.01
"""Seconds between arrivals that are told apart."""

LATE = 4
"""The part of the time of writing, as one in so many, by which our own machine may be late."""

BUSY = 1.0
"""Seconds by which our own machine is too late to notice when a response ends."""


@stream_requirement(
    "stream.content-type",
    MUST,
    basis=None,
    source=(OPENAI.stream, WHATWG.media_type),
    hurts="Clients that look at the media type hand the stream to the wrong reader.",
)
@every_stream
def test_media_type_is_event_stream(answer: View) -> None:
    """A stream has status 200 and the media type text/event-stream."""
    assert answer.status == 200, wrong("status {status}", answer.at_status(), status=answer.status)
    assert answer.media_type == "text/event-stream", wrong(
        "the media type is {kind!r}", answer.at_header("content-type"), kind=answer.media_type[:60]
    )


@stream_requirement(
    "stream.done-once-and-last",
    MUST,
    source=(OPENAI.done, CLIENTS.openai_python),
    hurts="Clients wait for the connection to close, or cannot tell a whole answer from a broken one.",
)
@every_stream
def test_stream_ends_with_done(answer: View) -> None:
    """A stream ends with exactly one [DONE], and nothing comes after it."""
    read(answer)
    failed = failure(answer)
    needs("stream.finish-reason-once", failed is None, failed[1] if failed else "")
    for kind in ("done-missing", "done-twice", "data-after-done"):
        notes = [one for one in answer.stream.notes if one.kind == kind]
        assert not notes, wrong("{fault}", answer.at_note(notes[0]), fault=str(notes[0]))


@stream_requirement(
    "stream.done-readable-by-clients",
    MUST,
    source=(OPENAI.done, CLIENTS.vercel, CLIENTS.openai_python),
    hurts="Clients try to read the sentinel as JSON, and fail after the whole answer.",
)
@every_stream
def test_done_is_written_as_clients_read_it(answer: View) -> None:
    """The sentinel is exactly [DONE], in an event of its own."""
    read(answer)
    notes = [one for one in answer.stream.notes if one.kind == "done-variant"]
    assert not notes, wrong("{fault}", answer.at_note(notes[0]), fault=str(notes[0]))


@stream_requirement("stream.closes-after-done", SHOULD, source=CLIENTS.openai_python)
@every_stream
def test_response_ends_after_done(answer: View) -> None:
    """The response ends soon after [DONE]."""
    failure = answer.last.failure
    open = failure is not None and failure.kind == "held-open"
    late = answer.last.lag
    assume(not open or late < BUSY, "our own machine was {late:.1f} s late: the end may have come", late=late)
    assert not open, wrong("{failure}", answer, failure=failure and failure.message)


@stream_requirement(
    "stream.incremental",
    MUST,
    source=OPENAI.stream,
    hurts="Users wait for the whole answer; time-outs strike on long ones.",
)
@controls(again=COUNT_USAGE, other=UNICODE_STREAM, short=COUNT_CUT_STREAM)
@probes(answer=COUNT_STREAM)
def test_stream_is_incremental(again: View, other: View, short: View, answer: View) -> None:
    """A stream arrives piece by piece while it is generated, not at once."""
    words = len(answer.text.split())
    assume(words >= ENOUGH_TOKENS // 2, "the answer has only {words} words", words=words)
    written = _written(answer)
    assert len(written) >= 3, wrong(
        "{words} words arrived in {events} events", answer.at_text(), words=words, events=len(written)
    )
    arrivals = _moments(written)
    if arrivals >= 3:
        return
    # A busy gateway that has a fast model behind it may do this to one stream, but not to every stream.
    twice = (answer, again) if again.served and again.text == answer.text else (answer,)
    late = all(_writing_time(one, short) >= ENOUGH_TIME for one in twice)
    in_pieces = [one for one in (again, other) if one.served and _moments(_written(one)) >= 3]
    lag = max(one.last.lag for one in twice)
    assume(
        not late or lag < min(_writing_time(one, short) for one in twice) / LATE,
        "our own machine was {lag:.2f} s late: what came in pieces may have been noticed at once",
        lag=lag,
    )
    assume(
        late and not in_pieces,
        "the whole stream took {seconds:.2f} s, of which writing took little: too fast to tell",
        seconds=answer.seconds,
    )
    wrong(
        "{events} events arrived at {moments} moments, {seconds:.2f} s after the request was sent",
        answer,
        events=len(written),
        moments=arrivals,
        seconds=written[0],
    )


def _written(answer: View) -> list[float]:
    """When the events with text came, in order."""
    return sorted(event.time for event in answer.payloads if '"content"' in event.data)


def _moments(times: Iterable[float]) -> int:
    """How many moments can be told apart. A fast model's tokens are closer to each other than that."""
    count, last = 0, -math.inf
    for time in times:
        if time - last >= APART:
            count, last = count + 1, time
    return count


def _writing_time(answer: View, short: View) -> float:
    """Seconds that writing took. What a gateway or a queue takes before it, a short stream takes too."""
    is_short = len(short.text.split()) <= len(answer.text.split()) // 2
    return answer.seconds - short.seconds if is_short else answer.seconds


@stream_requirement(
    "stream.framing",
    MUST,
    source=WHATWG.sse,
    hurts="Clients lose the last event, or try to read an empty one as JSON.",
)
@every_stream
def test_framing_is_valid(answer: View) -> None:
    """The stream is valid by the rules for server-sent events: UTF-8, and a blank line after every event."""
    found = [one for one in answer.stream.violations if one.kind not in sse.SENTINEL]
    assert not found, wrong("{fault}", answer.at_note(found[0]), fault=str(found[0]))

"""The verdicts on streams, on answers made by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.asking.probe import Probe
from conformance.contracts.chat.cases import streaming
from conformance.contracts.chat.cases import test_stream as stream
from conformance.contracts.chat.cases import test_stream_twins as stream_twins
from conformance.contracts.chat.probes import prompts
from conformance.contracts.chat.probes.named import COUNT, COUNT_CUT_STREAM, COUNT_STREAM, COUNT_USAGE
from conformance.judging.verdict import Verdict
from conformance.wire.record import Exchange
from tests.contracts.chat.cases.completions import refused, said, streamed
from tests.contracts.chat.cases.recorded import claiming, verdict
from tests.ids import by_value

CLAIMS = claiming(stream=True)
COUNTED = prompts.COUNTED.split()


def spread(probe: Probe, words: int, *, first: float, last: float) -> Exchange:
    """So many words of an answer, in as many chunks, evenly between two times."""
    made = streamed(probe, *((0, f" {word}", None) for word in COUNTED[:words]))
    data = made.last.body.split(b"\n\n")
    chunks = tuple(
        (first + (last - first) * number / words, part + b"\n\n") for number, part in enumerate(data[:-1])
    )
    return replace(made, attempts=(replace(made.last, ended=last, chunks=chunks),))


@pytest.mark.parametrize(
    ("first", "last", "again", "short", "expected"),
    [
        (0.1, 1.0, 0.2, 0.3, Verdict.PASS),
        (0.1, 0.25, 0.2, 0.05, Verdict.PASS),
        (1.0, 1.01, 1.0, 0.3, Verdict.FAIL),
        (0.2, 0.21, 0.2, 0.1, Verdict.INCONCLUSIVE),
        (0.9, 0.91, 0.9, 0.8, Verdict.INCONCLUSIVE),
        (0.9, 0.91, 0.4, 0.3, Verdict.INCONCLUSIVE),
    ],
    ids=[
        "piece by piece",
        "piece by piece, and fast",
        "held back",
        "fast",
        "fast, behind a slow gateway",
        "fast, once held up",
    ],
)
def test_what_is_held_back_is_told_from_what_is_fast(
    first: float, last: float, again: float, short: float, expected: Verdict
) -> None:
    exchanges = (
        spread(COUNT_STREAM, 20, first=first, last=last),
        spread(COUNT_USAGE, 20, first=again, last=again),
        spread(streaming.UNICODE_STREAM, 20, first=again, last=again),
        spread(COUNT_CUT_STREAM, 3, first=short, last=short),
    )
    assert verdict(stream.test_stream_is_incremental, *exchanges, claims=CLAIMS) is expected


def test_a_short_answer_that_is_not_short_is_no_control() -> None:
    answer = spread(COUNT_STREAM, 20, first=1.0, last=1.01)
    again, other = refused(COUNT_USAGE), refused(streaming.UNICODE_STREAM)
    unlimited = spread(COUNT_CUT_STREAM, 20, first=1.0, last=1.01)
    found = verdict(stream.test_stream_is_incremental, answer, again, other, unlimited, claims=CLAIMS)
    assert found is Verdict.FAIL


def test_who_streams_elsewhere_does_not_hold_streams_back() -> None:
    exchanges = (
        spread(COUNT_STREAM, 20, first=0.9, last=0.91),
        spread(COUNT_USAGE, 20, first=0.9, last=0.91),
        spread(streaming.UNICODE_STREAM, 20, first=0.2, last=0.6),
        spread(COUNT_CUT_STREAM, 3, first=0.1, last=0.1),
    )
    found = verdict(stream.test_stream_is_incremental, *exchanges, claims=CLAIMS)
    assert found is Verdict.INCONCLUSIVE


def at_moments(probe: Probe, moments: list[float], words: int = 20) -> Exchange:
    """So many words, in an event at each of these moments."""
    share, rest = divmod(words, len(moments))
    sizes = [share] * (len(moments) - 1) + [share + rest]
    starts = [sum(sizes[:number]) for number in range(len(sizes))]
    texts = [" " + " ".join(COUNTED[start : start + size]) for start, size in zip(starts, sizes, strict=True)]
    made = streamed(probe, *((0, text, None) for text in texts))
    data = made.last.body.split(b"\n\n")
    chunks = tuple((time, part + b"\n\n") for time, part in zip(moments, data, strict=False))
    return replace(made, attempts=(replace(made.last, ended=moments[-1], chunks=chunks),))


ELSEWHERE = refused(streaming.UNICODE_STREAM)
UNLIMITED = at_moments(COUNT_CUT_STREAM, [0.1])
AT_ONCE = [1.0] * 4


@pytest.mark.parametrize(
    ("answer", "again", "other", "short", "expected"),
    [
        (at_moments(COUNT_STREAM, AT_ONCE, 12), None, ELSEWHERE, UNLIMITED, Verdict.FAIL),
        (at_moments(COUNT_STREAM, AT_ONCE, 11), None, ELSEWHERE, UNLIMITED, Verdict.INCONCLUSIVE),
        (at_moments(COUNT_STREAM, [0.0, 0.01, 0.02]), None, ELSEWHERE, UNLIMITED, Verdict.PASS),
        (at_moments(COUNT_STREAM, [0.0, 0.01]), None, ELSEWHERE, UNLIMITED, Verdict.FAIL),
        (at_moments(COUNT_STREAM, [0.5, 0.5, 1.0]), None, ELSEWHERE, UNLIMITED, Verdict.FAIL),
        (at_moments(COUNT_STREAM, [0.2] * 4), None, ELSEWHERE, UNLIMITED, Verdict.FAIL),
        (at_moments(COUNT_STREAM, [0.19] * 4), None, ELSEWHERE, UNLIMITED, Verdict.INCONCLUSIVE),
        (
            at_moments(COUNT_STREAM, AT_ONCE),
            None,
            ELSEWHERE,
            at_moments(COUNT_CUT_STREAM, [0.9], 10),
            Verdict.INCONCLUSIVE,
        ),
        (
            at_moments(COUNT_STREAM, AT_ONCE),
            at_moments(COUNT_USAGE, [0.1], 10),
            ELSEWHERE,
            UNLIMITED,
            Verdict.FAIL,
        ),
        (
            at_moments(COUNT_STREAM, AT_ONCE),
            None,
            at_moments(streaming.UNICODE_STREAM, [0.1, 0.2, 0.3]),
            UNLIMITED,
            Verdict.INCONCLUSIVE,
        ),
        (
            at_moments(COUNT_STREAM, AT_ONCE),
            None,
            at_moments(streaming.UNICODE_STREAM, [0.1, 0.2]),
            UNLIMITED,
            Verdict.FAIL,
        ),
    ],
    ids=by_value,
)
def test_where_what_is_held_back_begins(
    answer: Exchange, again: Exchange | None, other: Exchange, short: Exchange, expected: Verdict
) -> None:
    exchanges = answer, again or refused(COUNT_USAGE), other, short
    assert verdict(stream.test_stream_is_incremental, *exchanges, claims=CLAIMS) is expected


@pytest.mark.parametrize(
    ("plain", "pieces", "again", "expected"),
    [
        ("1 2", ["1", "1", " 2", " 2"], "11 2 2", Verdict.FAIL),
        ("1 2", ["1", "x", " 2", "y"], "1x 2y", Verdict.INCONCLUSIVE),
        ("3 4", ["1", "1", " 2", " 2"], "11 2 2", Verdict.INCONCLUSIVE),
        ("1 2 3", ["1 2"], "1 2", Verdict.INCONCLUSIVE),
        ("1 2 3", ["1 2"], "1", Verdict.INCONCLUSIVE),
        ("1 2 3", ["1 2"], None, Verdict.INCONCLUSIVE),
    ],
    ids=by_value,
)
def test_what_is_doubled_and_what_varies(
    plain: str, pieces: list[str], again: str | None, expected: Verdict
) -> None:
    exchanges = (
        said(COUNT, plain),
        streamed(COUNT_STREAM, *((0, piece, None) for piece in pieces), (0, None, "stop")),
        refused(COUNT_USAGE) if again is None else streamed(COUNT_USAGE, (0, again, "stop")),
    )
    assert verdict(stream_twins.test_text_is_the_same_as_not_streamed, *exchanges, claims=CLAIMS) is expected


@pytest.mark.parametrize(
    ("plain", "streams", "expected"),
    [
        ("1 2 3", "1 2 3", Verdict.PASS),
        ("1 2 3", "1 2 3\n", Verdict.PASS),
        ("1 2 3", "123", Verdict.FAIL),
        ("1 2 3", "1  2\n3", Verdict.WARN),
        ("12 13 14", "1 2 13 14", Verdict.FAIL),
        ("1 2 3", "1 2 3 4", Verdict.WARN),
        ("1 2 3", "1 2", Verdict.INCONCLUSIVE),
        ("1 2 3", "3 2 1", Verdict.INCONCLUSIVE),
    ],
    ids=by_value,
)
def test_what_streaming_changes_in_a_text(plain: str, streams: str, expected: Verdict) -> None:
    answer = said(COUNT, plain)
    twice = [streamed(probe, (0, streams, None), (0, "", "stop")) for probe in (COUNT_STREAM, COUNT_USAGE)]
    assert (
        verdict(stream_twins.test_text_is_the_same_as_not_streamed, answer, *twice, claims=CLAIMS) is expected
    )

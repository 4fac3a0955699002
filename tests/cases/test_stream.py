"""The verdicts on streams, on answers made by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.cases import test_stream as stream
from conformance.exchange.record import Exchange
from conformance.probe import prompts
from conformance.probe.named import COUNT_CUT_STREAM, COUNT_STREAM
from conformance.probe.probe import Probe
from conformance.verdict import Verdict
from tests.cases.completions import streamed
from tests.cases.recorded import claiming, verdict

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
    ("first", "last", "short", "expected"),
    [
        (0.1, 1.0, 0.3, Verdict.PASS),
        (0.1, 0.25, 0.05, Verdict.PASS),
        (1.0, 1.01, 0.3, Verdict.FAIL),
        (0.2, 0.21, 0.1, Verdict.INCONCLUSIVE),
        (0.9, 0.91, 0.8, Verdict.INCONCLUSIVE),
    ],
    ids=["piece by piece", "piece by piece, and fast", "held back", "fast", "fast, behind a slow gateway"],
)
def test_what_is_held_back_is_told_from_what_is_fast(
    first: float, last: float, short: float, expected: Verdict
) -> None:
    answer = spread(COUNT_STREAM, 20, first=first, last=last)
    cut = spread(COUNT_CUT_STREAM, 3, first=short, last=short)
    assert verdict(stream.test_stream_is_incremental, answer, cut, claims=CLAIMS) is expected


def test_a_short_answer_that_is_not_short_is_no_control() -> None:
    answer = spread(COUNT_STREAM, 20, first=1.0, last=1.01)
    unlimited = spread(COUNT_CUT_STREAM, 20, first=1.0, last=1.01)
    assert verdict(stream.test_stream_is_incremental, answer, unlimited, claims=CLAIMS) is Verdict.FAIL

"""When streams begin, on streams made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from conformance.asking.change import header, stream
from conformance.asking.probe import Probe
from conformance.contracts.chat.cases import test_stream_beginning as beginning
from conformance.contracts.chat.probes.named import (
    COUNT_CUT_STREAM,
    COUNT_STREAM,
    COUNT_USAGE,
    PARALLEL,
    PHRASES_SEEDED,
)
from conformance.judging.verdict import Verdict
from conformance.wire.record import Exchange
from tests.contracts.chat.cases.completions import refused, streamed
from tests.contracts.chat.cases.recorded import verdict

SHORT = (
    COUNT_CUT_STREAM,
    COUNT_CUT_STREAM | header("Accept", "text/event-stream"),
    PHRASES_SEEDED[0] | stream,
)
LONG = (COUNT_STREAM, COUNT_USAGE, *PARALLEL)


def at(probe: Probe, begins: float, words: int, pause: float = 0.01) -> Exchange:
    """A stream of so many words, of which the first comes at this second."""
    made = streamed(probe, *((0, f" {number}", None) for number in range(words)), (0, None, "stop"))
    parts = [part + b"\n\n" for part in made.last.body.split(b"\n\n") if part]
    chunks = tuple((begins + pause * number, part) for number, part in enumerate(parts))
    return replace(made, attempts=(replace(made.last, chunks=chunks, ended=chunks[-1][0]),))


def found(early: Sequence[float], late: Sequence[float], *, words: int = 20, pause: float = 0.01) -> Verdict:
    """The verdict on short and long streams that begin at these seconds; those left out were refused."""
    short = [at(probe, begins, 5) for probe, begins in zip(SHORT, early, strict=False)]
    long = [at(probe, begins, words, pause) for probe, begins in zip(LONG, late, strict=False)]
    lost = [refused(probe) for probe in (*SHORT[len(early) :], *LONG[len(late) :])]
    return verdict(beginning.test_a_long_stream_begins_as_early_as_a_short_one, *short, *long, *lost)


EARLY, LATE = (0.1, 0.12, 0.11), (0.5, 0.6, 0.55, 0.7, 0.8)


@pytest.mark.parametrize(
    ("early", "late", "expected"),
    [
        pytest.param(EARLY, LATE, Verdict.WARN, id="all late"),
        pytest.param(EARLY, (0.1, *LATE[1:]), Verdict.PASS, id="all but one"),
        pytest.param((0.1, 0.5, 0.1), LATE, Verdict.PASS, id="a short one as late"),
        pytest.param((0.01, 0.01, 0.02), (0.1, 0.11, 0.12, 0.1, 0.1), Verdict.PASS, id="too fast to tell"),
        pytest.param((2.0, 2.1, 2.0), (2.4, 2.5, 2.6, 2.4, 2.4), Verdict.PASS, id="behind a slow gateway"),
        pytest.param(EARLY[:1], LATE, Verdict.INCONCLUSIVE, id="one short stream"),
        pytest.param(EARLY, LATE[:2], Verdict.INCONCLUSIVE, id="two long streams"),
    ],
)
def test_when_long_and_short_streams_begin(
    early: Sequence[float], late: Sequence[float], expected: Verdict
) -> None:
    assert found(early, late) is expected


def test_what_arrives_at_once_is_the_finding_of_another() -> None:
    assert found(EARLY, LATE, pause=0.0) is Verdict.INCONCLUSIVE


def test_a_text_of_a_few_words_is_no_long_stream() -> None:
    assert found(EARLY, LATE, words=beginning.LONG - 1) is Verdict.INCONCLUSIVE

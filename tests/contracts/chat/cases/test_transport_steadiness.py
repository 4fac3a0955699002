"""Whether requests are served the first time, and beside others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.contracts.host.cases import test_transport_steadiness as steadiness
from conformance.judging.verdict import Verdict
from conformance.wire.record import Exchange
from tests.asking.wire import questions
from tests.contracts.chat.cases.completions import completion
from tests.contracts.chat.cases.recorded import attempt, exchange, judgement

DOWN, FINE = attempt(500, {}), attempt(200, completion())


def run(lost: int, of: int, *, beside: int = 0) -> list[Exchange]:
    """So many requests, of which some are served only when they are sent again, alone."""
    down = replace(DOWN, beside=beside)
    made = [(down, FINE)] * lost + [(FINE,)] * (of - lost)
    return [exchange(one, *attempts) for one, attempts in zip(questions(of), made, strict=True)]


@pytest.mark.parametrize(
    ("lost", "of", "expected"),
    [
        (0, 190, Verdict.PASS),
        (1, 190, Verdict.NOTE),
        (2, 14, Verdict.NOTE),
        (19, 190, Verdict.WARN),
        (3, 190, Verdict.NOTE),
    ],
    ids=["none", "one", "two of a few", "one in ten", "three of many"],
)
def test_how_many_are_served_the_first_time(lost: int, of: int, expected: Verdict) -> None:
    found = judgement(steadiness.test_requests_are_served_the_first_time, *run(lost, of))
    assert found.verdict is expected
    assert len(found.offending) == lost


def test_the_finding_says_within_what_bounds_the_rate_lies() -> None:
    found = judgement(steadiness.test_requests_are_served_the_first_time, *run(19, 190))
    assert found.message == (
        "19 of 190 requests were lost at first (6.5% to 15.1% of all), and served when sent again"
    )


def test_who_serves_one_at_a_time_is_told_so_and_accused_of_nothing_else() -> None:
    exchanges = run(7, 150, beside=7)
    found = judgement(steadiness.test_several_requests_at_once_are_all_served, *exchanges)
    assert found.verdict is Verdict.NOTE
    assert found.message == "7 of 7 requests beside others were lost, and 0 of 150 that went alone"
    other = judgement(steadiness.test_requests_are_served_the_first_time, *exchanges)
    assert (other.verdict, other.see) == (Verdict.INCONCLUSIVE, "transport.several-at-once")

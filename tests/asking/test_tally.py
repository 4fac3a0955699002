"""What became of the attempts of a run, and what of it says nothing about what was asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from conformance.asking.change import stream
from conformance.asking.interval import wilson
from conformance.asking.tally import Rate, lost_by_chance, tally
from conformance.wire.record import Attempt, Exchange
from tests.asking.wire import questions
from tests.contracts.chat.cases.recorded import attempt, exchange

FINE, DOWN, BROKEN = attempt(200, {}), attempt(500), attempt(200, b"", failure="reset")


def beside(one: Attempt) -> Attempt:
    """The attempt, made while others were under way."""
    return replace(one, beside=3)


def run(*made: Sequence[Attempt], fine: int = 0, streamed: bool = False) -> list[Exchange]:
    """Exchanges with these attempts, and so many that were served at once."""
    rows = [*made, *([(FINE,)] * fine)]
    asked = questions(len(rows))
    return [exchange(one | stream if streamed else one, *each) for one, each in zip(asked, rows, strict=True)]


@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"),
    [
        (0, 0, 0.0, 1.0),
        (0, 10, 0.0, 0.278),
        (1, 10, 0.018, 0.404),
        (5, 10, 0.237, 0.763),
        (10, 10, 0.722, 1.0),
    ],
    ids=["none tried", "none", "one", "half", "all"],
)
def test_the_interval_of_a_rate(hits: int, trials: int, low: float, high: float) -> None:
    assert wilson(hits, trials) == pytest.approx((low, high), abs=0.001)


def test_what_is_served_again_was_lost_at_first() -> None:
    found = tally(run((DOWN, FINE), (BROKEN, FINE), (DOWN, DOWN), fine=7))
    assert found.first == Rate(2, 10)
    assert len(found.saved) == 2


def test_what_has_to_wait_or_goes_out_on_a_dead_connection_is_not_lost() -> None:
    assert tally(run((attempt(429), FINE), (attempt(None, failure="stale"), FINE))).first == Rate(0, 2)


def test_who_loses_many_at_random_is_blamed_for_none() -> None:
    found = run(*[(DOWN, FINE)] * 19, (DOWN, DOWN), fine=170)
    (why,) = lost_by_chance(found).values()
    assert why == (
        "HTTP 500, 2 times in a row; so by chance did 19 of 190 requests that were served when they were "
        "sent again"
    )


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_an_accident_or_two_excuse_no_failure(lost: int) -> None:
    assert lost_by_chance(run(*[(DOWN, FINE)] * lost, (DOWN, DOWN), fine=180)) == {}


def test_who_serves_one_at_a_time_loses_what_is_beside_others() -> None:
    found = run(*[(beside(DOWN), FINE)] * 7, fine=150)
    assert tally(found).unwelcome == tally(found).company
    assert lost_by_chance(found) == {}


def test_who_interrupts_streams_loses_streams() -> None:
    cut = replace(FINE, interrupted=True)
    streams = run(*[(beside(cut), FINE)] * 4, fine=8, streamed=True)
    others = [replace(one, attempts=(beside(FINE),)) for one in run(fine=100)]
    found = tally([*streams, *others])
    assert found.unwelcome == found.streams


def test_who_loses_some_at_random_serves_several_at_once() -> None:
    rows = [(beside(DOWN), FINE)] * 10 + [(DOWN, FINE)] * 3 + [(beside(FINE),)] * 90
    assert tally(run(*rows, fine=30)).unwelcome is None

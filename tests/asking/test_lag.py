"""How late our own machine notices what arrives."""

from __future__ import annotations

import asyncio
import math
import time

import pytest

from conformance.asking.asking import Access
from conformance.asking.lag import STEP, Lag
from conformance.contracts.chat.probes.named import COUNT
from conformance.reference import serving
from tests.asking.wire import KEY, over_http

BUSY, LATE = 0.1, 0.08


async def looked_after(lag: Lag) -> float:
    """How late a loop was that something kept busy."""
    began = time.monotonic()
    lag.watch()
    await asyncio.sleep(2 * STEP)
    time.sleep(BUSY)
    await asyncio.sleep(2 * STEP)
    lag.rest()
    return lag.since(began)


def test_what_keeps_the_loop_busy_makes_it_late() -> None:
    assert asyncio.run(looked_after(Lag())) >= LATE


def test_what_was_before_does_not_count() -> None:
    async def scene() -> float:
        lag = Lag()
        await looked_after(lag)
        lag.watch()
        return lag.since(math.inf)

    assert asyncio.run(scene()) < LATE


def test_whoever_asks_before_the_clock_is_let_run_hears_of_it_too() -> None:
    async def scene() -> float:
        lag, began = Lag(), time.monotonic()
        lag.watch()
        time.sleep(BUSY)
        return lag.since(began)

    assert asyncio.run(scene()) >= LATE


def test_who_does_not_watch_is_never_late() -> None:
    assert Lag().since(0.0) == 0


def test_an_attempt_says_how_late_we_were(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Lag, "since", lambda self, moment: 0.25)
    with serving(KEY, pace=0.0) as url:
        (found,) = over_http(Access(url, KEY), COUNT)
    assert found.last.lag == 0.25

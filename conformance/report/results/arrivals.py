"""When the pieces of a stream arrived: enough for a chart, bounded, and no finer than can be measured."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import floor

from conformance.wire import sse
from conformance.wire.record import Attempt

Arrival = tuple[float, int, int]
"""Seconds since the request, the bytes that arrived then, and how many events had something to show."""

GRAIN = 0.01
"""Seconds: what cannot be told apart by the clock of a busy client is one moment."""

MOST = 150
"""Moments of one stream. A longer one is told in coarser steps."""

_LONGEST = 2**20
"""Bytes of a stream that is read event by event; no probe's answer comes near it."""

_STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000)


def arrivals(attempt: Attempt, tells: Callable[[str], bool]) -> tuple[Arrival, ...]:
    """What arrived at which moment, in order. None of it has been judged.

    `tells` says of the data of an event whether it has something for a user.
    """
    if not attempt.chunks:
        return ()
    moments: dict[int, list[int]] = {}
    step = _step(attempt)
    for seconds, data in attempt.chunks:
        moments.setdefault(floor(seconds / step), [0, 0])[0] += len(data)
    for seconds in _telling(attempt, tells):
        moments.setdefault(floor(seconds / step), [0, 0])[1] += 1
    return tuple((round(at * step, 2), size, events) for at, (size, events) in sorted(moments.items()))


def _step(attempt: Attempt) -> float:
    times = [seconds for seconds, _ in attempt.chunks]
    steps = (GRAIN * step for step in _STEPS)
    return next(
        (step for step in steps if len({floor(time / step) for time in times}) <= MOST), GRAIN * 10**6
    )


def _telling(attempt: Attempt, tells: Callable[[str], bool]) -> Iterable[float]:
    """The times of the events that have something for a user."""
    if sum(len(data) for _, data in attempt.chunks) > _LONGEST:
        return ()
    return [event.time for event in sse.read(attempt.chunks).events if tells(event.data)]

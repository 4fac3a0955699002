"""How streams arrived, and how long answers took: figures for charts, taken as they were observed.

Nothing here is judged. Times are seconds since the request was sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from conformance.report.results.results import ExchangeResult, Results, TargetResult
from conformance.wire.record import TargetId

SHOWN = 10
"""Rows of a chart that are shown at once; the others are folded."""

FEW = 8
"""Targets up to which every probe has a row; beyond that, the slowest do."""

_SHORTEST = 0.1
"""Seconds between the first and the last piece from which a rate says anything."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A moment on the time axis: where, and how much of the largest piece came then (both 0 to 1)."""

    at: float
    size: float


@dataclass(frozen=True, slots=True)
class DrawnStream:
    """A recorded stream. `first` is when the first text came, `gap` the longest silence after it.

    `rate` is tokens per second from the first text to the last, where the answer states its tokens.
    """

    exchange: ExchangeResult
    ticks: tuple[Tick, ...]
    first: float | None
    gap: tuple[float, float] | None
    rate: float | None
    pieces: int


@dataclass(frozen=True, slots=True)
class Chart:
    """The streams of one target on one time axis that ends at `until`."""

    target: TargetResult
    until: float
    streams: tuple[DrawnStream, ...]


@dataclass(frozen=True, slots=True)
class Wait:
    """One probe and how long each target took to answer it; None where it did not, with status 200."""

    probe: str
    seconds: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Waits:
    """The probes, slowest first, and the longest time."""

    until: float
    rows: tuple[Wait, ...]


def charts(results: Results) -> tuple[Chart, ...]:
    """A chart for each target that sent streams."""
    found = []
    for target in results.targets:
        own = [one for one in results.exchanges.values() if one.at == target.at and one.response.arrivals]
        if own:
            until = max(one.response.arrivals[-1][0] for one in own) or 0.01
            longest = sorted(own, key=lambda one: (-len(one.response.arrivals), one.id))
            found.append(Chart(target, until, tuple(_stream(one, until) for one in longest)))
    return tuple(found)


def waits(results: Results) -> Waits:
    """Every probe that some target answered with status 200."""
    names = [target.at for target in results.targets]
    took: dict[str, dict[TargetId, float]] = {}
    for one in results.exchanges.values():
        answered = one.status == 200 and one.failure is None and one.at in names
        if answered and one.latency is not None:
            took.setdefault(one.probe, {})[one.at] = one.latency
    rows = [Wait(probe, tuple(times.get(name) for name in names)) for probe, times in took.items()]
    rows.sort(key=lambda row: -max(time for time in row.seconds if time is not None))
    until = max((time for row in rows for time in row.seconds if time is not None), default=0.0)
    return Waits(until or 0.01, tuple(rows if len(names) <= FEW else rows[:SHOWN]))


def _stream(exchange: ExchangeResult, until: float) -> DrawnStream:
    arrivals = exchange.response.arrivals
    largest = max(size for _, size, _ in arrivals) or 1
    telling = [seconds for seconds, _, events in arrivals if events]
    span = telling[-1] - telling[0] if telling else 0.0
    tokens = exchange.completion_tokens
    return DrawnStream(
        exchange=exchange,
        ticks=tuple(Tick(seconds / until, (size / largest) ** 0.5) for seconds, size, _ in arrivals),
        first=telling[0] if telling else None,
        gap=_gap(telling),
        rate=(tokens - 1) / span if tokens and tokens > 1 and span >= _SHORTEST else None,
        pieces=sum(events for _, _, events in arrivals),
    )


def _gap(times: Sequence[float]) -> tuple[float, float] | None:
    return max(pairwise(times), key=lambda pair: pair[1] - pair[0], default=None)

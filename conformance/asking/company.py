"""Whether a provider bears several requests at once.

Some serve one at a time, and say so only by what becomes of the others: they answer 503, drop the connection,
or break a stream off for the next request. So what is lost beside others is asked for again alone. Where that
helps, time after time, the provider is asked one at a time from then on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from conformance.asking.interval import wilson
from conformance.asking.retry import BROKE_OFF, FAILED, NOTHING_CAME
from conformance.wire.record import Attempt

ENOUGH = 3
"""Requests that were lost beside others and served alone, before it is taken for a habit."""

OFTEN = 0.15
"""The rate of those lost beside others from which on it is no accident."""

_LOST = frozenset({FAILED, 502, 503, 504})


def is_lost(attempt: Attempt) -> bool:
    """Whether an attempt came to nothing, which may be for the sake of another."""
    kind = attempt.failure.kind if attempt.failure is not None else ""
    return attempt.interrupted or attempt.status in _LOST or kind in BROKE_OFF | NOTHING_CAME


def wants_to_be_alone(made: Sequence[Attempt]) -> bool:
    """Whether the next attempt shows more with nobody beside it."""
    return any(one.beside and is_lost(one) for one in made)


class Company:
    """What became of requests to one provider that were sent beside others, and of those sent alone."""

    def __init__(self) -> None:
        self._beside = Counter[bool]()
        self._lost = Counter[bool]()
        self._saved = 0

    @property
    def is_unwelcome(self) -> bool:
        """Whether the provider is better asked one at a time. It may interrupt streams only."""
        lost, beside = self._lost, self._beside
        rates = ((lost.total(), beside.total()), (lost[True], beside[True]))
        return self._saved >= ENOUGH and any(wilson(*rate)[0] > OFTEN for rate in rates)

    def note(self, attempt: Attempt, made: Sequence[Attempt], *, streamed: bool) -> None:
        """Takes note of an attempt, and of those at the same request that were `made` before."""
        if attempt.beside:
            self._beside[streamed] += 1
            self._lost[streamed] += is_lost(attempt)
        elif wants_to_be_alone(made) and attempt.succeeded and not is_lost(attempt):
            self._saved += 1

"""What became of the attempts of a run: how many were lost by themselves, and how many beside others.

An attempt is lost where the server fails or the connection does, and the same request is served when it is
sent again. What is refused is not lost, nor is what has to wait (429).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from conformance.asking.company import ENOUGH, is_lost
from conformance.asking.interval import wilson
from conformance.asking.retry import STALE
from conformance.wire.record import UNASKED, Attempt, Exchange

SURE = 0.05
"""What is less probable than this by chance is taken for no chance."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How many of so many were lost."""

    lost: int
    tried: int

    @classmethod
    def of(cls, attempts: Iterable[Attempt]) -> Self:
        """That of these attempts."""
        found = [is_lost(one) for one in attempts]
        return cls(sum(found), len(found))

    @property
    def share(self) -> float:
        """The part that was lost."""
        return self.lost / self.tried if self.tried else 0.0


@dataclass(frozen=True, slots=True)
class Company:
    """Attempts that were made beside others, and those made alone."""

    beside: Rate
    alone: Rate

    @classmethod
    def of(cls, attempts: Sequence[Attempt]) -> Self:
        """That of these attempts."""
        parts = ([one for one in attempts if bool(one.beside) is beside] for beside in (True, False))
        return cls(*map(Rate.of, parts))

    @property
    def is_unwelcome(self) -> bool:
        """Whether what is sent beside others gets lost for their sake, as what is sent alone does not."""
        beside, alone = self.beside, self.alone
        if beside.lost < ENOUGH:
            return False
        unlikely = (1 - beside.share) ** alone.tried < SURE and not alone.lost
        return unlikely or wilson(beside.lost, beside.tried)[0] > wilson(alone.lost, alone.tried)[1]


@dataclass(frozen=True, slots=True)
class Tally:
    """Of all requests, those that were lost at first, and in what company they and their streams were.

    `saved` are the ids of the exchanges that were lost at first, and served later.
    """

    first: Rate
    company: Company
    streams: Company
    saved: tuple[str, ...]

    @property
    def unwelcome(self) -> Company | None:
        """The figures by which the provider serves one at a time; None where it does not."""
        return next((one for one in (self.company, self.streams) if one.is_unwelcome), None)

    def is_chance(self, attempts: int) -> bool:
        """Whether, of so many requests, one is lost so many times in a row by chance."""
        return self.first.tried * self.first.share**attempts > SURE


def tally(exchanges: Iterable[Exchange]) -> Tally:
    """The figures of these exchanges with one target."""
    asked = [(one, made) for one in exchanges if (made := _made(one))]
    saved = [one for one, made in asked if is_lost(made[0]) and not is_lost(made[-1])]
    # What is lost whenever it is sent is so for itself.
    told = [(one, made) for one, made in asked if not all(map(is_lost, made))]
    return Tally(
        first=Rate(len(saved), len(asked)),
        company=Company.of([attempt for _, made in told for attempt in made]),
        streams=Company.of([attempt for one, made in told if _streams(one) for attempt in made]),
        saved=tuple(one.id for one in saved),
    )


def lost_by_chance(exchanges: Iterable[Exchange]) -> Mapping[str, str]:
    """The keys of exchanges that say nothing of what was asked, as others are lost by chance, and why."""
    known = list(exchanges)
    found = tally(known)
    if not found.first.lost or found.unwelcome is not None:
        return {}
    return {
        one.key: (
            f"{_what(made[-1])}, {len(made)} times in a row; so by chance did {found.first.lost} of "
            f"{found.first.tried} requests that were served when they were sent again"
        )
        for one in known
        if (made := _made(one)) and all(map(is_lost, made)) and found.is_chance(len(made))
    }


def _made(exchange: Exchange) -> tuple[Attempt, ...]:
    """The attempts that say something about the provider."""
    if exchange.request.method != "POST":
        return ()
    kinds = UNASKED | {STALE}
    return tuple(one for one in exchange.attempts if one.failure is None or one.failure.kind not in kinds)


def _streams(exchange: Exchange) -> bool:
    return re.search(r'"stream"\s*:\s*true', exchange.request.body) is not None


def _what(attempt: Attempt) -> str:
    if attempt.failure is not None:
        return attempt.failure.message[:100]
    return "the stream ended unfinished" if attempt.interrupted else f"HTTP {attempt.status}"

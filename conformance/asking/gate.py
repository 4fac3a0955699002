"""How hard one provider is asked: so many requests at once, so many in a minute, and less where it says so.

A 429 halves what may be under way at once, and an answer far beyond its limit leaves one; twice as many
answers in a row as may be under way allow one more again, up to what providers.yaml states. A Retry-After
holds for all requests to the provider, and what is to be sent again goes ahead of what was not sent yet. What
may have been lost for the sake of another goes alone.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from conformance.asking.company import Company
from conformance.asking.retry import PATIENCE, retry_after
from conformance.provider.model import Limits
from conformance.wire.record import NOT_NOW, Attempt

IN_ALL = 600.0
"""Seconds in all that a provider may make a run pause."""


_ALONE, _AGAIN, _NEW = range(3)
"""The lines in which requests wait, in the order in which they are served."""


@dataclass(eq=False, slots=True)
class Slot:
    """The place of one request. `beside` is how many others were under way meanwhile, at most."""

    beside: int = 0


class Gate:
    """What all requests to one provider pass through."""

    def __init__(self, limits: Limits) -> None:
        self.allowed = self._most = limits.concurrency
        self.under_way = 0
        self.paused = 0.0
        self._gap = 60 / limits.rpm if limits.rpm else 0.0
        self._next = 0.0
        self._open_at = 0.0
        self._halved = 0.0
        self._answered = 0
        self._waiting: tuple[deque[asyncio.Future[None]], ...] = (deque(), deque(), deque())
        self._is_alone = False
        self._held = 0
        self._company = Company()
        self._sent: set[Slot] = set()

    @asynccontextmanager
    async def passed(
        self, *, again: bool = False, alone: bool = False, before: float | None = None
    ) -> AsyncIterator[Slot]:
        """Waits for a slot, and for the moment to start. `again`: ahead of what was never sent yet.

        `alone`: with no other request under way. Raises TimeoutError, at once, where its turn does not come
        `before` a moment of the monotonic clock.
        """
        await self._enter(_ALONE if alone else _AGAIN if again else _NEW)
        slot = Slot()
        try:
            await self._turn(before)
            slot.beside = len(self._sent)
            self._sent.add(slot)
            for other in self._sent:
                other.beside = max(other.beside, len(self._sent) - 1)
            yield slot
        finally:
            self._sent.discard(slot)
            self._leave()

    def learn(
        self, attempt: Attempt, now: float, made: Sequence[Attempt] = (), *, streamed: bool = False
    ) -> None:
        """Takes note of how an attempt ended that started at `now`, in seconds of the monotonic clock.

        `made` are those at the same request before it.
        """
        self._company.note(attempt, made, streamed=streamed)
        if self._company.is_unwelcome and self._most > 1:
            self.one_at_a_time()
            self._most = 1
        if attempt.status == 429:
            self._answered = 0
            if now >= self._halved:  # else it was sent before the last halving, and says nothing about it
                self._halved = time.monotonic()
                self.allowed = max(1, self.allowed // 2)
        elif attempt.status is not None and attempt.status < 400:
            self._answered += 1
            if self._answered >= 2 * self.allowed and self.allowed < self._most:
                self._answered = 0
                self.allowed += 1
                self._wake()
        if attempt.status in NOT_NOW:
            self._pause(retry_after(attempt) or 0.0)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Meanwhile nothing is sent that was not sent before, but for what is asked aside."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
            self._wake()

    def one_at_a_time(self) -> None:
        """No more than one request is under way, until answers allow more again, as after a 429."""
        self.allowed, self._answered = 1, 0

    def _pause(self, seconds: float) -> None:
        # Who asks for more than anybody waits is not asked again, which is as courteous.
        if 0 < seconds <= PATIENCE:
            now = time.monotonic()
            until = max(self._open_at, now + seconds)
            self.paused += until - max(self._open_at, now)
            self._open_at = until

    def _has_room(self, line: int) -> bool:
        """Whether whoever is first in that line may enter now."""
        if self._is_alone or (self._held and line == _NEW):
            return False
        return self.under_way < (1 if line == _ALONE else self.allowed)

    def _take(self, line: int) -> None:
        self.under_way += 1
        self._is_alone = line == _ALONE

    def _leave(self) -> None:
        self.under_way -= 1
        self._is_alone = False
        self._wake()

    async def _enter(self, line: int) -> None:
        if self._has_room(line) and not any(self._waiting):
            self._take(line)
            return
        place = asyncio.get_running_loop().create_future()
        self._waiting[line].append(place)
        self._wake()  # those before it may have to wait for something else than room
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self._leave()
            else:
                self._wake()
            raise

    def _wake(self) -> None:
        for number, line in enumerate(self._waiting):
            while line and (line[0].done() or self._has_room(number)):
                place = line.popleft()
                if not place.done():
                    self._take(number)
                    place.set_result(None)
            if line:
                return  # whoever wants to be alone is not overtaken until nobody is left

    async def _turn(self, before: float | None) -> None:
        now = time.monotonic()
        start = max(now, self._next, self._open_at)
        self._next = start + self._gap
        while start > now:
            if before is not None and start >= before:
                raise TimeoutError
            await asyncio.sleep(start - now)
            # Meanwhile another answer may have asked for patience.
            now, start = start, max(start, self._open_at)

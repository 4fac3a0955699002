"""How hard one provider is asked: so many requests at once, so many in a minute, and less where it says so.

A 429 halves what may be under way at once, and an answer far beyond its limit leaves one; twice as many
answers in a row as may be under way allow one more again, up to what providers.yaml states. A Retry-After
holds for all requests to the provider, and what is to be sent again goes ahead of what was not sent yet.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from conformance.asking.obstacle import NOT_NOW
from conformance.asking.retry import PATIENCE, retry_after
from conformance.provider.model import Limits
from conformance.wire.record import Attempt

IN_ALL = 600.0
"""Seconds in all that a provider may make a run pause."""


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
        self._waiting: tuple[deque[asyncio.Future[None]], deque[asyncio.Future[None]]] = (deque(), deque())

    @asynccontextmanager
    async def passed(self, *, again: bool = False, before: float | None = None) -> AsyncIterator[None]:
        """Waits for a slot, and for the moment to start. `again`: ahead of what was never sent yet.

        Raises TimeoutError, at once, where its turn does not come `before` a moment of the monotonic clock.
        """
        await self._enter(again)
        try:
            await self._turn(before)
            yield
        finally:
            self.under_way -= 1
            self._wake()

    def learn(self, attempt: Attempt, now: float) -> None:
        """Takes note of how an attempt ended that started at `now`, in seconds of the monotonic clock."""
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

    async def _enter(self, again: bool) -> None:
        if self.under_way < self.allowed and not any(self._waiting):
            self.under_way += 1
            return
        place = asyncio.get_running_loop().create_future()
        self._waiting[not again].append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self.under_way -= 1
                self._wake()
            raise

    def _wake(self) -> None:
        for line in self._waiting:
            while line and self.under_way < self.allowed:
                place = line.popleft()
                if not place.done():
                    self.under_way += 1
                    place.set_result(None)

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

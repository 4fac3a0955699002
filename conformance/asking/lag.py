"""How late our own machine is: a clock that wakes up every hundredth of a second, and sees how late it does.

What arrives while a busy machine does something else is noticed later, and all at once. That must not look as
if it had been sent so.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque

STEP = 0.01
"""Seconds between two looks at the clock."""

WORTH_KEEPING = 0.02
"""Seconds; a clock that is late by less is on time."""

KEPT = 4096
"""Moments at which it was late that are remembered."""


class Lag:
    """Watches the event loop that it runs in, by the monotonic clock."""

    def __init__(self) -> None:
        self._late: deque[tuple[float, float]] = deque(maxlen=KEPT)
        self._woke: float | None = None
        self._next: asyncio.TimerHandle | None = None

    def watch(self) -> None:
        """Watches the running loop from now on."""
        self._look(asyncio.get_running_loop())

    def rest(self) -> None:
        """Watches no more."""
        if self._next is not None:
            self._next.cancel()

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now = time.monotonic()
        late = self._late_by(now)
        if late >= WORTH_KEEPING:
            self._late.append((now, late))
        self._woke = now
        self._next = loop.call_later(STEP, self._look, loop)

    def _late_by(self, now: float) -> float:
        return 0.0 if self._woke is None else now - self._woke - STEP

    def since(self, moment: float) -> float:
        """By how many seconds the loop was late since then, at most; 0 where it was on time."""
        # Whoever asks may have been let run before the clock was.
        under_way = self._late_by(time.monotonic())
        worst = under_way if under_way >= WORTH_KEEPING else 0.0
        for at, late in reversed(self._late):
            if at < moment:
                break
            worst = max(worst, late)
        return round(worst, 3)

"""A clock of the tests' own: time passes where everybody waits, and then at once."""

from __future__ import annotations

import math
import selectors
import time
from typing import Any

import pytest


class Clock:
    """What `time.monotonic` and every event loop go by, in seconds."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        """The time."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Stands in for that of the machine. For tests that use no network and no threads."""
    clock = Clock()
    ready = selectors.DefaultSelector

    class Selector(ready):  # type: ignore[misc, valid-type]
        """Waits for nothing but the time."""

        def select(self, timeout: float | None = None) -> Any:
            found = super().select(0)
            if not found and timeout:
                clock.now = max(clock.now + timeout, math.nextafter(clock.now, math.inf))
            return found

    # Whoever looks at the clock all the time would make time pass in very small steps.
    monkeypatch.setattr("conformance.asking.lag.STEP", 1e9)
    monkeypatch.setattr(time, "monotonic", clock.monotonic)
    monkeypatch.setattr(selectors, "DefaultSelector", Selector)
    return clock

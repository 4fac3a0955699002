"""Within what bounds a rate lies of which only some trials are known."""

from __future__ import annotations

import math

_DEVIATIONS = 1.96
"""Standard deviations on each side: 19 of 20 intervals hold the rate."""


def wilson(hits: int, trials: int) -> tuple[float, float]:
    """The Wilson score interval of a rate; everything where nothing was tried.

    E. B. Wilson, 1927. Unlike the one that is taught first it holds for few trials, and for none that hit.
    """
    if not trials:
        return 0.0, 1.0
    square = _DEVIATIONS**2
    rate, spread = hits / trials, square / trials
    middle = (rate + spread / 2) / (1 + spread)
    half = _DEVIATIONS * math.sqrt(rate * (1 - rate) / trials + spread / (4 * trials)) / (1 + spread)
    low = max(0.0, middle - half) if hits else 0.0
    return low, min(1.0, middle + half) if hits < trials else 1.0

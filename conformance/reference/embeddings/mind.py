"""The embedding model: a fixed rule instead of trained weights.

Each piece of a text points in a direction of its own, drawn from its name, and so do pairs of pieces that
stand beside each other; a text points where they do together. So texts that share words are near each other,
equal texts are equal, and the first numbers of a vector, scaled, are a vector of the same text.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from random import Random

from conformance.reference.tokens import shown, tokenize

WIDTH = 384
"""Numbers in a vector."""

_PAIRS = 0.4
"""How much the order of the pieces weighs against the pieces themselves."""

Vector = tuple[float, ...]


def embedded(pieces: Sequence[str | int], width: int = WIDTH) -> Vector:
    """The vector of a text, or of tokens by their numbers, which has unit length."""
    total = [0.0] * width
    for weight, name in _weighed(pieces):
        for place, value in enumerate(_direction(name)[:width]):
            total[place] += weight * value
    return unit(total)


def pieces_of(text: str) -> list[str | int]:
    """What a text is made of, whatever its case."""
    return [*map(shown, tokenize(text.lower()))]


def unit(numbers: Sequence[float]) -> Vector:
    """The same direction with the length 1, in 32-bit floats."""
    length = math.hypot(*numbers)
    return single([one / length for one in numbers])


def single(numbers: Sequence[float]) -> Vector:
    """The numbers as 32-bit floats hold them."""
    return struct.unpack(f"<{len(numbers)}f", struct.pack(f"<{len(numbers)}f", *numbers))


def _weighed(pieces: Sequence[str | int]) -> Iterable[tuple[float, str]]:
    names = [f"{type(piece).__name__} {piece}" for piece in pieces]
    yield from ((1.0, name) for name in names)
    yield from ((_PAIRS, f"{one} {other}") for one, other in pairwise(names))


@lru_cache(maxsize=4096)
def _direction(name: str) -> Vector:
    drawn = Random(name)  # noqa: S311 - it has to be the same each time
    return tuple(drawn.gauss(0.0, 1.0) for _ in range(WIDTH))

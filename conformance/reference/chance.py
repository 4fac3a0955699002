"""Where ids and samples come from: fresh for each request, or from a seed."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256
from random import Random, SystemRandom


class Chances:
    """A source of random numbers for each request.

    With a seed, the nth request of the same words gets the same numbers, whatever is asked before or
    meanwhile: two servers with one seed answer alike.
    """

    def __init__(self, seed: int | None = None) -> None:
        self._seed = seed
        self._asked: Counter[bytes] = Counter()

    def of(self, method: str, path: str, body: bytes) -> Random:
        """What the next request of these words is answered with."""
        if self._seed is None:
            return SystemRandom()
        words = sha256(b"\0".join((method.encode(), path.encode(), body))).digest()
        self._asked[words] += 1
        return Random(f"{self._seed} {words.hex()} {self._asked[words]}")  # noqa: S311

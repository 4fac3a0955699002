"""The JSON texts of one stream: each is read strictly, within bounds, and all of them within a bound."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from conformance.wire.strict_json import MISSING, Flaw, Parsed, read

MAX_VALUES = 200_000
"""The most values in the texts of one stream. One of 1,000 tokens, each one of twenty, has 160,000."""


def read_all(texts: Iterable[bytes]) -> Iterator[Parsed]:
    """Reads the texts in order; once they hold too many values, no further one is read."""
    left = MAX_VALUES
    for text in texts:
        left -= sum(map(text.count, (b"[", b"{", b","))) + 1
        yield read(text) if left >= 0 else Parsed(MISSING, (Flaw("too-many", _TOO_MANY, 0),))


_TOO_MANY = f"more than {MAX_VALUES} values in one stream"

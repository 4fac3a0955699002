"""How binding a requirement is."""

from __future__ import annotations

from enum import StrEnum


class Level(StrEnum):
    """How binding a requirement is, in the sense of RFC 2119."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"

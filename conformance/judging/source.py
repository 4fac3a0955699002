"""Where a requirement comes from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """A document, the address where it stands, and (when short) the sentence that obliges."""

    title: str
    url: str
    quote: str = ""

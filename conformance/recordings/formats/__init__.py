"""The formats that are read: a small module each, found by what an entry of a file looks like.

A module has the TITLE that people know it by, `matches`, which tells an entry of its own from the others, and
`entries`, which makes exchanges of it. `ORDER` has them, those with the most unmistakable marks first.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

from conformance.recordings.entry import Entry
from conformance.recordings.formats import (
    azure,
    batch,
    exvcr,
    govcr,
    har,
    hoverfly,
    httpmock,
    nock,
    pairs,
    phpvcr,
    postman,
    vcr,
    wiremock,
)


class Format(Protocol):
    """One format."""

    TITLE: str

    def matches(self, value: Any) -> bool:
        """Whether this is an entry of the format."""
        ...

    def entries(self, place: str, value: Any, beside: Path | None) -> Iterable[Entry]:
        """The exchanges of it; `beside` is its file, for what it keeps in others. Raises MalformedError."""
        ...


ORDER: tuple[Format, ...] = (
    *(har, azure, nock, hoverfly, httpmock, postman, wiremock, batch, pairs),
    *(exvcr, govcr, phpvcr, vcr),
)

TITLES = (*(one.TITLE for one in ORDER), "httprr", "mitmproxy", "journals")


def format_of(value: Any) -> Format | None:
    """The format that an entry is of."""
    return next((one for one in ORDER if isinstance(value, dict) and one.matches(value)), None)

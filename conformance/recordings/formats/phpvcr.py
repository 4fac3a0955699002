"""Cassettes of PHP-VCR: a sequence without a name, whose status has its code as a text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from conformance.recordings.entry import Entry, MalformedError, member
from conformance.recordings.formats import vcr

TITLE = "PHP-VCR"


def matches(value: Mapping[str, Any]) -> bool:
    """The status has its code as a text."""
    response = value.get("response")
    status = response.get("status") if isinstance(response, dict) else None
    return isinstance(status, dict) and isinstance(status.get("code"), str) and vcr.matches(value)


def entries(place: str, value: Any, beside: Path | None) -> Iterator[Entry]:
    """One exchange for each."""
    response = member(value, "response")
    number = member(response, "status").get("code")
    if not isinstance(number, str) or not number.isdecimal() or len(number) > 3:
        raise MalformedError("the status is not a number of three digits")
    yield from vcr.entries(place, {**value, "response": {**response, "status": int(number)}}, beside)

"""Pairs of our own: what any program can write about its requests, a line each or in an array.

    {"url": "https://…/v1/chat/completions", "request": {…}, "status": 200, "headers": {…}, "body": "…"}

`request` is the request's JSON (or its text), `body` the text of the response. `method`, `headers`, `started`
(seconds since the epoch), `seconds` and `source` (where it is from, which findings quote) may be left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from conformance.recordings.entry import Entry, code, header_pairs, member, moment, text, written
from conformance.wire.record import Unseen

TITLE = "pairs"

_UNSEEN = frozenset({Unseen.ARRIVALS, Unseen.ENDING, Unseen.HEADERS, Unseen.ENCODING})
_LONGEST = 200


def matches(value: Mapping[str, Any]) -> bool:
    """It has at least a URL and a status."""
    return isinstance(value.get("url"), str) and "status" in value


def entries(place: str, value: Any, beside: Path | None) -> Iterator[Entry]:
    """One exchange for each."""
    del beside
    members = member(value)
    url, request = text(members.get("url"), "url"), members.get("request")
    status = code(members.get("status"))
    unseen = set(_UNSEEN)
    started, seconds = members.get("started"), members.get("seconds")
    started = moment(started) if isinstance(started, int | float) else None
    seconds = float(seconds) if isinstance(seconds, int | float) and 0 <= seconds < 1e9 else None
    unseen |= {Unseen.START} if started is None else set()
    unseen |= {Unseen.DURATION} if seconds is None else set()
    body = members.get("body")
    if body is not None and not isinstance(body, str):
        unseen.add(Unseen.BYTES)
    method, source = members.get("method"), members.get("source")
    if isinstance(source, str) and source.strip():
        place = f"{place} ({' '.join(source.split())[:_LONGEST]})"
    yield Entry(
        place=place,
        method=method if isinstance(method, str) else "GET" if request is None else "POST",
        url=url,
        request_headers=(),
        request_body=None if request is None else written(request),
        status=status,
        headers=header_pairs(members.get("headers")),
        body=None if body is None else written(body),
        started=started,
        seconds=seconds,
        unseen=frozenset(unseen),
    )

"""Pairs in JSON Lines: what any program can write about its own requests.

    {"url": "https://…/v1/chat/completions", "request": {…}, "status": 200, "headers": {…}, "body": "…"}

`request` is the request's JSON (or its text), `body` the text of the response. `method`, `headers`, `started`
(seconds since the epoch) and `seconds` may be left out.
"""

from __future__ import annotations

import json
from typing import Any

from conformance.recordings.entry import Entry, code, encoded, header_pairs, member, moment, text
from conformance.wire.record import Unseen

_UNSEEN = frozenset({Unseen.ARRIVALS, Unseen.ENDING, Unseen.HEADERS, Unseen.ENCODING})


def is_pair(value: Any) -> bool:
    """Whether a line could be a pair."""
    return isinstance(value, dict) and isinstance(value.get("url"), str) and "status" in value


def entry(place: str, value: Any) -> Entry:
    """The exchange that a line holds. Raises MalformedError."""
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
    method = members.get("method")
    return Entry(
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


def written(value: Any) -> bytes:
    """A text as it is, any other value as JSON text."""
    return encoded(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))

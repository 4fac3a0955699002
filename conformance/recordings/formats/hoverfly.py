"""Simulations of Hoverfly: pairs whose requests are matchers, of which the exact ones say what was sent.

https://docs.hoverfly.io/en/latest/pages/reference/simulationschema.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from conformance.recordings.entry import (
    NO_HOST,
    Entry,
    code,
    encoded,
    header_pairs,
    member,
    unbase64,
)
from conformance.wire.record import Unseen

TITLE = "Hoverfly"

_UNSEEN = frozenset({Unseen.ARRIVALS, Unseen.ENDING, Unseen.HEADERS, Unseen.START, Unseen.DURATION})


def matches(value: Mapping[str, Any]) -> bool:
    """A request has a destination, and its response a status."""
    request, response = value.get("request"), value.get("response")
    there = isinstance(request, dict) and "path" in request and "destination" in request
    return there and isinstance(response, dict) and "status" in response


def entries(place: str, value: Any, beside: Path | None) -> Iterator[Entry]:
    """One exchange for each."""
    del beside
    request, response = member(value, "request"), member(value, "response")
    scheme, host = _value(request.get("scheme")) or "https", _value(request.get("destination"))
    body = response.get("body")
    sent = _value(request.get("body"))
    coded = response.get("encodedBody") is True
    yield Entry(
        place=place,
        method=_value(request.get("method")) or "POST",
        url=(f"{scheme}://{host}" if host else NO_HOST) + (_value(request.get("path")) or ""),
        request_headers=header_pairs(request.get("headers")),
        request_body=encoded(sent) if sent else None,
        status=code(response.get("status")),
        headers=header_pairs(response.get("headers")),
        body=None if not isinstance(body, str) else unbase64(body) if coded else encoded(body),
        unseen=_UNSEEN,
    )


def _value(matchers: Any) -> str | None:
    """What a matcher was made of: it says it itself, or its first one of a kind that has the whole."""
    if isinstance(matchers, str):
        return matchers
    for one in matchers if isinstance(matchers, list) else ():
        if (
            isinstance(one, dict)
            and one.get("matcher") in ("exact", "json")
            and isinstance(one.get("value"), str)
        ):
            found: str = one["value"]
            return found
    return None

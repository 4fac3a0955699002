"""Collections of Postman: the examples that were saved with a request, however deep its folder.

https://schema.postman.com/collection/json/v2.1.0/draft-07/docs/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from conformance.recordings.entry import Entry, code, encoded, header_pairs, text
from conformance.wire.record import Unseen

TITLE = "Postman"

_UNSEEN = frozenset({Unseen.ARRIVALS, Unseen.ENDING, Unseen.HEADERS, Unseen.START, Unseen.DURATION})
_DEEPEST, _MOST = 20, 10_000


def matches(value: Mapping[str, Any]) -> bool:
    """It names Postman's schema, or has an info and items."""
    info = value.get("info")
    return isinstance(info, dict) and isinstance(value.get("item"), list) and "schema" in info


def entries(place: str, value: Any, beside: Path | None) -> Iterator[Entry]:
    """One exchange for each saved example."""
    del beside
    number = 0
    for item in _items(value, _DEEPEST):
        for saved in item.get("response") or ():
            number += 1
            if not isinstance(saved, dict) or number > _MOST:
                continue
            request = saved.get("originalRequest") or item.get("request")
            if isinstance(request, dict):
                yield _entry(f"{place} example {number}", request, saved)


def _items(holder: Any, deep: int) -> Iterator[Mapping[str, Any]]:
    for item in holder.get("item") or () if deep else ():
        if isinstance(item, dict):
            if isinstance(item.get("response"), list):
                yield item
            yield from _items(item, deep - 1)


def _entry(place: str, request: Mapping[str, Any], saved: Mapping[str, Any]) -> Entry:
    url = request.get("url")
    sent = request.get("body")
    raw = sent.get("raw") if isinstance(sent, dict) else None
    body = saved.get("body")
    seconds = saved.get("responseTime")
    known = isinstance(seconds, int) and not isinstance(seconds, bool) and 0 < seconds < 10**9
    return Entry(
        place=place,
        method=text(request.get("method", "GET"), "request.method"),
        url=text(url.get("raw") if isinstance(url, dict) else url, "request.url"),
        request_headers=header_pairs(request.get("header")),
        request_body=encoded(raw) if isinstance(raw, str) else None,
        status=code(saved.get("code")),
        headers=header_pairs(saved.get("header")),
        body=encoded(body) if isinstance(body, str) else None,
        seconds=seconds / 1000 if known and isinstance(seconds, int) else None,
        unseen=_UNSEEN - ({Unseen.DURATION} if known else set()),
    )

"""HAR 1.2, as browsers, proxies and Polly.JS write it.

http://www.softwareishard.com/blog/har-12-spec/. The text of a body stands there as its recorder decoded it:
its characters can be judged, its bytes only where they are kept in base64. Polly keeps what was compressed as
a JSON array of its pieces, each in base64 or in hexadecimal.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from conformance.recordings.entry import (
    MAX_ENTRY,
    Entry,
    MalformedError,
    code,
    encoded,
    header_pairs,
    member,
    moment,
    text,
    unbase64,
    written,
)
from conformance.wire.record import Unseen

TITLE = "HAR"

_UNSEEN = frozenset({Unseen.ARRIVALS, Unseen.ENDING, Unseen.HEADERS})
_HEX = re.compile(r"(?:[0-9a-fA-F]{2})+")


def matches(value: Mapping[str, Any]) -> bool:
    """Only a HAR's response has an object `content`."""
    response = value.get("response")
    return isinstance(response, dict) and isinstance(response.get("content"), dict)


def entries(place: str, value: Any, beside: Path | None) -> Iterator[Entry]:
    """The exchange that an element of `log.entries` holds."""
    del beside
    request, response = member(value, "request"), member(value, "response")
    started, seconds = _time(value.get("startedDateTime")), _seconds(value.get("time"))
    content = response.get("content")
    body, exact, lost = _content(content if isinstance(content, Mapping) else {})
    unseen = set(_UNSEEN)
    unseen |= set() if exact else {Unseen.ENCODING}
    unseen |= {Unseen.START} if started is None else set()
    unseen |= {Unseen.DURATION} if seconds is None else set()
    status = response.get("status")
    unanswered = not isinstance(status, int) or status <= 0  # browsers write 0 where no response came
    yield Entry(
        place=place,
        method=text(request.get("method"), "request.method"),
        url=text(request.get("url"), "request.url"),
        request_headers=_headers(request),
        request_body=_posted(request.get("postData")),
        status=None if unanswered else code(status),
        headers=_headers(response),
        body=body,
        http_version=str(response.get("httpVersion") or "")[:20],
        started=started,
        seconds=seconds,
        unseen=frozenset(unseen),
        lost=lost or str(response.get("_error") or "")[:80],
    )


def _headers(message: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    # HTTP/2 has the status and the path among its headers, under names that begin with a colon.
    return tuple(pair for pair in header_pairs(message.get("headers")) if not pair[0].startswith(":"))


def _posted(data: Any) -> bytes | None:
    """The body of the request."""
    if not isinstance(data, Mapping):
        return None
    content = data.get("text")
    if data.get("textJSON") is not None:
        return written(data["textJSON"])
    if isinstance(content, str):
        return unbase64(content) if data.get("encoding") == "base64" else encoded(content)
    if data.get("params"):
        return urlencode(header_pairs(data["params"])).encode()
    return None


def _content(content: Mapping[str, Any]) -> tuple[bytes | None, bool, str]:
    """The body of the response, whether these are its bytes, and how it is known that some are missing."""
    kept, size = content.get("text"), content.get("size")
    size = min(size, MAX_ENTRY) if isinstance(size, int) else 0
    if not isinstance(kept, str):
        return (None if size > 0 else b""), True, ""
    pieces = _pieces(kept)
    if pieces is not None:
        return pieces, True, ""
    exact = content.get("encoding") == "base64"
    body = unbase64(kept) if exact else encoded(kept)
    # Firefox keeps the beginning of a long body. Where characters were replaced, sizes differ by a little.
    short = len(body) < 0.9 * size and len(kept) < 0.9 * size
    if not body and size > 0:
        return None, True, ""
    return body, exact, f"only {len(body)} of {size} bytes are kept" if short else ""


def _pieces(kept: str) -> bytes | None:
    """What Polly keeps of a compressed body, put together; None where it is no array of pieces."""
    if not kept.startswith('["'):
        return None
    try:
        pieces = json.loads(kept)
    except (ValueError, RecursionError):
        return None
    if not isinstance(pieces, list) or not all(isinstance(one, str) for one in pieces):
        return None
    if all(_HEX.fullmatch(one) for one in pieces):
        return b"".join(map(bytes.fromhex, pieces))
    try:
        return b"".join(map(unbase64, pieces))
    except MalformedError:
        return None


def _time(value: Any) -> float | None:
    try:
        return moment(datetime.fromisoformat(value).timestamp())
    except (TypeError, ValueError, OverflowError):
        return None


def _seconds(value: Any) -> float | None:
    """Milliseconds as seconds; exporters write -1 or 0 for what they do not know."""
    known = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e9
    return value / 1000 if known else None

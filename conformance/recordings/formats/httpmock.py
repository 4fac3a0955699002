"""What Rust's httpmock records: `when` the request was so, `then` the response was so.

https://docs.rs/httpmock, recording. The host is there only where it is recorded as a header.
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
    written,
)
from conformance.wire.record import Unseen

TITLE = "httpmock"

_UNSEEN = frozenset({Unseen.ARRIVALS, Unseen.ENDING, Unseen.HEADERS, Unseen.START, Unseen.DURATION})


def matches(value: Mapping[str, Any]) -> bool:
    """It has `when` and `then`."""
    return isinstance(value.get("when"), dict) and isinstance(value.get("then"), dict)


def entries(place: str, value: Any, beside: Path | None) -> Iterator[Entry]:
    """One exchange for each."""
    del beside
    when, then = member(value, "when"), member(value, "then")
    sent = header_pairs(when.get("header"))
    host = when.get("host") or next((one for name, one in sent if name.lower() == "host"), None)
    scheme = when.get("scheme") or "https"
    yield Entry(
        place=place,
        method=str(when.get("method") or "POST"),
        url=(f"{scheme}://{host}" if host else NO_HOST) + str(when.get("path") or ""),
        request_headers=sent,
        request_body=_body(when),
        status=code(then.get("status", 200)),
        headers=header_pairs(then.get("header")),
        body=_body(then) or b"",
        unseen=_UNSEEN,
    )


def _body(message: Mapping[str, Any]) -> bytes | None:
    kept = message.get("body")
    if isinstance(kept, str):
        return encoded(kept)
    if isinstance(message.get("body_base64"), str):
        return unbase64(message["body_base64"])
    parsed = message.get("json_body", kept)
    return None if parsed is None else written(parsed)

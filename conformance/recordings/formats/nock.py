"""What nock records (`nock.recorder`, `nock.back`): a scope, a path, and headers in one flat array.

https://github.com/nock/nock#recording. A compressed body is an array of its pieces in hexadecimal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from conformance.recordings.entry import Entry, Headers, MalformedError, code, header_pairs, text, written
from conformance.wire.record import Unseen

TITLE = "nock"

_UNSEEN = frozenset({Unseen.ARRIVALS, Unseen.ENDING, Unseen.HEADERS, Unseen.START, Unseen.DURATION})
_HEX = re.compile(r"(?:[0-9a-fA-F]{2})*")


def matches(value: Mapping[str, Any]) -> bool:
    """It has a scope, a path and a response."""
    return isinstance(value.get("scope"), str) and "path" in value and "response" in value


def entries(place: str, value: Any, beside: Path | None) -> Iterator[Entry]:
    """One exchange for each."""
    del beside
    sent, received = value.get("body"), value.get("response")
    body, parsed = _body(received, binary=value.get("responseIsBinary") is True)
    yield Entry(
        place=place,
        method=text(value.get("method", "GET"), "method"),
        url=re.sub(r":(?:443|80)$", "", text(value["scope"], "scope")) + text(value["path"], "path"),
        request_headers=header_pairs(value.get("reqheaders")),
        request_body=None if sent in (None, "") else written(sent),
        status=code(value.get("status", 200)),
        headers=_headers(value.get("rawHeaders", value.get("headers"))),
        body=body,
        unseen=_UNSEEN | ({Unseen.BYTES} if parsed else set()),
    )


def _headers(value: Any) -> Headers:
    """Names and values by turns, or in an object."""
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return tuple(zip(value[::2], value[1::2], strict=False))
    return header_pairs(value)


def _body(value: Any, *, binary: bool) -> tuple[bytes, bool]:
    """The body, and whether it is only what a parser made of it."""
    pieces = [value] if binary and isinstance(value, str) else value
    if isinstance(pieces, list) and all(isinstance(one, str) and _HEX.fullmatch(one) for one in pieces):
        return b"".join(map(bytes.fromhex, pieces)), False
    if binary:
        raise MalformedError("a binary body is not hexadecimal")
    return written(value if value is not None else ""), not isinstance(value, str)

"""Recordings of the Azure SDK's test proxy: names in capitals, and bodies as a parser made them.

https://github.com/Azure/azure-sdk-tools/tree/main/tools/test-proxy
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from conformance.recordings.entry import Entry, code, encoded, header_pairs, text, written
from conformance.wire.record import Unseen

TITLE = "Azure SDK test proxy"

_UNSEEN = frozenset({Unseen.ARRIVALS, Unseen.ENDING, Unseen.HEADERS, Unseen.START, Unseen.DURATION})


def matches(value: Mapping[str, Any]) -> bool:
    """It has a RequestUri and a StatusCode."""
    return "RequestUri" in value and "StatusCode" in value


def entries(place: str, value: Any, beside: Path | None) -> Iterator[Entry]:
    """One exchange for each."""
    del beside
    sent, (received, parsed) = _body(value.get("RequestBody"))[0], _body(value.get("ResponseBody"))
    yield Entry(
        place=place,
        method=text(value.get("RequestMethod"), "RequestMethod"),
        url=text(value.get("RequestUri"), "RequestUri"),
        request_headers=header_pairs(value.get("RequestHeaders")),
        request_body=sent,
        status=code(value.get("StatusCode")),
        headers=header_pairs(value.get("ResponseHeaders")),
        body=received,
        unseen=_UNSEEN | ({Unseen.BYTES} if parsed else set()),
    )


def _body(value: Any) -> tuple[bytes | None, bool]:
    """The body, and whether it is only what a parser made of it; a long text may be an array of its lines."""
    if isinstance(value, list) and value and all(isinstance(one, str) for one in value):
        return encoded("".join(value)), False
    if value is None or isinstance(value, str):
        return None if value is None else encoded(value), False
    return written(value), True

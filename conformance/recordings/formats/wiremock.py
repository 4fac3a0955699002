"""Mappings of WireMock, one a file or exported together; bodies may be in files of `__files`.

https://wiremock.org/docs/record-playback/. A mapping does not say whom the proxy asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from conformance.recordings.coding import MAX_BODY
from conformance.recordings.entry import (
    NO_HOST,
    Entry,
    MalformedError,
    code,
    encoded,
    header_pairs,
    member,
    unbase64,
    written,
)
from conformance.wire.record import Unseen

TITLE = "WireMock"

_UNSEEN = frozenset({Unseen.ARRIVALS, Unseen.ENDING, Unseen.HEADERS, Unseen.START, Unseen.DURATION})
_WHERE = ("url", "urlPath", "urlPattern", "urlPathPattern", "urlPathTemplate")


def matches(value: Mapping[str, Any]) -> bool:
    """A request has a pattern of its URL, and its response a status."""
    request, response = value.get("request"), value.get("response")
    if not isinstance(request, dict) or not isinstance(response, dict) or "uri" in request:
        return False
    where = any(name in request for name in _WHERE[1:]) or str(request.get("url")).startswith("/")
    return where and isinstance(response.get("status"), int)


def entries(place: str, value: Any, beside: Path | None) -> Iterator[Entry]:
    """One exchange for each."""
    request, response = member(value, "request"), member(value, "response")
    where = next(str(request[name]) for name in _WHERE if name in request)
    body, parsed = _body(response, beside)
    yield Entry(
        place=place,
        method=str(request.get("method") or "POST"),
        url=_host(request) + where.replace("\\", ""),
        request_headers=(),
        request_body=_sent(request.get("bodyPatterns")),
        status=code(response.get("status")),
        headers=header_pairs(response.get("headers")),
        body=body,
        unseen=_UNSEEN | ({Unseen.BYTES} if parsed else set()),
    )


def _host(request: Mapping[str, Any]) -> str:
    named = request.get("host")
    host = named.get("equalTo") if isinstance(named, dict) else named
    return f"{request.get('scheme') or 'https'}://{host}" if isinstance(host, str) and host else NO_HOST


def _sent(patterns: Any) -> bytes | None:
    """The body that a request has to be equal to."""
    for one in patterns if isinstance(patterns, list) else ():
        for name in ("equalToJson", "equalTo"):
            if isinstance(one, dict) and name in one:
                return written(one[name])
    return None


def _body(response: Mapping[str, Any], beside: Path | None) -> tuple[bytes | None, bool]:
    """The body, and whether it is only what a parser made of it."""
    if isinstance(response.get("base64Body"), str):
        return unbase64(response["base64Body"]), False
    if isinstance(response.get("body"), str):
        return encoded(response["body"]), False
    if response.get("jsonBody") is not None:
        return written(response["jsonBody"]), True
    name = response.get("bodyFileName")
    return (None if not isinstance(name, str) or beside is None else _file(name, beside)), False


def _file(name: str, mapping: Path) -> bytes:
    """The file of `__files`, beside the folder of the mapping; never one outside."""
    for folder in mapping.parents[:4]:
        root = (folder / "__files").resolve()
        path = (root / name).resolve()
        if path.is_relative_to(root) and path.is_file():
            if path.stat().st_size > MAX_BODY:
                raise MalformedError(f"a body of more than {MAX_BODY // 2**20} MiB")
            return path.read_bytes()
    raise MalformedError(f"its body is in __files/{name[:80]}, which is not here")

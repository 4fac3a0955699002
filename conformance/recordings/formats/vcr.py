"""VCR cassettes: those of Python's vcrpy and betamax, of Ruby's VCR, and a request with its response alone.

They differ in names. Bodies are texts, binary or base64; some projects keep only what a parser made of them,
as `parsed_body`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from conformance.recordings.entry import (
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
from conformance.wire.record import Unseen, http_date

TITLE = "VCR"

UNSEEN = frozenset({Unseen.ARRIVALS, Unseen.ENDING, Unseen.HEADERS, Unseen.START, Unseen.DURATION})
"""What none of the VCRs keeps."""


def matches(value: Mapping[str, Any]) -> bool:
    """A request and its response, each an object, and where the request went."""
    request, response = value.get("request"), value.get("response")
    where = isinstance(request, dict) and ("uri" in request or "url" in request)
    return where and isinstance(response, dict)


def entries(place: str, value: Any, beside: Path | None) -> Iterator[Entry]:
    """One exchange for each."""
    del beside
    request, response = member(value, "request"), member(value, "response")
    sent, _ = body_of(request)
    received, parsed = body_of(response)
    yield Entry(
        place=place,
        method=method_of(request),
        url=text(request.get("uri") or request.get("url"), "request.uri"),
        request_headers=header_pairs(request.get("headers")),
        request_body=sent,
        status=_status(response),
        headers=header_pairs(response.get("headers")),
        body=received,
        http_version=str(response.get("http_version") or "")[:20],
        started=_time(value.get("recorded_at")),
        unseen=UNSEEN | ({Unseen.BYTES} if parsed else set()),
    )


def method_of(request: Mapping[str, Any]) -> str:
    """The method; where none is kept, what a body means."""
    found = request.get("method")
    return found if isinstance(found, str) and found else "POST" if request.get("body") else "GET"


def _status(response: Mapping[str, Any]) -> int:
    status = response.get("status", response.get("status_code"))
    return code(status.get("code") if isinstance(status, Mapping) else status)


def body_of(message: Mapping[str, Any]) -> tuple[bytes | None, bool]:
    """The body, and whether it is only what a parser made of it."""
    body = message.get("body", message.get("content"))
    if isinstance(body, Mapping):
        if isinstance(body.get("base64_string"), str):
            return unbase64(body["base64_string"]), False
        if not body or "string" in body:
            encoding = str(body.get("encoding") or "")
            body = body.get("string", "")
            if isinstance(body, str) and encoding in ("ASCII-8BIT", "BINARY"):
                return _octets(body), False
    if isinstance(body, bytes):
        return body, False
    if isinstance(body, str):
        return encoded(body), False
    if body is None and message.get("parsed_body") is not None:
        return written(message["parsed_body"]), True
    if body is not None:
        return written(body), True
    return None, False


def _octets(body: str) -> bytes:
    """Bytes that were written as characters: of UTF-8 text, or each for itself."""
    try:
        octets = body.encode("latin-1")
        octets.decode()
    except UnicodeError:
        return encoded(body)
    return octets


def _time(value: Any) -> float | None:
    """Ruby's VCR notes when the response had come."""
    date = http_date(value) if isinstance(value, str) else None
    if date is None:
        return None
    try:
        return moment(date.timestamp())
    except (OverflowError, ValueError):
        raise MalformedError("recorded_at is no time") from None

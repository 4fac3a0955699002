"""VCR cassettes: those of Python's vcrpy and of Ruby's VCR, in YAML or JSON.

The two differ in names. Bodies are texts, binary or base64; some projects keep only what a parser made of
them, as `parsed_body`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
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
)
from conformance.wire.record import Unseen, http_date

MAX_PARSED = 4 * 2**20
"""Characters of JSON that a parsed body may come to."""

_UNSEEN = frozenset({Unseen.ARRIVALS, Unseen.ENDING, Unseen.HEADERS, Unseen.START, Unseen.DURATION})


def entry(place: str, value: Any) -> Entry:
    """The exchange that an interaction holds. Raises MalformedError."""
    request, response = member(value, "request"), member(value, "response")
    sent, _ = _body(request)
    received, parsed = _body(response)
    return Entry(
        place=place,
        method=text(request.get("method"), "request.method"),
        url=text(request.get("uri") or request.get("url"), "request.uri"),
        request_headers=header_pairs(request.get("headers")),
        request_body=sent,
        status=_status(response),
        headers=header_pairs(response.get("headers")),
        body=received,
        http_version=str(response.get("http_version") or "")[:20],
        started=_time(value.get("recorded_at")),
        unseen=_UNSEEN | ({Unseen.BYTES} if parsed else set()),
    )


def _status(response: Mapping[str, Any]) -> int:
    status = response.get("status", response.get("status_code"))
    return code(status.get("code") if isinstance(status, Mapping) else status)


def _body(message: Mapping[str, Any]) -> tuple[bytes | None, bool]:
    """The body, and whether it is only what a parser made of it."""
    body = message.get("body", message.get("content"))
    if isinstance(body, Mapping):
        if isinstance(body.get("base64_string"), str):
            return unbase64(body["base64_string"]), False
        encoding = str(body.get("encoding") or "")
        body = body.get("string", "" if not body else None)
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


def written(value: Any) -> bytes:
    """A parsed value as JSON text. Raises MalformedError where that would be longer than MAX_PARSED.

    In YAML a small text can stand for a huge value: an alias may be repeated.
    """
    parts, size = [], 0
    try:
        for part in json.JSONEncoder(ensure_ascii=False, default=str).iterencode(value):
            size += len(part)
            if size > MAX_PARSED:
                raise MalformedError("a parsed body is too large")
            parts.append(part)
    except (TypeError, ValueError, RecursionError) as error:
        if isinstance(error, MalformedError):
            raise
        raise MalformedError("a parsed body is no JSON value") from None
    return encoded("".join(parts))


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
    return None if date is None else moment(date.timestamp())

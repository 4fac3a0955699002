"""Reading the body: exactly one strict JSON object."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from conformance.reference.refusal import Refusal

LARGEST_BODY = 8 * 1024 * 1024
"""Bytes. What is larger is refused with 413."""


def read_object(content_type: str, body: bytes) -> dict[str, Any]:
    """The JSON object of a request, or the refusal that says what is wrong with it (RFC 8259)."""
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise Refusal("The Content-Type of a request must be application/json.", status=415)
    if len(body) > LARGEST_BODY:
        raise Refusal(f"The body is larger than {LARGEST_BODY} bytes.", status=413)
    try:
        value = json.loads(body.decode(), object_pairs_hook=_object, parse_constant=_constant)
        json.dumps(value, ensure_ascii=False).encode()  # a lone surrogate is no text
    except (ValueError, RecursionError) as error:
        raise Refusal("We could not parse the JSON body of your request.", code="invalid_json") from error
    if not isinstance(value, dict):
        raise Refusal("The body of a request must be a JSON object.", code="invalid_json")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("duplicate member")
    return members


def _constant(name: str) -> NoReturn:
    raise ValueError(name)

"""Cassettes of ExVCR (Elixir): an array of requests with their responses, which may be Erlang's bytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from conformance.recordings.entry import Entry, MalformedError, member, unbase64
from conformance.recordings.formats import vcr

TITLE = "ExVCR"

_TERM = b"\x83m"
"""Erlang's external form of a binary: these two bytes, and four of its length."""


def matches(value: Mapping[str, Any]) -> bool:
    """The response says of what type it is, and whether it is binary."""
    response = value.get("response")
    return vcr.matches(value) and isinstance(response, dict) and {"type", "binary"} <= response.keys()


def entries(place: str, value: Any, beside: Path | None) -> Iterator[Entry]:
    """One exchange for each."""
    request, response = dict(member(value, "request")), dict(member(value, "response"))
    if not request.get("body"):
        request["body"] = request.get("request_body")
    if response.get("type") == "error":
        raise MalformedError(f"the request got no response ({str(response.get('body'))[:60]})")
    if response.get("binary") is True and isinstance(response.get("body"), str):
        raw = unbase64(response["body"])
        response["body"] = raw[6:] if raw.startswith(_TERM) else raw
    yield from vcr.entries(place, {"request": request, "response": response}, beside)

"""Cassettes of go-vcr, versions 1 to 4: `status` is the line of it, and `code` the number.

https://pkg.go.dev/gopkg.in/dnaeon/go-vcr.v4/pkg/cassette
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from conformance.recordings.entry import Entry, code, member
from conformance.recordings.formats import vcr
from conformance.wire.record import Unseen

TITLE = "go-vcr"

_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(ns|us|µs|ms|s|m|h)")


def matches(value: Mapping[str, Any]) -> bool:
    """The response has a number as `code` beside a text as `status`."""
    response = value.get("response")
    return isinstance(value.get("request"), dict) and isinstance(response, dict) and "code" in response


def entries(place: str, value: Any, beside: Path | None) -> Iterator[Entry]:
    """One exchange for each; where it says how long it took, that is known."""
    response = member(value, "response")
    number = code(response.get("code"))
    for one in vcr.entries(place, {**value, "response": {**response, "status": number}}, beside):
        seconds = _seconds(response.get("duration"))
        unseen = one.unseen - {Unseen.DURATION} if seconds is not None else one.unseen
        yield replace(one, seconds=seconds, unseen=unseen)


def _seconds(value: Any) -> float | None:
    """A duration as Go writes it: `1.2s`, `1m0.5s`, or nanoseconds."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value / 1e9 if 0 < value < 10**15 else None
    parts = _PART.findall(value) if isinstance(value, str) and len(value) < 40 else []
    return sum(float(number) * _UNITS[unit] for number, unit in parts) or None

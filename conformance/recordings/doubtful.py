"""What of a recorded exchange cannot be trusted: recorders lose things, and people edit recordings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from conformance.recordings.entry import Entry
from conformance.wire.record import Unseen, http_date

WEEKS = 30 * 86400
"""Seconds between an answer and its Date, from which on the two are not of one exchange."""

_SINCE = 1577836800
"""The year 2020: a time stamp before it is none, and no sign of another answer."""

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""No clock is wrong about them; people are who write a Date."""

_CREATED = re.compile(rb'"created"\s*:\s*(\d{10})\b')
"""As a member of the answer: within a text its quotes would be escaped."""

_TOOK_TIME = re.compile(r".*processing-?ms|.*(?:latency|duration|upstream-service-time).*|server-timing")

_NATIVE_HEADERS = frozenset({"anthropic-version", "x-goog-api-key", "x-api-key"})


def doubts(entry: Entry, body: bytes, *, answers: bool) -> Iterator[Unseen]:
    """What the recording does not show of this exchange, though it seems to.

    `answers`: what it states as `created` is the time of the answer, and not of a model.
    """
    if not body and _was_lost(entry):
        yield Unseen.BODY
    date = http_date(entry.header("date"))
    if date is not None and _DAYS[date.weekday()] != entry.header("date").strip()[:3].lower():
        yield Unseen.TRUTH
    created = _CREATED.search(body) if answers else None
    if date is not None and created is not None:
        at = int(created[1])
        if at > _SINCE and abs(date.timestamp() - at) > WEEKS:
            yield Unseen.REQUEST


def _was_lost(entry: Entry) -> bool:
    """Whether an empty body of a success shows that there was one: it was encoded, cut in chunks, or long."""
    if not 200 <= (entry.status or 0) < 300:
        return False
    length = entry.header("content-length").strip()
    if length.isdecimal():
        return int(length) > 0
    worked = any(_TOOK_TIME.fullmatch(name.lower()) for name, _ in entry.headers)
    return bool(worked or entry.header("content-encoding") or entry.header("transfer-encoding"))


def is_native_list(entry: Entry, value: Any) -> bool:
    """Whether a list of models is that of another interface on the same host, which is nobody's fault.

    Anthropic, Google and Cohere have a path /models of their own; what is asked, or the shape, tells.
    """
    if any(name.lower() in _NATIVE_HEADERS for name, _ in entry.request_headers):
        return True
    if not isinstance(value, dict):
        return False
    if value.get("object") == "list":
        return False
    cards = value.get("models", value.get("data"))
    if not isinstance(cards, list) or not cards or not isinstance(cards[0], dict):
        return False
    return "models" in value or (cards[0].get("type") == "model" and "object" not in cards[0])

"""Token counts as an answer states them, read tolerantly: for the sums of a run, not for verdicts."""

from __future__ import annotations

import json
from typing import Any

_LONGEST = 2**20
"""Bytes of a JSON text that is looked at; no probe's answer comes near it."""

_LINES = 64
"""Lines from the end of a stream that are looked at."""

_MOST = 10**9
"""A count above this is no count of tokens."""


def token_counts(body: bytes) -> tuple[int | None, int | None]:
    """The prompt and completion tokens that the answer states last; None where it states none."""
    if len(body) <= _LONGEST and (found := _usage(body)) is not None:
        return found
    for line in reversed(body[-_LONGEST:].splitlines()[-_LINES:]):
        if line.startswith(b"data:") and (found := _usage(line[5:])) is not None:
            return found
    return None, None


def _usage(text: bytes) -> tuple[int | None, int | None] | None:
    if b'"usage"' not in text:
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    usage = value.get("usage") if isinstance(value, dict) else None
    if not isinstance(usage, dict):
        return None
    return _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))


def _count(value: Any) -> int | None:
    return value if type(value) is int and 0 <= value <= _MOST else None

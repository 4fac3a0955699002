"""JSON texts of a provider that are read for sums only: bounded before anything is built of them.

Verdicts rest on `strict_json`, which says what is wrong with a text. Here a text that is not JSON, or that
holds more than a reader should build, is simply not read.
"""

from __future__ import annotations

import json
from typing import Any

from conformance.wire.outline import depth
from conformance.wire.strict_json import MAX_DEPTH, MAX_VALUES, MISSING

__all__ = ["LONGEST", "MISSING", "read"]

LONGEST = 2**18
"""Bytes of a text that is read: no answer to a probe comes near it, and reading more would hold up others."""


def read(text: bytes) -> Any:
    """The value of a JSON text, or MISSING. Takes time and memory in proportion to its length."""
    if len(text) > LONGEST:
        return MISSING
    opened = text.count(b"[") + text.count(b"{")
    # There are at most so many values, and one more.
    if opened + text.count(b",") >= MAX_VALUES:
        return MISSING
    try:
        decoded = text.decode("utf-8", "replace").removeprefix("\ufeff")
        if opened > MAX_DEPTH and depth(decoded) > MAX_DEPTH:
            return MISSING
        return json.loads(decoded)
    except (ValueError, RecursionError):
        return MISSING

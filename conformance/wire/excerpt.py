"""Short wording for what a provider sent: values, and places in a JSON text.

Everything a provider sends is hostile. What comes back from here is bounded and free of control characters,
so that it may stand in a message.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

LIMIT = 60
"""The most characters of a provider's text that a message quotes."""

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}")
_LONGEST_PATH = 200


def quote(text: str, limit: int = LIMIT) -> str:
    """The text between double quotes, unprintable characters escaped, cut after `limit` characters."""
    shown = repr(text[:limit])[1:-1]
    if len(text) > limit or len(shown) > limit:
        shown = shown[: limit - 1] + "…"
    return f'"{shown}"'


def printable(text: str) -> str:
    """The text with every character that a terminal might obey, or a file not hold, written as an escape."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


def describe(value: object) -> str:
    """A JSON value in plain words: its type and, of a scalar, as much of it as fits."""
    if isinstance(value, str):
        return f"the string {quote(value)}"
    if isinstance(value, list):
        return f"an array of length {len(value)}" if value else "an empty array"
    if isinstance(value, dict):
        return f"an object of size {len(value)}" if value else "an empty object"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int) and value.bit_length() > 200:
        return "a very large integer"  # str() takes quadratic time, and refuses beyond a few thousand digits
    if isinstance(value, float) and math.isinf(value):
        return "a number that no double can hold"
    kinds: dict[type, str] = {int: "the integer", float: "the number"}
    return f"{kinds.get(type(value), type(value).__name__)} {value}"


def json_path(parts: Iterable[str | int]) -> str:
    """A place in a JSON text, such as `$.data[0].name`; a path that is too long loses its middle."""
    path = "$" + "".join(_step(part) for part in parts)
    half = _LONGEST_PATH // 2
    return path if len(path) <= _LONGEST_PATH else f"{path[:half]}…{path[-half:]}"


def _step(part: str | int) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    return f".{part}" if _PLAIN_KEY.fullmatch(part) else f"[{quote(part, 40)}]"

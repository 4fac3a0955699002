"""Spans of time as people write and read them."""

from __future__ import annotations

import re

_NUMBER = r"[0-9]{1,6}(?:\.[0-9]{1,3})?"
_UNITS = {"h|hours?": 3600, "m|min|minutes?": 60, "s|sec|seconds?": 1}
_SPAN = re.compile(r"(?=.)" + "".join(rf"(?:({_NUMBER})(?:{unit}))?" for unit in _UNITS))


def seconds(text: str) -> float | None:
    """The seconds of `45m`, `90s`, `1h30m`, or `45`, which are minutes; None for any other text."""
    text = "".join(text.split()).lower()
    if re.fullmatch(_NUMBER, text):
        return float(text) * 60
    match = _SPAN.fullmatch(text)
    if match is None:
        return None
    return sum(float(number) * unit for number, unit in zip(match.groups(0), _UNITS.values(), strict=True))


def said(span: float) -> str:
    """A span of seconds in words, with two units at most, rounded."""
    whole = round(span)
    if whole < 1:
        return f"{span:g} s"
    hours, rest = divmod(whole if whole < 3600 else 60 * round(whole / 60), 3600)
    minutes, left = divmod(rest, 60)
    parts = [f"{count} {unit}" for count, unit in ((hours, "h"), (minutes, "min"), (left, "s")) if count]
    return " ".join(parts)

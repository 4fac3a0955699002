"""Whether the id of a model that an answer names is that of the model that was asked for."""

from __future__ import annotations

import re

VERSION = re.compile(r"v?\d[\w.]*|latest|preview|beta|exp|experimental|stable|free|fast")
"""Parts of a model id that name a version, not another model."""

_NUMBERED = re.compile(r"([a-z]{2,})(\d+(?:\.\d+)*)")
"""A family and its version in one word, as in `llama3.3` beside `llama-3.3`."""

_SHORT = re.compile(r"v?(\d{1,2}(?:\.\d{1,2})*)")
"""A part of a version, as in `claude-sonnet-4-5` and `4.5`; more digits are a date or a build."""


def _words(model: str) -> list[str]:
    """An id in parts, without the vendor before the last slash."""
    parts = [part for part in re.split(r"[-_:@/ ]+", model.lower().rpartition("/")[2]) if part]
    found: list[str] = []
    for part in parts:
        numbered = _NUMBERED.fullmatch(part)
        found += numbered.groups() if numbered else (part,)
    return found


def same_model(requested: str, named: str) -> bool:
    """The same parts, but for parts that name a version."""
    (asked, wanted), (got, given) = map(_parted, map(_words, (requested, named)))
    if asked != got:
        return False
    return not (wanted and given) or _version(wanted) == _version(given) or "latest" in wanted


def extends(requested: str, named: str) -> bool:
    """One id is the beginning of the other (gpt-x, gpt-x-mini), or the named one lacks words of an alias."""
    asked, got = _words(requested), _words(named)
    shorter = min(len(asked), len(got))
    if asked[:shorter] == got[:shorter]:
        return True
    (wanted, first), (given, second) = _parted(asked), _parted(got)
    return bool(given) and set(given) <= set(wanted) and _version(first) == _version(second) != ""


def _parted(words: list[str]) -> tuple[list[str], list[str]]:
    """The parts that name a model, and those that name a version of it."""
    return (
        [word for word in words if not VERSION.fullmatch(word)],
        [word for word in words if VERSION.fullmatch(word)],
    )


def _version(parts: list[str]) -> str:
    """The digits of the version, however they are set apart: 4.5, 4-5, v4.5 and 45 are one, and 4 is 4.0."""
    if not parts or not _SHORT.fullmatch(parts[0]):
        return parts[0] if parts else ""
    numbers: list[str] = []
    for short in map(_SHORT.fullmatch, parts):
        if short is None:
            break
        numbers += short[1].split(".")
    while len(numbers) > 1 and numbers[-1] == "0":
        numbers.pop()
    return "".join(numbers)

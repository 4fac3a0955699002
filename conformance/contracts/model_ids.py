"""Whether the id of a model that an answer names is that of the model that was asked for."""

from __future__ import annotations

import re

VERSION = re.compile(r"v?\d[\w.]*|latest|preview|beta|exp|experimental|stable|free|fast")
"""Parts of a model id that name a version, not another model."""


def _words(model: str) -> list[str]:
    """An id in parts, without the vendor before the last slash."""
    return [part for part in re.split(r"[-_:@/ ]+", model.lower().rpartition("/")[2]) if part]


def same_model(requested: str, named: str) -> bool:
    """The same parts, but for parts that name a version."""
    (asked, wanted), (got, given) = map(_parted, map(_words, (requested, named)))
    if asked != got:
        return False
    return not (wanted and given) or wanted[0] == given[0] or "latest" in wanted


def extends(requested: str, named: str) -> bool:
    """One id is the beginning of the other (gpt-x, gpt-x-mini), or the named one lacks words of an alias."""
    asked, got = _words(requested), _words(named)
    shorter = min(len(asked), len(got))
    if asked[:shorter] == got[:shorter]:
        return True
    (wanted, first), (given, second) = _parted(asked), _parted(got)
    return bool(given) and set(given) <= set(wanted) and first[:1] == second[:1] != []


def _parted(words: list[str]) -> tuple[list[str], list[str]]:
    """The parts that name a model, and those that name a version of it."""
    return (
        [word for word in words if not VERSION.fullmatch(word)],
        [word for word in words if VERSION.fullmatch(word)],
    )

"""Points at the places of an answer that cases speak of. Never raises: a place may be known only in part."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from conformance.contracts.hidden import CannotSee
from conformance.wire.excerpt import json_path
from conformance.wire.place import Place

if TYPE_CHECKING:
    from conformance.contracts.view import View

Root = tuple[int | None, Any]
"""A JSON text of a response: the number of its event, None where it is no stream, and its value."""

Steps = tuple[str | int, ...]
"""The way from a value to one inside of it: names of members, and positions in arrays."""

_STEP = re.compile(r"[^.\[\]]+")


def member(view: View, path: str, within: object = None) -> Place:
    """The member at a path such as `usage.total_tokens`: of the answer, or of an object in it.

    Of a stream, that of the last chunk which has such a member.
    """
    found, way = roots(view), steps(path.removeprefix("$"))
    if within is not None:
        event, base = _way_to(found, within)
        return Place(view.id, event, json_path((*base, *way)))
    event = next((event for event, value in reversed(found) if _has(value, way)), None)
    return Place(view.id, event, json_path(way))


def steps(path: str) -> Steps:
    """The steps of a path."""
    return tuple(int(step) if step.isdecimal() else step for step in _STEP.findall(path))


def roots(view: View) -> tuple[Root, ...]:
    """The JSON texts of the response."""
    try:
        if not view.streamed or view.document.readable or view.status >= 400:
            return ((None, view.document.value),)
        pairs = zip(view.payloads, view.documents, strict=True)
        return tuple((event.number, document.value) for event, document in pairs)
    except CannotSee:
        return ()


def _has(value: Any, way: Steps) -> bool:
    """Whether the steps lead somewhere."""
    for step in way:
        inside = isinstance(value, list) and isinstance(step, int) and 0 <= step < len(value)
        if not inside and not (isinstance(value, dict) and step in value):
            return False
        value = value[step]
    return True


def _way_to(found: Sequence[Root], wanted: object) -> tuple[int | None, Steps]:
    """The event and the steps that lead to an object of the answer: to itself, not to one that equals it."""
    for event, root in found:
        if root is wanted:  # what cases speak of most, and much is in the others
            return event, ()
    for event, root in found:
        left: list[tuple[Any, Steps]] = [(root, ())]
        while left:
            value, way = left.pop()
            if value is wanted:
                return event, way
            names = range(len(value)) if isinstance(value, list) else value if isinstance(value, dict) else ()
            left += [(value[name], (*way, name)) for name in names if isinstance(value[name], dict | list)]
    return None, ()

"""Points at the places of an answer that cases speak of. Never raises: a place may be known only in part."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
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
    way = steps(path.removeprefix("$"))
    if within is not None:
        event, base = _way_to(view.links, within)
        return Place(view.id, event, json_path((*base, *way)))
    event = next((event for event, value in reversed(view.roots) if _has(value, way)), None)
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


Links = Mapping[int, tuple[int | None, int | None, str | int]]
"""Every object and array of a response by its identity: its event, what holds it, and the step from there."""


def links(found: Sequence[Root]) -> Links:
    """How to get to each object of these JSON texts, in memory by their number, however deep they are."""
    known: dict[int, tuple[int | None, int | None, str | int]] = {}
    for event, root in found:
        known.setdefault(id(root), (event, None, ""))
        left: list[Any] = [root] if isinstance(root, dict | list) else []
        while left:
            value = left.pop()
            pairs = (
                enumerate(value)
                if isinstance(value, list)
                else value.items()
                if isinstance(value, dict)
                else ()
            )
            for name, one in pairs:
                if isinstance(one, dict | list) and id(one) not in known:
                    known[id(one)] = (event, id(value), name)
                    left.append(one)
    return known


def _way_to(known: Links, wanted: object) -> tuple[int | None, Steps]:
    """The event and the steps that lead to an object of the answer: to itself, not to one that equals it."""
    at: int | None = id(wanted)
    way: list[str | int] = []
    event = None
    while at is not None and at in known:
        event, at, step = known[at]
        if at is not None:
            way.append(step)
    return event, tuple(reversed(way))

"""Points at the choices of a chat completion, and at their text. Never raises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from conformance.contracts.chat.reading.choices import Choice, raw_choices
from conformance.contracts.pointing import steps
from conformance.wire.excerpt import json_path
from conformance.wire.place import Place

if TYPE_CHECKING:
    from conformance.contracts.chat.reading.view import View

LONGEST = 300
"""Characters of a text that is pointed at."""


def choice(view: View, path: str, wanted: Choice) -> Place:
    """A member of a choice; of one that was streamed, in the last chunk that is about it."""
    for event, value in reversed(view.roots):
        for position, one in enumerate(_choices(value)):
            same = one.get("message") is wanted.message if event is None else one.get("index") == wanted.index
            if same:
                return Place(view.id, event, json_path(("choices", position, *steps(path))))
    return Place(view.id)


def text(view: View, said: str = "") -> Place:
    """The text of the first choice, or what is said in it; in a stream, the piece that completes it."""
    pieces = list(_pieces(view))
    if not pieces:
        return Place(view.id)
    joined = "".join(piece for _, _, piece in pieces)
    end = (joined.find(said) + len(said)) if said and said in joined else len(joined)
    ends = accumulate(len(piece) for _, _, piece in pieces)
    event, path, piece = next(one for one, reached in zip(pieces, ends, strict=True) if reached >= end)
    return Place(view.id, event, path, text=said[:LONGEST] if said in piece else "")


def _pieces(view: View) -> Iterator[tuple[int | None, str, str]]:
    """The pieces of the first choice's text: event, path and piece."""
    found = [
        (event, position, one) for event, value in view.roots for position, one in enumerate(_choices(value))
    ]
    first = min((_index(one, at) for _, at, one in found), default=0)
    for event, position, one in found:
        name = "message" if event is None else "delta"
        holder = one.get(name)
        content = holder.get("content") if isinstance(holder, dict) else None
        if _index(one, position) == first and isinstance(content, str):
            yield event, json_path(("choices", position, name, "content")), content


def _choices(value: Any) -> list[Mapping[str, Any]]:
    found = raw_choices(value) if isinstance(value, dict) else []
    return [one if isinstance(one, dict) else {} for one in found]


def _index(one: Mapping[str, Any], position: int) -> int:
    index = one.get("index")
    return index if isinstance(index, int) else position

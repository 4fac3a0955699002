"""Tool calls as an answer carries them: whole in a message, or in fragments over the chunks of a stream."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.contracts.hidden import Malformed
from conformance.wire import strict_json
from conformance.wire.strict_json import is_integer

WHOLE = "tools.call-shape"
STREAMED = "tools.streamed-deltas"
"""The requirements that calls have their members, and that their pieces can be put together."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call of a function. `arguments` is the text of the model, which need not be valid JSON."""

    id: str
    name: str
    arguments: str

    @property
    def values(self) -> Mapping[str, Any] | None:
        """The arguments by name; None where the text is not one JSON object."""
        document = strict_json.read(self.arguments.encode("utf-8", "surrogatepass"))
        whole = isinstance(document.value, dict) and not document.violations
        return document.value if whole else None

    @property
    def unclosed(self) -> bool:
        """Whether the arguments end in the middle: they are the beginning of an object, and not all of it."""
        return _open(self.arguments)

    @property
    def doubled(self) -> bool:
        """Whether one whole object stands behind another."""
        try:
            first, end = json.JSONDecoder().raw_decode(self.arguments.lstrip())
        except (ValueError, RecursionError):
            return False
        return isinstance(first, dict) and self.arguments.lstrip()[end:].lstrip().startswith("{")


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of a streamed call, with its members as they came: None where one is absent.

    `piece` is the object that has them.
    """

    index: Any
    id: Any
    type: Any
    name: Any
    arguments: Any
    piece: Any = field(default=None, repr=False, compare=False)


def whole_calls(message: Mapping[str, Any]) -> tuple[ToolCall, ...]:
    """The calls of a message. Raises Malformed."""
    calls = message.get("tool_calls")
    if calls is not None and not isinstance(calls, list):
        raise Malformed(WHOLE, "tool_calls is {calls!r}", message, "tool_calls", calls=calls)
    return tuple(
        _call(_Part(WHOLE, f"tool_calls[{place}]", message), call) for place, call in enumerate(calls or ())
    )


def fragments(deltas: Iterable[Mapping[str, Any]]) -> tuple[Fragment, ...]:
    """The pieces of calls in the deltas of one choice, in order. Raises Malformed."""
    found = []
    for delta in deltas:
        pieces = delta.get("tool_calls")
        if pieces is not None and not isinstance(pieces, list):
            raise Malformed(
                STREAMED, "tool_calls of a delta is {pieces!r}", delta, "tool_calls", pieces=pieces
            )
        for place, piece in enumerate(pieces or ()):
            if not isinstance(piece, dict) or not isinstance(piece.get("function") or {}, dict):
                raise Malformed(
                    STREAMED,
                    "a fragment of a tool call is {piece!r}",
                    delta,
                    f"tool_calls[{place}]",
                    piece=piece,
                )
            function = piece.get("function") or {}
            found.append(
                Fragment(
                    index=piece.get("index"),
                    id=piece.get("id"),
                    type=piece.get("type"),
                    name=function.get("name"),
                    arguments=function.get("arguments"),
                    piece=piece,
                )
            )
    return tuple(found)


def by_index(pieces: Iterable[Fragment]) -> tuple[tuple[Fragment, ...], ...]:
    """The fragments of each call, the calls in the order in which they begin. Raises Malformed."""
    groups: dict[int, list[Fragment]] = {}
    for piece in pieces:
        if not is_integer(piece.index):
            raise Malformed(
                STREAMED,
                "the index of a fragment is {index!r}, not an integer",
                piece.piece,
                "index",
                index=piece.index,
            )
        groups.setdefault(piece.index, []).append(piece)
    return tuple(map(tuple, groups.values()))


def joined_calls(pieces: Iterable[Fragment]) -> tuple[ToolCall, ...]:
    """The calls that clients make of the fragments: the opening of each, and all its pieces of arguments.

    Raises Malformed.
    """
    return tuple(_joined(f"streamed call {group[0].index}", group) for group in by_index(pieces))


def _joined(where: str, group: tuple[Fragment, ...]) -> ToolCall:
    opening = group[0]
    wrong = next((piece for piece in group if not isinstance(piece.arguments, str | None)), None)
    if wrong is not None:
        raise Malformed(
            STREAMED,
            "{where}: a piece of its arguments is {arguments!r}",
            wrong.piece,
            "function.arguments",
            where=where,
            arguments=wrong.arguments,
        )
    function = {
        "name": opening.name,
        "arguments": "".join(piece.arguments or "" for piece in group),
    }
    call = {"id": opening.id, "type": opening.type, "function": function}
    return _call(_Part(STREAMED, where, opening.piece, ""), call)


@dataclass(frozen=True, slots=True)
class _Part:
    """A call: whose requirement it is, how it is called, and where it stands."""

    owner: str
    name: str
    within: Any
    path: str | None = None

    def wrong(self, why: str, member: str, /, **found: Any) -> Malformed:
        """What is wrong with a member of it."""
        path = self.name if self.path is None else self.path
        at = ".".join(filter(None, (path, member)))
        return Malformed(self.owner, why, self.within, at, where=self.name, **found)


def _call(part: _Part, call: Any) -> ToolCall:
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(function, dict):
        raise part.wrong("{where} is {call!r}, without an object `function`", "", call=call)
    if call.get("type") != "function":
        raise part.wrong("{where}.type is {type!r}, not 'function'", "type", type=call.get("type"))
    arguments = function.get("arguments")
    if not isinstance(arguments, str):
        kind = type(arguments).__name__
        raise part.wrong(
            "{where}.function.arguments is {kind}, not a string", "function.arguments", kind=kind
        )
    return ToolCall(
        _word(part, "id", call.get("id")), _word(part, "function.name", function.get("name")), arguments
    )


def _word(part: _Part, member: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise part.wrong("{where}.{member} is {value!r}", member, member=member, value=value)
    return value


def _open(text: str) -> bool:
    """Whether a JSON text that begins with an object ends within it."""
    depth, quoted, escaped = 0, False, False
    for character in text:
        if escaped:
            escaped = False
        elif quoted:
            escaped, quoted = character == "\\", character != '"'
        elif character == '"':
            quoted = True
        elif character in "{[":
            depth += 1
        elif character in "}]":
            depth -= 1
    return text.lstrip().startswith("{") and (quoted or depth > 0)

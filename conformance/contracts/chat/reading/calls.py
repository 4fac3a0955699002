"""Tool calls as an answer carries them: whole in a message, or in fragments over the chunks of a stream."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.contracts.chat.reading.choices import is_integer
from conformance.wire import strict_json


class MalformedCall(ValueError):
    """A tool call that does not have the members of the contract; the message says which."""


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


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of a streamed call, with its members as they came: None where one is absent."""

    index: Any
    id: Any
    type: Any
    name: Any
    arguments: Any


def whole_calls(message: Mapping[str, Any]) -> tuple[ToolCall, ...]:
    """The calls of a message. Raises MalformedCall."""
    calls = message.get("tool_calls")
    if calls is not None and not isinstance(calls, list):
        raise MalformedCall(f"tool_calls is {calls!r:.40}")
    return tuple(_call(f"tool_calls[{place}]", call) for place, call in enumerate(calls or ()))


def fragments(deltas: Iterable[Mapping[str, Any]]) -> tuple[Fragment, ...]:
    """The pieces of calls in the deltas of one choice, in order. Raises MalformedCall."""
    found = []
    for delta in deltas:
        pieces = delta.get("tool_calls")
        if pieces is not None and not isinstance(pieces, list):
            raise MalformedCall(f"tool_calls of a delta is {pieces!r:.40}")
        for piece in pieces or ():
            if not isinstance(piece, dict) or not isinstance(piece.get("function") or {}, dict):
                raise MalformedCall(f"a fragment of a tool call is {piece!r:.60}")
            function = piece.get("function") or {}
            found.append(
                Fragment(
                    index=piece.get("index"),
                    id=piece.get("id"),
                    type=piece.get("type"),
                    name=function.get("name"),
                    arguments=function.get("arguments"),
                )
            )
    return tuple(found)


def by_index(pieces: Iterable[Fragment]) -> tuple[tuple[Fragment, ...], ...]:
    """The fragments of each call, the calls in the order in which they begin. Raises MalformedCall."""
    groups: dict[int, list[Fragment]] = {}
    for piece in pieces:
        if not is_integer(piece.index):
            raise MalformedCall(f"the index of a fragment is {piece.index!r:.20}, not an integer")
        groups.setdefault(piece.index, []).append(piece)
    return tuple(map(tuple, groups.values()))


def joined_calls(pieces: Iterable[Fragment]) -> tuple[ToolCall, ...]:
    """The calls that clients make of the fragments: the opening of each, and all its pieces of arguments.

    Raises MalformedCall.
    """
    return tuple(_joined(f"streamed call {group[0].index}", group) for group in by_index(pieces))


def _joined(where: str, group: tuple[Fragment, ...]) -> ToolCall:
    opening = group[0]
    wrong = next((piece for piece in group if not isinstance(piece.arguments, str | None)), None)
    if wrong is not None:
        raise MalformedCall(f"{where}: a piece of its arguments is {wrong.arguments!r:.40}")
    function = {
        "name": opening.name,
        "arguments": "".join(piece.arguments or "" for piece in group),
    }
    return _call(where, {"id": opening.id, "type": opening.type, "function": function})


def _call(where: str, call: Any) -> ToolCall:
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(function, dict):
        raise MalformedCall(f"{where} is {call!r:.60}, without an object `function`")
    if call.get("type") != "function":
        raise MalformedCall(f"{where}.type is {call.get('type')!r:.20}, not 'function'")
    arguments = function.get("arguments")
    if not isinstance(arguments, str):
        raise MalformedCall(f"{where}.function.arguments is {type(arguments).__name__}, not a string")
    return ToolCall(
        _word(f"{where}.id", call.get("id")), _word(f"{where}.function.name", function.get("name")), arguments
    )


def _word(where: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise MalformedCall(f"{where} is {value!r:.40}")
    return value

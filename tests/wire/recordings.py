"""Responses made by hand, as they would have been recorded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from conformance.wire.record import Attempt, Failure

USAGE = {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11}

COMPLETION: Mapping[str, Any] = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1_760_000_000,
    "model": "m",
    "choices": [
        {"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"},
    ],
    "usage": USAGE,
}

DONE = b"data: [DONE]\n\n"


def response(
    body: bytes | object,
    media_type: str | None = "application/json",
    status: int = 200,
    *,
    failure: str = "",
    pieces: int = 0,
    headers: Mapping[str, str] | None = None,
) -> Attempt:
    """A response; a body that is not bytes is sent as JSON. `pieces` is the size of those it arrives in."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    size = pieces or len(data) or 1
    cut = [data[at : at + size] for at in range(0, len(data), size)]
    given = ({"content-type": media_type} if media_type else {}) | dict(headers or {})
    return Attempt(
        started=1_760_000_000.0,
        ended=1.0,
        status=status,
        http_version="HTTP/1.1",
        headers=tuple(given.items()),
        chunks=tuple((number / 1000, piece) for number, piece in enumerate(cut)),
        failure=Failure(failure, f"it was {failure}") if failure else None,
    )


def completion(**changes: Any) -> dict[str, Any]:
    """A completion with other members; `...` leaves one out."""
    return merged(COMPLETION, changes)


def choice(**changes: Any) -> dict[str, Any]:
    """A completion whose choice has other members."""
    return completion(choices=[merged(COMPLETION["choices"][0], changes)])


def message(**changes: Any) -> dict[str, Any]:
    """A completion whose message has other members."""
    return choice(message=merged(COMPLETION["choices"][0]["message"], changes))


def chunk(
    delta: object = ..., finish_reason: str | None = None, index: object = 0, **changes: Any
) -> dict[str, Any]:
    """A chunk with one choice; `...` leaves a member out."""
    found = merged({"finish_reason": finish_reason}, {"index": index, "delta": delta})
    members = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_760_000_000, "model": "m"}
    return merged({**members, "choices": [found]}, changes)


def merged(members: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The members with the changes; `...` leaves one out."""
    return {name: value for name, value in {**members, **changes}.items() if value is not ...}


def event(data: object) -> bytes:
    """An event; data that is not text is sent as JSON."""
    text = data if isinstance(data, str) else json.dumps(data)
    return f"data: {text}\n\n".encode()


FIRST, MIDDLE, LAST = (
    chunk({"role": "assistant", "content": "Hel"}),
    chunk({"content": "lo"}),
    chunk({}, "stop"),
)
"""A stream that says Hello."""

HELLO = event(FIRST) + event(MIDDLE) + event(LAST)


def stream(*parts: bytes | object, done: bytes = DONE, **others: Any) -> Attempt:
    """A streamed response of these events, or bytes, and the sentinel."""
    body = b"".join(part if isinstance(part, bytes) else event(part) for part in parts)
    return response(body + done, "text/event-stream", **others)


def hello(*, before: bytes = b"", between: bytes = b"", after: bytes = b"") -> Attempt:
    """The stream that says Hello, with bytes at its beginning, after its first event, and before [DONE]."""
    return stream(before, FIRST, between, MIDDLE, LAST, after)


def call(index: object = 0, name: str = "f", arguments: str = "{}", id: str = "call_1") -> dict[str, Any]:
    """The first fragment of a tool call."""
    given = {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}
    return merged(given, {"index": index})


def calling(*fragments: Mapping[str, Any]) -> Attempt:
    """A stream with these fragments of tool calls, one in each chunk."""
    deltas = (chunk({"tool_calls": [fragment]}) for fragment in fragments)
    return stream(chunk({"role": "assistant", "content": None}), *deltas, chunk({}, "tool_calls"))

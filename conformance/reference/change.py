"""The words in which faults are written, whatever is asked: how to change a part of what is sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformance.reference.call import Call, Headers, JsonObject, Reply, json_reply
from conformance.reference.refusal import Refusal

Edit = Callable[[JsonObject], JsonObject]


def without(members: JsonObject, *names: str) -> JsonObject:
    """The object without these members."""
    return {name: value for name, value in members.items() if name not in names}


def times(call: Call, what: str) -> int:
    """How often this was asked before: 0 the first time."""
    count: int = call.memory.get(what, 0)
    call.memory[what] = count + 1
    return count


def crash() -> Refusal:
    """500, as a server answers that did not expect the request."""
    return Refusal("Internal server error.", status=500, kind="server_error")


def rewritten(refusal: Refusal, **changes: Any) -> Refusal:
    """The refusal with another status, code or text."""
    values = {
        "message": refusal.message,
        "status": refusal.status,
        "kind": refusal.kind,
        "param": refusal.param,
        "code": refusal.code,
        "headers": refusal.headers,
        **changes,
    }
    return Refusal(values.pop("message"), **values)


def instead(reply: Reply, value: object, status: int, *headers: tuple[str, str]) -> Reply:
    """Another JSON document under another status, with the headers of the reply and further ones."""
    return json_reply(value, status, (*other_header(reply.headers, "content-type"), *headers))


def other_header(headers: Headers, name: str, *values: str) -> Headers:
    """The headers with other values of that name, or none."""
    others = ((n, v) for n, v in headers if n.lower() != name)
    return (*others, *((name, value) for value in values))

"""Faults of a service that is not always there: requests get lost, by chance or for the sake of others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Self

from conformance.reference.call import Call, Frame, Reply
from conformance.reference.change import crash, instead, times
from conformance.reference.fault import on_reply
from conformance.reference.refusal import Refusal

TEN, FEW = 10, 4
AT_ONCE = ("retry-after", "0")


def _unavailable(reply: Reply) -> Reply:
    error = Refusal("The server is overloaded.", status=503, kind="overloaded_error").body()
    return instead(reply, error, 503, AT_ONCE)


@on_reply("transport.first-attempt-served")
def one_in_ten_unavailable(reply: Reply, call: Call) -> Reply:
    """Every tenth request gets 503, whatever it asks for, and is served when it is sent again."""
    return _unavailable(reply) if _is_its_turn(call) else reply


@on_reply("transport.first-attempt-served")
def one_in_ten_crashes(reply: Reply, call: Call) -> Reply:
    """Every tenth request gets 500, but for the smallest, and is served when it is sent again."""
    struck = call.json().get("max_tokens") != FEW and _is_its_turn(call)
    return instead(reply, crash().body(), 500, AT_ONCE) if struck else reply


def _is_its_turn(call: Call) -> bool:
    """Whether it is the tenth request of those that are sent for the first time."""
    known = call.memory.setdefault("known", set())
    if call.method != "POST" or (call.headers, call.body) in known:
        return False
    known.add((call.headers, call.body))
    return len(known) % TEN == 0


@on_reply("transport.several-at-once")
def busy_while_it_streams(reply: Reply, call: Call) -> Reply:
    """While a stream is under way, every other request gets 503."""
    if call.method != "POST":
        return reply
    if call.memory.get("streams"):
        return _unavailable(reply)
    return replace(reply, frames=_Occupying(reply, call)) if reply.streamed else reply


@on_reply("transport.several-at-once")
def interrupted_by_the_next(reply: Reply, call: Call) -> Reply:
    """A stream is broken off, and says [DONE], as soon as another request comes."""
    if call.method != "POST":
        return reply
    times(call, "posts")
    return replace(reply, frames=_Interrupted(reply, call)) if reply.streamed else reply


class _Remembering(tuple[Frame, ...]):
    """Frames that are sent with an eye on what else the server has to do."""

    memory: dict[str, Any]

    def __new__(cls, reply: Reply, call: Call) -> Self:
        self = super().__new__(cls, reply.frames)
        self.memory = call.memory
        return self


class _Occupying(_Remembering):
    """Frames that occupy the server until they are sent, or nobody wants them any more."""

    def __iter__(self) -> Iterator[Frame]:
        self.memory["streams"] = True
        try:
            yield from super().__iter__()
        finally:
            self.memory["streams"] = False


class _Interrupted(_Remembering):
    """Frames that end where another request has come since."""

    def __iter__(self) -> Iterator[Frame]:
        mine = self.memory["posts"]
        for number, frame in enumerate(super().__iter__()):
            if number and self.memory["posts"] != mine:
                yield Frame(b"data: [DONE]\n\n")
                return
            yield frame

"""Where a fault in answers to chat completions can strike: a decorator for each place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import StrEnum
from functools import wraps

from conformance.reference.call import Call, Frame, JsonObject, Reply
from conformance.reference.chat.mind.answering import Choice
from conformance.reference.chat.stream import Event
from conformance.reference.fault import Change, Fault, Stage, at


class ChatStage(StrEnum):
    """What only a request for a chat completion passes, in this order."""

    BODY = "body of a chat request"
    CHOICE = "choice"
    USAGE = "usage of a completion"
    ANSWER = "completion"
    EVENTS = "events"


def on_body(*aims: str) -> Callable[[Change[JsonObject]], Fault]:
    """A fault in how the request body is taken: what it drops, the server ignores."""
    return at(ChatStage.BODY, aims)


def on_choice(*aims: str) -> Callable[[Change[Choice]], Fault]:
    """A fault in what the model answers, streamed or not."""
    return at(ChatStage.CHOICE, aims)


def on_usage(*aims: str) -> Callable[[Change[JsonObject]], Fault]:
    """A fault in the token counts, streamed or not."""
    return at(ChatStage.USAGE, aims)


def on_answer(*aims: str) -> Callable[[Change[JsonObject]], Fault]:
    """A fault in the chat.completion object."""
    return at(ChatStage.ANSWER, aims)


def on_events(*aims: str) -> Callable[[Change[list[Event]]], Fault]:
    """A fault in the list of stream events."""
    return at(ChatStage.EVENTS, aims)


def on_bytes(*aims: str) -> Callable[[Change[bytes]], Fault]:
    """A fault in the bytes of a whole answer."""

    def make(function: Change[bytes]) -> Fault:
        @wraps(function)
        def apply(reply: Reply, call: Call) -> Reply:
            whole = call.is_chat and reply.status == 200 and not reply.streamed
            return replace(reply, frames=(Frame(function(reply.body, call)),)) if whole else reply

        return at(Stage.REPLY, aims)(apply)

    return make


def on_frames(*aims: str) -> Callable[[Change[Sequence[Frame]]], Fault]:
    """A fault in the bytes of a streamed answer. Each frame is one event, the last one `[DONE]`."""

    def make(function: Change[Sequence[Frame]]) -> Fault:
        @wraps(function)
        def apply(reply: Reply, call: Call) -> Reply:
            return replace(reply, frames=tuple(function(reply.frames, call))) if reply.streamed else reply

        return at(Stage.REPLY, aims)(apply)

    return make

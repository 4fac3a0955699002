"""What a fault is, and the places where one can strike.

A fault is written as a function of a few lines. Its name is the name of the function, its summary the
docstring, and the decorator says where it strikes and which requirements it is aimed at:

    @on_usage("usage.total-is-sum")
    def usage_total_off_by_one(usage, call):
        \"\"\"total_tokens is one more than the sum.\"\"\"
        return {**usage, "total_tokens": usage["total_tokens"] + 1}

The function gets what is right and returns what is sent instead, or raises a Refusal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import wraps
from typing import Any, TypeVar

from conformance.reference.call import Call, Frame, Reply
from conformance.reference.chat.mind.answering import Choice
from conformance.reference.chat.request import JsonObject
from conformance.reference.chat.stream import Event
from conformance.reference.refusal import Refusal

T = TypeVar("T")


class Stage(StrEnum):
    """Where a fault strikes, in the order in which a request passes."""

    BODY = "request body"
    REFUSAL = "refusal"
    ERROR = "error object"
    CHOICE = "choice"
    USAGE = "usage"
    ANSWER = "answer"
    EVENTS = "events"
    MODELS = "models"
    REPLY = "reply"
    WIRE = "wire"


@dataclass(frozen=True, slots=True)
class Fault:
    """A named defect. `aims` are the ids of the requirements that should notice it."""

    name: str
    summary: str
    stage: Stage
    aims: tuple[str, ...]
    apply: Callable[[Any, Call], Any]


class Ending(StrEnum):
    """How a connection ends after the last byte."""

    CLOSE = "close"
    RESET = "reset"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class Wire:
    """A response byte for byte, from the status line on, as it leaves on the connection."""

    frames: tuple[Frame, ...]
    ending: Ending = Ending.CLOSE


def strike(faults: Iterable[Fault], stage: Stage, value: T, call: Call) -> T:
    """The value after every fault of that stage; None, which waives a refusal, is final."""
    for fault in faults:
        if fault.stage is stage and value is not None:
            value = fault.apply(value, call)
    return value


Change = Callable[[T, Call], T]


def on_body(*aims: str) -> Callable[[Change[JsonObject]], Fault]:
    """A fault in how the request body is taken: what it drops, the server ignores."""
    return _fault(Stage.BODY, aims)


def on_refusal(*aims: str) -> Callable[[Callable[[Refusal, Call], Refusal | None]], Fault]:
    """A fault in refusing. To return None is to serve the request, without what was wrong in it."""
    return _fault(Stage.REFUSAL, aims)


def on_error(*aims: str) -> Callable[[Change[Any]], Fault]:
    """A fault in the JSON of a refusal."""
    return _fault(Stage.ERROR, aims)


def on_choice(*aims: str) -> Callable[[Change[Choice]], Fault]:
    """A fault in what the model answers, streamed or not."""
    return _fault(Stage.CHOICE, aims)


def on_usage(*aims: str) -> Callable[[Change[JsonObject]], Fault]:
    """A fault in the token counts, streamed or not."""
    return _fault(Stage.USAGE, aims)


def on_answer(*aims: str) -> Callable[[Change[JsonObject]], Fault]:
    """A fault in the chat.completion object."""
    return _fault(Stage.ANSWER, aims)


def on_events(*aims: str) -> Callable[[Change[list[Event]]], Fault]:
    """A fault in the list of stream events."""
    return _fault(Stage.EVENTS, aims)


def on_models(*aims: str) -> Callable[[Change[Any]], Fault]:
    """A fault in the JSON of the models endpoints."""
    return _fault(Stage.MODELS, aims)


def on_reply(*aims: str) -> Callable[[Change[Reply]], Fault]:
    """A fault in status, headers or bytes of any response, as far as HTTP stays intact."""
    return _fault(Stage.REPLY, aims)


def on_bytes(*aims: str) -> Callable[[Change[bytes]], Fault]:
    """A fault in the bytes of a whole answer."""

    def make(function: Change[bytes]) -> Fault:
        @wraps(function)
        def apply(reply: Reply, call: Call) -> Reply:
            whole = call.is_chat and reply.status == 200 and not reply.streamed
            return replace(reply, frames=(Frame(function(reply.body, call)),)) if whole else reply

        return _fault(Stage.REPLY, aims)(apply)

    return make


def on_frames(*aims: str) -> Callable[[Change[Sequence[Frame]]], Fault]:
    """A fault in the bytes of a streamed answer. Each frame is one event, the last one `[DONE]`."""

    def make(function: Change[Sequence[Frame]]) -> Fault:
        @wraps(function)
        def apply(reply: Reply, call: Call) -> Reply:
            return replace(reply, frames=tuple(function(reply.frames, call))) if reply.streamed else reply

        return _fault(Stage.REPLY, aims)(apply)

    return make


def on_wire(*aims: str) -> Callable[[Change[Wire]], Fault]:
    """A fault in the bytes on the connection, where HTTP itself breaks."""
    return _fault(Stage.WIRE, aims)


def _fault(stage: Stage, aims: tuple[str, ...]) -> Callable[[Callable[[Any, Call], Any]], Fault]:
    def make(function: Callable[[Any, Call], Any]) -> Fault:
        name = function.__name__.strip("_").replace("_", "-")
        return Fault(name, (function.__doc__ or "").strip(), stage, aims, function)

    return make

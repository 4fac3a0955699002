"""Which parts of an answer a variant of chat completions alters, whole or in chunks."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from conformance.reference.call import Call, JsonObject
from conformance.reference.chat.faults.change import (
    each_choice,
    each_chunk,
    each_delta,
    each_message,
    each_part,
)
from conformance.reference.chat.faults.fault import on_answer, on_events
from conformance.reference.chat.stream import Event
from conformance.reference.fault import Fault

Edit = Callable[[JsonObject, Call], JsonObject]


def on_objects(edit: Edit) -> tuple[Fault, Fault]:
    """Alters the object that carries an answer: the completion, or each chunk."""
    return _twice(
        edit,
        edit,
        lambda events, call: each_chunk(events, lambda chunk: edit(chunk, call)),
    )


def on_choices(edit: Edit) -> tuple[Fault, Fault]:
    """Alters each choice of an answer, whole or in chunks."""
    return _twice(
        edit,
        lambda answer, call: each_choice(answer, lambda choice: edit(choice, call)),
        lambda events, call: each_part(events, lambda part: edit(part, call)),
    )


def on_messages(edit: Edit) -> tuple[Fault, Fault]:
    """Alters each message of an answer, or each delta."""
    return _twice(
        edit,
        lambda answer, call: each_message(answer, lambda message: edit(message, call)),
        lambda events, call: each_delta(events, lambda delta: edit(delta, call)),
    )


def _twice(
    named: Edit,
    whole: Callable[[JsonObject, Call], JsonObject],
    streamed: Callable[[list[Event], Call], list[Event]],
) -> tuple[Fault, Fault]:
    return on_answer()(wraps(named)(whole)), on_events()(wraps(named)(streamed))

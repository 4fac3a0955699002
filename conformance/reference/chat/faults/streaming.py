"""Faults in when a stream is sent, and in chunks that should not be there."""

from __future__ import annotations

from dataclasses import replace

from conformance.reference.call import Call, JsonObject
from conformance.reference.change import without
from conformance.reference.chat.faults.change import each_chunk, is_done, reason, says
from conformance.reference.chat.faults.fault import on_events
from conformance.reference.chat.stream import Event

APART = 0.003
"""Seconds between the pieces of an answer that was written before."""


def handed_out(events: list[Event], pause: float) -> list[Event]:
    """The events with all the time before the first that says something, and a pause before the others."""
    first = next((event for event in events if says(event)), None)
    if first is None:
        return events
    whole = sum(event.delay for event in events)
    return [
        replace(event, delay=whole if event is first else pause if says(event) else 0) for event in events
    ]


def beside(event: Event, **changed: object) -> Event:
    """Another chunk like this one, with other members."""
    return Event({**event.data, **changed} if isinstance(event.data, dict) else event.data)


@on_events("stream.begins-before-the-end")
def written_before_it_is_streamed(events: list[Event], _: Call) -> list[Event]:
    """An answer is written to its end, and then handed out piece by piece, faster than it was written."""
    return handed_out(events, APART)


@on_events("stream.begins-before-the-end")
def pieces_of_what_was_fetched(events: list[Event], _: Call) -> list[Event]:
    """An answer is fetched as a whole, cut into pieces of some words, and these are sent with pauses."""
    merged: list[Event] = []
    for number, event in enumerate(handed_out(events, 0.0)):
        merged.append(replace(event, delay=event.delay or 0.02 * (number % 5 == 0)))
    return merged


@on_events("stream.choices-present")
def heartbeat_without_choices(events: list[Event], _: Call) -> list[Event]:
    """After the third event comes a chunk whose choices are empty, to keep the connection alive."""
    return [*events[:3], beside(events[2], choices=[]), *events[3:]] if len(events) > 4 else events


@on_events("stream.choices-present")
def heartbeats_throughout(events: list[Event], _: Call) -> list[Event]:
    """Every fifth event that says something follows a chunk whose choices are empty."""
    return [
        one
        for number, event in enumerate(events)
        for one in ((beside(event, choices=[]), event) if number % 5 == 4 and says(event) else (event,))
    ]


def after_the_finish(events: list[Event], delta: JsonObject) -> list[Event]:
    """The events with one more of this delta behind the finish reason."""
    return [
        one
        for event in events
        for one in (
            (event, beside(event, choices=[late(choice, delta) for choice in event.data["choices"]]))
            if isinstance(event.data, dict) and reason(event)
            else (event,)
        )
    ]


def late(choice: JsonObject, delta: JsonObject) -> JsonObject:
    """A choice of a chunk, with this delta and no finish reason."""
    return {**choice, "delta": delta, "finish_reason": None}


@on_events("stream.finish-reason-once", "usage.reasoning-counted")
def thoughts_after_the_finish(events: list[Event], _: Call) -> list[Event]:
    """What was thought comes after the finish reason."""
    return after_the_finish(events, {"reasoning_content": "That was easy."})


@on_events("stream.finish-reason-once")
def idle_chunk_after_the_finish(events: list[Event], _: Call) -> list[Event]:
    """After the finish reason comes a chunk that says nothing."""
    return after_the_finish(events, {})


@on_events("stream.usage-null-before-the-last")
def usage_absent_before_the_last(events: list[Event], _: Call) -> list[Event]:
    """Where usage was asked for, it is missing in the other chunks."""
    counted = any(isinstance(one.data, dict) and one.data.get("usage") for one in events if not is_done(one))
    return (
        each_chunk(events, lambda chunk: chunk if chunk.get("usage") else without(chunk, "usage"))
        if counted
        else events
    )

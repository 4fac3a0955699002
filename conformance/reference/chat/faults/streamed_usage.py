"""Faults in the token counts of a stream: where they come, and whether they come at all."""

from __future__ import annotations

from dataclasses import replace

from conformance.reference.call import Call, JsonObject
from conformance.reference.change import without
from conformance.reference.chat.faults.change import each_chunk, is_done, reason
from conformance.reference.chat.faults.fault import on_body, on_events
from conformance.reference.chat.stream import Event
from conformance.reference.refusal import Refusal

ZEROS = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}


@on_events("stream.usage-only-when-asked", "usage.counts-positive")
def usage_unasked(events: list[Event], call: Call) -> list[Event]:
    """Every chunk carries a usage of zeros, though nobody asked for one."""
    asked = "stream_options" in call.json()
    return events if asked else each_chunk(events, lambda chunk: {**chunk, "usage": ZEROS})


@on_events("stream.usage-chunk-last")
def usage_with_the_finish(events: list[Event], _: Call) -> list[Event]:
    """The usage comes with the finish reason instead of a chunk of its own."""
    usage = next((e.data["usage"] for e in events if isinstance(e.data, dict) and e.data.get("usage")), None)
    if usage is None:
        return events
    kept = [
        event
        for event in events
        if is_done(event) or (isinstance(event.data, dict) and event.data["choices"])
    ]
    return [
        replace(event, data={**event.data, "usage": usage})
        if isinstance(event.data, dict) and reason(event)
        else event
        for event in kept
    ]


@on_events("stream.usage-chunk-last", "sdk.usage-accumulates")
def usage_with_the_first_chunk(events: list[Event], _: Call) -> list[Event]:
    """The usage comes at once, and the chunks after it have none."""
    usage = next((e for e in events if isinstance(e.data, dict) and e.data.get("usage")), None)
    return events if usage is None else [usage, *(event for event in events if event is not usage)]


@on_body("stream.usage-chunk-last")
def usage_wish_ignored(body: JsonObject, _: Call) -> JsonObject:
    """`stream_options` is ignored."""
    return without(body, "stream_options")


@on_events("stream.usage-chunk-last")
def usage_in_every_chunk(events: list[Event], _: Call) -> list[Event]:
    """With include_usage every chunk carries a growing usage."""
    said = 0

    def edit(chunk: JsonObject) -> JsonObject:
        nonlocal said
        said += 1
        growing = {"prompt_tokens": 9, "completion_tokens": said, "total_tokens": 9 + said}
        return {**chunk, "usage": growing} if "usage" in chunk and chunk["choices"] else chunk

    return each_chunk(events, edit)


@on_events("stream.usage-chunk-last")
def usage_zero_until_the_end(events: list[Event], _: Call) -> list[Event]:
    """With include_usage every chunk before the last carries a usage of zeros instead of null."""
    return each_chunk(events, lambda c: {**c, "usage": ZEROS} if c.get("usage", 1) is None else c)


@on_events("stream.usage-chunk-last")
def usage_chunk_stripped(events: list[Event], _: Call) -> list[Event]:
    """The chunk with the usage is taken for an empty one, and dropped."""
    return [e for e in events if is_done(e) or (isinstance(e.data, dict) and e.data["choices"])]


@on_body("stream.usage-chunk-last")
def usage_wish_refused(body: JsonObject, _: Call) -> JsonObject:
    """`stream_options` is refused."""
    if body.get("stream_options") is not None:
        raise Refusal("Extra inputs are not permitted.", param="stream_options")
    return body

"""Faults in the chunks of a stream: their members, their order, their number."""

from __future__ import annotations

import json
from dataclasses import replace

from conformance.reference.call import Call, JsonObject
from conformance.reference.change import without
from conformance.reference.chat.faults.change import each_chunk, each_delta, each_part, is_done, reason, says
from conformance.reference.chat.faults.fault import on_body, on_events
from conformance.reference.chat.stream import Event


@on_events("stream.chunks-are-chunks", "sdk.stream-helper-works", "sdk.tool-calls-accumulate")
def chunk_object_of_answers(events: list[Event], _: Call) -> list[Event]:
    """`object` of the chunks is chat.completion."""
    return each_chunk(events, lambda chunk: {**chunk, "object": "chat.completion"})


@on_events("stream.chunks-are-chunks", "sdk.chunks-validate")
def ping_as_data(events: list[Event], _: Call) -> list[Event]:
    """The first event is a ping that is no chunk."""
    return [Event({"type": "ping"}), *events]


@on_events("stream.chunks-are-chunks", "sdk.stream-iterates")
def chunk_in_an_array(events: list[Event], _: Call) -> list[Event]:
    """Each event is an array with one chunk."""
    return [event if is_done(event) else replace(event, data=json.dumps([event.data])) for event in events]


@on_events("stream.id-created-model-constant")
def chunk_ids_differ(events: list[Event], _: Call) -> list[Event]:
    """Each chunk has an id of its own."""
    return [
        replace(event, data={**event.data, "id": f"{event.data['id']}-{number}"})
        if isinstance(event.data, dict)
        else event
        for number, event in enumerate(events)
    ]


@on_events("stream.id-created-model-constant")
def chunk_dates_differ(events: list[Event], _: Call) -> list[Event]:
    """`created` moves on during the stream."""
    return [
        replace(event, data={**event.data, "created": event.data["created"] + number // 8})
        if isinstance(event.data, dict)
        else event
        for number, event in enumerate(events)
    ]


@on_events("stream.id-created-model-constant")
def chunk_models_differ(events: list[Event], _: Call) -> list[Event]:
    """The last chunks name another model than the first ones."""
    return [
        replace(event, data={**event.data, "model": f"{event.data['model']}-turbo"})
        if isinstance(event.data, dict) and number > len(events) // 2
        else event
        for number, event in enumerate(events)
    ]


@on_events("envelope.id-present", "sdk.chunks-validate")
def chunk_ids_missing(events: list[Event], _: Call) -> list[Event]:
    """The chunks have no id."""
    return each_chunk(events, lambda chunk: without(chunk, "id"))


@on_events("envelope.created-now-in-seconds")
def chunk_dates_in_milliseconds(events: list[Event], _: Call) -> list[Event]:
    """`created` of the chunks counts milliseconds."""
    return each_chunk(events, lambda chunk: {**chunk, "created": chunk["created"] * 1000})


@on_events("stream.choices-present")
def first_chunk_without_choices(events: list[Event], _: Call) -> list[Event]:
    """The stream opens with a chunk whose choices are empty."""
    first = events[0]
    opening = {**first.data, "choices": []} if isinstance(first.data, dict) else {}
    return [Event(opening, first.delay), replace(first, delay=0), *events[1:]]


@on_events("stream.choices-present", "sdk.stream-helper-works", "sdk.tool-calls-accumulate")
def choices_null_at_the_end(events: list[Event], _: Call) -> list[Event]:
    """After the answer comes a chunk whose choices are null."""
    last = events[0].data
    closing = {**last, "choices": None} if isinstance(last, dict) else {}
    return [*events[:-1], Event(closing), events[-1]]


@on_events("stream.choice-index-and-delta", "sdk.stream-helper-works", "sdk.tool-calls-accumulate")
def chunk_index_missing(events: list[Event], _: Call) -> list[Event]:
    """The choices of the chunks have no index."""
    return each_part(events, lambda part: without(part, "index"))


@on_events("stream.choice-index-and-delta", "sdk.stream-helper-works", "sdk.tool-calls-accumulate")
def last_delta_null(events: list[Event], _: Call) -> list[Event]:
    """The delta of the chunk with the finish reason is null."""
    return each_part(events, lambda p: {**p, "delta": None} if p["finish_reason"] else p)


@on_events("stream.choice-index-and-delta", "sdk.stream-helper-works")
def message_for_delta(events: list[Event], _: Call) -> list[Event]:
    """The chunks hold a message where the delta should be."""
    return each_part(events, lambda part: {**without(part, "delta"), "message": part["delta"]})


@on_events("stream.role-once-first", "sdk.role-accumulates")
def delta_role_missing(events: list[Event], _: Call) -> list[Event]:
    """No chunk says whose role it is."""
    return each_delta(events, lambda delta: without(delta, "role"))


@on_events("stream.role-once-first", "sdk.role-accumulates")
def delta_role_repeated(events: list[Event], _: Call) -> list[Event]:
    """Every chunk repeats the role."""
    return each_delta(events, lambda delta: {"role": "assistant", **delta})


@on_events("stream.deltas-are-text", "sdk.chunks-validate")
def delta_content_as_parts(events: list[Event], _: Call) -> list[Event]:
    """The content of the deltas is an array of text parts."""

    def edit(delta: JsonObject) -> JsonObject:
        text = delta.get("content")
        return {**delta, "content": [{"type": "text", "text": text}]} if text else delta

    return each_delta(events, edit)


@on_events("stream.same-text-as-not-streamed", "limits.bounds-stream")
def deltas_cumulative(events: list[Event], _: Call) -> list[Event]:
    """Each delta repeats the whole text so far."""
    text = ""

    def edit(delta: JsonObject) -> JsonObject:
        nonlocal text
        text += delta.get("content") or ""
        return {**delta, "content": text} if delta.get("content") else delta

    return each_delta(events, edit)


@on_events("stream.finish-reason-once", "sdk.stream-helper-works")
def finish_chunk_dropped(events: list[Event], _: Call) -> list[Event]:
    """The chunk with the finish reason is missing; [DONE] comes."""
    return [event for event in events if not reason(event)]


@on_events("stream.finish-reason-once")
def finish_chunk_twice(events: list[Event], _: Call) -> list[Event]:
    """The chunk with the finish reason comes twice."""
    return [copy for event in events for copy in [event] * (2 if reason(event) else 1)]


@on_events("stream.finish-reason-once")
def finish_reason_in_every_chunk(events: list[Event], _: Call) -> list[Event]:
    """Every chunk carries the finish reason."""
    final = next((reason(event) for event in events if reason(event)), "stop")
    return each_part(events, lambda part: {**part, "finish_reason": final})


@on_events("stream.finish-reason-once", "tools.fragments-before-finish")
def content_after_the_finish(events: list[Event], _: Call) -> list[Event]:
    """The finish reason comes before the last piece of text."""
    said = [number for number, event in enumerate(events) if says(event)]
    ended = [number for number, event in enumerate(events) if reason(event)]
    if said and ended:
        events[said[-1]], events[ended[-1]] = events[ended[-1]], events[said[-1]]
    return events


@on_events("stream.finish-reason-null-before-end", "sdk.chunks-validate")
def finish_reason_empty_before_end(events: list[Event], _: Call) -> list[Event]:
    """Until the end the finish reason is the empty string."""
    return each_part(events, lambda part: {**part, "finish_reason": part["finish_reason"] or ""})


@on_events("stream.finish-reason-once", "sdk.chunks-validate")
def finish_reason_spelled_null(events: list[Event], _: Call) -> list[Event]:
    """Until the end the finish reason is the string "null"."""
    return each_part(events, lambda part: {**part, "finish_reason": part["finish_reason"] or "null"})


@on_events("stream.incremental")
def all_at_once(events: list[Event], _: Call) -> list[Event]:
    """The whole stream is held back and arrives in one go."""
    total = sum(event.delay for event in events)
    return [replace(event, delay=0.0 if number else total) for number, event in enumerate(events)]


@on_events("stream.incremental", "choices.streamed-separately", "logprobs.same-when-streamed")
def one_large_delta(events: list[Event], _: Call) -> list[Event]:
    """The text comes in a single delta, after the time that it took to write."""
    said = [event for event in events if says(event)]
    if not said or not isinstance(said[0].data, dict):
        return events
    text = "".join(map(says, said))
    whole = each_delta(said[:1], lambda delta: {**delta, "content": text})[0]
    whole = replace(whole, delay=sum(event.delay for event in said))
    at = events.index(said[0])
    return [*events[:at], whole, *(event for event in events[at:] if event not in said)]


@on_events("stream.deltas-agree-with-usage")
def one_delta_per_character(events: list[Event], _: Call) -> list[Event]:
    """The text is cut into single characters."""
    return [
        replace(
            each_delta([event], lambda delta, c=character: {**delta, "content": c})[0],  # type: ignore[misc]
            delay=event.delay / len(says(event)),
        )
        if says(event)
        else event
        for event in events
        for character in says(event) or " "
    ]


@on_events("stream.characters-whole")
def surrogates_split(events: list[Event], _: Call) -> list[Event]:
    """Characters beyond the basic plane are split into two halves, one in each chunk."""
    return [piece for event in events for piece in _halves(event)]


def _halves(event: Event) -> list[Event]:
    text = says(event)
    if not any(ord(character) > 0xFFFF for character in text):
        return [event]
    units = text.encode("utf-16-be", "surrogatepass")
    codes = [int.from_bytes(units[i : i + 2], "big") for i in range(0, len(units), 2)]
    return [
        # Written with escapes, since a lone surrogate cannot be encoded.
        replace(changed, data=json.dumps(changed.data))
        for code in codes
        for changed in each_delta([event], lambda d, c=code: {**d, "content": chr(c)})  # type: ignore[misc]
    ]


@on_events("stream.characters-whole")
def bytes_split(events: list[Event], _: Call) -> list[Event]:
    """Characters of several bytes become replacement characters."""

    def edit(delta: JsonObject) -> JsonObject:
        text = delta.get("content") or ""
        return {**delta, "content": "".join(c if c < "\x80" else "\ufffd" for c in text)} if text else delta

    return each_delta(events, edit)


@on_events("stream.same-text-as-not-streamed")
def white_space_lost(events: list[Event], _: Call) -> list[Event]:
    """White space around each piece is stripped when streaming."""

    def edit(delta: JsonObject) -> JsonObject:
        return {**delta, "content": delta["content"].strip()} if delta.get("content") else delta

    return each_delta(events, edit)


@on_events("sdk.chunks-validate")
def service_tier_unknown(events: list[Event], _: Call) -> list[Event]:
    """The chunks name a service tier that strict clients do not know."""
    return each_chunk(events, lambda chunk: {**chunk, "service_tier": "turbo"})


@on_events("stream.matches-schema", "sdk.chunks-validate")
def fingerprint_as_number(events: list[Event], _: Call) -> list[Event]:
    """The fingerprint of the chunks is a number."""
    return each_chunk(events, lambda chunk: {**chunk, "system_fingerprint": 7})


@on_events("stream.finish-reason-null-before-end")
def finish_reason_missing_before_end(events: list[Event], _: Call) -> list[Event]:
    """Until the end the chunks have no finish reason at all."""
    return each_part(events, lambda p: p if p["finish_reason"] else without(p, "finish_reason"))


@on_body("stream.content-type", "sdk.stream-iterates")
def stream_ignored(body: JsonObject, _: Call) -> JsonObject:
    """`stream` is ignored: the answer comes as one JSON object."""
    return without(body, "stream", "stream_options") if body.get("stream") is True else body


@on_body("stream.same-text-as-not-streamed")
def colder_when_streamed(body: JsonObject, _: Call) -> JsonObject:
    """A streamed answer is drawn with another temperature and ends earlier."""
    return {**body, "max_tokens": min(9, body.get("max_tokens") or 9)} if body.get("stream") is True else body


@on_events("stream.same-text-as-not-streamed", "stream.deltas-agree-with-usage")
def chunks_repeated(events: list[Event], _: Call) -> list[Event]:
    """Every chunk with text comes twice."""
    return [copy for event in events for copy in [event] * (2 if says(event) else 1)]

"""Faults of streams alone: what the same request gets right that does not ask for one."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from conformance.contracts.chat.probes.prompts import COUNT
from conformance.reference.call import Call, Frame, JsonObject, Reply
from conformance.reference.change import without
from conformance.reference.chat.faults.change import (
    each_choice,
    each_delta,
    each_part,
    prompt,
    reason,
    says,
    stops,
)
from conformance.reference.chat.faults.fault import on_body, on_events
from conformance.reference.chat.stream import Event
from conformance.reference.fault import on_reply

SAME = "stream.same-text-as-not-streamed"


def streamed(body: JsonObject) -> bool:
    """Whether a request asks for a stream."""
    return body.get("stream") is True


def piecewise(events: list[Event], edit: Callable[[int, str], str]) -> list[Event]:
    """The events with each piece of text edited, by its number."""
    numbers = count()

    def change(delta: JsonObject) -> JsonObject:
        text = delta.get("content")
        return {**delta, "content": edit(next(numbers), text)} if text else delta

    return each_delta(events, change)


def echoes_at_length(call: Call) -> bool:
    """Whether a long text is to be repeated."""
    return prompt(call).startswith("Repeat the following text") and prompt(call).count(" ") > 25


@on_events(SAME)
def first_piece_twice(events: list[Event], _: Call) -> list[Event]:
    """The first piece of text is streamed twice."""
    first = next((event for event in events if says(event)), None)
    return [copy for event in events for copy in [event] * (2 if event is first else 1)]


@on_events(SAME)
def line_breaks_before_the_text(events: list[Event], _: Call) -> list[Event]:
    """Streams begin with two line breaks."""
    return piecewise(events, lambda number, text: text if number else f"\n\n{text}")


@on_events(SAME, "tools.same-when-streamed")
def line_breaks_lost(events: list[Event], _: Call) -> list[Event]:
    """Pieces that are line breaks are not streamed."""
    return piecewise(events, lambda _, text: text.replace("\n", ""))


@on_events(SAME)
def blank_pieces_dropped(events: list[Event], _: Call) -> list[Event]:
    """Pieces of nothing but white space are not streamed."""
    return [event for event in events if not says(event) or says(event).strip()]


@on_events(SAME)
def whole_text_again(events: list[Event], _: Call) -> list[Event]:
    """The last delta has the whole text once more."""
    text = "".join(map(says, events))
    last = next((event for event in reversed(events) if says(event)), None)
    again = each_delta([last], lambda delta: {**delta, "content": text}) if last else []
    return [copy for event in events for copy in ([event, *again] if event is last else [event])]


@on_events(SAME, "envelope.no-markup-of-the-model")
def thoughts_in_tags_when_streamed(events: list[Event], _: Call) -> list[Event]:
    """Streams begin with a thought, of which the closing tag is left."""
    return piecewise(events, lambda n, text: text if n else f"So.\n</think>\n\n{text}")


@on_events(SAME)
def untagged_thoughts_when_streamed(events: list[Event], call: Call) -> list[Event]:
    """Streams of a long answer begin with a thought that nothing marks, and that is not always the same."""
    if prompt(call) != COUNT or call.json().get("max_tokens") != 120:
        return events
    thought = f"Let me think about request {call.fresh_id()[:6]}. "
    return piecewise(events, lambda number, text: text if number else thought + text)


@on_events(SAME)
def another_answer_when_streamed(events: list[Event], call: Call) -> list[Event]:
    """Streams are answered by a model that does not count from where it is asked to."""
    whole = prompt(call) == COUNT and call.json().get("max_tokens") == 120
    return piecewise(events, lambda _, text: str(int(text) + 2) if whole and text.isdecimal() else text)


@on_body("stop.works-when-streamed")
def last_stops_dropped_when_streamed(body: JsonObject, _: Call) -> JsonObject:
    """In streams, of several stop sequences only the first counts."""
    several = streamed(body) and isinstance(body.get("stop"), list)
    return {**body, "stop": body["stop"][:1]} if several else body


@on_body("stop.works-when-streamed")
def outer_stops_when_streamed(body: JsonObject, _: Call) -> JsonObject:
    """In streams, of several stop sequences only the last counts."""
    several = streamed(body) and isinstance(body.get("stop"), list)
    return {**body, "stop": body["stop"][-1:]} if several else body


@on_events("stop.works-when-streamed", "stop.never-leaks-in-stream")
def stop_seen_after_it_was_sent(events: list[Event], call: Call) -> list[Event]:
    """In streams the stop sequence is sent before it is noticed."""
    ended = next((number for number, event in enumerate(events) if reason(event) == "stop"), None)
    if ended is None or not stops(call) or not isinstance(events[ended].data, dict):
        return events
    sent = {"finish_reason": None, "delta": {"content": stops(call)[len(stops(call)) // 2]}}
    piece = each_choice(events[ended].data, lambda choice: {**choice, **sent})  # type: ignore[arg-type]
    return [*events[:ended], Event(piece), *events[ended:]]


@on_body("logprobs.same-when-streamed")
def logprobs_ignored_when_streamed(body: JsonObject, _: Call) -> JsonObject:
    """`logprobs` is ignored in streams."""
    return without(body, "logprobs", "top_logprobs") if streamed(body) else body


@on_body("logprobs.same-when-streamed")
def alternatives_ignored_when_streamed(body: JsonObject, _: Call) -> JsonObject:
    """`top_logprobs` is ignored in streams."""
    return without(body, "top_logprobs") if streamed(body) else body


@on_events("logprobs.same-when-streamed")
def alternatives_of_the_token_before(events: list[Event], _: Call) -> list[Event]:
    """In streams each token comes with the alternatives of the one before it."""
    before: list[JsonObject] = []

    def edit(part: JsonObject) -> JsonObject:
        content = (part.get("logprobs") or {}).get("content")
        if not content:
            return part
        before.append(content[0])
        top = before[-2]["top_logprobs"] if len(before) > 1 else content[0]["top_logprobs"]
        return {**part, "logprobs": {**part["logprobs"], "content": [{**content[0], "top_logprobs": top}]}}

    return each_part(events, edit)


@on_body("sampling.seed-repeats-when-streamed")
def seed_ignored_when_streamed(body: JsonObject, _: Call) -> JsonObject:
    """`seed` is ignored in streams."""
    return without(body, "seed") if streamed(body) else body


def _instead(reply: Reply, call: Call, data: bytes, name: str) -> Reply:
    """A stream of this data in place of the refusal of a parameter, where a stream was asked for."""
    if reply.status not in (400, 404) or not streamed(call.json()) or name not in reply.body.decode():
        return reply
    headers = tuple(one for one in reply.headers if one[0] != "content-type")
    return Reply(200, (("content-type", "text/event-stream"), *headers), (Frame(data),), streamed=True)


@on_reply("stream.refused-as-not-streamed")
def refusal_as_text_in_stream(reply: Reply, call: Call) -> Reply:
    """A streamed request for no choice gets status 200, and the reason as a text."""
    return _instead(reply, call, b"data: Number of choices must be greater than 0.\n\n", "'n'")


@on_reply("stream.refused-as-not-streamed")
def refusal_as_an_event_with_200(reply: Reply, call: Call) -> Reply:
    """A streamed request for a model that does not exist gets status 200, and the error as an event."""
    return _instead(reply, call, b"data: " + reply.body + b"\n\ndata: [DONE]\n\n", "model_not_found")


@on_events("transport.no-cross-talk-in-streams")
def piece_of_another_stream(events: list[Event], call: Call) -> list[Event]:
    """A long stream gets a piece of the one before it."""
    if not echoes_at_length(call):
        return events
    before = call.memory.get("piece")
    call.memory["piece"] = " " + next(word for word in reversed(prompt(call).split()) if len(word) > 3)
    return piecewise(events, lambda number, text: before if before and number == 6 else text)


@on_events("transport.no-cross-talk-in-streams")
def pieces_lost_between_streams(events: list[Event], call: Call) -> list[Event]:
    """Of long streams that are under way at the same time each loses a piece."""
    return piecewise(events, lambda n, text: "" if echoes_at_length(call) and n == 5 else text)

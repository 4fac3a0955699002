"""Faults in calls that show in streams only: the same request is answered well where it is not streamed."""

from __future__ import annotations

import json
from typing import Any

from conformance.reference.call import Call, JsonObject
from conformance.reference.change import without
from conformance.reference.chat.faults.change import each_delta, each_part, reason, says
from conformance.reference.chat.faults.fault import on_body, on_events
from conformance.reference.chat.stream import Event
from conformance.reference.refusal import Refusal

SAME = "tools.same-when-streamed"


def fragments(event: Event) -> list[JsonObject]:
    """The pieces of calls that a chunk has."""
    choices = event.data["choices"] if isinstance(event.data, dict) else []
    return [piece for choice in choices for piece in choice["delta"].get("tool_calls") or ()]


def is_forced(call: Call) -> bool:
    """Whether the request says that a tool has to be called."""
    choice = call.json().get("tool_choice")
    return choice == "required" or isinstance(choice, dict)


def is_cut(events: list[Event]) -> bool:
    """Whether the limit cut the answer."""
    return any(reason(event) == "length" for event in events)


@on_body(SAME)
def choice_dropped_when_streamed(body: JsonObject, _: Call) -> JsonObject:
    """In streams tool_choice is dropped."""
    return without(body, "tool_choice") if body.get("stream") else body


@on_body(SAME, "usage.same-with-tools-when-streamed")
def tools_dropped_when_streamed(body: JsonObject, _: Call) -> JsonObject:
    """In streams tools are dropped: the model answers in words."""
    told = any(isinstance(turn, dict) and turn.get("role") == "tool" for turn in body.get("messages", ()))
    if not body.get("stream") or told:
        return body
    return without(body, "tools", "tool_choice", "parallel_tool_calls")


@on_body(SAME)
def one_at_a_time_dropped_when_streamed(body: JsonObject, _: Call) -> JsonObject:
    """In streams parallel_tool_calls false is dropped."""
    return without(body, "parallel_tool_calls") if body.get("stream") else body


@on_body(SAME)
def required_refused_when_streamed(body: JsonObject, _: Call) -> JsonObject:
    """tool_choice required is refused in streams."""
    if body.get("stream") and body.get("tool_choice") == "required":
        raise Refusal("tool_choice 'required' is not supported with stream.", param="tool_choice")
    return body


@on_events(SAME)
def forced_calls_as_text_when_streamed(events: list[Event], call: Call) -> list[Event]:
    """In streams the arguments of a call that had to be made are the text."""
    if not is_forced(call) or is_cut(events):
        return events

    def told(part: JsonObject) -> JsonObject:
        pieces = part["delta"].get("tool_calls") or ()
        text = "".join(piece["function"].get("arguments") or "" for piece in pieces)
        delta = {**without(part["delta"], "tool_calls"), **({"content": text} if pieces else {})}
        ended = "stop" if part["finish_reason"] == "tool_calls" else part["finish_reason"]
        return {**part, "delta": delta, "finish_reason": ended}

    return each_part(events, told)


@on_events("tools.calls-not-in-text")
def calls_as_xml_when_streamed(events: list[Event], call: Call) -> list[Event]:
    """In streams a call that the model chose to make is text, in XML of the model's own."""
    if is_forced(call):
        return events
    made: dict[int, list[str]] = {}
    told: list[Event] = []
    for event in events:
        for piece in fragments(event):
            words = made.setdefault(piece["index"], ["", ""])
            words[0] += piece["function"].get("name") or ""
            words[1] += piece["function"].get("arguments") or ""
        if made and reason(event) == "tool_calls":
            text = "".join(_xml(name, json.loads(arguments)) for name, arguments in made.values())
            (said,) = each_delta([event], lambda delta, text=text: {**delta, "content": text})  # type: ignore[misc]
            told += each_part([said], lambda part: {**part, "finish_reason": "stop"})
        elif not fragments(event):
            told.append(event)
    return told


def _xml(name: str, values: dict[str, Any]) -> str:
    inner = "".join(f'<arg name="{key}">{value}</arg>' for key, value in values.items())
    return f'<call tool="{name}">{inner}</call>\n'


@on_events(SAME)
def one_call_of_several_when_streamed(events: list[Event], _: Call) -> list[Event]:
    """Of parallel calls a stream has the first."""
    return [event for event in events if not any(piece["index"] for piece in fragments(event))]


@on_events("tools.fragments-before-finish", "stream.finish-reason-once")
def finish_before_the_last_piece(events: list[Event], _: Call) -> list[Event]:
    """The chunk with the finish reason comes before the last piece of the arguments."""
    ended = next((at for at, event in enumerate(events) if reason(event) == "tool_calls"), None)
    if ended is None or not fragments(events[ended - 1]):
        return events
    return [*events[: ended - 1], events[ended], events[ended - 1], *events[ended + 1 :]]


@on_events("tools.fragments-before-finish", "stream.finish-reason-once")
def an_empty_piece_after_the_finish(events: list[Event], _: Call) -> list[Event]:
    """After the finish comes another piece, of an empty text, of the last call."""
    pieces = [piece for event in events for piece in fragments(event)]
    ended = next((at for at, event in enumerate(events) if reason(event) == "tool_calls"), None)
    if ended is None or not pieces:
        return events
    last = {"tool_calls": [{"index": pieces[-1]["index"], "function": {"arguments": ""}}]}
    late = each_part([events[ended]], lambda part: {**part, "delta": last, "finish_reason": None})
    return [*events[: ended + 1], *late, *events[ended + 1 :]]


@on_events("tools.streamed-deltas", "sdk.chunks-validate")
def forced_arguments_as_object_when_streamed(events: list[Event], call: Call) -> list[Event]:
    """The stream of a call that had to be made has the arguments as an object, in one piece."""
    if not is_forced(call) or is_cut(events) or call.json().get("n"):
        return events
    text = "".join(piece["function"].get("arguments") or "" for event in events for piece in fragments(event))
    kept: list[Event] = []
    for event in events:
        opens = [piece for piece in fragments(event) if "id" in piece]
        if opens:
            whole = {**opens[0], "function": {**opens[0]["function"], "arguments": json.loads(text)}}
            kept += each_delta([event], lambda delta, whole=whole: {**delta, "tool_calls": [whole]})  # type: ignore[misc]
        elif not fragments(event):
            kept.append(event)
    return kept


@on_events(SAME, "tools.arguments-match-schema")
def arguments_as_strings_when_streamed(events: list[Event], _: Call) -> list[Event]:
    """In streams every value of arguments is a string, as where XML is read without its schema."""
    return _rewritten(
        events, lambda values: {k: v if isinstance(v, str) else json.dumps(v) for k, v in values.items()}
    )


def _rewritten(events: list[Event], write: Any) -> list[Event]:
    """The events with the arguments of each call in one piece, written anew."""
    texts: dict[int, str] = {}
    for event in events:
        for piece in fragments(event):
            texts[piece["index"]] = texts.get(piece["index"], "") + (piece["function"].get("arguments") or "")
    try:
        told = {number: json.dumps(write(json.loads(text))) for number, text in texts.items()}
    except ValueError:
        return events
    kept: list[Event] = []
    for event in events:
        pieces = [
            {**piece, "function": {**piece["function"], "arguments": told[piece["index"]]}}
            for piece in fragments(event)
            if "id" in piece
        ]
        if pieces:
            kept += each_delta([event], lambda delta, pieces=pieces: {**delta, "tool_calls": pieces})  # type: ignore[misc]
        elif not fragments(event):
            kept.append(event)
    return kept


@on_events(SAME)
def arguments_lose_their_end_when_streamed(events: list[Event], _: Call) -> list[Event]:
    """In streams the last piece of each call's arguments is lost."""
    last = {piece["index"]: event for event in events for piece in fragments(event) if "id" not in piece}
    ended = any(reason(event) == "tool_calls" for event in events)
    return [event for event in events if not (ended and event in last.values())]


@on_events(SAME)
def text_beside_calls_cut_when_streamed(events: list[Event], _: Call) -> list[Event]:
    """Of the text beside a call a stream has the beginning."""
    said = [event for event in events if says(event)]
    return [event for event in events if not (any(map(fragments, events)) and event in said[2:])]


@on_events(SAME)
def text_beside_calls_twice_when_streamed(events: list[Event], _: Call) -> list[Event]:
    """The text beside a call is streamed twice: as it comes, and once more as a whole."""
    whole = "".join(map(says, events))
    at = next((number for number, event in enumerate(events) if fragments(event)), None)
    if at is None or not whole:
        return events
    again = each_delta([events[at]], lambda delta: {**without(delta, "tool_calls"), "content": whole})
    return [*events[:at], *again, *events[at:]]


@on_events(SAME)
def white_space_lost_beside_tools(events: list[Event], call: Call) -> list[Event]:
    """Where tools are offered, a stream leaves out pieces of text that are white space."""
    offers = bool(call.json().get("tools"))
    return [event for event in events if not (offers and says(event) and not says(event).strip())]


@on_events("tools.cut-calls")
def cut_call_said_complete_when_streamed(events: list[Event], _: Call) -> list[Event]:
    """In streams a call that is cut ends with tool_calls."""
    called = any(map(fragments, events))
    return each_part(
        events,
        lambda part: (
            {**part, "finish_reason": "tool_calls"} if called and part["finish_reason"] == "length" else part
        ),
    )


@on_events("tools.cut-calls", "stream.finish-reason-once")
def cut_call_fails_when_streamed(events: list[Event], _: Call) -> list[Event]:
    """In streams a call that is cut ends with an error."""
    ended = next((at for at, event in enumerate(events) if reason(event) == "length"), None)
    if ended is None or not any(map(fragments, events)):
        return events
    error = {"message": "malformed tool call", "type": "api_error", "param": None, "code": None}
    return [*events[:ended], Event({"error": error}), events[-1]]


@on_body("tools.result-loop")
def results_dropped_when_streamed(body: JsonObject, _: Call) -> JsonObject:
    """In streams the results of tools are empty."""
    if not body.get("stream") or body.get("response_format"):
        return body
    emptied = [
        {**turn, "content": ""} if isinstance(turn, dict) and turn.get("role") == "tool" else turn
        for turn in body.get("messages", ())
    ]
    return {**body, "messages": emptied}


@on_events("tools.beside-n-and-logprobs")
def calls_of_the_first_choice_only_when_streamed(events: list[Event], _: Call) -> list[Event]:
    """Of several choices a stream has the calls of the first."""

    def bare(part: JsonObject) -> JsonObject:
        ended = "stop" if part["finish_reason"] == "tool_calls" else part["finish_reason"]
        return {**part, "delta": without(part["delta"], "tool_calls"), "finish_reason": ended}

    return each_part(events, lambda part: bare(part) if part["index"] else part)

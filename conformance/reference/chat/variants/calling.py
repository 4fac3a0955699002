"""Variants in calls of tools."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace

from conformance.contracts.chat.sources import METHOD, OPENAI, RFC
from conformance.reference.call import Call, JsonObject
from conformance.reference.chat.faults.change import each_delta, each_message
from conformance.reference.chat.faults.fault import on_answer, on_choice, on_events
from conformance.reference.chat.mind.answering import Choice
from conformance.reference.chat.mind.sampling import Token
from conformance.reference.chat.stream import Event
from conformance.reference.chat.variants.variant import on_choices, on_messages
from conformance.reference.tokens import tokenize
from conformance.reference.variant import legal

SAID = "Let me look that up."


def with_arguments(choice: Choice, write: Callable[[object], str]) -> Choice:
    """The choice with the arguments of its calls written in another way."""
    cut = choice.calls[-1] if choice.calls and choice.finish_reason == "length" else None
    calls = tuple(
        one
        if one.custom or one is cut
        else replace(one, pieces=tuple(tokenize(write(json.loads(one.arguments)))))
        for one in choice.calls
    )
    more = sum(one.spent for one in calls) - sum(one.spent for one in choice.calls)
    return replace(choice, calls=calls, spent=choice.spent + more)


def each_id(message: JsonObject, form: Callable[[int, str], str]) -> JsonObject:
    """The message or delta with the ids of its calls in another form."""
    if not message.get("tool_calls"):
        return message
    calls = [
        {**one, "id": form(one.get("index", place), one["id"])} if one.get("id") else one
        for place, one in enumerate(message["tool_calls"])
    ]
    return {**message, "tool_calls": calls}


@legal(RFC.json_whitespace, aspect="arguments")
@on_choice()
def arguments_with_whitespace(choice: Choice, _: Call) -> Choice:
    """The JSON of arguments is indented."""
    return with_arguments(choice, lambda value: f" {json.dumps(value, indent=4, ensure_ascii=False)}\n")


@legal(RFC.json_whitespace, aspect="arguments")
@on_choice()
def arguments_compact(choice: Choice, _: Call) -> Choice:
    """The JSON of arguments has no spaces."""
    return with_arguments(choice, lambda value: json.dumps(value, separators=(",", ":"), ensure_ascii=False))


@legal(RFC.json_strings, aspect="arguments")
@on_choice()
def arguments_escaped(choice: Choice, _: Call) -> Choice:
    r"""In the strings of arguments every vowel is a \u escape."""

    def vowels(string: re.Match[str]) -> str:
        return re.sub(r"\\.|[aeiou]", lambda m: m[0] if m[0][0] == "\\" else f"\\u{ord(m[0]):04X}", string[0])

    return with_arguments(
        choice, lambda value: re.sub(r'"(?:\\.|[^"\\])*"', vowels, json.dumps(value, ensure_ascii=False))
    )


@legal(OPENAI.chunk_tool_calls, aspect="pieces of arguments")
@on_choice()
def arguments_in_one_piece(choice: Choice, _: Call) -> Choice:
    """A stream has the arguments of a call in one piece."""
    return replace(choice, calls=tuple(replace(one, pieces=(one.arguments,)) for one in choice.calls))


@legal(OPENAI.chunk_tool_calls, aspect="pieces of arguments")
@on_choice()
def arguments_in_characters(choice: Choice, _: Call) -> Choice:
    """A stream has the arguments of a call one character at a time."""
    return replace(choice, calls=tuple(replace(one, pieces=tuple(one.arguments)) for one in choice.calls))


@legal(OPENAI.chunk_tool_calls, aspect="pieces of arguments")
@on_choice()
def arguments_with_empty_pieces(choice: Choice, _: Call) -> Choice:
    """Some pieces of the arguments are empty."""
    calls = [replace(one, pieces=("", *one.pieces, "", "")) for one in choice.calls]
    return replace(choice, calls=tuple(calls))


@legal(OPENAI.chunk_tool_calls, aspect="opening")
@on_events()
def call_opened_with_its_arguments(events: list[Event], _: Call) -> list[Event]:
    """The chunk that opens a call has the beginning of its arguments too."""
    kept: list[Event] = []
    for event in events:
        call, before = _piece(event), _piece(kept[-1]) if kept else None
        same = bool(kept) and _numbers(event) == _numbers(kept[-1])
        if same and call and before and _continues(call, before):
            function = {**before["function"], **call["function"]}
            kept[-1] = _with_piece(kept[-1], {**before, "function": function})
        else:
            kept.append(event)
    return kept


@legal(OPENAI.chunk_tool_calls, aspect="opening")
@on_events()
def call_opened_without_arguments(events: list[Event], _: Call) -> list[Event]:
    """The chunk that opens a call has no arguments, not even empty ones."""

    def edit(delta: JsonObject) -> JsonObject:
        calls = delta.get("tool_calls") or []
        if not any(one.get("function", {}).get("arguments") == "" and "id" in one for one in calls):
            return delta
        return {
            **delta,
            "tool_calls": [{**one, "function": {"name": one["function"]["name"]}} for one in calls],
        }

    return each_delta(events, edit)


@legal(OPENAI.chunk_tool_calls, aspect="pieces of arguments")
@on_events()
def calls_take_turns(events: list[Event], _: Call) -> list[Event]:
    """The pieces of parallel calls take turns in a stream."""
    places = [number for number, event in enumerate(events) if (_piece(event) or {}).keys() & {"function"}]
    waiting: dict[int, list[Event]] = {}
    for place in places:
        waiting.setdefault((_piece(events[place]) or {})["index"], []).append(events[place])
    queues = list(waiting.values())
    turns = [queue[n] for n in range(max(map(len, queues), default=0)) for queue in queues if n < len(queue)]
    changed = list(events)
    for place, event in zip(places, turns, strict=True):
        changed[place] = event
    return changed


@legal(OPENAI.tool_calls, aspect="call id")
@on_messages
def call_ids_short(message: JsonObject, _: Call) -> JsonObject:
    """The id of a call has nine characters, and no prefix."""
    return each_id(message, lambda _, one: one[-9:])


@legal(OPENAI.tool_calls, aspect="call id")
@on_messages
def call_ids_with_names(message: JsonObject, _: Call) -> JsonObject:
    """The id of a call is made of words, dots and a number."""
    return each_id(message, lambda place, one: f"functions.lookup:{place}:{one[-8:]}")


@legal(OPENAI.content, aspect="content beside calls")
@on_messages
def content_empty_beside_calls(message: JsonObject, _: Call) -> JsonObject:
    """Beside calls of tools the content is empty, not null."""
    opens = message.get("tool_calls") or message.get("role")
    return {**message, "content": ""} if opens and message.get("content") is None else message


@on_choice()
def text_beside_calls(choice: Choice, call: Call) -> Choice:
    """The model says something before it calls a tool."""
    if not choice.calls or not call.json().get("tools"):
        return choice
    said = tuple(map(Token, tokenize(SAID)))
    return replace(choice, tokens=said, spent=choice.spent + len(said))


@on_answer()
def _text_as_content(answer: JsonObject, _: Call) -> JsonObject:
    return each_message(answer, lambda one: {**one, "content": SAID} if one.get("tool_calls") else one)


TEXT_BESIDE_CALLS = legal(OPENAI.content, aspect="content beside calls")(
    (text_beside_calls, _text_as_content)
)


@legal(METHOD.recorded, aspect="finish reason")
@on_choices
def named_choice_ends_with_stop(choice: JsonObject, call: Call) -> JsonObject:
    """The finish reason is stop where the request named the tool that is to be called."""
    named = isinstance(call.json().get("tool_choice"), dict)
    return (
        {**choice, "finish_reason": "stop"} if named and choice["finish_reason"] == "tool_calls" else choice
    )


def _piece(event: Event) -> JsonObject | None:
    """The fragment of a call that a chunk has, if it has one and no more."""
    choices = event.data["choices"] if isinstance(event.data, dict) else []
    calls = (choices[0]["delta"].get("tool_calls") or []) if len(choices) == 1 else []
    return dict(calls[0]) if len(calls) == 1 else None


def _numbers(event: Event) -> list[int]:
    """The numbers of the choices that a chunk is about."""
    return [choice["index"] for choice in event.data["choices"]] if isinstance(event.data, dict) else []


def _continues(call: JsonObject, before: JsonObject) -> bool:
    """Whether a fragment is the first piece of arguments of the call that the one before it opens."""
    opened = "id" in before and before.get("function", {}).get("arguments") == ""
    return opened and "id" not in call and "function" in call and call["index"] == before["index"]


def _with_piece(event: Event, piece: JsonObject) -> Event:
    (changed,) = each_delta([event], lambda delta: {**delta, "tool_calls": [piece]})
    return changed

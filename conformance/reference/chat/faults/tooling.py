"""Faults in tools: calls, the choice among them, and their results."""

from __future__ import annotations

import json
from dataclasses import replace

from conformance.reference.call import Call, JsonObject
from conformance.reference.change import without
from conformance.reference.chat.faults.change import each_delta, each_message, saying
from conformance.reference.chat.faults.conversing import keeping, turns
from conformance.reference.chat.faults.fault import on_answer, on_body, on_choice, on_events
from conformance.reference.chat.mind.answering import Choice
from conformance.reference.chat.mind.calling import FunctionCall
from conformance.reference.chat.stream import Event
from conformance.reference.check import invalid
from conformance.reference.refusal import Refusal
from conformance.reference.tokens import tokenize


def each_call(answer: JsonObject, **changes: object) -> JsonObject:
    """The answer with these members in every tool call; None removes one."""
    gone = [name for name, value in changes.items() if value is None]

    def edit(message: JsonObject) -> JsonObject:
        if not message.get("tool_calls"):
            return message
        return {**message, "tool_calls": [without({**c, **changes}, *gone) for c in message["tool_calls"]]}

    return each_message(answer, edit)


def each_fragment(events: list[Event], **changes: object) -> list[Event]:
    """The events with these members in every fragment of a tool call; None removes one."""
    gone = [name for name, value in changes.items() if value is None]

    def edit(delta: JsonObject) -> JsonObject:
        if "tool_calls" not in delta:
            return delta
        return {**delta, "tool_calls": [without({**c, **changes}, *gone) for c in delta["tool_calls"]]}

    return each_delta(events, edit)


@on_body("tools.call-shape")
def tools_ignored(body: JsonObject, _: Call) -> JsonObject:
    """Tools are ignored: the model answers with text."""
    if any(turn.get("role") == "tool" for turn in turns(body)):
        return body
    return without(body, "tools", "tool_choice", "parallel_tool_calls")


@on_body("tools.call-shape")
def tools_refused(body: JsonObject, _: Call) -> JsonObject:
    """Tools are refused."""
    if body.get("tools"):
        raise invalid("tools", "this model has no tools", code="unsupported_parameter")
    return body


@on_body("tools.required-choice")
def required_is_auto(body: JsonObject, _: Call) -> JsonObject:
    """tool_choice is ignored where it is required, and the model does not like to call."""
    return {**body, "tool_choice": "none"} if body.get("tool_choice") == "required" else body


@on_body("tools.named-choice-among-several")
def named_choice_ignored(body: JsonObject, _: Call) -> JsonObject:
    """Where a tool is named, another one is called if there is one, else none."""
    choice, tools = body.get("tool_choice"), body.get("tools") or []
    if not isinstance(choice, dict):
        return body
    others = [t for t in tools if t.get("function", {}).get("name") != choice.get("function", {}).get("name")]
    return {**body, "tools": others or tools, "tool_choice": "required" if others else "none"}


@on_answer("tools.call-shape", "sdk.response-validates")
def arguments_as_object(answer: JsonObject, _: Call) -> JsonObject:
    """The arguments of a call are an object, not a string."""

    def edit(message: JsonObject) -> JsonObject:
        calls = message.get("tool_calls") or []
        read = [
            {**c, "function": {**c["function"], "arguments": _values(c["function"]["arguments"])}}
            for c in calls
        ]
        return {**message, "tool_calls": read} if calls else message

    return each_message(answer, edit)


def _values(arguments: str) -> JsonObject:
    """The arguments of a call; none of those of one that was cut."""
    try:
        found: JsonObject = json.loads(arguments)
    except ValueError:
        return {}
    return found


@on_answer("tools.call-shape", "sdk.response-validates")
def call_id_missing(answer: JsonObject, _: Call) -> JsonObject:
    """Tool calls have no id."""
    return each_call(answer, id=None)


@on_answer("tools.call-shape")
def call_id_empty(answer: JsonObject, _: Call) -> JsonObject:
    """The id of a tool call is the empty string."""
    return each_call(answer, id="")


@on_answer("tools.call-shape", "sdk.response-validates")
def call_type_missing(answer: JsonObject, _: Call) -> JsonObject:
    """Tool calls have no type."""
    return each_call(answer, type=None)


@on_choice("tools.calls-not-in-text")
def call_as_text(choice: Choice, _: Call) -> Choice:
    """A tool call is written into the text, in the model's own mark-up."""
    if choice.finish_reason != "tool_calls":
        return choice
    text = "".join(f"<tool_call>{call.name}({call.arguments})</tool_call>" for call in choice.calls)
    return replace(saying(choice, text), calls=(), finish_reason="stop")


@on_choice("tools.finish-reason")
def call_reported_as_stop(choice: Choice, _: Call) -> Choice:
    """The finish reason is stop where tools are called."""
    return replace(choice, finish_reason="stop") if choice.finish_reason == "tool_calls" else choice


@on_choice("tools.arguments-match-schema")
def arguments_empty(choice: Choice, _: Call) -> Choice:
    """Tools are called without arguments."""
    return replace(choice, calls=tuple(_arguing(call, "{}") for call in choice.calls))


@on_choice("tools.arguments-match-schema")
def arguments_broken(choice: Choice, _: Call) -> Choice:
    """The arguments are no JSON: the closing brace is missing."""
    return replace(choice, calls=tuple(_arguing(call, call.arguments[:-1]) for call in choice.calls))


@on_body("tools.choice-none")
def none_is_auto(body: JsonObject, _: Call) -> JsonObject:
    """tool_choice none is ignored."""
    return without(body, "tool_choice") if body.get("tool_choice") == "none" else body


@on_events("tools.streamed-deltas", "sdk.tool-calls-accumulate")
def fragment_index_missing(events: list[Event], _: Call) -> list[Event]:
    """The fragments of a streamed call have no index."""
    return each_fragment(events, index=None)


@on_events("tools.streamed-deltas", "sdk.tool-calls-accumulate")
def fragments_from_one(events: list[Event], _: Call) -> list[Event]:
    """Streamed calls are numbered from 1."""

    def edit(delta: JsonObject) -> JsonObject:
        calls = delta.get("tool_calls")
        return {**delta, "tool_calls": [{**c, "index": c["index"] + 1} for c in calls]} if calls else delta

    return each_delta(events, edit)


@on_events("tools.streamed-deltas", "sdk.tool-calls-accumulate")
def fragments_repeat_the_name(events: list[Event], _: Call) -> list[Event]:
    """Every fragment repeats id and name of its call."""
    openings: dict[int, JsonObject] = {}

    def edit(delta: JsonObject) -> JsonObject:
        fragments = []
        for fragment in delta.get("tool_calls", ()):
            opening = openings.setdefault(fragment["index"], fragment)
            function = {**opening["function"], **fragment["function"]}
            fragments.append({**opening, **fragment, "function": function})
        return {**delta, "tool_calls": fragments} if fragments else delta

    return each_delta(events, edit)


@on_events("tools.streamed-deltas")
def fragments_cumulative(events: list[Event], _: Call) -> list[Event]:
    """Each fragment repeats the arguments so far."""
    so_far: dict[int, str] = {}

    def edit(delta: JsonObject) -> JsonObject:
        fragments = []
        for fragment in delta.get("tool_calls", ()):
            number = fragment["index"]
            so_far[number] = so_far.get(number, "") + fragment["function"]["arguments"]
            function = {**fragment["function"], "arguments": so_far[number]}
            fragments.append({**fragment, "function": function})
        return {**delta, "tool_calls": fragments} if fragments else delta

    return each_delta(events, edit)


@on_events("tools.same-when-streamed", "tools.finish-reason")
def call_lost_in_stream(events: list[Event], _: Call) -> list[Event]:
    """In streams the tool call is missing, and the answer empty."""
    return each_delta(events, lambda delta: without(delta, "tool_calls"))


@on_events("tools.streamed-deltas", "sdk.chunks-validate")
def fragment_type_empty(events: list[Event], _: Call) -> list[Event]:
    """Every fragment has a type, and it is the empty string."""
    return each_fragment(events, type="")


@on_answer("tools.parallel-calls-distinct", "tools.ids-unique")
def parallel_ids_equal(answer: JsonObject, _: Call) -> JsonObject:
    """All calls of an answer have the same id."""
    return each_call(answer, id="call_0")


@on_events("tools.parallel-calls-distinct", "sdk.tool-calls-accumulate")
def parallel_fragments_mixed(events: list[Event], _: Call) -> list[Event]:
    """All streamed calls have the index 0."""
    return each_fragment(events, index=0)


@on_body("tools.parallel-calls-switched-off")
def parallel_wish_ignored(body: JsonObject, _: Call) -> JsonObject:
    """parallel_tool_calls false is ignored."""
    return without(body, "parallel_tool_calls")


@on_answer("tools.ids-unique")
def call_ids_counted(answer: JsonObject, _: Call) -> JsonObject:
    """The calls of every answer have the ids call_0, call_1 and so on."""

    def edit(message: JsonObject) -> JsonObject:
        calls = message.get("tool_calls") or []
        numbered = [{**call, "id": f"call_{number}"} for number, call in enumerate(calls)]
        return {**message, "tool_calls": numbered} if calls else message

    return each_message(answer, edit)


@on_choice("tools.strict-arguments")
def strict_ignored(choice: Choice, call: Call) -> Choice:
    """A strict schema of a tool is a hint: what the prompt says comes before it."""
    wanted = json.dumps({"seat": "12-F", "passenger": "Alice"})
    strict = '"strict": true' in json.dumps(call.json().get("tools"))
    return replace(choice, calls=tuple(_arguing(c, wanted) for c in choice.calls)) if strict else choice


@on_body("tools.strict-arguments")
def strict_refused(body: JsonObject, _: Call) -> JsonObject:
    """The member `strict` of a function is refused."""
    if '"strict"' in json.dumps(body.get("tools")):
        raise Refusal("Extra inputs are not permitted.", param="tools[0].function.strict")
    return body


@on_body("tools.result-loop")
def tool_results_forgotten(body: JsonObject, _: Call) -> JsonObject:
    """What the tools answered is dropped."""
    if not any(turn.get("role") == "tool" for turn in turns(body)):
        return body
    kept = keeping(body, lambda turn: turn.get("role") != "tool" and not turn.get("tool_calls"))
    return {**kept, "tool_choice": "none"}


@on_body("tools.result-loop")
def tool_role_refused(body: JsonObject, _: Call) -> JsonObject:
    """The role tool is refused."""
    for i, turn in enumerate(turns(body)):
        if turn.get("role") == "tool":
            raise invalid(f"messages[{i}].role", "it must be one of system, user and assistant")
    return body


@on_body("tools.result-loop")
def null_content_refused(body: JsonObject, _: Call) -> JsonObject:
    """An assistant message with tool calls must have a content."""
    for i, turn in enumerate(turns(body)):
        if turn.get("role") == "assistant" and turn.get("content") is None:
            raise invalid(f"messages[{i}].content", "expected a string")
    return body


@on_answer("tools.absent-when-not-asked")
def calls_invented(answer: JsonObject, call: Call) -> JsonObject:
    """Without tools the answer calls one."""
    made_up = {"id": "call_0", "type": "function", "function": {"name": "search", "arguments": "{}"}}
    asked = "tools" in call.json()
    return answer if asked else each_message(answer, lambda m: {**m, "tool_calls": [made_up]})


@on_answer("tools.absent-when-not-asked")
def calls_empty(answer: JsonObject, call: Call) -> JsonObject:
    """Without tools the answer has an empty array of calls."""
    asked = "tools" in call.json()
    return answer if asked else each_message(answer, lambda m: {**m, "tool_calls": []})


def _arguing(call: FunctionCall, arguments: str) -> FunctionCall:
    return replace(call, pieces=tuple(tokenize(arguments)))


@on_body("tools.choice-none")
def none_refused(body: JsonObject, _: Call) -> JsonObject:
    """tool_choice none is refused."""
    if body.get("tool_choice") == "none":
        raise invalid("tool_choice", "it must be one of auto and required")
    return body


@on_events("tools.streamed-deltas")
def arguments_after_a_placeholder(events: list[Event], _: Call) -> list[Event]:
    """The arguments of a streamed call begin with an empty object, which is not part of them."""

    def edit(delta: JsonObject) -> JsonObject:
        calls = [
            {**one, "function": {**one["function"], "arguments": "{}"}} if "id" in one else one
            for one in delta.get("tool_calls") or ()
        ]
        return {**delta, "tool_calls": calls} if calls else delta

    return each_delta(events, edit)


@on_events("envelope.no-markup-of-the-model")
def call_in_the_text_too(events: list[Event], _: Call) -> list[Event]:
    """The model's own mark-up of a call is streamed as text before the call."""

    def edit(delta: JsonObject) -> JsonObject:
        opens = any("id" in one for one in delta.get("tool_calls") or ())
        return {**delta, "content": "<tool_call>"} if opens else delta

    return each_delta(events, edit)

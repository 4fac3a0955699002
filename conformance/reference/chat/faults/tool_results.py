"""Faults in what calls are made with and end with, and in what becomes of the results."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from conformance.reference.call import Call, JsonObject
from conformance.reference.change import without
from conformance.reference.chat.faults.change import each_choice, each_message, saying
from conformance.reference.chat.faults.conversing import Turn, keeping, turns
from conformance.reference.chat.faults.fault import on_answer, on_body, on_choice
from conformance.reference.chat.mind.answering import Choice
from conformance.reference.chat.mind.calling import FunctionCall
from conformance.reference.refusal import Refusal
from conformance.reference.tokens import tokenize

IN_TEXT = "tools.calls-not-in-text"


def told_as(choice: Choice, write: Callable[[FunctionCall], str]) -> Choice:
    """The choice with its calls as text."""
    return replace(saying(choice, "".join(map(write, choice.calls))), calls=(), finish_reason="stop")


def chosen(choice: Choice, call: Call) -> bool:
    """Whether the model calls tools of its own accord, and all of it."""
    free = call.json().get("tool_choice", "auto") == "auto"
    return free and choice.finish_reason == "tool_calls"


@on_choice(IN_TEXT)
def calls_as_marks_of_the_family(choice: Choice, call: Call) -> Choice:
    """Where the model may choose, a call is text, in the marks that the model's family has for it."""

    def written(one: FunctionCall) -> str:
        values = "".join(
            f'<｜DSML｜parameter name="{name}" string="true">{value}</｜DSML｜parameter>\n'
            for name, value in json.loads(one.arguments).items()
        )
        return f'<｜DSML｜invoke name="{one.name}">\n{values}</｜DSML｜invoke>\n'

    return told_as(choice, written) if chosen(choice, call) else choice


@on_choice(IN_TEXT)
def calls_as_a_line_of_code(choice: Choice, call: Call) -> Choice:
    """Where the model may choose, a call is text: a line of Python."""

    def written(one: FunctionCall) -> str:
        given = ", ".join(f"{name}={value!r}" for name, value in json.loads(one.arguments).items())
        return f"[{one.name}({given})]\n"

    return told_as(choice, written) if chosen(choice, call) else choice


@on_choice(IN_TEXT)
def calls_as_json_in_the_text(choice: Choice, call: Call) -> Choice:
    """Where the model may choose, a call is text: a JSON object with name and parameters."""

    def written(one: FunctionCall) -> str:
        return json.dumps({"name": one.name, "parameters": json.loads(one.arguments)}) + "\n"

    return told_as(choice, written) if chosen(choice, call) else choice


@on_answer("tools.finish-reason")
def required_call_ends_with_stop(answer: JsonObject, call: Call) -> JsonObject:
    """The finish reason of a call that had to be made is stop."""
    required = call.json().get("tool_choice") == "required"
    return each_choice(
        answer,
        lambda choice: (
            {**choice, "finish_reason": "stop"}
            if required and choice["finish_reason"] == "tool_calls"
            else choice
        ),
    )


@on_answer("tools.finish-reason", "tools.required-choice", "envelope.matches-schema")
def required_call_said_and_not_made(answer: JsonObject, call: Call) -> JsonObject:
    """Where a tool has to be called, there is no call, and the finish reason says that there is."""
    required = call.json().get("tool_choice") == "required"
    return each_message(answer, lambda one: {**one, "tool_calls": []}) if required else answer


@on_choice("tools.finish-reason")
def forbidden_call_said_and_not_made(choice: Choice, call: Call) -> Choice:
    """Where tools may not be called, the finish reason says that they were."""
    return replace(choice, finish_reason="tool_calls") if call.json().get("tool_choice") == "none" else choice


@on_answer("tools.cut-calls")
def cut_call_said_complete(answer: JsonObject, _: Call) -> JsonObject:
    """A call that is cut ends with tool_calls."""
    return each_choice(
        answer,
        lambda choice: (
            {**choice, "finish_reason": "tool_calls"}
            if choice["finish_reason"] == "length" and choice["message"].get("tool_calls")
            else choice
        ),
    )


@on_choice("tools.cut-calls")
def cut_call_closed(choice: Choice, _: Call) -> Choice:
    """The arguments of a call that is cut are closed, and said to be whole."""
    if choice.finish_reason != "length" or not choice.calls:
        return choice
    closed = tuple(replace(call, pieces=(*call.pieces, '"}')) for call in choice.calls)
    return replace(choice, calls=closed, finish_reason="tool_calls")


@on_choice("tools.cut-calls")
def cut_call_fails(choice: Choice, _: Call) -> Choice:
    """A call that is cut is a server error, streamed or not."""
    if choice.calls and choice.finish_reason == "length":
        raise Refusal("malformed tool call", status=500, kind="api_error")
    return choice


@on_choice("tools.arguments-match-schema")
def no_arguments_for_no_parameters(choice: Choice, _: Call) -> Choice:
    """A tool without parameters is called with an empty text."""
    calls = [replace(call, pieces=()) if call.arguments == "{}" else call for call in choice.calls]
    return replace(choice, calls=tuple(calls))


@on_choice("tools.call-shape")
def template_in_the_name(choice: Choice, _: Call) -> Choice:
    """The name of a tool without parameters has a mark of the chat template at its end."""
    calls = [
        replace(call, name=f"{call.name}</arg_value>") if call.arguments == "{}" else call
        for call in choice.calls
    ]
    return replace(choice, calls=tuple(calls))


@on_choice("tools.arguments-match-schema", "tools.references-resolved")
def nested_arguments_as_text(choice: Choice, _: Call) -> Choice:
    """What is nested in arguments is written as JSON within a string."""

    def flat(call: FunctionCall) -> FunctionCall:
        try:
            values = json.loads(call.arguments)
        except ValueError:
            return call
        told = {k: json.dumps(v) if isinstance(v, dict | list) else v for k, v in values.items()}
        return replace(call, pieces=tuple(tokenize(json.dumps(told))))

    return replace(choice, calls=tuple(map(flat, choice.calls)))


@on_choice("tools.call-shape")
def arguments_three_times(choice: Choice, _: Call) -> Choice:
    """The arguments of a call come three times over."""
    times = 1 if choice.finish_reason == "length" else 3
    calls = [replace(call, pieces=call.pieces * times) for call in choice.calls]
    return replace(choice, calls=tuple(calls))


def each_result(body: JsonObject, edit: Callable[[int, Turn], Turn]) -> JsonObject:
    """The body with each message of a tool edited; the first has the number 0."""
    number = -1
    told = []
    for turn in turns(body):
        if turn.get("role") == "tool":
            number += 1
            told.append(edit(number, turn))
        else:
            told.append(turn)
    return {**body, "messages": told} if number >= 0 else body


@on_body("tools.result-loop")
def one_result_of_several(body: JsonObject, _: Call) -> JsonObject:
    """Of several results the last one reaches the model."""
    count = sum(turn.get("role") == "tool" for turn in turns(body))
    return each_result(body, lambda n, turn: turn if n == count - 1 else {**turn, "content": ""})


@on_body("tools.result-loop")
def results_emptied(body: JsonObject, _: Call) -> JsonObject:
    """The results of tools are empty when they reach the model."""
    return each_result(body, lambda _, turn: {**turn, "content": "..."})


@on_body("tools.results-in-text-parts")
def result_parts_dropped(body: JsonObject, _: Call) -> JsonObject:
    """A result that has text parts is empty when it reaches the model."""
    return each_result(
        body, lambda _, turn: {**turn, "content": ""} if isinstance(turn.get("content"), list) else turn
    )


@on_body("tools.results-in-text-parts")
def first_result_part_only(body: JsonObject, _: Call) -> JsonObject:
    """Of the text parts of a result the first one reaches the model."""

    def first(_: int, turn: Turn) -> Turn:
        content = turn.get("content")
        return {**turn, "content": content[:1]} if isinstance(content, list) else turn

    return each_result(body, first)


@on_body("tools.results-in-text-parts")
def parts_beside_calls_refused(body: JsonObject, _: Call) -> JsonObject:
    """An assistant message with calls must not have text parts."""
    for i, turn in enumerate(turns(body)):
        if turn.get("tool_calls") and isinstance(turn.get("content"), list):
            raise Refusal("Input should be a valid string.", param=f"messages[{i}].content")
    return body


@on_body("tools.results-by-id")
def results_in_order(body: JsonObject, _: Call) -> JsonObject:
    """Results are given to the calls in their order, whatever their ids."""
    calls = [call for turn in turns(body) for call in turn.get("tool_calls") or ()]
    count = sum(turn.get("role") == "tool" for turn in turns(body))
    if count != len(calls) or count < 2:
        return body
    return each_result(body, lambda n, turn: {**turn, "tool_call_id": calls[n]["id"]})


@on_body("tools.orphan-results-refused")
def orphans_served(body: JsonObject, _: Call) -> JsonObject:
    """A result that answers no call is left out, and the rest is served."""
    asked = {call.get("id") for turn in turns(body) for call in turn.get("tool_calls") or ()}
    orphan = any(turn.get("role") == "tool" and turn.get("tool_call_id") not in asked for turn in turns(body))
    if not orphan:
        return body
    kept = keeping(body, lambda turn: turn.get("role") != "tool" and not turn.get("tool_calls"))
    return kept if kept is not body else {**body, "messages": [{"role": "user", "content": "hi"}]}


@on_body("tools.orphan-results-refused")
def results_of_other_calls_served(body: JsonObject, _: Call) -> JsonObject:
    """A result is taken for that of the call before it, whatever id it has."""
    calls = [call for turn in turns(body) for call in turn.get("tool_calls") or ()]
    unknown = {turn.get("tool_call_id") for turn in turns(body)} - {None, *(call.get("id") for call in calls)}
    if len(calls) != 1 or not unknown:
        return body
    return each_result(body, lambda _, turn: {**turn, "tool_call_id": calls[0]["id"]})


@on_body("tools.beside-response-format")
def tools_dropped_beside_a_format(body: JsonObject, _: Call) -> JsonObject:
    """Beside a response_format tools are dropped."""
    told = any(turn.get("role") == "tool" for turn in turns(body))
    if "response_format" not in body or told:
        return body
    return without(body, "tools", "tool_choice")


@on_body("tools.beside-response-format")
def format_dropped_beside_tools(body: JsonObject, _: Call) -> JsonObject:
    """Beside tools a response_format is dropped."""
    return without(body, "response_format") if body.get("tools") else body


@on_body("tools.beside-response-format")
def format_refused_beside_tools(body: JsonObject, _: Call) -> JsonObject:
    """Tools and a response_format together are refused."""
    if body.get("tools") and body.get("response_format"):
        raise Refusal("Function calling with a response mime type is unsupported.")
    return body


@on_answer("tools.beside-n-and-logprobs")
def calls_of_the_first_choice_only(answer: JsonObject, _: Call) -> JsonObject:
    """Of several choices the first has a call."""
    return each_choice(
        answer,
        lambda choice: (
            {
                **choice,
                "message": {**without(choice["message"], "tool_calls"), "content": "I cannot say."},
                "finish_reason": "stop",
            }
            if choice["index"] and choice["message"].get("tool_calls")
            else choice
        ),
    )


@on_body("tools.beside-n-and-logprobs")
def logprobs_drop_tools(body: JsonObject, _: Call) -> JsonObject:
    """With logprobs tools are dropped."""
    return without(body, "tools", "tool_choice") if body.get("logprobs") else body

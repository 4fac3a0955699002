"""How the model calls tools, and how it fills schemas."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from conformance.contracts.chat.probes import prompts
from conformance.reference.chat.mind.answering import Choice, think
from conformance.reference.chat.mind.filling import fill
from conformance.reference.chat.request import ChatRequest, Message, PastCall, Tool, ToolChoice
from tests.ids import by_value

CITY: dict[str, Any] = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = Tool("get_weather", "The current weather in a city", CITY)
TIME = Tool("get_time", "The local time", CITY)
REQUEST = ChatRequest("reference", (Message("user", prompts.WEATHER),), temperature=0, tools=(TIME, WEATHER))


def choice(prompt: str = prompts.WEATHER, **changes: Any) -> Choice:
    """The first choice in answer to a prompt with both tools at hand."""
    return think(replace(REQUEST, messages=(Message("user", prompt),), **changes), 1)[0]


def called(said: Choice) -> list[tuple[str, Any]]:
    """Names and parsed arguments of the calls."""
    return [(call.name, json.loads(call.arguments)) for call in said.calls]


def test_the_fitting_tool_is_called_with_the_city() -> None:
    said = choice()
    assert called(said) == [("get_weather", {"city": "Paris"})]
    assert (said.finish_reason, said.text) == ("tool_calls", "")


def test_two_cities_are_two_calls() -> None:
    assert called(choice(prompts.WEATHER_TWO)) == [
        ("get_weather", {"city": "Paris"}),
        ("get_weather", {"city": "London"}),
    ]


def test_parallel_calls_can_be_switched_off() -> None:
    assert called(choice(prompts.WEATHER_TWO, parallel=False)) == [("get_weather", {"city": "Paris"})]


def test_no_call_when_calls_are_forbidden() -> None:
    said = choice(tool_choice=ToolChoice("none"))
    assert said.calls == ()
    assert said.text


def test_no_call_when_none_fits() -> None:
    assert choice(prompts.QUESTION).calls == ()


def test_a_call_when_it_is_required() -> None:
    assert len(choice(prompts.OK, tool_choice=ToolChoice("required")).calls) == 1


def test_the_named_tool_is_called() -> None:
    assert called(choice(tool_choice=ToolChoice("required", ("get_time",))))[0][0] == "get_time"


def test_a_custom_tool_gets_text() -> None:
    said = choice(tools=(Tool("weather_lookup", custom=True),))
    assert [(call.custom, call.arguments) for call in said.calls] == [(True, "Paris")]


@pytest.mark.parametrize("limit", range(1, 12))
def test_the_limit_holds_for_calls(limit: int) -> None:
    whole = choice(prompts.WEATHER_TWO)
    said = choice(prompts.WEATHER_TWO, max_tokens=limit)
    assert said.spent <= limit < whole.spent
    assert said.finish_reason == "length"


def test_a_limit_that_suffices_cuts_nothing() -> None:
    whole = choice(prompts.WEATHER_TWO)
    assert choice(prompts.WEATHER_TWO, max_tokens=whole.spent) == whole


@pytest.mark.parametrize("result", ['{"temperature": 21, "sky": "violet"}', "21 degrees, violet"])
def test_the_answer_uses_the_result(result: str) -> None:
    call = PastCall("call_1", "get_weather", '{"city": "Paris"}')
    turns = (
        *REQUEST.messages,
        Message("assistant", calls=(call,)),
        Message("tool", result, answers="call_1"),
    )
    said = think(replace(REQUEST, messages=turns), 1)[0]
    assert said.calls == ()
    assert "21" in said.text
    assert "violet" in said.text
    assert "Paris" in said.text


SCHEMAS: list[Any] = [
    {"type": "object", "properties": {}, "additionalProperties": False},
    {
        "type": "object",
        "properties": {"a": {"type": "integer", "minimum": 5, "maximum": 7}},
        "required": ["a"],
    },
    {"type": "object", "properties": {"a": {"type": "integer", "exclusiveMinimum": 5}}, "required": ["a"]},
    {"type": "object", "properties": {"a": {"type": "number", "maximum": -2}}, "required": ["a"]},
    {"type": "object", "properties": {"a": {"type": "number", "exclusiveMaximum": 1}}, "required": ["a"]},
    {
        "type": "object",
        "properties": {"a": {"type": "integer", "multipleOf": 7, "minimum": 10}},
        "required": ["a"],
    },
    {
        "type": "object",
        "properties": {"a": {"enum": ["x7", "y8"]}, "b": {"const": 4}},
        "required": ["a", "b"],
    },
    {"type": "object", "properties": {"a": {"type": ["null", "string"]}}, "required": ["a"]},
    {
        "type": "object",
        "properties": {"a": {"type": "null"}, "b": {"type": "boolean"}},
        "required": ["a", "b"],
    },
    {"type": "object", "properties": {"a": {"type": "string", "minLength": 9}}, "required": ["a"]},
    {"type": "object", "properties": {"long": {"type": "string", "maxLength": 2}}, "required": ["long"]},
    {"type": "object", "properties": {"a": {"type": "array", "items": {"type": "integer"}, "minItems": 3}}},
    {"type": "object", "properties": {"d": {"type": "string", "format": "date"}}, "required": ["d"]},
    {
        "type": "object",
        "properties": {"a": {"$ref": "#/$defs/n"}},
        "required": ["a"],
        "$defs": {"n": {"const": 1}},
    },
    {
        "type": "object",
        "properties": {"a": {"anyOf": [{"type": "integer"}, {"type": "null"}]}},
        "required": ["a"],
    },
    {"allOf": [{"type": "object", "properties": {"a": {"type": "string"}}}, {"required": ["a", "b"]}]},
    {
        "type": "object",
        "properties": {"p": {"type": "object", "properties": {"name": {}}, "required": ["name"]}},
    },
    {"type": "array", "items": {"type": "string"}},
]


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
@pytest.mark.parametrize(
    "known", [{}, {"a": "x7", "name": "Alice"}], ids=["nothing known", "something known"]
)
def test_what_is_filled_in_satisfies_the_schema(schema: Any, known: dict[str, Any]) -> None:
    value = fill(schema, known)
    jsonschema.Draft202012Validator(schema).validate(value)


def test_what_is_known_is_filled_in() -> None:
    properties = {"name": {"type": "string"}, "age": {"type": "integer"}, "unit": {"enum": ["c", "f"]}}
    schema = {"type": "object", "properties": properties, "required": ["name", "age", "unit"]}
    assert fill(schema, {"name": "Alice", "age": 30, "unit": "f"}) == {
        "name": "Alice",
        "age": 30,
        "unit": "f",
    }


def test_a_schema_without_end_is_cut() -> None:
    schema = {"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]}
    assert "a" in fill(schema, {})


@pytest.mark.parametrize(
    "schema", [{"$ref": "#"}, {"$ref": "#/no/where"}, {"anyOf": [1]}, {"properties": []}, 7], ids=by_value
)
def test_nonsense_is_survived(schema: Any) -> None:
    fill(schema, {})

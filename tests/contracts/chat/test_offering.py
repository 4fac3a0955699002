"""Whether calls fit what a request offers, and whether one stands in a text, in whatever mark-up."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.contracts.chat.cases.tooling import NO_PARAMETERS, TYPED
from conformance.contracts.chat.reading.offering import Offered, offered, written_call

WEATHER = Offered("get_weather", {"type": "object", "properties": {"city": {"type": "string"}}})
NOW = Offered("current_time", {"type": "object", "properties": {}})

WRITTEN = {
    "python": "[get_weather(city='Paris')]",
    "json": '{"name": "get_weather", "arguments": {"city": "Paris"}}',
    "fenced json": '```json\n{"tool": "get_weather",\n "parameters": {"city": "Paris"}}\n```',
    "keys in tags": "<tool_call>get_weather\n<arg_key>city</arg_key>\n<arg_value>Paris</arg_value>",
    "xml of functions": "<function=get_weather>\n<parameter=city>\nParis\n</parameter>\n</function>",
    "full-width bars": '<｜DSML｜invoke name="get_weather">\n<｜DSML｜parameter name="city" string="true">',
    "channels": 'to=functions.get_weather <|constrain|>json<|message|>{"city": "Paris"}',
    "of nobody": "«call» {get_weather} [city = Paris] «/call»",
    "yaml": "tool: get_weather\nargs:\n  city: Paris",
    "list of tokens": '[TOOL_CALLS]get_weather[ARGS]{"city": "Paris"}',
}

SAID = {
    "prose": "I would use get_weather with the city Paris.",
    "a name in code": "The tool `get_weather` takes a city.",
    "a description": '{"name": "get_weather", "parameters": {"properties": {"city": {"type": "string"}}}}',
    "a signature": "get_weather(city: str) tells the weather.",
    "another tool": '{"name": "get_forecast", "arguments": {"city": "Paris"}}',
    "part of a name": "my_get_weather(city='Paris')",
    "nothing": "",
}


@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN)
def test_a_call_in_a_text_is_found_by_what_it_has(text: str) -> None:
    found = written_call(f"Let me see.\n{text}\n", (NOW, WEATHER))
    assert found is not None
    assert "get_weather" in found
    assert found in f"Let me see.\n{text}\n"


@pytest.mark.parametrize("text", SAID.values(), ids=SAID)
def test_who_speaks_of_a_tool_does_not_call_it(text: str) -> None:
    assert written_call(text, (NOW, WEATHER)) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("<tool_call>current_time</tool_call>", True, id="in a tag"),
        pytest.param('{"name": "current_time", "arguments": {}}', True, id="json"),
        pytest.param("current_time({})", True, id="a line of code"),
        pytest.param('<invoke name="current_time">', True, id="an attribute"),
        pytest.param("I would ask current_time for that.", False, id="prose"),
        pytest.param('There is a tool "current_time" for that.', False, id="quoted"),
    ],
)
def test_a_tool_without_parameters_is_called_by_its_name_alone(text: str, found: bool) -> None:
    assert (written_call(text, (NOW,)) is not None) is found


def test_a_long_text_takes_no_time() -> None:
    assert written_call("get_weather " * 100_000, (WEATHER,)) is None
    assert written_call("<" * 1_000_000 + "current_time", (NOW,)) is None


@pytest.mark.parametrize(
    "tools",
    [
        pytest.param(None, id="none"),
        pytest.param([], id="empty"),
        pytest.param([{"type": "custom", "custom": {"name": "run"}}], id="custom"),
        pytest.param([{"type": "function"}], id="no function"),
        pytest.param([{"type": "function", "function": {"name": 5}}], id="no name"),
        pytest.param("get_weather", id="a text"),
    ],
)
def test_what_offers_no_functions(tools: Any) -> None:
    assert offered({"tools": tools}) is None


GUEST = {"name": "Alice", "age": 30}
FIT = {"guest": GUEST, "seats": 2, "area": "inside", "dishes": ["soup"], "vegan": False}


@pytest.mark.parametrize(
    ("values", "misfit"),
    [
        pytest.param(FIT, None, id="fits"),
        pytest.param({**FIT, "remark": "by the window"}, None, id="an optional one"),
        pytest.param({**FIT, "seats": "2"}, "`seats`: '2' is not of type 'integer'", id="number as text"),
        pytest.param({**FIT, "dishes": '["soup"]'}, "`dishes`: '[\"soup\"]' is not", id="array as text"),
        pytest.param({**FIT, "guest": {**GUEST, "age": "30"}}, "`guest.age`: '30'", id="within"),
        pytest.param({**FIT, "area": "roof"}, "`area`: 'roof' is not one of", id="none of the words"),
        pytest.param({"guest": GUEST}, "'seats' is a required property", id="one is missing"),
    ],
)
def test_arguments_are_held_against_the_schema(values: dict[str, Any], misfit: str | None) -> None:
    (tool,) = offered(TYPED.members) or ()
    found = tool.misfit(values)
    assert (found is None) if misfit is None else (found or "").startswith(misfit)


@pytest.mark.parametrize(
    "schema",
    [
        pytest.param({"$ref": "https://example.org/unknown.json"}, id="elsewhere"),
        pytest.param({"$ref": "#/$defs/none"}, id="nowhere"),
        pytest.param({"type": 5}, id="no type"),
        pytest.param({"properties": []}, id="no properties"),
        pytest.param({"properties": {"city": {"pattern": "(a+)+$"}}}, id="a pattern"),
    ],
)
def test_a_schema_that_cannot_be_read_accuses_nobody(schema: dict[str, Any]) -> None:
    assert Offered("tool", schema).misfit({"city": "a" * 40 + "!"}) is None


def test_a_tool_without_parameters_takes_none() -> None:
    (tool,) = offered(NO_PARAMETERS.members) or ()
    assert tool.misfit({}) is None
    assert (tool.misfit({"zone": "UTC"}) or "").startswith("Additional properties")

"""Every documented parameter: what is accepted, what is refused, and by which name."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.reference.chat.rules.chat import CONTEXT, read_request
from conformance.reference.chat.rules.parameters import NULLABLE, REQUIRED
from conformance.reference.refusal import Refusal

HELLO = [{"role": "user", "content": "Hello, JSON"}]
TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}
FUNCTION = TOOL["function"]
STRICT = {
    "type": "object",
    "properties": {"a": {"type": "array", "items": {"type": "object", "properties": {}, "required": []}}},
    "required": ["a"],
    "additionalProperties": False,
}


def body(**parameters: Any) -> dict[str, Any]:
    """A valid body with these parameters."""
    return {"model": "reference", "messages": HELLO, **parameters}


def schema(inner: Any = None, **more: Any) -> dict[str, Any]:
    """A response format with a JSON Schema."""
    return {"type": "json_schema", "json_schema": {"name": "thing", "schema": inner or {}, **more}}


ACCEPTED: list[dict[str, Any]] = [
    *({"temperature": value} for value in (0, 1, 2, 0.5, 2.0)),
    *({"top_p": value} for value in (0, 0.01, 1)),
    *({"n": value} for value in (1, 128)),
    *({"max_tokens": value} for value in (1, 10**9)),
    *({"max_completion_tokens": value} for value in (1, 7)),
    {"max_tokens": 9, "max_completion_tokens": 7},
    *({"stop": value} for value in ("", "x", ["x"], ["1", "2", "3", "4"])),
    *({"frequency_penalty": value, "presence_penalty": -value} for value in (-2, 0, 2)),
    *({"logit_bias": value} for value in ({}, {"50256": -100}, {"1": 100, "2": 0.5})),
    {"logprobs": False},
    {"logprobs": True},
    *({"logprobs": True, "top_logprobs": value} for value in (0, 20)),
    *({"seed": value} for value in (0, -1, 2**63 - 1, -(2**63))),
    *({"response_format": {"type": value}} for value in ("text", "json_object")),
    {"response_format": schema()},
    {"response_format": schema({"type": "object"}, strict=False, description="a thing")},
    {"stream": False},
    {"stream": True},
    *({"stream": True, "stream_options": value} for value in ({}, {"include_usage": True})),
    {"stream": True, "stream_options": {"include_usage": None, "include_obfuscation": True}},
    *({"service_tier": value} for value in ("auto", "default", "flex", "scale", "priority", "fast")),
    {"store": True},
    {"metadata": {}},
    {"metadata": {"k" * 64: "v" * 512}},
    {"metadata": {str(i): "" for i in range(16)}},
    {"user": ""},
    {"safety_identifier": "x" * 64},
    {"prompt_cache_key": "k"},
    {"prompt_cache_options": {}},
    {"prompt_cache_retention": "24h"},
    *({"reasoning_effort": value} for value in ("none", "minimal", "low", "medium", "high", "xhigh", "max")),
    *({"verbosity": value} for value in ("low", "medium", "high")),
    {"modalities": ["text"]},
    {"audio": {"voice": "alloy", "format": "wav"}},
    {"prediction": {"type": "content", "content": "Hello"}},
    {"prediction": {"type": "content", "content": [{"type": "text", "text": "Hello"}]}},
    {"web_search_options": {}},
    {"moderation": {}},
    {"tools": []},
    {"tools": [TOOL]},
    {"tools": [{"type": "function", "function": {"name": "x", "parameters": None, "strict": None}}]},
    {"tools": [{"type": "custom", "custom": {"name": "x", "description": "y"}}]},
    *({"tools": [TOOL], "tool_choice": value} for value in ("none", "auto", "required")),
    {"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "look"}}},
    {
        "tools": [TOOL],
        "tool_choice": {
            "type": "allowed_tools",
            "allowed_tools": {"mode": "auto", "tools": [{"type": "function", "function": {"name": "look"}}]},
        },
    },
    *({"tool_choice": value} for value in ("none", "auto")),
    {"parallel_tool_calls": False},
    {"functions": [FUNCTION]},
    *({"functions": [FUNCTION], "function_call": value} for value in ("none", "auto", {"name": "look"})),
]


def each(param: str, *values: Any, **others: Any) -> list[tuple[str, dict[str, Any]]]:
    """Bad values for a parameter, and the name by which they must be refused."""
    return [(param, {param.partition(".")[0]: value, **others}) for value in values]


REFUSED: list[tuple[str, dict[str, Any]]] = [
    *each("temperature", -0.1, 2.1, "hot", "1", True, [], {}, 10**400),
    *each("top_p", -0.1, 1.1, "1", True),
    *each("n", 0, -1, 1.5, 1.0, 129, "1", True),
    *each("max_tokens", 0, -1, 1.5, 5.0, "5", True),
    *each("max_completion_tokens", 0, -1, 1.5, "5", False),
    *each("stop", 1, [], ["1", "2", "3", "4", "5"], [1], {}, True),
    *each("frequency_penalty", -2.1, 2.1, "1", False),
    *each("presence_penalty", -2.1, 2.1, "1", False),
    *each(
        "logit_bias", {"1": 101}, {"1": -100.5}, {"1": "2"}, {"x": 1}, {"-1": 1}, {"": 1}, [], 1, {"1": True}
    ),
    *each("logprobs", 1, "true", 5),
    ("top_logprobs", {"top_logprobs": 2}),
    ("top_logprobs", {"top_logprobs": 2, "logprobs": False}),
    *each("top_logprobs", -1, 21, 1.5, "2", True, logprobs=True),
    *each("seed", 1.5, "7", True, 2**63),
    *each("response_format.type", {}, {"type": "xml"}, {"type": None}, {"type": 1}, {"type": "JSON_OBJECT"}),
    *each("response_format", "json_object", [], 1),
    ("response_format.json_schema", {"response_format": {"type": "json_schema"}}),
    ("response_format.json_schema", {"response_format": {"type": "json_object", "json_schema": {}}}),
    ("response_format.json_schema.name", {"response_format": schema(name="a b")}),
    ("response_format.json_schema.name", {"response_format": schema(name="x" * 65)}),
    ("response_format.json_schema.schema", {"response_format": schema([1])}),
    ("response_format.json_schema.strict", {"response_format": schema(strict="yes")}),
    ("response_format.json_schema.other", {"response_format": schema(other=1)}),
    (
        "response_format.json_schema.schema.properties.a.items",
        {"response_format": schema(STRICT, strict=True)},
    ),
    *each("stream", "yes", 1, []),
    ("stream_options", {"stream_options": {"include_usage": True}}),
    ("stream_options", {"stream_options": {"include_usage": True}, "stream": False}),
    ("stream_options", {"stream_options": [], "stream": True}),
    ("stream_options.include_usage", {"stream_options": {"include_usage": "yes"}, "stream": True}),
    ("stream_options.other", {"stream_options": {"other": True}, "stream": True}),
    *each("service_tier", "gold", 1, ""),
    *each("store", 1, "true"),
    *each(
        "metadata",
        {str(i): "" for i in range(17)},
        {"k" * 65: ""},
        {"k": "v" * 513},
        {"k": 1},
        {"k": None},
        [],
        "x",
    ),
    *each("user", 1, {}),
    *each("safety_identifier", "x" * 65, 1),
    ("prompt_cache_key", {"prompt_cache_key": 1}),
    ("prompt_cache_options", {"prompt_cache_options": "x"}),
    ("prompt_cache_retention", {"prompt_cache_retention": "48h"}),
    *each("reasoning_effort", "huge", 1),
    *each("verbosity", "loud", 1),
    *each("modalities", [], ["video"], "text", ["text", "audio"]),
    ("audio", {"audio": "wav"}),
    ("audio.voice", {"audio": {"format": "wav"}}),
    ("audio.format", {"audio": {"voice": "alloy", "format": "midi"}}),
    ("prediction.type", {"prediction": {}}),
    ("prediction.content", {"prediction": {"type": "content"}}),
    ("web_search_options", {"web_search_options": True}),
    ("moderation", {"moderation": True}),
    *each("tools", {}, "x", [1], [TOOL] * 129, [TOOL, TOOL]),
    ("tools[0].type", {"tools": [{"function": FUNCTION}]}),
    ("tools[0].function", {"tools": [{"type": "function"}]}),
    ("tools[0].function.name", {"tools": [{"type": "function", "function": {}}]}),
    ("tools[0].function.name", {"tools": [{"type": "function", "function": {"name": "a b"}}]}),
    (
        "tools[0].function.parameters",
        {"tools": [{"type": "function", "function": {"name": "x", "parameters": 1}}]},
    ),
    ("tools[0].function.strict", {"tools": [{"type": "function", "function": {"name": "x", "strict": 1}}]}),
    ("tools[0].other", {"tools": [{**TOOL, "other": 1}]}),
    ("tools[0].custom.name", {"tools": [{"type": "custom", "custom": {}}]}),
    *each("tool_choice", "any", 1, [], tools=[TOOL]),
    ("tool_choice", {"tool_choice": "required"}),
    ("tool_choice", {"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "other"}}}),
    ("tool_choice.type", {"tools": [TOOL], "tool_choice": {}}),
    ("tool_choice.function", {"tools": [TOOL], "tool_choice": {"type": "function"}}),
    (
        "tool_choice.allowed_tools.mode",
        {"tools": [TOOL], "tool_choice": {"type": "allowed_tools", "allowed_tools": {}}},
    ),
    *each("parallel_tool_calls", 1, "no"),
    *each("functions", [], {}, [FUNCTION] * 129),
    ("functions[0].name", {"functions": [{}]}),
    ("function_call", {"functions": [FUNCTION], "function_call": "required"}),
    ("function_call", {"functions": [FUNCTION], "function_call": {"name": "other"}}),
    *each("model", None, 123, "", "no-such-model", ["reference"]),
    *each("messages", None, "hi", [], [1], {}, [HELLO]),
    *((name, {name: 1}) for name in ("x_conformance_probe", "max_output_tokens", "Temperature", "")),
]


@pytest.mark.parametrize("parameters", ACCEPTED, ids=str)
def test_accepted(parameters: dict[str, Any]) -> None:
    assert read_request(body(**parameters)).messages[0].text == "Hello, JSON"


@pytest.mark.parametrize(("param", "parameters"), REFUSED, ids=lambda value: str(value)[:70])
def test_refused_by_name(param: str, parameters: dict[str, Any]) -> None:
    with pytest.raises(Refusal) as refused:
        read_request(body(**parameters))
    assert refused.value.param == param
    assert refused.value.status == (404 if refused.value.code == "model_not_found" else 400)
    assert refused.value.body()["error"]["type"] == "invalid_request_error"
    assert len(refused.value.message) < 400


@pytest.mark.parametrize("name", sorted(NULLABLE))
def test_null_is_unset(name: str) -> None:
    assert read_request(body(**{name: None})) == read_request(body())


@pytest.mark.parametrize("name", sorted(REQUIRED))
def test_required(name: str) -> None:
    whole = body()
    del whole[name]
    with pytest.raises(Refusal) as refused:
        read_request(whole)
    assert refused.value.param == name


def test_all_37_parameters_are_known() -> None:
    assert len(NULLABLE) + len(REQUIRED) == 37


def test_the_table_covers_every_parameter() -> None:
    assert {name for parameters in ACCEPTED for name in parameters} == set(NULLABLE)
    assert {param.partition(".")[0].partition("[")[0] for param, _ in REFUSED} >= {*NULLABLE, *REQUIRED}


def test_json_mode_needs_the_word() -> None:
    with pytest.raises(Refusal) as refused:
        read_request(
            body(messages=[{"role": "user", "content": "Hello"}], response_format={"type": "json_object"})
        )
    assert refused.value.param == "messages"


def test_the_smaller_limit_counts() -> None:
    assert read_request(body(max_tokens=9, max_completion_tokens=7)).max_tokens == 7


def test_a_prompt_beyond_the_context_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        read_request(body(messages=[{"role": "user", "content": "a " * CONTEXT}]))
    assert refused.value.code == "context_length_exceeded"

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from referencing import Registry, Resource

from conformance import schemas
from conformance.contracts.chat.reading.schema import NAMES, Name, violations
from conformance.wire.schema import MAX_VIOLATIONS
from tests.contracts.chat.legal import (
    ABSENT,
    CALL,
    CHUNK,
    COMPLETION,
    CUSTOM_CALL,
    LEGAL,
    TOKEN,
    USAGE,
    changed,
)
from tests.ids import by_value

MESSAGE = "choices.0.message"
DELTA = "choices.0.delta"

# What servers in use do, and what the contract leaves open.
VARIATIONS: list[tuple[Name, str, Any]] = [
    ("completion", "usage", ABSENT),
    ("completion", "service_tier", None),
    ("completion", "system_fingerprint", "fp_1"),
    ("completion", "choices.0.logprobs", ABSENT),
    ("completion", "choices.0.logprobs", None),
    ("completion", "choices.0.logprobs.content", None),
    ("completion", "choices.0.logprobs.content.0.bytes", ABSENT),
    ("completion", "choices.0.logprobs.content.0.bytes", None),
    ("completion", "choices.0.logprobs.content.0.top_logprobs", []),
    ("completion", "choices.0.logprobs.content.0.bytes", [0, 255]),
    ("completion", "choices.0.logprobs.content.0.logprob", 0),
    ("completion", f"{MESSAGE}.refusal", ABSENT),
    ("completion", f"{MESSAGE}.refusal", "No."),
    ("completion", f"{MESSAGE}.content", None),
    ("completion", f"{MESSAGE}.content", ""),
    ("completion", f"{MESSAGE}.tool_calls", None),
    ("completion", f"{MESSAGE}.tool_calls", [CALL, CUSTOM_CALL]),
    ("completion", f"{MESSAGE}.function_call", {"name": "f", "arguments": ""}),
    ("completion", f"{MESSAGE}.function_call", None),
    ("completion", f"{MESSAGE}.reasoning_content", ["anything"]),
    ("completion", "choices.0.finish_reason", "tool_calls"),
    ("completion", "provider", "anyone"),
    ("completion", "usage.prompt_tokens_details", None),
    ("completion", "usage.cost", 0.1),
    ("chunk", "choices", []),
    ("chunk", "usage", ABSENT),
    ("chunk", "usage", USAGE),
    ("chunk", DELTA, {}),
    ("chunk", f"{DELTA}.content", None),
    ("chunk", f"{DELTA}.role", ABSENT),
    ("chunk", f"{DELTA}.role", None),
    ("chunk", f"{DELTA}.tool_calls", None),
    ("chunk", f"{DELTA}.tool_calls.1", {"index": 0, "id": None, "type": None, "function": {"name": None}}),
    ("chunk", f"{DELTA}.function_call", {"arguments": "{"}),
    ("chunk", "choices.0.finish_reason", ABSENT),
    ("chunk", "choices.0.logprobs", {"content": [TOKEN]}),
    ("usage", "completion_tokens", 0),
    ("usage", "completion_tokens_details", ABSENT),
    ("usage", "completion_tokens_details.reasoning_tokens", None),
    ("error", "error.type", ABSENT),
    ("error", "error.param", ABSENT),
    ("error", "error.code", None),
    ("error", "error.code", 401),
    ("error", "request_id", "1"),
    ("models", "data", []),
    ("models", "success", True),
    ("model", "created", 0),
]

DEPARTURES: list[tuple[Name, str, Any, str]] = [
    ("completion", "id", ABSENT, "is missing"),
    ("completion", "id", "", "must not be empty"),
    ("completion", "id", 7, "must be a string, not the integer 7"),
    ("completion", "object", "text_completion", 'must be the string "chat.completion", not the string'),
    ("completion", "created", 1760000000.0, "must be an integer, not the number 1760000000.0"),
    ("completion", "created", "1760000000", 'must be an integer, not the string "1760000000"'),
    ("completion", "created", True, "must be an integer, not true"),
    ("completion", "created", -1, "must be at least 0, not the integer -1"),
    ("completion", "model", None, "must be a string, not null"),
    ("completion", "choices", ABSENT, "is missing"),
    ("completion", "choices", None, "must be an array, not null"),
    ("completion", "choices", [], "must not be empty"),
    ("completion", "choices.0", None, "must be an object, not null"),
    ("completion", "choices.0.index", "0", "must be an integer"),
    ("completion", "choices.0.finish_reason", ABSENT, "is missing"),
    ("completion", "choices.0.finish_reason", None, '"content_filter", "function_call", not null'),
    ("completion", "choices.0.finish_reason", "end_turn", 'not the string "end_turn"'),
    ("completion", "choices.0.finish_reason", "", 'not the string ""'),
    ("completion", MESSAGE, ABSENT, "is missing"),
    ("completion", f"{MESSAGE}.role", "user", 'must be the string "assistant"'),
    ("completion", f"{MESSAGE}.content", ABSENT, "is missing"),
    ("completion", f"{MESSAGE}.content", [{"type": "text"}], "a string or null, not an array of length 1"),
    ("completion", f"{MESSAGE}.refusal", False, "must be a string or null, not false"),
    ("completion", f"{MESSAGE}.tool_calls", {}, "must be an array or null, not an empty object"),
    ("completion", "choices.0.logprobs", [], "must be an object or null, not an empty array"),
    ("completion", "choices.0.logprobs.content.0.logprob", "-1", "must be a number"),
    ("completion", "choices.0.logprobs.content.0.logprob", False, "must be a number, not false"),
    ("completion", "choices.0.logprobs.content.0.bytes.1", 256, "must be at most 255"),
    ("completion", "choices.0.logprobs.content.0.top_logprobs", None, "must be an array, not null"),
    ("completion", "usage", None, "must be an object, not null"),
    ("completion", "usage.total_tokens", ABSENT, "is missing"),
    ("completion", "usage.prompt_tokens", 9.0, "must be an integer, not the number 9.0"),
    ("completion", "service_tier", 1, "must be a string or null"),
    ("chunk", "object", "chat.completion", 'must be the string "chat.completion.chunk"'),
    ("chunk", "object", "", 'must be the string "chat.completion.chunk"'),
    ("chunk", "id", "", "must not be empty"),
    ("chunk", "model", ABSENT, "is missing"),
    ("chunk", "choices", None, "must be an array, not null"),
    ("chunk", "choices.0.index", ABSENT, "is missing"),
    ("chunk", DELTA, ABSENT, "is missing"),
    ("chunk", DELTA, None, "must be an object, not null"),
    ("chunk", f"{DELTA}.role", "", 'must be one of "assistant", null, not the string ""'),
    ("chunk", f"{DELTA}.content", ["Hi"], "must be a string or null"),
    ("chunk", "choices.0.finish_reason", "", "must be one of"),
    ("chunk", "choices.0.finish_reason", "null", 'not the string "null"'),
    ("chunk", "choices.0.logprobs", "none", "must be an object or null"),
    ("chunk", f"{DELTA}.tool_calls.1.index", ABSENT, "is missing"),
    ("chunk", f"{DELTA}.tool_calls.1.type", "", "must be one of"),
    ("chunk", f"{DELTA}.tool_calls.1.function.arguments", {}, "must be a string or null"),
    ("chunk", "usage", [], "must be an object or null"),
    ("chunk", "usage", {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": "2"}, "an integer"),
    ("usage", "completion_tokens", None, "must be an integer, not null"),
    ("usage", "prompt_tokens", -9, "must be at least 0"),
    ("usage", "completion_tokens_details.reasoning_tokens", 0.5, "must be an integer or null"),
    ("error", "error", ABSENT, "is missing"),
    ("error", "error", "No such model.", "must be an object, not the string"),
    ("error", "error.message", ABSENT, "is missing"),
    ("error", "error.message", " \n", "must not be blank"),
    ("error", "error.message", ["No"], "must be a string"),
    ("error", "error.type", None, "must be a string, not null"),
    ("error", "error.code", 401.0, "must be a string or an integer or null"),
    ("error", "error.param", {}, "must be a string or null"),
    ("models", "object", ABSENT, "is missing"),
    ("models", "data", ABSENT, "is missing"),
    ("models", "data.1", "gpt-4o", "must be an object"),
    ("models", "data.1.id", "", "must not be empty"),
    ("models", "data.1.object", "llm", 'must be the string "model"'),
    ("model", "created", "2024", "must be an integer"),
    ("model", "owned_by", ABSENT, "is missing"),
]


def dotted(path: str) -> str:
    return path.removeprefix("$.").replace("[", ".").replace("]", "")


@pytest.mark.parametrize("name", NAMES)
def test_a_legal_value_has_no_violations(name: Name) -> None:
    assert violations(name, LEGAL[name]) == ()


@pytest.mark.parametrize(("name", "path", "value"), VARIATIONS)
def test_a_legal_variation_has_no_violations(name: Name, path: str, value: Any) -> None:
    assert violations(name, changed(name, path, value)) == ()


@pytest.mark.parametrize(("name", "path", "value", "message"), DEPARTURES)
def test_a_departure_is_named_at_its_path(name: Name, path: str, value: Any, message: str) -> None:
    (violation,) = violations(name, changed(name, path, value))
    assert dotted(violation.path).startswith(path)
    assert message in violation.message
    assert str(violation) == f"{violation.path} {violation.message}"


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ({**CALL, "id": ""}, {"id": "must not be empty"}),
        ({**CALL, "id": None}, {"id": "must be a string, not null"}),
        ({"id": "1", "type": "function"}, {"function": "is missing"}),
        ({"id": "1", "function": CALL["function"]}, {"type": "is missing"}),
        ({"id": "1", "type": "custom"}, {"custom": "is missing"}),
        (
            {**CALL, "function": {"name": "", "arguments": {}}},
            {
                "function.arguments": "must be a string, not an empty object",
                "function.name": "must not be empty",
            },
        ),
        ({**CUSTOM_CALL, "custom": {"name": "shell"}}, {"custom.input": "is missing"}),
    ],
    ids=by_value,
)
def test_a_tool_call_has_its_members(call: Any, expected: dict[str, str]) -> None:
    value = changed("completion", f"{MESSAGE}.tool_calls", [CALL, call])
    prefix = "$.choices[0].message.tool_calls[1]."
    assert {found.path: found.message for found in violations("completion", value)} == {
        prefix + path: message for path, message in expected.items()
    }


def test_the_first_chunk_of_azure_is_legal_but_only_without_choices() -> None:
    first = {"id": "", "object": "", "created": 0, "model": "", "choices": [], "prompt_filter_results": []}
    assert violations("chunk", first) == ()
    with_choices = {**first, "choices": CHUNK["choices"]}
    assert [found.path for found in violations("chunk", with_choices)] == ["$.id", "$.model", "$.object"]
    assert [found.path for found in violations("chunk", {**CHUNK, "choices": [], "id": ""})] == ["$.id"]


def test_all_violations_are_listed_in_the_order_of_their_paths() -> None:
    choices = [copy.deepcopy(COMPLETION["choices"][0]) for _ in range(12)]  # type: ignore[index]
    for position in (2, 10):
        choices[position]["index"] = None
    choices[10]["message"] = {}
    value = {**COMPLETION, "choices": choices, "created": "now", "model": ""}
    del value["id"]
    expected = [
        "$.choices[2].index",
        "$.choices[10].index",
        "$.choices[10].message.content",
        "$.choices[10].message.role",
        "$.created",
        "$.id",
        "$.model",
    ]
    assert [found.path for found in violations("completion", value)] == expected
    assert violations("completion", dict(reversed(value.items()))) == violations("completion", value)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [None, True, 1, "x", [], [{}]], ids=by_value)
def test_what_is_no_object_is_called_so(name: Name, value: Any) -> None:
    (violation,) = violations(name, value)
    assert violation.path == "$"
    assert violation.message.startswith("must be an object, not ")


@pytest.mark.parametrize(
    "value",
    ["x" * 10**6, 10**5000, -(10**5000), [[]] * 10**5, {"\x1b[31m": 1}],
    ids=["long", "large", "negative", "wide", "unprintable"],
)
@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_value_gives_bounded_printable_messages(name: Name, value: Any) -> None:
    hostile = dict.fromkeys(LEGAL[name], value)
    found = violations(name, hostile) + violations(name, {"object": "", "choices": [value]})
    assert found
    assert all(len(each.message) < 250 and each.message.isprintable() for each in found)


def test_the_number_of_violations_is_bounded() -> None:
    assert len(violations("models", {"object": "list", "data": [0] * (MAX_VIOLATIONS + 5)})) == MAX_VIOLATIONS


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.data())
def test_no_json_value_makes_it_raise(data: st.DataObject) -> None:
    name: Name = data.draw(st.sampled_from(NAMES))
    value = json.loads(json.dumps(LEGAL[name]))
    for _ in range(data.draw(st.integers(1, 3))):
        place, key = data.draw(st.sampled_from(list(places(value)) or [({}, "")]))
        place[key] = data.draw(JSON)
    assert isinstance(violations(name, value), tuple)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    items: Any = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        yield value, key
        if isinstance(inner, dict | list):
            yield from places(inner)


@pytest.mark.parametrize(
    ("name", "path", "value"), [(name, path, value) for name, path, value, _ in DEPARTURES]
)
def test_the_rules_are_those_of_json_schema_but_for_integers(name: Name, path: str, value: Any) -> None:
    registry: Registry[Any] = Registry().with_resources(
        [(f"{each}.schema.json", Resource.from_contents(schemas.load(each))) for each in NAMES]
    )
    theirs = jsonschema.Draft202012Validator(schemas.load(name), registry=registry)
    departs = changed(name, path, value)
    assert theirs.is_valid(departs) == (isinstance(value, float) and value.is_integer())

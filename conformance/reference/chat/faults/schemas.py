"""Faults in schemas as libraries write them: references, bounds, arrays, null; and formats in streams."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from conformance.reference.call import Call, JsonObject
from conformance.reference.change import crash, without
from conformance.reference.chat.faults.change import saying
from conformance.reference.chat.faults.fault import on_body, on_choice
from conformance.reference.chat.mind.answering import Choice
from conformance.reference.refusal import Refusal

BOUNDS = frozenset(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minItems", "maxItems"))

IN_STREAMS = ("structured.schema-kept-when-streamed", "structured.json-object-when-streamed")

Rewrite = Callable[[JsonObject], Any]


def _each(value: Any, rewrite: Rewrite) -> Any:
    """A JSON value in which each object is rewritten, the inner ones first."""
    if isinstance(value, list):
        return [_each(one, rewrite) for one in value]
    if not isinstance(value, dict):
        return value
    return rewrite({name: _each(one, rewrite) for name, one in value.items()})


def _in_formats(body: JsonObject, rewrite: Rewrite) -> JsonObject:
    wanted = body.get("response_format")
    return {**body, "response_format": _each(wanted, rewrite)} if isinstance(wanted, dict) else body


def _in_tools(body: JsonObject, rewrite: Rewrite) -> JsonObject:
    return {**body, "tools": _each(body["tools"], rewrite)} if body.get("tools") else body


def _refers(value: Any) -> bool:
    return '"$ref"' in json.dumps(value)


def _unknown_reference(param: str) -> Refusal:
    why = "reference to component '#/$defs/X' which was not found in the schema."
    return Refusal(f"Invalid schema: {why}", param=param)


@on_body("structured.references-resolved", "tools.references-resolved")
def references_refused(body: JsonObject, _: Call) -> JsonObject:
    """A schema with references is refused, of a format as of a tool."""
    return _without_references(body, "response_format", "tools")


@on_body("structured.references-resolved")
def references_refused_in_formats(body: JsonObject, _: Call) -> JsonObject:
    """A response_format whose schema has references is refused."""
    return _without_references(body, "response_format")


@on_body("tools.references-resolved")
def references_refused_in_tools(body: JsonObject, _: Call) -> JsonObject:
    """A tool whose parameters have references is refused."""
    return _without_references(body, "tools")


@on_body("tools.references-resolved")
def references_crash_in_tools(body: JsonObject, _: Call) -> JsonObject:
    """A tool whose parameters have references is a crash."""
    if _refers(body.get("tools")):
        raise crash()
    return body


@on_body("structured.references-resolved")
def references_lost_in_formats(body: JsonObject, _: Call) -> JsonObject:
    """What a schema refers to is lost: anything goes there."""
    return _in_formats(body, lambda one: {} if "$ref" in one else one)


@on_body("tools.references-resolved")
def references_lost_in_tools(body: JsonObject, _: Call) -> JsonObject:
    """What the parameters of a tool refer to is lost: anything goes there."""
    return _in_tools(body, lambda one: {} if "$ref" in one else one)


@on_body("structured.types-kept")
def schema_of_strings_only(body: JsonObject, _: Call) -> JsonObject:
    """A schema holds for strings: every other value becomes one."""

    def as_text(one: JsonObject) -> JsonObject:
        plain = one.get("type") in ("integer", "number", "boolean", "array", "null")
        return {"type": "string"} if plain else one

    return _in_formats(body, as_text)


@on_body("structured.types-kept")
def bounds_of_a_schema_ignored(body: JsonObject, _: Call) -> JsonObject:
    """The bounds of numbers and arrays in a schema are ignored."""
    return _in_formats(body, lambda one: without(one, *BOUNDS))


@on_body("structured.types-kept")
def schema_of_the_outermost_only(body: JsonObject, _: Call) -> JsonObject:
    """Of objects within objects only that they are objects is kept."""
    wanted = body.get("response_format")
    if not isinstance(wanted, dict) or wanted.get("type") != "json_schema" or _refers(wanted):
        return body
    wrapper = wanted["json_schema"]
    schema = wrapper["schema"]
    properties = {name: _emptied(one) for name, one in schema.get("properties", {}).items()}
    flat = {**wrapper, "schema": {**schema, "properties": properties}}
    return {**body, "response_format": {**wanted, "json_schema": flat}}


@on_body("structured.types-kept")
def alternatives_refused(body: JsonObject, _: Call) -> JsonObject:
    """A schema with anyOf is refused."""
    if '"anyOf"' in json.dumps(body.get("response_format")):
        raise Refusal("anyOf is not supported in response_format.", param="response_format")
    return body


@on_choice("structured.types-kept")
def members_beside_the_schema(choice: Choice, call: Call) -> Choice:
    """An answer to a schema of many members has one more."""
    wanted = call.json().get("response_format") or {}
    plain = call.json().get("stream") is not True and choice.finish_reason == "stop" and not choice.calls
    if wanted.get("type") != "json_schema" or not plain:
        return choice
    value = json.loads(choice.text)
    return saying(choice, json.dumps({**value, "note": "more"})) if len(value) > 3 else choice


@on_body(*IN_STREAMS, "tools.beside-response-format")
def format_ignored_when_streamed(body: JsonObject, _: Call) -> JsonObject:
    """In streams response_format is ignored."""
    return without(body, "response_format") if body.get("stream") is True else body


@on_body("structured.json-object-when-streamed")
def json_mode_ignored_when_streamed(body: JsonObject, _: Call) -> JsonObject:
    """In streams response_format json_object is ignored."""
    asked = body.get("stream") is True and body.get("response_format") == {"type": "json_object"}
    return without(body, "response_format") if asked else body


@on_body("structured.schema-kept-when-streamed", "tools.beside-response-format")
def schema_is_json_mode_when_streamed(body: JsonObject, _: Call) -> JsonObject:
    """In streams a schema gives some JSON, as json_object does."""
    wanted = body.get("response_format") or {}
    if body.get("stream") is not True or wanted.get("type") != "json_schema":
        return body
    return {**body, "response_format": {"type": "json_object"}}


@on_choice(*IN_STREAMS, "tools.beside-response-format")
def json_in_a_fence_when_streamed(choice: Choice, call: Call) -> Choice:
    """In streams JSON comes in a code fence."""
    body = call.json()
    fenced = body.get("stream") is True and body.get("response_format")
    return saying(choice, f"```json\n{choice.text}\n```") if fenced else choice


def _without_references(body: JsonObject, *params: str) -> JsonObject:
    for param in params:
        if _refers(body.get(param)):
            raise _unknown_reference(param)
    return body


def _emptied(schema: Mapping[str, Any]) -> JsonObject:
    return {"type": "object"} if schema.get("type") == "object" else dict(schema)

"""Tools, the choice among them, their legacy form as functions, and the response format."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from conformance.reference.chat.request import NOTHING, Message, Tool, ToolChoice
from conformance.reference.check import (
    BOOLEAN,
    NULL,
    OBJECT,
    Check,
    array,
    either,
    invalid,
    members,
    one_of,
    string,
)

_NAME = Check(
    "1 to 64 of the characters A-Z a-z 0-9 _ and -",
    lambda v: isinstance(v, str) and re.fullmatch(r"[A-Za-z0-9_-]{1,64}", v) is not None,
)
_OPTIONAL_BOOLEAN = either(BOOLEAN, NULL)
_OPTIONAL_TEXT = either(string(), NULL)


def read_tools(values: Mapping[str, Any]) -> tuple[Tool, ...]:
    """The tools of a request, those of the legacy `functions` included. Raises Refusal."""
    tools = [_tool(raw, f"tools[{i}]") for i, raw in enumerate(values.get("tools", ()))]
    tools += [_function(raw, f"functions[{i}]") for i, raw in enumerate(values.get("functions", ()))]
    if len({tool.name for tool in tools}) != len(tools):
        raise invalid("tools", "two tools have the same name")
    return tuple(tools)


def read_choice(values: Mapping[str, Any], tools: Sequence[Tool]) -> ToolChoice:
    """Whether tools may, must or must not be called. Raises Refusal."""
    name = "tool_choice" if "tool_choice" in values else "function_call"
    raw = values.get(name, "auto")
    if raw in ("none", "auto"):
        return ToolChoice(raw)
    if not tools:
        raise invalid(name, "it needs tools to choose from")
    if raw == "required":
        return ToolChoice("required")
    choice = _named(raw, name) if name == "function_call" else _choice(raw)
    if unknown := set(choice.names) - {tool.name for tool in tools}:
        raise invalid(name, f"there is no tool named {min(unknown)[:64]!r}")
    return choice


def read_format(values: Mapping[str, Any], messages: Sequence[Message]) -> tuple[Any, Mapping[str, Any]]:
    """The kind of the response format and its JSON Schema. Raises Refusal."""
    raw = values.get("response_format", {"type": "text"})
    one_of("text", "json_object", "json_schema").demand(raw.get("type"), "response_format.type")
    kind = raw["type"]
    known = ("type", "json_schema") if kind == "json_schema" else ("type",)
    response_format = members(raw, "response_format", known)
    if kind == "json_object" and not any("json" in message.text.lower() for message in messages):
        raise invalid("messages", "they must contain the word 'json' in some form to use 'json_object'")
    if kind != "json_schema":
        return kind, NOTHING
    path = "response_format.json_schema"
    wrapper = members(response_format.get("json_schema"), path, ("name", "description", "schema", "strict"))
    _NAME.demand(wrapper.get("name"), f"{path}.name")
    _OPTIONAL_TEXT.demand(wrapper.get("description"), f"{path}.description")
    _OPTIONAL_BOOLEAN.demand(wrapper.get("strict"), f"{path}.strict")
    schema = wrapper.get("schema", {})
    OBJECT.demand(schema, f"{path}.schema")
    if wrapper.get("strict"):
        _demand_strict(schema, f"{path}.schema")
    return kind, schema


def _tool(raw: Mapping[str, Any], path: str) -> Tool:
    one_of("function", "custom").demand(raw.get("type"), f"{path}.type")
    kind = raw["type"]
    tool = members(raw, path, ("type", kind))
    if kind == "function":
        return _function(tool.get("function"), f"{path}.function")
    custom = members(tool.get("custom"), f"{path}.custom", ("name", "description", "format"))
    _NAME.demand(custom.get("name"), f"{path}.custom.name")
    _OPTIONAL_TEXT.demand(custom.get("description"), f"{path}.custom.description")
    return Tool(custom["name"], custom.get("description") or "", custom=True)


def _function(raw: Any, path: str) -> Tool:
    function = members(raw, path, ("name", "description", "parameters", "strict"))
    _NAME.demand(function.get("name"), f"{path}.name")
    _OPTIONAL_TEXT.demand(function.get("description"), f"{path}.description")
    _OPTIONAL_BOOLEAN.demand(function.get("strict"), f"{path}.strict")
    parameters = function.get("parameters") or {}
    OBJECT.demand(parameters, f"{path}.parameters")
    if function.get("strict"):
        _demand_strict(parameters, f"{path}.parameters")
    return Tool(function["name"], function.get("description") or "", parameters)


def _choice(raw: Mapping[str, Any]) -> ToolChoice:
    one_of("function", "custom", "allowed_tools").demand(raw.get("type"), "tool_choice.type")
    kind = raw["type"]
    choice = members(raw, "tool_choice", ("type", kind))
    path = f"tool_choice.{kind}"
    if kind != "allowed_tools":
        return _named(choice.get(kind), path)
    allowed = members(choice.get(kind), path, ("mode", "tools"))
    one_of("auto", "required").demand(allowed.get("mode"), f"{path}.mode")
    array(OBJECT, least=1).demand(allowed.get("tools"), f"{path}.tools")
    names: list[str] = []
    for i, tool in enumerate(allowed["tools"]):
        here = f"{path}.tools[{i}]"
        one_of("function", "custom").demand(tool.get("type"), f"{here}.type")
        names += _named(tool.get(tool["type"]), f"{here}.{tool['type']}").names
    return ToolChoice(allowed["mode"], tuple(names))


def _named(raw: Any, path: str) -> ToolChoice:
    named = members(raw, path, ("name",))
    _NAME.demand(named.get("name"), f"{path}.name")
    return ToolChoice("required", (named["name"],))


def _demand_strict(schema: Any, path: str) -> None:
    """Strict schemas list every property as required and allow no others, at every level."""
    if not isinstance(schema, dict):
        return
    properties = schema.get("properties")
    if isinstance(properties, dict):
        if schema.get("additionalProperties") is not False:
            raise invalid(path, "a strict schema needs 'additionalProperties': false on every object")
        required = schema.get("required")
        if not isinstance(required, list) or set(properties) - {r for r in required if isinstance(r, str)}:
            raise invalid(path, "a strict schema lists every property in 'required'")
        for name, inner in properties.items():
            _demand_strict(inner, f"{path}.properties.{name[:64]}")
    for name in ("items", "$defs", "anyOf"):
        inner = schema.get(name)
        nested = inner.values() if name == "$defs" and isinstance(inner, dict) else inner
        for item in nested if isinstance(nested, (list, type({}.values()))) else [nested]:
            _demand_strict(item, f"{path}.{name}")

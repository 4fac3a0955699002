"""The conversation of a request: roles, contents, and tool messages that answer a call."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from conformance.reference.chat.images import BadImage, Picture, see
from conformance.reference.chat.request import Message, PastCall
from conformance.reference.check import OBJECT, Check, array, either, invalid, members, one_of, string

_COMMON = ("role", "content", "name")
_MEMBERS: Mapping[str, Sequence[str]] = {
    "system": _COMMON,
    "developer": _COMMON,
    "user": _COMMON,
    "assistant": (*_COMMON, "refusal", "annotations", "audio", "tool_calls", "function_call"),
    "tool": ("role", "content", "tool_call_id"),
    "function": _COMMON,
}
_PARTS: Mapping[str, Sequence[str]] = {
    "user": ("text", "image_url", "input_audio", "file"),
    "assistant": ("text", "refusal"),
}
_NAME = Check(
    "a name of 1 to 64 characters without white space and < | \\ / >",
    lambda v: isinstance(v, str) and re.fullmatch(r"[^\s<|\\/>]{1,64}", v) is not None,
)
_CONTENT = either(string(), array(OBJECT, least=1))


def read_messages(raw: Sequence[Any], *, sees: bool) -> tuple[Message, ...]:
    """The messages of a request. `sees` is whether the model takes images. Raises Refusal."""
    messages = tuple(_message(item, f"messages[{i}]", sees) for i, item in enumerate(raw))
    _check_answers(messages)
    return messages


def _message(raw: Mapping[str, Any], path: str, sees: bool) -> Message:
    one_of(*_MEMBERS).demand(raw.get("role"), f"{path}.role")
    role: str = raw["role"]
    message = members(raw, path, _MEMBERS[role])
    calls = _calls(message, path) if role == "assistant" else ()
    content = message.get("content")
    if content is not None or not (calls or message.get("refusal") or role == "function"):
        _CONTENT.demand(content, f"{path}.content")
    if role == "tool":
        string(shortest=1).demand(message.get("tool_call_id"), f"{path}.tool_call_id")
    if message.get("name") is not None or role == "function":
        _NAME.demand(message.get("name"), f"{path}.name")
    text, pictures = _content(content, f"{path}.content", role, sees)
    return Message(role, text, message.get("name") or "", pictures, calls, message.get("tool_call_id", ""))


def _content(content: Any, path: str, role: str, sees: bool) -> tuple[str, tuple[Picture, ...]]:
    if not isinstance(content, list):
        return content or "", ()
    texts: list[str] = []
    pictures: list[Picture] = []
    for i, part in enumerate(content):
        here = f"{path}[{i}]"
        one_of(*_PARTS.get(role, ("text",))).demand(part.get("type"), f"{here}.type")
        kind = part["type"]
        if kind in ("text", "refusal"):
            value = members(part, here, ("type", kind)).get(kind)
            string().demand(value, f"{here}.{kind}")
            texts.append(str(value))
        elif kind == "image_url" and sees:
            pictures.append(_picture(members(part, here, ("type", "image_url")), f"{here}.image_url"))
        else:
            raise invalid(
                f"{here}.type", f"this model does not understand {kind} parts", code="unsupported_value"
            )
    return "".join(texts), tuple(pictures)


def _picture(part: Mapping[str, Any], path: str) -> Picture:
    image = members(part.get("image_url"), path, ("url", "detail"))
    string(shortest=1).demand(image.get("url"), f"{path}.url")
    detail = image.get("detail") or "auto"
    one_of("auto", "low", "high").demand(detail, f"{path}.detail")
    try:
        return see(image["url"], detail)
    except BadImage as error:
        raise invalid(f"{path}.url", str(error), code="invalid_image") from error


def _calls(message: Mapping[str, Any], path: str) -> tuple[PastCall, ...]:
    calls = []
    if message.get("tool_calls") is not None:
        array(OBJECT, 128, least=1).demand(message["tool_calls"], f"{path}.tool_calls")
        calls = [_call(raw, f"{path}.tool_calls[{i}]") for i, raw in enumerate(message["tool_calls"])]
    if message.get("function_call") is not None:
        name, arguments = _function(message["function_call"], f"{path}.function_call", "arguments")
        calls.append(PastCall("", name, arguments))
    if len({call.id for call in calls}) != len(calls):
        raise invalid(f"{path}.tool_calls", "two calls have the same id")
    return tuple(calls)


def _call(raw: Mapping[str, Any], path: str) -> PastCall:
    one_of("function", "custom").demand(raw.get("type"), f"{path}.type")
    kind: str = raw["type"]
    call = members(raw, path, ("id", "type", kind))
    string(shortest=1).demand(call.get("id"), f"{path}.id")
    argument = "arguments" if kind == "function" else "input"
    return PastCall(call["id"], *_function(call.get(kind), f"{path}.{kind}", argument))


def _function(raw: Any, path: str, argument: str) -> tuple[str, str]:
    function = members(raw, path, ("name", argument))
    string(shortest=1).demand(function.get("name"), f"{path}.name")
    # The text is not parsed: models write broken JSON, and the API takes it back.
    string().demand(function.get(argument), f"{path}.{argument}")
    return function["name"], function[argument]


def _check_answers(messages: Sequence[Message]) -> None:
    """Each tool message answers a call of the assistant message before it, and no call stays unanswered."""
    waiting: set[str] = set()
    for i, message in enumerate(messages):
        if message.role == "tool":
            if message.answers not in waiting:
                why = "it answers no tool call of the preceding assistant message"
                raise invalid(f"messages[{i}].tool_call_id", why)
            waiting.discard(message.answers)
        elif waiting:
            raise invalid(f"messages[{i}]", "the tool calls before it are not all answered")
        else:
            waiting = {call.id for call in message.calls if call.id}
    if waiting:
        raise invalid("messages", "the tool calls at the end are not all answered")

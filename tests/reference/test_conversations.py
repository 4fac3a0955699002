"""The messages of a request: roles, contents, names, tool calls and their answers."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.reference.chat.rules.messages import read_messages
from conformance.reference.refusal import Refusal
from tests.reference.pictures import png, uri

USER = {"role": "user", "content": "hi"}
RED = {"type": "image_url", "image_url": {"url": uri(png(b"\xff\0\0")), "detail": "low"}}


def call(identity: str = "call_1", **changes: Any) -> dict[str, Any]:
    """A tool call of an assistant message."""
    return {"id": identity, "type": "function", "function": {"name": "look", "arguments": "{}"}, **changes}


def asked(*calls: Any, **changes: Any) -> dict[str, Any]:
    """An assistant message that calls tools."""
    return {"role": "assistant", "content": None, "tool_calls": list(calls), **changes}


def told(identity: Any = "call_1", content: Any = "21 degrees") -> dict[str, Any]:
    """A tool message."""
    return {"role": "tool", "tool_call_id": identity, "content": content}


def text(value: Any = "hi") -> dict[str, Any]:
    """A text part."""
    return {"type": "text", "text": value}


ACCEPTED: list[list[Any]] = [
    [USER],
    [USER, USER],
    [{"role": "system", "content": "s"}, {"role": "developer", "content": "d"}, USER],
    [USER, {"role": "assistant", "content": "a"}, {"role": "system", "content": "s"}, USER],
    [{"role": "user", "content": ""}],
    [{"role": "user", "content": [text(), text()]}],
    [{"role": "user", "content": "hi", "name": "alice"}],
    [{"role": "user", "content": "hi", "name": None}],
    [{"role": "user", "content": [text(), RED]}],
    [{"role": "system", "content": [text()]}],
    [USER, {"role": "assistant", "content": [{"type": "refusal", "refusal": "no"}]}],
    [USER, {"role": "assistant", "refusal": "no"}],
    [USER, {"role": "assistant", "content": "a", "refusal": None, "annotations": [], "audio": None}],
    [USER, {"role": "assistant", "content": "a", "tool_calls": None, "function_call": None}],
    [USER, asked(call()), told()],
    [USER, asked(call(), content=""), told()],
    [USER, {k: v for k, v in asked(call()).items() if k != "content"}, told()],
    [USER, asked(call("a"), call("b")), told("b"), told("a"), USER],
    [USER, asked(call(function={"name": "look", "arguments": '{"broken'})), told()],
    [USER, asked(call()), told(content=[text()])],
    [USER, asked({"id": "c", "type": "custom", "custom": {"name": "x", "input": "y"}}), told("c")],
    [
        USER,
        {"role": "assistant", "content": None, "function_call": {"name": "look", "arguments": "{}"}},
        {"role": "function", "name": "look", "content": "21"},
    ],
    [{"role": "function", "name": "look", "content": None}],
]

REFUSED: list[tuple[str, list[Any]]] = [
    ("messages[0].role", [{"content": "hi"}]),
    ("messages[0].role", [{"role": "robot", "content": "hi"}]),
    ("messages[0].role", [{"role": "User", "content": "hi"}]),
    ("messages[0].role", [{"role": ["user"], "content": "hi"}]),
    ("messages[0].role", [{"role": None, "content": "hi"}]),
    ("messages[1].role", [USER, {}]),
    ("messages[0].content", [{"role": "user"}]),
    ("messages[0].content", [{"role": "user", "content": None}]),
    ("messages[0].content", [{"role": "user", "content": 1}]),
    ("messages[0].content", [{"role": "user", "content": []}]),
    ("messages[0].content", [{"role": "user", "content": ["hi"]}]),
    ("messages[0].content", [{"role": "user", "content": {"text": "hi"}}]),
    ("messages[0].content", [{"role": "system", "content": None}]),
    ("messages[1].content", [USER, {"role": "assistant"}]),
    ("messages[1].content", [USER, {"role": "assistant", "content": None}]),
    ("messages[0].content[0].type", [{"role": "user", "content": [{"text": "hi"}]}]),
    ("messages[0].content[0].type", [{"role": "user", "content": [{"type": "video"}]}]),
    (
        "messages[0].content[0].type",
        [{"role": "user", "content": [{"type": "input_audio", "input_audio": {}}]}],
    ),
    ("messages[0].content[0].type", [{"role": "user", "content": [{"type": "file", "file": {}}]}]),
    ("messages[0].content[0].type", [{"role": "system", "content": [RED]}]),
    ("messages[0].content[1].text", [{"role": "user", "content": [text(), text(None)]}]),
    (
        "messages[0].content[0].cache_control",
        [{"role": "user", "content": [{**text(), "cache_control": {}}]}],
    ),
    (
        "messages[0].content[0].image_url",
        [{"role": "user", "content": [{"type": "image_url", "image_url": "x"}]}],
    ),
    (
        "messages[0].content[0].image_url.url",
        [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}],
    ),
    (
        "messages[0].content[0].image_url.url",
        [
            {
                "role": "user",
                "content": [{"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}],
            }
        ],
    ),
    (
        "messages[0].content[0].image_url.detail",
        [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x", "detail": "vast"}}]}],
    ),
    ("messages[0].name", [{**USER, "name": "a b"}]),
    ("messages[0].name", [{**USER, "name": ""}]),
    ("messages[0].name", [{**USER, "name": "x" * 65}]),
    ("messages[0].name", [{"role": "function", "content": "x"}]),
    ("messages[0].extra", [{**USER, "extra": 1}]),
    ("messages[0].tool_call_id", [{**USER, "tool_call_id": "x"}]),
    ("messages[0].tool_call_id", [told()]),
    ("messages[1].tool_call_id", [USER, told()]),
    ("messages[2].tool_call_id", [USER, asked(call()), told("call_2")]),
    ("messages[3].tool_call_id", [USER, asked(call()), told(), told()]),
    ("messages[2].tool_call_id", [USER, asked(call()), told(None)]),
    ("messages[2].tool_call_id", [USER, asked(call()), told(7)]),
    ("messages[2].content", [USER, asked(call()), told(content=None)]),
    ("messages[2]", [USER, asked(call()), USER]),
    ("messages[3]", [USER, asked(call("a"), call("b")), told("a"), USER]),
    ("messages", [USER, asked(call())]),
    ("messages[1].tool_calls", [USER, asked()]),
    ("messages[1].tool_calls", [USER, asked(call(), call())]),
    ("messages[1].tool_calls[0].id", [USER, asked(call(""))]),
    ("messages[1].tool_calls[0].type", [USER, asked(call(type="tool"))]),
    ("messages[1].tool_calls[0].function.name", [USER, asked(call(function={"arguments": "{}"}))]),
    (
        "messages[1].tool_calls[0].function.arguments",
        [USER, asked(call(function={"name": "x", "arguments": {}}))],
    ),
]


@pytest.mark.parametrize("messages", ACCEPTED, ids=lambda value: str(value)[:70])
def test_accepted(messages: list[Any]) -> None:
    assert [message.role for message in read_messages(messages, sees=True)] == [m["role"] for m in messages]


@pytest.mark.parametrize(("param", "messages"), REFUSED, ids=lambda value: str(value)[:70])
def test_refused_by_name(param: str, messages: list[Any]) -> None:
    with pytest.raises(Refusal) as refused:
        read_messages(messages, sees=True)
    assert (refused.value.param, refused.value.status) == (param, 400)


def test_text_parts_are_the_string_they_concatenate_to() -> None:
    parts = read_messages([{"role": "user", "content": [text("Say"), text(" OK")]}], sees=True)
    assert parts == read_messages([{"role": "user", "content": "Say OK"}], sees=True)


def test_a_model_without_eyes_refuses_images() -> None:
    with pytest.raises(Refusal) as refused:
        read_messages([{"role": "user", "content": [text(), RED]}], sees=False)
    assert refused.value.param == "messages[0].content[1].type"

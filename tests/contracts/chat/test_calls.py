"""Tool calls, plain and streamed, and which requirement is to blame where they cannot be read."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.contracts.chat.reading.calls import ToolCall
from conformance.contracts.hidden import Blocked
from tests.contracts.chat.answers import answer, choice, delta, streamed
from tests.ids import by_value


def call(id: Any = "call_1", name: Any = "f", arguments: Any = "{}", **members: Any) -> dict[str, Any]:
    return {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}, **members}


def piece(index: Any = 0, arguments: Any = None, **members: Any) -> dict[str, Any]:
    return delta(tool_calls=[{"index": index, "function": {"arguments": arguments}, **members}])


def test_calls_of_a_message() -> None:
    view = answer(choice(None, "tool_calls", tool_calls=[call(), call("call_2", "g", '{"a": 1}')]))
    assert view.tool_calls == (ToolCall("call_1", "f", "{}"), ToolCall("call_2", "g", '{"a": 1}'))
    assert answer(choice(tool_calls=None)).tool_calls == ()
    assert answer(choice(tool_calls=[])).tool_calls == ()
    assert answer(choice()).tool_calls == ()


@pytest.mark.parametrize(
    ("arguments", "values"),
    [('{"a": [1]}', {"a": [1]}), ("", None), ("[1]", None), ('{"a": 1', None), ('{"a": 1, "a": 2}', None)],
    ids=by_value,
)
def test_arguments_of_a_call(arguments: str, values: dict[str, Any] | None) -> None:
    assert ToolCall("call_1", "f", arguments).values == values


@pytest.mark.parametrize(
    "calls",
    [
        {},
        "f()",
        [1],
        [{}],
        [call(id=None)],
        [call(id="")],
        [call(name=3)],
        [call(arguments={"a": 1})],
        [call(arguments=None)],
        [call(type="custom")],
        [call(type=None)],
        [call(function=None)],
    ],
    ids=by_value,
)
def test_a_malformed_call_hides_all_calls_but_not_the_text(calls: Any) -> None:
    view = answer(choice("text", tool_calls=calls))
    with pytest.raises(Blocked) as blocked:
        _ = view.tool_calls
    assert blocked.value.requirement == "tools.call-shape"
    assert view.text == "text"


def test_streamed_calls_are_put_together() -> None:
    view = streamed(
        delta(role="assistant"),
        delta(tool_calls=[{"index": 0, **call(arguments="")}]),
        piece(0, '{"a":'),
        delta(tool_calls=[{"index": 1, **call("call_2", "g", '{"b"')}]),
        piece(0, " 1}"),
        piece(1, ": 2}"),
        delta(None, "tool_calls"),
    )
    assert view.tool_calls == (ToolCall("call_1", "f", '{"a": 1}'), ToolCall("call_2", "g", '{"b": 2}'))
    assert [(one.index, one.id, one.arguments) for one in view.tool_fragments] == [
        (0, "call_1", ""),
        (0, None, '{"a":'),
        (1, "call_2", '{"b"'),
        (0, None, " 1}"),
        (1, None, ": 2}"),
    ]


def test_streamed_calls_of_another_choice_are_left_out() -> None:
    first = delta("1", "stop")
    second = {"choices": [{"index": 1, "delta": {"tool_calls": [{"index": 0, **call()}]}}]}
    assert streamed(first, second).tool_calls == ()


@pytest.mark.parametrize(
    "events",
    [
        [delta(tool_calls="f()")],
        [delta(tool_calls=[1])],
        [delta(tool_calls=[{"index": 0, "function": "f"}])],
        [delta(tool_calls=[call()])],
        [delta(tool_calls=[call(index=True)])],
        [piece(0, "{}")],
        [delta(tool_calls=[call(index=0)]), piece(0, {"a": 1})],
    ],
    ids=by_value,
)
def test_malformed_fragments_hide_the_calls(events: list[dict[str, Any]]) -> None:
    with pytest.raises(Blocked) as blocked:
        _ = streamed(*events).tool_calls
    assert blocked.value.requirement == "tools.streamed-deltas"

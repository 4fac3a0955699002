"""Views point at the places of their answers: by event, by path, and never by more than is known."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conformance.asking.probe import Probe
from conformance.contracts.chat.probes.named import COUNT, COUNT_STREAM
from conformance.contracts.chat.reading.view import View
from conformance.contracts.hidden import Blocked
from conformance.wire.place import Place
from tests.contracts.chat.cases.recorded import attempt, exchange
from tests.ids import by_value

EVENTS = {"content-type": "text/event-stream"}


def view(probe: Probe, body: Any, status: int = 200) -> View:
    return View(exchange(probe, attempt(status, body, EVENTS if probe.streamed else {})))


def streamed(*chunks: Any, done: bool = True) -> View:
    events = [f"data: {one if isinstance(one, str) else json.dumps(one)}\n\n" for one in chunks]
    return view(COUNT_STREAM, "".join([*events, "data: [DONE]\n\n" if done else ""]).encode())


def choice(text: str | None, index: int = 0, **members: Any) -> dict[str, Any]:
    return {"index": index, "message": {"role": "assistant", "content": text}, **members}


def piece(text: str | None, index: int = 0, **members: Any) -> dict[str, Any]:
    return {"choices": [{"index": index, "delta": {"content": text}, **members}]}


def known(place: Place) -> tuple[int | None, str, str]:
    return place.event, place.path, place.text


def test_a_member_of_an_answer() -> None:
    one = view(COUNT, {"choices": [choice("x")], "usage": {"total_tokens": 3}})
    assert one.at("usage.total_tokens") == Place(one.id, path="$.usage.total_tokens")
    assert one.at("choices[0].message.role") == Place(one.id, path="$.choices[0].message.role")
    assert one.at("usage.missing") == Place(one.id, path="$.usage.missing")
    assert one.at() == Place(one.id)


def test_a_member_of_a_stream_is_that_of_the_last_chunk_which_has_it() -> None:
    one = streamed({"id": "a", "usage": None}, {"id": "b"}, {"usage": {"total_tokens": 3}})
    assert known(one.at("id")) == (2, "$.id", "")
    assert known(one.at("usage.total_tokens")) == (3, "$.usage.total_tokens", "")
    assert known(one.at("model")) == (None, "$.model", "")


def test_a_member_of_an_object_is_found_by_the_object_itself_not_by_one_that_equals_it() -> None:
    one = streamed(piece("a"), piece("a"), piece("a"))
    second = one.chunks[1]
    assert known(one.at("id", second)) == (2, "$.id", "")
    assert known(one.at("content", second["choices"][0]["delta"])) == (2, "$.choices[0].delta.content", "")
    assert known(one.at("", second["choices"][0])) == (2, "$.choices[0]", "")
    assert known(one.at("id", {"id": 1})) == (None, "$.id", "")
    plain = view(COUNT, {"choices": [choice("x"), choice("y", 1)]})
    assert plain.at("role", plain.json["choices"][1]["message"]).path == "$.choices[1].message.role"


def test_a_choice_is_found_where_it_stands_whatever_its_index() -> None:
    plain = view(COUNT, {"choices": [choice("y", 1), choice("x", 0)]})
    assert plain.at("finish_reason", plain.choices[0]).path == "$.choices[1].finish_reason"
    one = streamed(piece("a", 0), piece("b", 1), piece("c", 1, finish_reason="stop"), piece("d", 0))
    assert known(one.at("finish_reason", one.choices[1])) == (3, "$.choices[0].finish_reason", "")


def test_events_are_counted_as_clients_count_them() -> None:
    one = streamed({"id": "a"}, "", {"id": "b"})
    assert known(one.at("id", one.chunks[1])) == (3, "$.id", "")


def test_a_text_and_what_is_said_in_it() -> None:
    plain = view(COUNT, {"choices": [choice("y", 1), choice("Echo Foxtrot", 0)]})
    assert known(plain.at_text()) == (None, "$.choices[1].message.content", "")
    assert known(plain.at_text("Foxtrot")) == (None, "$.choices[1].message.content", "Foxtrot")
    assert known(plain.at_text("Golf")) == (None, "$.choices[1].message.content", "")


def test_a_text_that_was_sent_in_pieces_is_found_where_it_is_complete() -> None:
    one = streamed(piece(None), piece("Echo Fox"), piece("x", 1), piece("trot Go"), piece("lf Hotel"))
    assert known(one.at_text("Foxtrot")) == (4, "$.choices[0].delta.content", "")
    assert known(one.at_text("Hotel")) == (5, "$.choices[0].delta.content", "Hotel")
    assert known(one.at_text()) == (5, "$.choices[0].delta.content", "")
    assert known(one.at_text("India")) == (5, "$.choices[0].delta.content", "")


def test_the_status_a_header_a_byte_and_an_event() -> None:
    one = view(COUNT, {})
    assert one.at_status().path == "status"
    assert one.at_header("Retry-After").path == "retry-after"
    assert one.at_byte(0).offset == 0
    assert one.at_event(3).event == 3


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", [], [1], {"choices": 5}, {"choices": [5, {"message": 5}, {"message": {"content": 5}}]}],
    ids=range(6),
)
@pytest.mark.parametrize("status", [200, 302, 404, 503], ids=by_value)
@pytest.mark.parametrize("probe", [COUNT, COUNT_STREAM], ids=["plain", "streamed"])
def test_pointing_never_fails(probe: Probe, status: int, body: Any) -> None:
    one = view(probe, body, status)
    assert one.at("choices[0].message.content").exchange == one.id
    assert one.at("id", {}).exchange == one.id
    assert one.at_text("x").exchange == one.id


def test_the_members_of_an_error_are_found_in_answers_to_streamed_requests_too() -> None:
    one = view(COUNT_STREAM, {"error": {"message": "no"}}, 400)
    assert known(one.at("error.message")) == (None, "$.error.message", "")


@pytest.mark.parametrize(
    ("name", "one", "place"),
    [
        ("choices", streamed(piece("a"), {"choices": [{"index": 0}]}), (2, "$.choices[0].delta", "")),
        ("choices", streamed({"choices": [{"delta": {}}]}), (1, "$.choices[0].index", "")),
        ("text", view(COUNT, {"choices": [choice("x"), {"message": 5}]}), (None, "$.choices[1].message", "")),
        (
            "text",
            view(COUNT, {"choices": [{"message": {"content": 5}}]}),
            (None, "$.choices[0].message.content", ""),
        ),
        ("chunks", streamed({"id": 1}, "{", {"id": 2}), (2, "", "")),
        ("usage", view(COUNT, {"usage": {"total_tokens": 1.5}}), (None, "$.usage.prompt_tokens", "")),
        (
            "finish_reason",
            view(COUNT, {"choices": [choice("x", finish_reason="over")]}),
            (None, "$.choices[0].finish_reason", ""),
        ),
        (
            "tool_calls",
            view(COUNT, {"choices": [{"message": {"tool_calls": [{"type": "function", "function": {}}]}}]}),
            (None, "$.choices[0].message.tool_calls[0].function.arguments", ""),
        ),
        (
            "tool_calls",
            streamed({"choices": [{"index": 0, "delta": {"tool_calls": [{"index": "0"}]}}]}),
            (1, "$.choices[0].delta.tool_calls[0].index", ""),
        ),
        (
            "logprobs",
            view(COUNT, {"choices": [{**choice("x"), "logprobs": {"content": [{"token": 5}]}}]}),
            (None, "$.choices[0].logprobs.content[0].token", ""),
        ),
    ],
    ids=[
        "no delta",
        "no index",
        "no message",
        "no text",
        "no JSON",
        "no integer",
        "no reason",
        "no arguments",
        "no index of a call",
        "no token",
    ],
)
def test_what_cannot_be_seen_says_where_the_reason_is(name: str, one: View, place: tuple[Any, ...]) -> None:
    with pytest.raises(Blocked) as blocked:
        getattr(one, name)
    assert known(blocked.value.places[0]) == place

"""Streamed answers over HTTP: the chunks, their order and their end."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from conformance.contracts.chat.probes import prompts
from tests.reference.asking import Client, server
from tests.reference.test_answering import TOOL

USAGE = {"stream": True, "stream_options": {"include_usage": True}}


def deltas(events: list[Any], index: int = 0) -> list[Any]:
    """The deltas of a choice."""
    return [choice["delta"] for event in events for choice in event["choices"] if choice["index"] == index]


def text(events: list[Any], index: int = 0) -> str:
    """The text of a choice."""
    return "".join(delta.get("content") or "" for delta in deltas(events, index))


def test_the_chunks(client: Client) -> None:
    got = client.ask(prompts.COUNT, stream=True)
    assert got.status == 200
    assert got.headers["content-type"].startswith("text/event-stream")
    events = got.events()
    assert {event["object"] for event in events} == {"chat.completion.chunk"}
    assert len({(event["id"], event["created"], event["model"]) for event in events}) == 1
    assert all("usage" not in event for event in events)
    assert deltas(events)[0] == {"role": "assistant", "content": "", "refusal": None}
    assert all(set(delta) == {"content"} and delta["content"] for delta in deltas(events)[1:-1])
    assert deltas(events)[-1] == {}
    assert [event["choices"][0]["finish_reason"] for event in events] == [None] * (len(events) - 1) + ["stop"]
    assert text(events) == prompts.COUNTED


def test_usage_comes_last_when_asked_for(client: Client) -> None:
    *events, last = client.ask(prompts.COUNT, temperature=0, **USAGE).events()
    assert all(event["usage"] is None for event in events)
    assert last["choices"] == []
    assert last["usage"] == client.ask(prompts.COUNT, temperature=0).usage


@pytest.mark.parametrize(
    "parameters",
    [{}, {"max_tokens": 5}, {"stop": "Echo\nFoxtrot"}, {"stop": ["rot"]}, {"stop": "Alfa"}, {"seed": 5}],
    ids=str,
)
def test_the_same_as_not_streamed(client: Client, parameters: dict[str, Any]) -> None:
    whole = client.ask(prompts.NATO, **parameters).json()
    events = client.ask(prompts.NATO, **parameters, **USAGE).events()
    assert text(events) == whole["choices"][0]["message"]["content"]
    assert events[-2]["choices"][0]["finish_reason"] == whole["choices"][0]["finish_reason"]
    assert events[-1]["usage"] == whole["usage"]


def test_characters_are_whole(client: Client) -> None:
    events = client.ask(prompts.ECHO + prompts.UNICODE, stream=True).events()
    assert text(events) == prompts.UNICODE
    for delta in deltas(events):
        (delta.get("content") or "").encode()


def test_choices_take_turns(client: Client) -> None:
    events = client.ask(prompts.COUNT, stream=True, n=2, max_tokens=8).events()
    indexes = [event["choices"][0]["index"] for event in events]
    assert indexes == [0, 1] * (len(indexes) // 2)
    for index in (0, 1):
        assert len(deltas(events, index)) == 10
        assert prompts.COUNTED.startswith(text(events, index))


def test_tool_calls_in_pieces(client: Client) -> None:
    events = client.ask(prompts.WEATHER_TWO, stream=True, tools=[TOOL]).events()
    pieces = [piece for delta in deltas(events) for piece in delta.get("tool_calls", ())]
    for number, city in enumerate(("Paris", "London")):
        opening, *rest = [piece for piece in pieces if piece["index"] == number]
        assert opening.pop("id").startswith("call_")
        assert opening == {
            "index": number,
            "type": "function",
            "function": {"name": "get_weather", "arguments": ""},
        }
        assert all(set(piece) == {"index", "function"} for piece in rest)
        assert json.loads("".join(piece["function"]["arguments"] for piece in rest)) == {"city": city}
    assert len({piece.get("id") for piece in pieces}) == 1  # the openings lost theirs above
    assert deltas(events)[0] == {"role": "assistant", "content": None, "refusal": None}
    assert events[-1]["choices"][0]["finish_reason"] == "tool_calls"


def test_a_legacy_function_call_in_pieces(client: Client) -> None:
    events = client.ask(prompts.WEATHER, stream=True, functions=[TOOL["function"]]).events()
    pieces = [delta["function_call"] for delta in deltas(events) if "function_call" in delta]
    assert pieces[0] == {"name": "get_weather", "arguments": ""}
    assert json.loads("".join(piece["arguments"] for piece in pieces)) == {"city": "Paris"}


def test_logprobs_come_with_their_tokens(client: Client) -> None:
    events = client.ask(prompts.COUNT, stream=True, logprobs=True, top_logprobs=1).events()
    shown = [event["choices"][0]["logprobs"] for event in events]
    assert shown[0] is None
    assert shown[-1] is None
    assert "".join(entry["content"][0]["token"] for entry in shown[1:-1]) == prompts.COUNTED


def test_obfuscation_evens_out_the_length(client: Client) -> None:
    events = client.ask(prompts.COUNT, stream=True, stream_options={"include_obfuscation": True}).events()
    assert all(isinstance(event["obfuscation"], str) for event in events)
    sizes = {len(str(event["choices"][0]["delta"])) + len(event["obfuscation"]) for event in events}
    assert len(sizes) == 1


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream", "*/*"])
def test_whatever_is_accepted_a_stream_is_sent(client: Client, accept: str) -> None:
    picky = Client(client.url, headers={"Accept": accept})
    assert text(picky.ask(prompts.OK, stream=True).events()) == "OK"


def test_tokens_arrive_one_by_one() -> None:
    with server(pace=0.005) as client:
        address = urlsplit(client.url)
        connection = http.client.HTTPConnection(address.netloc, timeout=5)
        body = {
            "model": "reference",
            "messages": [{"role": "user", "content": prompts.COUNT}],
            "stream": True,
        }
        headers = {"Authorization": f"Bearer {client.key}", "Content-Type": "application/json"}
        connection.request("POST", f"{address.path}/chat/completions", json.dumps(body), headers)
        response = connection.getresponse()
        assert len(response.read1()) < 1000  # the first piece is there while the rest is still to come
        assert response.read().endswith(b"data: [DONE]\n\n")
        connection.close()

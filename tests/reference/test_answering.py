"""Whole answers over HTTP: the chat.completion object and its usage."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from conformance.contracts.chat.probes import prompts
from tests.ids import by_value
from tests.reference.asking import Client
from tests.reference.pictures import png, uri

TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


def seen(pixel: bytes) -> list[Any]:
    """A question about the colour of an image."""
    image = {"type": "image_url", "image_url": {"url": uri(png(pixel))}}
    return [{"role": "user", "content": [{"type": "text", "text": prompts.COLOUR}, image]}]


def test_the_envelope(client: Client) -> None:
    got = client.ask(prompts.COUNT, temperature=0)
    answer = got.json()
    assert got.status == 200
    assert got.headers["content-type"] == "application/json"
    assert got.headers["x-request-id"].startswith("req_")
    assert "date" in got.headers
    assert answer.pop("id").startswith("chatcmpl-")
    assert abs(answer.pop("created") - time.time()) < 5
    usage = answer.pop("usage")
    assert answer == {
        "object": "chat.completion",
        "model": "reference",
        "system_fingerprint": "fp_reference",
        "choices": [
            {
                "index": 0,
                "message": {
                    "role": "assistant",
                    "content": prompts.COUNTED,
                    "refusal": None,
                    "annotations": [],
                },
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
    }
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert usage["completion_tokens"] == 39


def test_ids_differ(client: Client) -> None:
    assert len({client.ask(prompts.OK).json()["id"] for _ in range(5)}) == 5


@pytest.mark.parametrize(
    ("asked", "answered"),
    [("auto", "default"), ("default", "default"), ("fast", "priority"), ("flex", "flex")],
    ids=by_value,
)
def test_the_service_tier_is_named_when_asked_for(client: Client, asked: str, answered: str) -> None:
    assert client.ask(prompts.OK, service_tier=asked).json()["service_tier"] == answered


def test_the_service_tier_is_not_named_otherwise(client: Client) -> None:
    assert "service_tier" not in client.ask(prompts.OK, service_tier=None).json()


class TestPromptTokens:
    def tokens(self, client: Client, messages: str | list[Any], **parameters: Any) -> int:
        count = client.ask(messages, **parameters).usage["prompt_tokens"]
        assert isinstance(count, int)
        return count

    def test_they_do_not_depend_on_parameters(self, client: Client) -> None:
        plain = self.tokens(client, prompts.COUNT)
        for parameters in (
            {"max_tokens": 1},
            {"stop": ["never this"]},
            {"n": 3, "temperature": 0.5},
            {"logprobs": True},
            {"seed": 7, "frequency_penalty": 1},
        ):
            assert self.tokens(client, prompts.COUNT, **parameters) == plain

    def test_they_grow_by_the_same_for_each_repetition(self, client: Client) -> None:
        counts = [self.tokens(client, prompts.UNIT * times, max_tokens=1) for times in (1, 2, 4)]
        assert counts[2] - counts[1] == 2 * (counts[1] - counts[0]) == 20

    def test_a_system_message_adds_a_little(self, client: Client) -> None:
        user = {"role": "user", "content": prompts.UNIT}
        system = {"role": "system", "content": "You are a helpful assistant."}
        assert self.tokens(client, [system, user]) - self.tokens(client, [user]) == 3 + 8

    def test_text_parts_cost_what_the_string_costs(self, client: Client) -> None:
        parts = [{"type": "text", "text": "Say "}, {"type": "text", "text": "OK"}]
        assert self.tokens(client, [{"role": "user", "content": parts}]) == self.tokens(client, "Say OK")

    def test_escapes_cost_nothing(self, client: Client) -> None:
        body = {"model": "reference", "messages": [{"role": "user", "content": prompts.UNICODE}]}
        escaped = client.post(json.dumps(body, ensure_ascii=True).encode()).usage["prompt_tokens"]
        assert escaped == client.post(json.dumps(body, ensure_ascii=False).encode()).usage["prompt_tokens"]

    def test_an_image_costs(self, client: Client) -> None:
        assert self.tokens(client, seen(b"\xff\0\0")) > self.tokens(client, prompts.COLOUR) + 80


def test_choices_are_numbered_and_billed_together(client: Client) -> None:
    answer = client.ask(prompts.COUNT, n=3, max_tokens=8).json()
    assert [choice["index"] for choice in answer["choices"]] == [0, 1, 2]
    assert answer["usage"]["completion_tokens"] == 24


def test_choices_are_drawn_one_by_one(client: Client) -> None:
    answer = client.ask(prompts.PHRASE, n=3).json()
    assert len({choice["message"]["content"] for choice in answer["choices"]}) == 3


def test_without_seed_each_answer_is_new(client: Client) -> None:
    assert len({client.ask(prompts.PHRASE).text for _ in range(5)}) == 5


def test_with_a_seed_it_is_the_same(client: Client) -> None:
    assert client.ask(prompts.PHRASE, seed=7).text == client.ask(prompts.PHRASE, seed=7).text


@pytest.mark.parametrize(("pixel", "colour"), [(b"\xff\0\0", "Red"), (b"\0\0\xff", "Blue")])
def test_the_colour_of_an_image(client: Client, pixel: bytes, colour: str) -> None:
    assert client.ask(seen(pixel)).text == colour


def test_logprobs(client: Client) -> None:
    answer = client.ask(prompts.COUNT, logprobs=True, top_logprobs=2, max_tokens=5).json()
    tokens = answer["choices"][0]["logprobs"]["content"]
    assert "".join(token["token"] for token in tokens) == answer["choices"][0]["message"]["content"]
    assert len(tokens) == answer["usage"]["completion_tokens"] == 5
    for token in tokens:
        assert token["logprob"] <= 0
        assert bytes(token["bytes"]).decode() == token["token"]
        assert len(token["top_logprobs"]) == 2


def test_a_tool_call(client: Client) -> None:
    answer = client.ask(prompts.WEATHER, tools=[TOOL]).json()
    choice = answer["choices"][0]
    (call,) = choice["message"]["tool_calls"]
    assert call.pop("id").startswith("call_")
    assert call == {"type": "function", "function": {"name": "get_weather", "arguments": '{"city": "Paris"}'}}
    assert (choice["message"]["content"], choice["finish_reason"]) == (None, "tool_calls")
    assert answer["usage"]["completion_tokens"] > 0


def test_the_tool_loop(client: Client) -> None:
    first = client.ask(prompts.WEATHER_TWO, tools=[TOOL]).message
    assert len({call["id"] for call in first["tool_calls"]}) == 2
    results = [
        {"role": "tool", "tool_call_id": call["id"], "content": f"{number} degrees"}
        for number, call in enumerate(first["tool_calls"], 21)
    ]
    answer = client.ask([{"role": "user", "content": prompts.WEATHER_TWO}, first, *results], tools=[TOOL])
    assert "21 degrees" in answer.text
    assert "22 degrees" in answer.text


def test_a_custom_tool_call(client: Client) -> None:
    tool = {"type": "custom", "custom": {"name": "weather"}}
    (call,) = client.ask(prompts.WEATHER, tools=[tool]).message["tool_calls"]
    assert (call["type"], call["custom"]) == ("custom", {"name": "weather", "input": "Paris"})


def test_a_legacy_function_call(client: Client) -> None:
    choice = client.ask(prompts.WEATHER_TWO, functions=[TOOL["function"]]).json()["choices"][0]
    assert choice["message"]["function_call"] == {"name": "get_weather", "arguments": '{"city": "Paris"}'}
    assert choice["finish_reason"] == "function_call"


def test_json_to_a_schema(client: Client) -> None:
    schema = {
        "type": "object",
        "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
        "required": ["name", "age"],
        "additionalProperties": False,
    }
    response_format = {
        "type": "json_schema",
        "json_schema": {"name": "person", "schema": schema, "strict": True},
    }
    assert json.loads(client.ask(prompts.PERSON_JSON, response_format=response_format).text) == {
        "name": "Alice",
        "age": 30,
    }


def test_the_models(client: Client) -> None:
    listing = client.get("/models").json()
    assert listing["object"] == "list"
    assert [model["id"] for model in listing["data"]] == ["reference", "reference-text"]
    assert client.get("/models/reference").json() == listing["data"][0]
    assert set(listing["data"][0]) == {"id", "object", "created", "owned_by"}

"""What the personas do otherwise, seen from outside."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from conformance.contracts.chat.probes import prompts
from conformance.reference import serving
from conformance.reference.chat.personas import UnknownPersonaError, named
from tests.reference.asking import KEY, Client
from tests.reference.pictures import png, uri


@contextmanager
def playing(name: str) -> Iterator[Client]:
    with serving(KEY, pace=0.0, persona=named(name)) as url:
        yield Client(url)


def test_a_reasoning_model_refuses_what_is_not_its_own() -> None:
    with playing("reasoning") as client:
        refusals = {
            "temperature": client.ask(prompts.OK, temperature=0),
            "top_p": client.ask(prompts.OK, top_p=0.5),
            "max_tokens": client.ask(prompts.OK, max_tokens=5),
        }
        for name, got in refusals.items():
            assert (got.status, got.error["param"]) == (400, name)
        assert "max_completion_tokens" in refusals["max_tokens"].error["message"]
        served = client.ask(prompts.OK, temperature=1, top_p=1.0, max_tokens=None, max_completion_tokens=99)
        assert served.text == "OK"


def test_thoughts_are_billed_shown_apart_and_first_in_a_stream() -> None:
    with playing("thinking") as client:
        got = client.ask(prompts.OK)
        thought = got.usage["completion_tokens_details"]["reasoning_tokens"]
        assert thought >= 12
        assert got.usage["completion_tokens"] == thought + 1
        assert (got.text, got.message["reasoning_content"][:8]) == ("OK", "The user")
        events = client.ask(prompts.OK, stream=True).events()
        deltas = [event["choices"][0]["delta"] for event in events]
        kinds = ["thought" if "reasoning_content" in delta else delta.get("content") for delta in deltas]
        assert kinds[:2] == ["", "thought"]
        assert kinds[-3:] == ["thought", "OK", None]


@pytest.mark.parametrize("limit", [1, 5, 12])
def test_a_low_limit_is_used_up_by_thoughts(limit: int) -> None:
    with playing("thinking") as client:
        got = client.ask(prompts.COUNT, max_tokens=limit)
    assert (got.text, got.json()["choices"][0]["finish_reason"]) == ("", "length")
    assert got.usage["completion_tokens"] == limit


def test_a_weak_model_is_off_the_mark_where_nothing_is_enforced() -> None:
    tool = {
        "type": "function",
        "function": {
            "name": "get_weather",
            "parameters": {
                "type": "object",
                "properties": {"city": {"type": "string"}},
                "required": ["city"],
            },
        },
    }
    with playing("weak") as client:
        assert client.ask(prompts.COUNT).text != prompts.COUNTED
        assert client.ask(prompts.ECHO + "falcon").text != "falcon"
        assert client.ask(prompts.COUNT, stop="5").text == "1 2 3 4 "
        assert "tool_calls" not in client.ask(prompts.WEATHER, tools=[tool]).message
        forced = client.ask(prompts.WEATHER, tools=[tool], tool_choice="required")
        assert forced.message["tool_calls"][0]["function"]["name"] == "get_weather"
        said = client.ask(prompts.PERSON_JSON, response_format={"type": "json_object"}).text
        assert said == '{"answer": "yes"}'


@pytest.mark.parametrize("name", ["text-only", "toapis-glm-5"])
def test_some_refuse_images(name: str) -> None:
    image = {"type": "image_url", "image_url": {"url": uri(png(b"\xff\x00\x00"))}}
    with playing(name) as client:
        got = client.ask([{"role": "user", "content": [{"type": "text", "text": "?"}, image]}])
    assert got.status == 400


def test_a_default_model_answers_in_its_own_name() -> None:
    with playing("toapis-glm-5") as client:
        messages = [{"role": "user", "content": prompts.OK}]
        assert client.post({"messages": messages}).json()["model"] == "glm-5"
        assert client.post({"model": "", "messages": messages}).status == 400


@pytest.mark.parametrize(
    ("name", "wrong_key", "no_messages"),
    [
        ("toapis", {"code", "message", "type"}, {"code", "message", "type", "param"}),
        ("tokmodel", {"code", "message", "type"}, {"code", "message", "type"}),
        ("toki", {"code", "message", "type"}, {"code", "message", "type"}),
    ],
)
def test_errors_look_as_the_documents_print_them(
    name: str, wrong_key: set[str], no_messages: set[str]
) -> None:
    with playing(name) as client:
        refused = Client(client.url, key="sk-wrong").ask(prompts.OK)
        invalid = client.post({"model": "reference"})
    assert (refused.status, refused.error.keys()) == (401, wrong_key)
    assert (invalid.status, invalid.error.keys()) == (400, no_messages)
    assert isinstance(invalid.error["code"], int) == (name == "tokmodel")


def test_answers_have_the_members_that_are_printed() -> None:
    with playing("toapis") as client:
        got = client.ask(prompts.OK)
        listed = client.get("/models").json()
    assert got.json().keys() == {"id", "object", "created", "model", "choices", "usage"}
    assert got.json()["choices"][0].keys() == {"index", "message", "finish_reason"}
    assert got.message.keys() == {"role", "content"}
    assert got.usage.keys() == {"prompt_tokens", "completion_tokens", "total_tokens"}
    assert listed["success"] is True
    assert "claude-sonnet-4-6" in [card["id"] for card in listed["data"]]


@pytest.mark.parametrize("model", ["reference", "openai/gpt-4o"])
def test_documented_models_are_served(model: str) -> None:
    with playing("tokmodel") as client:
        got = Client(client.url, model=model).ask(prompts.OK)
        assert (got.status, got.json()["model"]) == (200, model)
        assert client.get(f"/models/{model}").json()["id"] == model


def test_an_unknown_persona_gets_a_hint() -> None:
    with pytest.raises(UnknownPersonaError, match="did you mean 'reasoning'"):
        named("reasonning")
    with pytest.raises(UnknownPersonaError, match="there are reference, weak"):
        named("x")

"""A probe is a value: what decides its bytes is its identity, and its name says how it came about."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.asking.change import after, copies, setting, stream
from conformance.asking.probe import MODEL, Credential, Expects, Probe, compact, fetch
from conformance.contracts.chat.probes.ask import ask
from conformance.contracts.chat.probes.change import max_tokens, n
from conformance.contracts.chat.probes.named import COUNT, COUNT_STREAM, NATO, OK
from tests.ids import by_value

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


def test_a_question_is_a_user_message_to_the_model_under_test() -> None:
    probe = ask("hello", "Hi", {"role": "assistant", "content": "Hello"}, top_p=1)
    assert probe.members == {
        "model": MODEL,
        "messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}],
        "top_p": 1,
    }
    assert (probe.method, probe.path, probe.name) == ("POST", "/chat/completions", "hello")


def test_a_fetch_has_no_body() -> None:
    probe = fetch("models", "/models")
    assert (probe.method, probe.path, probe.body, dict(probe.members)) == ("GET", "/models", None, {})
    assert (probe.streamed, probe.claims, probe.prompt_tokens) == (False, frozenset(), 0)


@pytest.mark.parametrize(
    "fields",
    [
        {"method": "PUT"},
        {"path": "/models"},
        {"body": "{}"},
        {"body": None},
        {"headers": (("A", "b"),)},
        {"credential": Credential.NONE},
        {"copy": 1},
        {"cut_after": 2},
        {"after": NATO},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_whatever_decides_what_is_sent_decides_the_identity(fields: dict[str, Any]) -> None:
    other = replace(COUNT, **fields)
    assert other.key != COUNT.key
    assert other != COUNT


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "another"},
        {"expects": Expects.EITHER},
        {"features": frozenset({"vision"})},
        {"completion_tokens": 1},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_whatever_is_said_about_a_request_does_not(fields: dict[str, Any]) -> None:
    other = replace(COUNT, **fields)
    assert other.key == COUNT.key
    assert other == COUNT
    assert len({other, COUNT}) == 1


def test_what_a_probe_follows_is_part_of_its_identity() -> None:
    assert (OK | after(COUNT)) != (OK | after(NATO))
    assert (OK | after(COUNT)).key == (OK | after(COUNT)).key


def test_a_probe_equals_nothing_else() -> None:
    assert COUNT.key != COUNT


def test_an_identity_is_the_same_in_every_process() -> None:
    # Journals are matched by it, so it must not change by accident.
    assert Probe("p", "{}", path="/chat/completions").key == "fcbc6862dacf01ae"


@given(st.dictionaries(st.text(max_size=5), json_values, max_size=4))
def test_members_are_what_was_put_in(members: dict[str, Any]) -> None:
    probe = Probe("p", compact(members))
    assert probe.members == members
    assert probe.claims == members.keys() - {"model", "messages"}
    assert probe.key == Probe("q", compact(members)).key


@given(st.text(max_size=30))
def test_a_body_may_be_anything(body: str) -> None:
    probe = Probe("p", body)
    assert isinstance(probe.members, dict)
    assert probe.streamed is (probe.members.get("stream") is True)
    assert len(probe.key) == 16


def test_members_of_a_body_that_is_no_object() -> None:
    assert dict(Probe("p", "[1]").members) == {}
    assert dict(Probe("p", '{"model":').members) == {}


def test_characters_outside_ascii_are_sent_as_they_are() -> None:
    assert compact({"a": "é你", "b": [1, None]}) == '{"a":"é你","b":[1,null]}'


def test_the_name_tells_the_changes_in_their_order() -> None:
    assert (COUNT | stream | setting(stop=["a", "b"])).name == 'count stream stop=["a","b"]'


def test_a_copy_is_another_exchange_of_the_same_request() -> None:
    first, second = copies(2, COUNT)
    assert (first.body, second.body) == (COUNT.body, COUNT.body)
    assert len({COUNT, first, second}) == 3
    assert [first.name, second.name] == ["count #1", "count #2"]


def test_the_estimate_of_a_prompt_follows_its_length() -> None:
    short, long = ask("s", "word"), ask("l", " ".join(["word"] * 1001))
    assert long.prompt_tokens - short.prompt_tokens == 1000
    assert long.prompt_at_most - short.prompt_at_most == 5000


@pytest.mark.parametrize(
    ("probe", "tokens"),
    [
        (COUNT, 120),
        (COUNT | max_tokens(5) | n(3), 15),
        (ask("new name", "x", max_completion_tokens=7), 7),
        (ask("no limit", "x"), 400),
        (ask("no limit that holds", "x", max_tokens="5", n=0), 400),
        (fetch("models", "/models"), 0),
        (COUNT | setting(messages=[]), 0),
    ],
    ids=by_value,
)
def test_what_a_request_allows(probe: Probe, tokens: int) -> None:
    assert probe.allowed == tokens


def test_the_claims_of_a_probe_are_its_parameters_and_features() -> None:
    assert COUNT_STREAM.claims == {"stream", "temperature", "max_tokens"}
    assert replace(COUNT_STREAM, features=frozenset({"vision"})).claims == {
        "stream",
        "temperature",
        "max_tokens",
        "vision",
    }
    assert json.loads(COUNT_STREAM.body or "").keys() == {"model", "messages", *COUNT_STREAM.claims}

"""Estimates of tokens: near enough to plan with, and what can be at most."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.asking import tokens
from conformance.contracts.chat.probes import costs
from conformance.contracts.chat.probes.ask import ask
from conformance.contracts.chat.reading.usage import token_counts
from conformance.contracts.chat.reading.view import View
from conformance.proof.asking import everything, recorded
from conformance.reference.chat.personas import PERSONAS
from conformance.reference.chat.rules.chat import read_request
from conformance.reference.tokens import count
from conformance.wire.record import Exchange
from tests.ids import by_value

PLANNED = {"reference": "openai", "toapis": "toapis", "toki": "toki", "tokmodel": "tokmodel"}
"""Personas that do as they are asked and do not think aloud, and the profiles that they keep."""


def used(exchange: Exchange) -> tuple[int, int]:
    """The tokens of an exchange as the provider itself counts them, also where its answer does not say."""
    if exchange.last.status != 200 or exchange.request.method != "POST":
        return 0, 0
    prompt, completion = token_counts(exchange.last.body)
    if prompt is not None and completion is not None:
        return prompt, completion
    view = View(exchange)
    written = sum(
        count(choice.text) + sum(count(call.name) + count(call.arguments) for call in view.tool_calls)
        for choice in view.choices
    )
    return read_request(json.loads(exchange.request.body)).prompt_tokens, written


@pytest.mark.parametrize("persona", PLANNED)
def test_a_plan_is_right_within_a_tenth(persona: str) -> None:
    found = recorded(claims=PLANNED[persona], persona=PERSONAS[persona])
    one = everything(PLANNED[persona])
    prompt, completion = map(sum, zip(*map(used, found), strict=True))
    assert one.requests == sum(len(each.attempts) for each in found)
    assert one.prompt_tokens == pytest.approx(prompt, rel=0.1)
    assert one.completion_tokens == pytest.approx(completion, rel=0.1)
    assert one.tokens_at_most[0] >= prompt
    assert one.tokens_at_most[1] >= completion


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("", 0),
        ("The quick brown fox jumps over the lazy dog.", 10),
        ("1 2 3", 5),
        ("123456", 2),
        ("你好，世界", 5),
        ("phonetic alphabet", 4),
        ('{"city": "Paris"}', 8),
    ],
    ids=by_value,
)
def test_a_text_costs_about_as_much_as_elsewhere(text: str, about: int) -> None:
    assert tokens.about(text) == pytest.approx(about, abs=2)


@given(st.text())
def test_no_text_costs_more_than_its_bytes(text: str) -> None:
    assert tokens.about(text) <= tokens.at_most(text)


def test_all_that_is_sent_to_a_model_counts() -> None:
    plain = ask("q", "What?")
    image = {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:"}}]}
    tool = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}}
    called = {"role": "assistant", "content": None, "tool_calls": [tool]}
    for more in (ask("q", "What?", image), ask("q", "What?", tools=[tool]), ask("q", "What?", called)):
        assert more.prompt_tokens >= plain.prompt_tokens + 8
        assert more.prompt_at_most >= more.prompt_tokens


@pytest.mark.parametrize(
    "messages", [[], "hi", [1], None, [{"role": "user"}], [{"content": [7, {"text": 1}]}]], ids=by_value
)
def test_messages_that_are_none_cost_next_to_nothing(messages: object) -> None:
    members = {"messages": messages, "tools": [3], "response_format": 7}
    assert costs.prompt(members) <= 10
    assert costs.prompt_at_most(members) <= 100

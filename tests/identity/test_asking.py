"""What a comparison asks, and what it reads of the answers."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from conformance.asking.probe import Expects
from conformance.identity.asking import WEIGHINGS, questions, side
from conformance.identity.comparing import FEW, MANY
from conformance.identity.prompts import TEXTS, WEIGHED, generated
from tests.contracts.chat.cases.recorded import attempt, exchange

ASKED = questions("seed")


def test_the_prompts_come_from_the_seed() -> None:
    assert generated("a") == generated("a")
    texts, weighed = generated("a")
    assert len({*texts, *weighed}) == TEXTS + WEIGHED
    assert len(set(texts) & set(generated("b")[0])) < TEXTS / 4


def test_each_stage_asks_what_the_one_before_has_asked_and_more() -> None:
    first, second, third = ASKED.stages
    assert [len(stage) for stage in ASKED.stages] == [
        WEIGHED * WEIGHINGS,
        WEIGHED * WEIGHINGS + TEXTS * FEW,
        WEIGHED * WEIGHINGS + TEXTS * MANY,
    ]
    assert second[: len(first)] == first
    assert third[: len(second)] == second
    assert len({probe.key for probe in third}) == len(third)


def test_all_prompts_are_asked_once_before_any_is_asked_again() -> None:
    rounds = [probe.copy for probe in ASKED.few + ASKED.rest]
    assert rounds == sorted(rounds)
    assert set(Counter(rounds).values()) == {TEXTS}


def test_who_has_no_probabilities_may_refuse_them() -> None:
    assert {probe.expects for probe in ASKED.weighed} == {Expects.EITHER}
    assert all(probe.members["top_logprobs"] and probe.members["max_tokens"] == 1 for probe in ASKED.weighed)


def test_an_answer_is_read_as_a_sample() -> None:
    body = {
        "choices": [{"index": 0, "message": {"content": "A teapot."}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15},
    }
    probe = ASKED.few[3]
    (sample,) = side("one", ASKED, [exchange(probe, attempt(200, body))]).spoken
    assert (sample.prompt, sample.text, sample.prompt_tokens) == (3, "A teapot.", 12)


def test_probabilities_of_the_first_token_are_read() -> None:
    top = [{"token": "A", "logprob": -0.5, "bytes": None}, {"token": "B", "logprob": -1.5, "bytes": None}]
    token = {"token": "A", "logprob": -0.5, "bytes": None, "top_logprobs": top}
    choice: dict[str, Any] = {"index": 0, "message": {"content": "A"}, "finish_reason": "length"}
    body = {"choices": [choice | {"logprobs": {"content": [token], "refusal": None}}]}
    (sample,) = side("one", ASKED, [exchange(ASKED.weighed[0], attempt(200, body))]).weighed
    assert sample.first == {"A": -0.5, "B": -1.5}


def test_what_cannot_be_read_is_no_sample_and_no_crash() -> None:
    for made in (attempt(500, {"error": {"message": "busy"}}), attempt(200, {"choices": "none"})):
        recorded = [exchange(probe, made) for probe in (ASKED.few[0], ASKED.weighed[0])]
        found = side("one", ASKED, recorded)
        assert (found.texts, found.tokens, found.counts) == ({}, {}, {})
        assert found.spoken[0].why


def test_an_exchange_of_something_else_is_left_out() -> None:
    other = replace(exchange(ASKED.few[0], attempt(200, {})), key="another")
    assert side("one", ASKED, [other]).samples == ()

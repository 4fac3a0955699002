"""What the core is told of embeddings."""

from __future__ import annotations

import json

import pytest

from conformance.asking.asking import plainest
from conformance.asking.spent import Doubt, Used
from conformance.contracts import named
from conformance.contracts.embeddings.probes import costs
from conformance.contracts.embeddings.probes.named import BATCH, OTHER, TEXT, TOKEN_ARRAYS, TOKENS
from conformance.proof.asking import everything
from conformance.provider.claims import profile
from conformance.wire.record import Attempt
from tests.contracts.chat.cases.recorded import attempt
from tests.contracts.embeddings.answers import exchange, listed

CONTRACT = named("embeddings")


def test_the_plainest_request_goes_ahead() -> None:
    assert plainest(everything(profile("openai", "embeddings"))) == TEXT


def test_what_requests_cost() -> None:
    assert [probe.prompt_tokens for probe in (TEXT, BATCH, TOKENS, TOKEN_ARRAYS)] == [11, 31, 5, 9]
    assert all(probe.allowed == 0 for probe in (TEXT, BATCH, OTHER))
    assert TEXT.prompt_at_most == len(TEXT.members["input"]) + costs.HIDDEN


@pytest.mark.parametrize(
    "given", [None, 7, "", [], [None], [[]], [["a"]], {"a": 1}, [True], [1.5]], ids=json.dumps
)
def test_the_cost_of_what_is_no_input(given: object) -> None:
    members = {"model": "m", "input": given}
    assert costs.prompt(members) <= 2
    assert costs.allowed(members) == 0


@pytest.mark.parametrize(
    ("made", "used"),
    [
        pytest.param(attempt(200, listed([0.1], prompt=7)), Used(7), id="as stated"),
        pytest.param(attempt(200, listed([0.1], prompt=0)), Used(11, doubt=Doubt.TOO_LITTLE), id="nothing"),
        pytest.param(attempt(200, {"data": []}), Used(11, doubt=Doubt.UNSTATED), id="unstated"),
        pytest.param(attempt(200, listed([0.1], prompt=10**9)), Used(11, doubt=Doubt.UNSTATED), id="absurd"),
        pytest.param(attempt(400, {"error": {}}), Used(), id="refused"),
        pytest.param(attempt(None, failure="reset"), Used(11, doubt=Doubt.LOST), id="lost"),
        pytest.param(attempt(None, failure="connect"), Used(), id="never sent"),
    ],
)
def test_what_an_attempt_is_charged_at(made: Attempt, used: Used) -> None:
    found = CONTRACT.used(exchange(TEXT, made).request, made, ())
    assert (found, found.doubt) == (used, used.doubt)


def test_usage_is_found_behind_many_numbers() -> None:
    body = json.dumps(listed([0.123456789] * 60_000, prompt=7)).encode()
    assert CONTRACT.stated(body) == (7, 0)


def test_what_a_recorded_request_makes_use_of() -> None:
    assert set(CONTRACT.exercised({"model": "m", "input": "a", "dimensions": 3})) == {"dimensions"}
    assert set(CONTRACT.exercised({"model": "m", "input": [1, 2]})) == {"token-input"}


def test_a_recording_that_ends_within_the_answer() -> None:
    assert (
        CONTRACT.cut_off(b'{"object":"list","data":[{"emb', {}, 200) == "the recording ends within the answer"
    )
    assert CONTRACT.cut_off(b'{"object":"list"}\n', {}, 200) == ""
    assert CONTRACT.cut_off(b"<html>", {}, 502) == ""

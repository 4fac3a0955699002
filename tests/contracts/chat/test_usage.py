"""What answers state, for the report, and what they are charged at."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from conformance.asking.change import stream as streamed
from conformance.asking.change import to_be_refused
from conformance.asking.spent import Doubt, Used
from conformance.contracts.chat.probes.named import COUNT, MODEL_LIST, OK
from conformance.contracts.chat.reading.meter import THOUGHT_SLACK, VISIBLE_SLACK
from conformance.contracts.chat.reading.usage import sent, token_counts, used
from conformance.wire.record import Attempt, Request
from tests.contracts.chat.cases.recorded import attempt, exchange
from tests.ids import by_value
from tests.report.making import answer, stream

_CHUNK = b'data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":3}}\n\ndata: [DONE]\n\n'


@pytest.mark.parametrize(
    ("body", "counts"),
    [
        (answer("hello", 12, 5), (12, 5)),
        (stream(["a"], done=False) + _CHUNK, (7, 3)),
        (stream(["a"], done=False) + _CHUNK.replace(b"\n", b"\r\n"), (7, 3)),
        (b'data: {"usage":{"prompt_tokens":1,"completion_tokens":1}}\n\n' + _CHUNK, (7, 3)),
        (stream(["a", "b"]), (None, None)),
        (b'{"usage":{"prompt_tokens":"12","completion_tokens":true}}', (None, None)),
        (b'{"usage":{"prompt_tokens":-1,"completion_tokens":1e9}}', (None, None)),
        (b'{"usage":{"prompt_tokens":12}}', (12, None)),
        (b'{"usage":null}', (None, None)),
        (b'["usage"]', (None, None)),
        (b'{"usage":', (None, None)),
        (b"", (None, None)),
        (b"\xff\xfe", (None, None)),
        (b'{"usage":' + b"[" * 100_000, (None, None)),
        (b'{"usage":{"prompt_tokens":' + b"9" * 10_000 + b"}}", (None, None)),
    ],
    ids=by_value,
)
def test_the_last_stated_counts_are_read(body: bytes, counts: tuple[int | None, int | None]) -> None:
    assert token_counts(body) == counts


def test_only_the_end_of_a_huge_stream_is_read() -> None:
    padding = b": comment\n" * 500_000
    assert token_counts(padding + _CHUNK) == (7, 3)
    assert token_counts(_CHUNK + padding) == (None, None)


WORDS = "one two three four five six seven eight"
STATED = {"usage": {"prompt_tokens": 7, "completion_tokens": 3}}
UNSTATED = {"choices": [{"message": {"role": "assistant", "content": WORDS}}]}
ZEROS = {"usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}}
ABSURD = {"usage": {"prompt_tokens": 10**12, "completion_tokens": 10**12, "total_tokens": 2 * 10**12}}
PROMPT, ALLOWED = COUNT.prompt_tokens, COUNT.allowed


def event(delta: Any) -> bytes:
    return b"data: " + json.dumps({"choices": [{"index": 0, "delta": delta}]}).encode() + b"\n\n"


def said(text: str, **members: Any) -> dict[str, Any]:
    return {"choices": [{"message": {"role": "assistant", "content": text}}], **members}


def test_an_answer_costs_what_it_states_or_else_an_estimate() -> None:
    assert used(COUNT, attempt(200, STATED)) == Used(7, 3)
    assert used(COUNT, attempt(200, UNSTATED)) == Used(COUNT.prompt_tokens, 8)
    assert used(COUNT | streamed, attempt(200, event({"content": WORDS}))) == Used(COUNT.prompt_tokens, 8)
    assert used(OK | to_be_refused, attempt(200, UNSTATED)) == Used(OK.prompt_tokens, 8)
    assert used(COUNT, attempt(200, b"x" * 99_999)).completion > 20_000
    runaway = attempt(200, event({"content": WORDS}), failure="runaway")
    assert used(COUNT | streamed, runaway) == Used(COUNT.prompt_tokens, 4 * 120 + 1024)


def test_what_was_refused_or_never_left_costs_nothing() -> None:
    refused, unsent = (attempt(400, UNSTATED), attempt(503)), ("dns", "tls", "stale", "not-asked")
    for free in (*refused, *(attempt(None, failure=kind) for kind in unsent)):
        assert used(COUNT, free) == Used()
    assert used(MODEL_LIST, attempt(200, {"data": []})) == Used()


def test_what_was_sent_may_have_been_served() -> None:
    for lost in ("timeout-first-byte", "protocol"):
        assert used(COUNT, attempt(None, failure=lost)) == Used(COUNT.prompt_tokens, 120)


@pytest.mark.parametrize(
    ("made", "expected", "doubt"),
    [
        pytest.param(attempt(200, UNSTATED), Used(PROMPT, 8), Doubt.UNSTATED, id="nothing is stated"),
        pytest.param(
            attempt(200, said(WORDS, **STATED)), Used(7, 3), None, id="a tokenizer with long tokens"
        ),
        pytest.param(
            attempt(200, said(f"{WORDS} " * 5, **STATED)), Used(7, 41), Doubt.TOO_LITTLE, id="a small count"
        ),
        pytest.param(attempt(200, said(WORDS, **ZEROS)), Used(PROMPT, 8), Doubt.TOO_LITTLE, id="zeros"),
        pytest.param(attempt(200, said("", **ABSURD)), Used(0, ALLOWED), Doubt.ABSURD, id="absurd numbers"),
        pytest.param(
            attempt(200, said(" word" * 900, **ABSURD)), Used(0, 900), Doubt.ABSURD, id="absurd, and long"
        ),
        pytest.param(
            attempt(200, b'{"choices": [{"mess', failure="incomplete"),
            Used(PROMPT, ALLOWED),
            Doubt.LOST,
            id="broken off",
        ),
        pytest.param(
            replace(attempt(200, b"{", failure="too-large"), written=10**6),
            Used(PROMPT, 10**6),
            Doubt.LOST,
            id="cut at a bound",
        ),
        pytest.param(
            attempt(200, said("", **STATED), failure="silence"), Used(7, 3), None, id="stated, then silent"
        ),
        pytest.param(attempt(429, STATED), Used(7, 3), None, id="a refusal that is billed"),
        pytest.param(
            attempt(502, UNSTATED), Used(PROMPT, 8), Doubt.UNSTATED, id="an answer with a status of 502"
        ),
        pytest.param(
            attempt(200, b"<html>" + b"x" * 9000, {"content-type": "text/html"}),
            Used(PROMPT, 0),
            Doubt.UNSTATED,
            id="a web page",
        ),
        pytest.param(
            attempt(200, event({"content": WORDS})), Used(PROMPT, 8), Doubt.UNSTATED, id="a stream unasked"
        ),
    ],
)
def test_an_answer_is_charged_at_the_most_that_it_admits(
    made: Attempt, expected: Used, doubt: Doubt | None
) -> None:
    if doubt is Doubt.ABSURD:
        expected = replace(expected, prompt=COUNT.prompt_at_most)
    found = used(COUNT, made)
    assert (found, found.doubt) == (expected, doubt)


def test_an_object_in_place_of_a_stream_is_read_as_one() -> None:
    assert used(COUNT | streamed, attempt(200, said(WORDS, **STATED))) == Used(7, 3)


def test_hidden_thoughts_may_take_up_the_limit_where_nothing_is_stated() -> None:
    assert used(COUNT, attempt(200, UNSTATED), thinks=True) == Used(PROMPT, ALLOWED)
    assert used(COUNT, attempt(200, said(WORDS, **STATED)), thinks=True) == Used(7, 3)
    aloud = {"choices": [{"message": {"content": "Hi.", "reasoning_content": WORDS}}]}
    assert used(COUNT, attempt(200, aloud), thinks=True) == Used(PROMPT, 10)


def test_a_runaway_costs_what_was_counted_of_it() -> None:
    cut = replace(attempt(200, event({"content": WORDS}), failure="runaway"), written=2000)
    assert used(COUNT | streamed, cut).completion == 2000 > 4 * ALLOWED + VISIBLE_SLACK
    assert 4 * ALLOWED + THOUGHT_SLACK > 2000


@pytest.mark.parametrize(
    "body", ["", "{", "[" * 9999, '{"a":' * 300 + "1" + "}" * 300, "\ud800", "[]"], ids=by_value
)
def test_a_request_that_others_recorded_may_be_anything(body: str) -> None:
    probe = sent(Request("POST", "https://example.org", (), body))
    assert (probe.allowed, probe.prompt_tokens, probe.streamed) == (0, 0, False)


def test_a_request_says_what_it_allowed() -> None:
    for probe in (COUNT, COUNT | streamed, OK):
        found = sent(exchange(probe).request)
        assert found.allowed == probe.allowed
        assert found.prompt_tokens == probe.prompt_tokens
        assert found.streamed == probe.streamed

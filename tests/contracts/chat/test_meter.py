"""How much was written, told while it arrives."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.asking.change import stream, to_be_refused
from conformance.contracts.chat.probes.named import COUNT, MODEL_LIST, OK
from conformance.contracts.chat.reading.meter import Meter
from conformance.contracts.chat.reading.usage import Used, used
from tests.contracts.chat.cases.recorded import attempt

WORDS = "one two three four five six seven eight"


def event(delta: Any) -> bytes:
    return b"data: " + json.dumps({"choices": [{"index": 0, "delta": delta}]}).encode() + b"\n\n"


def metered(*pieces: bytes) -> tuple[int, int]:
    meter = Meter()
    for piece in pieces:
        meter.feed(piece)
    return meter.visible, meter.thoughts


@pytest.mark.parametrize(
    ("delta", "expected"),
    [
        ({"role": "assistant", "content": WORDS}, (8, 0)),
        ({"content": None, "reasoning_content": WORDS, "reasoning": "nine"}, (0, 9)),
        ({"refusal": "no"}, (1, 0)),
        ({"tool_calls": [{"id": "call_1", "function": {"name": "f", "arguments": "paris"}}]}, (1, 0)),
        ({"content": 7}, (0, 0)),
        ("text", (0, 0)),
    ],
)
def test_what_a_model_has_written_counts(delta: Any, expected: tuple[int, int]) -> None:
    assert metered(event(delta)) == pytest.approx(expected, abs=1)


@pytest.mark.parametrize(
    "line",
    [
        b": comment",
        b"data: [DONE]",
        b'data: {"delta"',
        b'data: ["delta"]',
        b'data: {"choices": "delta"}',
        b"\xff",
    ],
)
def test_what_is_no_text_does_not(line: bytes) -> None:
    assert metered(line + b"\n\n") == (0, 0)


@given(st.lists(st.integers(1, 60), max_size=20))
def test_the_pieces_do_not_matter(sizes: list[int]) -> None:
    whole = event({"content": WORDS}) * 3
    pieces, at = [], 0
    for size in sizes:
        pieces.append(whole[at : at + size])
        at += size
    assert metered(*pieces, whole[at:]) == metered(whole)


def test_an_event_without_an_end_is_not_kept() -> None:
    assert metered(b'data: {"delta": "' + b"x" * 200_000)[0] >= 50_000
    assert metered(b"data: [" + b"[" * 200_000) == (0, 0)


def test_a_limit_is_passed_by_far_or_not_at_all() -> None:
    meter = Meter()
    for _ in range(130):
        meter.feed(event({"content": WORDS}))
    assert (meter.visible, meter.runaway(5)) == (1040, None)
    meter.feed(event({"content": WORDS}))
    failure = meter.runaway(5)
    assert failure is not None
    assert (failure.kind, failure.message) == ("runaway", "cut after about 1048 tokens, where 5 were allowed")


STATED = {"usage": {"prompt_tokens": 7, "completion_tokens": 3}}
UNSTATED = {"choices": [{"message": {"role": "assistant", "content": WORDS}}]}


def test_an_answer_costs_what_it_states_or_else_an_estimate() -> None:
    assert used(COUNT, attempt(200, STATED)) == Used(7, 3)
    assert used(COUNT, attempt(200, UNSTATED)) == Used(COUNT.prompt_tokens, 8)
    assert used(COUNT | stream, attempt(200, event({"content": WORDS}))) == Used(COUNT.prompt_tokens, 8)
    assert used(OK | to_be_refused, attempt(200, UNSTATED)) == Used(OK.prompt_tokens, 8)
    assert used(COUNT, attempt(200, b"x" * 99_999)).completion > 20_000
    runaway = attempt(200, event({"content": WORDS}), failure="runaway")
    assert used(COUNT | stream, runaway) == Used(COUNT.prompt_tokens, 4 * 120 + 1024)


def test_what_was_refused_or_never_left_costs_nothing() -> None:
    refused, unsent = (attempt(400, UNSTATED), attempt(503)), ("dns", "tls", "stale", "not-asked")
    for free in (*refused, *(attempt(None, failure=kind) for kind in unsent)):
        assert used(COUNT, free) == Used()
    assert used(MODEL_LIST, attempt(200, {"data": []})) == Used()


def test_what_was_sent_may_have_been_served() -> None:
    for lost in ("timeout-first-byte", "protocol"):
        assert used(COUNT, attempt(None, failure=lost)) == Used(COUNT.prompt_tokens, 120)

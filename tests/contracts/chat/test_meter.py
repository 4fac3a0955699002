"""How much was written, told while it arrives."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.contracts.chat.reading.meter import Meter
from tests.ids import by_value

WORDS = "one two three four five six seven eight"


def event(delta: Any) -> bytes:
    return b"data: " + json.dumps({"choices": [{"index": 0, "delta": delta}]}).encode() + b"\n\n"


def fed(*pieces: bytes) -> Meter:
    meter = Meter()
    for piece in pieces:
        meter.feed(piece)
    return meter


def metered(*pieces: bytes) -> tuple[int, int]:
    meter = fed(*pieces)
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
    ids=by_value,
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
    ids=by_value,
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


def chunk(**members: Any) -> bytes:
    return b"data: " + json.dumps(members).encode() + b"\n\n"


LABELS = {
    "id": "chatcmpl-0123456789",
    "object": "chat.completion.chunk",
    "model": "acme-large-2026",
    "system_fingerprint": "fp_0123456789",
    "provider": "Somebody Else",
}
SPOKEN = {"index": 0, "delta": {"content": " word"}, "finish_reason": None}


@pytest.mark.parametrize(
    "members",
    [
        pytest.param({"choices": [{"index": 0, "delta": {"content": WORDS}}]}, id="a delta"),
        pytest.param({"choices": [{"index": 0, "message": {"content": WORDS}}]}, id="a message"),
        pytest.param({"choices": [{"index": 0, "text": WORDS}]}, id="a text"),
        pytest.param({"choices": [{"index": 0, "delta": WORDS}]}, id="a delta that is a text"),
        pytest.param({"choices": [WORDS]}, id="a choice that is a text"),
        pytest.param({"choices": WORDS}, id="choices that are a text"),
        pytest.param({"choices": [{"output": WORDS}]}, id="an unknown member of a choice"),
        pytest.param({"output": WORDS}, id="an unknown member"),
        pytest.param({"output": {"parts": [{"text": WORDS}]}}, id="deep in an unknown member"),
        pytest.param({"id": WORDS * 5}, id="an id of a page"),
        pytest.param(
            {"choices": [{"logprobs": {"content": [{"token": WORDS}]}}]}, id="tokens without a text"
        ),
        pytest.param({"choices": [{"delta": {"function_call": {"arguments": WORDS}}}]}, id="a call"),
        pytest.param({"choices": [{"delta": {"audio": {"transcript": WORDS}}}]}, id="a transcript"),
    ],
)
def test_all_text_counts_in_whatever_member_it_comes(members: dict[str, Any]) -> None:
    meter = fed(*[chunk(**{**LABELS, **members})] * 600)
    assert meter.written >= 600 * 8
    assert meter.runaway(5) is not None
    whole = Meter()
    whole.whole(json.dumps({**LABELS, **members}).encode())
    assert whole.written >= 8


def test_what_is_no_text_of_a_model_does_not_count() -> None:
    entry = {"token": "word", "bytes": [119], "top_logprobs": [{"token": each} for each in WORDS.split()]}
    choice = {**SPOKEN, "logprobs": {"content": [entry]}}
    safe = {"hate": {"filtered": False, "severity": "safe"}}
    labels = {**LABELS, "obfuscation": "sdf7H3g", "service_tier": "default", "content_filter_results": safe}
    assert fed(*[chunk(choices=[choice], **labels)] * 50).written == 50
    sealed = {"delta": {"reasoning_details": [{"type": "reasoning.encrypted", "data": "gAAA" * 999}]}}
    assert fed(chunk(choices=[sealed])).written == 0


def test_what_is_thought_counts_once_though_it_is_said_in_two_members() -> None:
    details = [{"type": "reasoning.text", "text": WORDS, "format": "x-v1", "signature": "c2lnbmVk"}]
    delta = {"content": "", "reasoning": WORDS, "reasoning_content": WORDS, "reasoning_details": details}
    assert metered(event(delta)) == (0, 8)


def test_a_text_that_comes_letter_by_letter_is_no_longer() -> None:
    assert metered(*[event({"content": letter}) for letter in WORDS * 9]) == metered(
        event({"content": WORDS * 9})
    )
    assert metered(*[event({"reasoning": letter}) for letter in WORDS]) == (0, 8)


def test_choices_are_texts_of_their_own() -> None:
    several = [{"index": number, "delta": {"content": "one"}} for number in range(3)]
    assert fed(chunk(choices=several)).visible == 3
    assert fed(chunk(choices=several), chunk(choices=several)).visible == 3


def test_what_each_event_repeats_counts_once_beside_a_text() -> None:
    sources = [{"title": WORDS, "url": "https://example.org/a?b=c#d"}] * 2
    meter = fed(*[chunk(choices=[SPOKEN], citations=sources)] * 50)
    assert (meter.visible, meter.aside) == (50, 16)


def test_a_long_id_counts_once_also_beside_empty_deltas() -> None:
    chunk = {"id": "chatcmpl-" + "0123456789 " * 30, "choices": [{"index": 0, "delta": {}}]}
    once = fed(b"data: " + json.dumps(chunk).encode() + b"\n\n").written
    assert fed(*[b"data: " + json.dumps(chunk).encode() + b"\n\n"] * 50).written == once > 0
    others = ({**chunk, "id": f"{number}{chunk['id']}"} for number in range(50))
    assert fed(*(b"data: " + json.dumps(one).encode() + b"\n\n" for one in others)).written > 40 * once


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"], ids=repr)
def test_lines_may_end_as_they_like(end: bytes) -> None:
    whole = event({"content": WORDS}).replace(b"\n", end) * 3
    for size in (1, 2, 7, 1000):
        meter = fed(*[whole[at : at + size] for at in range(0, len(whole), size)])
        meter.end()
        assert meter.visible == 24


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            b"\ndata: ".join(json.dumps(SPOKEN, indent=1).encode().split(b"\n")), id="several lines"
        ),
        pytest.param(json.dumps(SPOKEN).encode(), id="one line"),
    ],
)
def test_an_event_may_have_several_lines(text: bytes) -> None:
    data = b'data: {"choices": [\ndata: ' + text + b"\ndata: ]}\n\n"
    assert fed(data).visible == 1


def test_events_need_no_blank_line_between_them() -> None:
    meter = fed(event({"content": WORDS}).replace(b"\n\n", b"\n") * 50)
    assert meter.visible >= 49 * 8
    meter.end()
    assert meter.visible == 50 * 8


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"[" * 300, id="deep"),
        pytest.param(b"[" + b"0," * 100_001 + b"0]", id="many"),
        pytest.param(b'{"a":' * 300 + b"0" + b"}" * 300, id="deep objects"),
        pytest.param(b"9" * 5000, id="long number"),
        pytest.param(b'{"choices": [{"delta": {"content": "' + b"word " * 60_000 + b'"}}]}', id="long"),
    ],
)
def test_what_is_too_much_to_be_read_counts_by_its_bytes(data: bytes) -> None:
    for meter in (fed(b"data: " + data + b"\n\n"), Meter()):
        if not meter.written:
            meter.whole(data)
        assert meter.written == pytest.approx(len(data) // 4, abs=2)


def test_a_limit_is_passed_by_far_or_not_at_all() -> None:
    meter = Meter()
    for _ in range(130):
        meter.feed(event({"content": WORDS}))
    assert (meter.visible, meter.runaway(5)) == (1040, None)
    meter.feed(event({"content": WORDS}))
    failure = meter.runaway(5)
    assert failure is not None
    assert (failure.kind, failure.message) == ("runaway", "cut after about 1048 tokens, where 5 were allowed")

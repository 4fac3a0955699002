"""The verdicts on what each chunk of a stream says, on answers made by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from conformance.asking.probe import Probe
from conformance.contracts.chat.cases import streaming
from conformance.contracts.chat.cases import test_stream as stream
from conformance.contracts.chat.cases import test_stream_chunks as stream_chunks
from conformance.contracts.chat.cases import test_stream_meaning as stream_meaning
from conformance.contracts.chat.probes.named import COUNT, COUNT_CUT, COUNT_STREAM, COUNT_USAGE
from conformance.judging.requirement import Case
from conformance.judging.verdict import Verdict
from conformance.wire.record import Exchange
from tests.contracts.chat.cases.completions import EVENT_STREAM, completion, said, usage
from tests.contracts.chat.cases.recorded import attempt, claiming, exchange, judgement, verdict
from tests.ids import by_value

PASS, FAIL, WARN, NOTE, OPEN = (
    Verdict.PASS,
    Verdict.FAIL,
    Verdict.WARN,
    Verdict.NOTE,
    Verdict.INCONCLUSIVE,
)


def chunk(text: str | None = None, finish: str | None = None, **members: Any) -> dict[str, Any]:
    """A chunk with a choice, with some members changed; `...` leaves one out."""
    whole = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": finish}],
        **members,
    }
    return {name: value for name, value in whole.items() if value is not ...}


def choice(**members: Any) -> dict[str, Any]:
    """A chunk with a choice of exactly these members."""
    return chunk(choices=[members])


def role(name: str | None, index: int = 0) -> dict[str, Any]:
    return choice(index=index, delta={"role": name})


def sent(*chunks: Any, probe: Probe = COUNT_STREAM, done: bool = True, failure: str = "") -> Exchange:
    """A stream of these chunks."""
    lines = [*map(json.dumps, chunks), *(["[DONE]"] if done else [])]
    body = "".join(f"data: {line}\n\n" for line in lines).encode()
    return exchange(probe, attempt(200, body, EVENT_STREAM, failure=failure))


BEGIN, END, BILL = chunk("1 2"), chunk(None, "stop"), chunk(choices=[], usage=usage(10, 8))
PAID = chunk("", usage=usage(1, 1))
NO_FINISH = choice(index=0, delta={"content": "2"})


@pytest.mark.parametrize(
    ("case", "chunks", "expected"),
    [
        (stream_chunks.test_events_are_chunks, [BEGIN, END], PASS),
        (stream_chunks.test_events_are_chunks, [chunk(object="", choices=[]), END], PASS),
        (stream_chunks.test_events_are_chunks, [chunk(object=""), END], FAIL),
        (stream_chunks.test_events_are_chunks, [chunk(object="x", choices=[]), END], FAIL),
        (stream_chunks.test_events_are_chunks, [chunk(object=...), END], FAIL),
        (stream_chunks.test_events_are_chunks, [BEGIN, {"error": {"message": "no"}}], PASS),
        (stream_chunks.test_id_created_and_model_are_constant, [BEGIN, END], PASS),
        (stream_chunks.test_id_created_and_model_are_constant, [BEGIN, chunk(id="b")], FAIL),
        (stream_chunks.test_id_created_and_model_are_constant, [BEGIN, chunk(created=2)], FAIL),
        (stream_chunks.test_id_created_and_model_are_constant, [BEGIN, chunk(model="n")], FAIL),
        (stream_chunks.test_id_created_and_model_are_constant, [chunk(id="b", choices=[]), END], PASS),
        (stream_chunks.test_choices_are_present, [BEGIN, END], PASS),
        (stream_chunks.test_choices_are_present, [chunk(choices=[]), END], NOTE),
        (stream_chunks.test_choices_are_present, [BEGIN, END, BILL], NOTE),
        (stream_chunks.test_choices_are_present, [BEGIN, chunk(choices=[], moderation={})], PASS),
        (stream_chunks.test_choices_are_present, [BEGIN, chunk(choices=[], moderation=None)], FAIL),
        (stream_chunks.test_choices_are_present, [BEGIN, chunk(choices=[]), END], FAIL),
        (stream_chunks.test_choices_are_present, [BEGIN, chunk(choices=None)], FAIL),
        (stream_chunks.test_choices_are_present, [BEGIN, chunk(choices=...)], FAIL),
        (stream_chunks.test_choices_are_present, [BEGIN, {"error": {"message": "no"}}], PASS),
        (stream_chunks.test_choices_are_present, [BEGIN, chunk(object="x", choices=5)], FAIL),
        (stream_chunks.test_choices_are_present, [{"error": {"message": "no"}}, chunk(choices=None)], FAIL),
        (stream_chunks.test_every_choice_has_index_and_delta, [BEGIN, END], PASS),
        (stream_chunks.test_every_choice_has_index_and_delta, [BEGIN, choice(delta={})], FAIL),
        (stream_chunks.test_every_choice_has_index_and_delta, [choice(index=True, delta={})], FAIL),
        (stream_chunks.test_every_choice_has_index_and_delta, [BEGIN, choice(index=0)], FAIL),
        (stream_chunks.test_every_choice_has_index_and_delta, [chunk(choices=["1"])], FAIL),
        (stream_chunks.test_role_comes_once_and_first, [role("assistant"), BEGIN], PASS),
        (stream_chunks.test_role_comes_once_and_first, [role("assistant"), role(None)], PASS),
        (stream_chunks.test_role_comes_once_and_first, [role("assistant"), role("assistant", 1)], PASS),
        (stream_chunks.test_role_comes_once_and_first, [role("assistant"), BEGIN, role("assistant")], WARN),
        (stream_chunks.test_role_comes_once_and_first, [role("model"), BEGIN], WARN),
        (stream_chunks.test_role_comes_once_and_first, [BEGIN, role("assistant")], WARN),
        (stream_chunks.test_role_comes_once_and_first, [role("assistant"), choice(index=0)], OPEN),
        (stream_chunks.test_role_comes_once_and_first, [role("assistant"), choice(delta={})], OPEN),
        (stream_chunks.test_deltas_are_text, [BEGIN, choice(index=0, delta={})], PASS),
        (stream_chunks.test_deltas_are_text, [chunk(""), chunk(None)], PASS),
        (stream_chunks.test_deltas_are_text, [choice(index=0, delta={"content": 5})], FAIL),
        (stream_chunks.test_finish_reason_comes_exactly_once, [BEGIN, END], PASS),
        (stream_chunks.test_finish_reason_comes_exactly_once, [chunk("1", "stop")], PASS),
        (stream_chunks.test_finish_reason_comes_exactly_once, [BEGIN], FAIL),
        (stream_chunks.test_finish_reason_comes_exactly_once, [BEGIN, chunk(None, "eos")], FAIL),
        (stream_chunks.test_finish_reason_comes_exactly_once, [BEGIN, END, END], FAIL),
        (stream_chunks.test_finish_reason_comes_exactly_once, [BEGIN, END, BEGIN], FAIL),
        (stream_chunks.test_finish_reason_comes_exactly_once, [BEGIN, END, chunk("")], WARN),
        (stream_chunks.test_finish_reason_comes_exactly_once, [BEGIN, END, chunk("", usage={})], WARN),
        (
            stream_chunks.test_finish_reason_comes_exactly_once,
            [BEGIN, END, chunk("", usage=usage(1, 1))],
            PASS,
        ),
        (stream_chunks.test_finish_reason_comes_exactly_once, [chunk("1", ""), END], PASS),
        (stream_chunks.test_finish_reason_is_null_before_the_end, [BEGIN, END], PASS),
        (stream_chunks.test_finish_reason_is_null_before_the_end, [chunk("1", ""), END], WARN),
        (stream_chunks.test_finish_reason_is_null_before_the_end, [choice(index=0, delta={}), END], NOTE),
        (stream_meaning.test_usage_comes_only_when_asked, [BEGIN, END], PASS),
        (stream_meaning.test_usage_comes_only_when_asked, [chunk("1", usage=None), END], PASS),
        (stream_meaning.test_usage_comes_only_when_asked, [BEGIN, END, BILL], NOTE),
        (stream_meaning.test_failure_is_an_error_event, [BEGIN, END], Verdict.NOT_APPLICABLE),
        (stream_meaning.test_failure_is_an_error_event, [BEGIN, {"error": {"message": "no"}}], PASS),
        (
            stream_meaning.test_failure_is_an_error_event,
            [{"error": {"message": "no"}}, {"error": "no"}],
            PASS,
        ),
        (stream_meaning.test_failure_is_an_error_event, [BEGIN, {"error": {"message": ""}}], WARN),
        (stream_meaning.test_failure_is_an_error_event, [BEGIN, {"error": {"code": 7}}], WARN),
        (stream_meaning.test_failure_is_an_error_event, [BEGIN, {"error": "no"}], WARN),
        (stream_chunks.test_chunks_match_the_schema, [BEGIN, END], PASS),
        (stream_chunks.test_chunks_match_the_schema, [BEGIN, chunk(system_fingerprint=5)], FAIL),
    ],
    ids=by_value,
)
def test_chunks(case: Case, chunks: list[Any], expected: Verdict) -> None:
    assert verdict(case, sent(*chunks)) is expected


def test_empty_choices_where_they_are_excluded_or_expected() -> None:
    case = stream_chunks.test_choices_are_present
    never = claiming(stream={"choices_never_empty": True})
    assert verdict(case, sent(BEGIN, END, BILL), claims=never) is FAIL
    assert verdict(case, sent(BEGIN, END, BILL, probe=COUNT_USAGE), claims=never) is PASS
    assert verdict(case, sent(BEGIN, END, chunk(choices=[]), probe=COUNT_USAGE), claims=never) is FAIL
    assert (
        verdict(stream_meaning.test_usage_comes_only_when_asked, sent(BEGIN, BILL, probe=COUNT_USAGE)) is PASS
    )


@pytest.mark.parametrize(
    ("chunks", "done", "expected"),
    [
        ([BEGIN], True, Verdict.NOT_APPLICABLE),
        ([BEGIN], False, WARN),
        ([BEGIN, END], False, Verdict.NOT_APPLICABLE),
    ],
)
def test_ending_in_silence(chunks: list[Any], done: bool, expected: Verdict) -> None:
    assert verdict(stream_meaning.test_failure_is_an_error_event, sent(*chunks, done=done)) is expected


@pytest.mark.parametrize(("kind", "expected"), [("", PASS), ("held-open", WARN), ("reset", PASS)])
def test_closing(kind: str, expected: Verdict) -> None:
    assert verdict(stream.test_response_ends_after_done, sent(BEGIN, END, failure=kind)) is expected


def test_media_type() -> None:
    case, right = stream.test_media_type_is_event_stream, sent(BEGIN, END)
    assert verdict(case, right) is PASS
    assert verdict(case, replace(right, attempts=(replace(right.last, status=201),))) is FAIL
    assert verdict(case, exchange(COUNT_STREAM, attempt(200, right.last.body))) is FAIL


LINE = b"data: " + json.dumps(BEGIN).encode() + b"\n\n"


@pytest.mark.parametrize(
    ("body", "done", "readable"),
    [
        (LINE + b"data: [DONE]\n\n", PASS, PASS),
        (LINE, FAIL, PASS),
        (LINE + b"data: [DONE]\n\n" * 2, FAIL, PASS),
        (LINE + b"data: [DONE]\n\n" + LINE, FAIL, PASS),
        (LINE + b'data: "[DONE]"\n\n', PASS, FAIL),
        (b"\xef\xbb\xbf" + LINE, OPEN, OPEN),
    ],
    ids=by_value,
)
def test_sentinel(body: bytes, done: Verdict, readable: Verdict) -> None:
    one = exchange(COUNT_STREAM, attempt(200, body, EVENT_STREAM))
    assert verdict(stream.test_stream_ends_with_done, one) is done
    assert verdict(stream.test_done_is_written_as_clients_read_it, one) is readable


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        ([BEGIN, END, BILL], PASS),
        ([chunk("1", usage=None), END, BILL], PASS),
        ([BEGIN, END, BILL, chunk(choices=[], moderation={})], PASS),
        ([BEGIN, END, BILL, chunk(choices=...)], PASS),
        ([BEGIN, END], WARN),
        ([BEGIN], OPEN),
        ([BEGIN, END, BILL, BILL], WARN),
        ([BEGIN, BILL, END], WARN),
        ([BEGIN, chunk(None, "stop", usage=usage(10, 8))], WARN),
    ],
    ids=by_value,
)
def test_place_of_usage(chunks: list[Any], expected: Verdict) -> None:
    one = sent(*chunks, probe=COUNT_USAGE)
    assert verdict(stream_meaning.test_usage_comes_in_a_last_chunk, one) is expected


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (usage(1, 1), PASS),
        (usage(0, 8), OPEN),
        (usage(10, 0), OPEN),
        (usage(10, 8) | {"total_tokens": "18"}, WARN),
        (None, OPEN),
    ],
    ids=by_value,
)
def test_streamed_usage(counts: Any, expected: Verdict) -> None:
    one = sent(BEGIN, END, chunk(choices=[], usage=counts), probe=COUNT_USAGE)
    assert verdict(stream_meaning.test_streamed_usage_is_valid, one) is expected


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (400, {"content-type": "application/json"}, PASS),
        (399, {"content-type": "application/json"}, FAIL),
        (200, EVENT_STREAM, FAIL),
        (400, EVENT_STREAM, FAIL),
    ],
    ids=by_value,
)
def test_refusal(status: int, headers: dict[str, str], expected: Verdict) -> None:
    one = exchange(stream_meaning.REFUSED, attempt(status, {}, headers))
    assert verdict(stream_meaning.test_refusal_of_a_stream_is_an_http_error, one) is expected


def streamed_text(text: str, finish: str | None, *, done: bool) -> Exchange:
    return sent(chunk(text), *([chunk(None, finish)] if finish else []), done=done)


@pytest.mark.parametrize(
    ("plain", "one", "expected"),
    [
        ("1 2 3", streamed_text("1 2 3", "stop", done=True), PASS),
        ("1 2 3", streamed_text("1 2", "stop", done=True), FAIL),
        ("1 2 3", streamed_text("1 2", "stop", done=False), FAIL),
        ("1 2 3", streamed_text("1 2", None, done=True), FAIL),
        ("1 2 3", streamed_text("1 2", None, done=False), PASS),
        ("1 2 3", streamed_text("1 2", "length", done=True), PASS),
        ("1 2 3", streamed_text("1 2", "content_filter", done=True), PASS),
        ("1 2 3", streamed_text("1 3", "stop", done=True), PASS),
        ("1 2 3 ", streamed_text(" 1 2 3", "stop", done=True), PASS),
        (" ", streamed_text("", "stop", done=True), OPEN),
    ],
    ids=by_value,
)
def test_truncation(plain: str, one: Exchange, expected: Verdict) -> None:
    again = replace(one, key=COUNT_USAGE.key)
    assert verdict(stream_meaning.test_truncation_is_visible, said(COUNT, plain), one, again) is expected


@pytest.mark.parametrize(
    ("streamed", "again"), [("1 2", "1 2 3."), ("1 2 3", "1 2 3")], ids=["another is whole", "a full stop"]
)
def test_a_model_that_ends_otherwise_for_once_is_not_cut(streamed: str, again: str) -> None:
    one = streamed_text(streamed, "stop", done=True)
    other = replace(streamed_text(again, "stop", done=True), key=COUNT_USAGE.key)
    found = verdict(stream_meaning.test_truncation_is_visible, said(COUNT, "1 2 3."), one, other)
    assert found in (PASS, OPEN)


def test_a_stream_that_fails_under_way_is_one_finding_that_names_the_error() -> None:
    error = {"error": {"message": "The engine died.", "type": "server_error", "param": None, "code": None}}
    one = sent(chunk("1 2"), error)
    again = replace(one, key=COUNT_USAGE.key)
    found = judgement(stream_meaning.test_truncation_is_visible, said(COUNT, "1 2 3"), one, again)
    assert (found.verdict, found.see) == (OPEN, "stream.finish-reason-once")
    found = judgement(stream_chunks.test_finish_reason_comes_exactly_once, one)
    assert found.verdict is FAIL
    assert "fails under way, and says so in an event: The engine died." in found.message


def counted(text: str, prompt: int, spent: int, pieces: int = 1) -> Exchange:
    """A stream of this text in so many pieces, and what it cost."""
    parts = [chunk(text), *(chunk("x") for _ in range(pieces - 1))]
    return sent(*parts, END, chunk(choices=[], usage=usage(prompt, spent)), probe=COUNT_USAGE)


@pytest.mark.parametrize(
    ("one", "cut", "expected"),
    [
        (counted("1 2", 10, 8), "1", PASS),
        (counted("1 2", 11, 8), "1", WARN),
        (counted("1 2", 10, 9), "1", PASS),
        (counted("1 2", 10, 9), "", PASS),
        (counted("1 2", 10, 10), "1", WARN),
        (counted("1 2", 10, 6), "1", WARN),
        (counted("1 2", 10, 10), "", OPEN),
        (counted("1 3", 10, 20), "1", PASS),
    ],
    ids=by_value,
)
def test_cost_of_streaming(one: Exchange, cut: str, expected: Verdict) -> None:
    case, short = stream_meaning.test_usage_is_the_same_as_not_streamed, said(COUNT_CUT[1], cut)
    assert verdict(case, said(COUNT, "1 2"), one, short) is expected
    body = completion("1 2")
    body["usage"]["completion_tokens_details"] = {"reasoning_tokens": 3}
    thoughtful = exchange(COUNT, attempt(200, body))
    assert verdict(case, thoughtful, counted("1 2", 10, 20), short) is PASS


@pytest.mark.parametrize(
    ("pieces", "spent", "expected"),
    [(3, 1, PASS), (4, 1, WARN), (1, 40, PASS), (1, 41, WARN), (2, 80, PASS), (2, 81, WARN)],
    ids=by_value,
)
def test_number_of_deltas(pieces: int, spent: int, expected: Verdict) -> None:
    case = stream_meaning.test_number_of_deltas_agrees_with_usage
    assert verdict(case, counted("1", 10, spent, pieces)) is expected


@pytest.mark.parametrize(("spent", "expected"), [(40, PASS), (41, OPEN)])
def test_number_of_deltas_after_thinking(spent: int, expected: Verdict) -> None:
    counts = usage(10, spent) | {"completion_tokens_details": {"reasoning_tokens": 30}}
    one = sent(BEGIN, END, chunk(choices=[], usage=counts), probe=COUNT_USAGE)
    assert verdict(stream_meaning.test_number_of_deltas_agrees_with_usage, one) is expected


@pytest.mark.parametrize(
    ("plain", "text", "expected"),
    [("ab", "ab", PASS), ("ab", "a\ufffd", FAIL), ("a\ufffd", "a\ufffd", OPEN), ("a\ufffd", "ab", PASS)],
    ids=by_value,
)
def test_broken_characters(plain: str, text: str, expected: Verdict) -> None:
    pair = said(streaming.UNICODE, plain), sent(chunk(text), END, probe=streaming.UNICODE_STREAM)
    assert verdict(stream_chunks.test_characters_are_whole, *pair) is expected


def test_half_a_character() -> None:
    case, plain = stream_chunks.test_characters_are_whole, said(streaming.UNICODE, "ab")
    halves = sent(chunk("\ud83c"), chunk("\udf89"), END, probe=streaming.UNICODE_STREAM)
    assert verdict(case, plain, halves) is FAIL
    cut = LINE.replace(b"1 2", b"1 \xf0\x9f")
    found = judgement(case, plain, exchange(streaming.UNICODE_STREAM, attempt(200, cut, EVENT_STREAM)))
    assert (found.verdict, found.see) == (OPEN, "stream.framing")


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        ([chunk("1", usage=None), chunk(None, "stop", usage=None), BILL], PASS),
        ([chunk("1"), chunk(None, "stop", usage=None), BILL], NOTE),
        ([BEGIN, END, BILL], NOTE),
        ([BEGIN, END], OPEN),
    ],
    ids=by_value,
)
def test_usage_before_the_last_chunk(chunks: list[Any], expected: Verdict) -> None:
    one = sent(*chunks, probe=COUNT_USAGE)
    case = stream_meaning.test_usage_is_null_before_the_last_chunk
    assert verdict(case, one) is expected

"""The verdicts on the envelope of answers, on answers made by hand."""

from __future__ import annotations

from dataclasses import replace
from email.utils import formatdate
from typing import Any

import pytest

from conformance.asking.probe import Probe
from conformance.contracts.chat.cases import test_envelope as envelope
from conformance.contracts.chat.cases import test_envelope_created as envelope_created
from conformance.contracts.chat.probes.change import n, stop
from conformance.contracts.chat.probes.named import COUNT, COUNT_CUT, COUNT_DEFAULTS, COUNT_STREAM
from conformance.contracts.host.cases import test_envelope as host
from conformance.judging.requirement import Case
from conformance.judging.verdict import Verdict
from conformance.wire.record import Exchange, Unseen
from tests.contracts.chat.cases.completions import EVENT_STREAM, completion, said, streamed
from tests.contracts.chat.cases.recorded import JSON, attempt, exchange, judgement, verdict
from tests.ids import by_value

PASS, FAIL, WARN, NOTE = Verdict.PASS, Verdict.FAIL, Verdict.WARN, Verdict.NOTE
OPEN = Verdict.INCONCLUSIVE
NOW = 1_767_225_600
DATED = JSON | {"date": formatdate(NOW, usegmt=True)}


def answered(probe: Probe = COUNT, headers: dict[str, str] = DATED, **members: Any) -> Exchange:
    """An answer of now, with some members changed; `...` leaves one out."""
    body = {**completion("1 2"), "created": NOW, **members}
    return exchange(probe, attempt(200, {k: v for k, v in body.items() if v is not ...}, headers))


def choice(**members: Any) -> dict[str, Any]:
    """A choice, with some members changed."""
    return {"index": 0, "message": {"role": "assistant", "content": "1"}, "finish_reason": "stop", **members}


@pytest.mark.parametrize(
    ("case", "members", "expected"),
    [
        (envelope.test_object_is_chat_completion, {}, PASS),
        (envelope.test_object_is_chat_completion, {"object": "chat.completion.chunk"}, FAIL),
        (envelope.test_object_is_chat_completion, {"object": ...}, FAIL),
        (envelope.test_id_is_present, {}, PASS),
        (envelope.test_id_is_present, {"id": ""}, FAIL),
        (envelope.test_id_is_present, {"id": 7}, FAIL),
        (envelope.test_id_begins_with_chatcmpl, {}, PASS),
        (envelope.test_id_begins_with_chatcmpl, {"id": "7"}, NOTE),
        (envelope.test_id_begins_with_chatcmpl, {"id": ""}, OPEN),
        (envelope.test_id_begins_with_chatcmpl, {"id": None}, OPEN),
        (envelope_created.test_created_is_an_integer, {}, PASS),
        (envelope_created.test_created_is_an_integer, {"created": 1.5}, FAIL),
        (envelope_created.test_created_is_an_integer, {"created": True}, FAIL),
        (envelope.test_there_is_one_choice_by_default, {}, PASS),
        (envelope.test_there_is_one_choice_by_default, {"choices": []}, FAIL),
        (envelope.test_there_is_one_choice_by_default, {"choices": [choice(), choice(index=1)]}, FAIL),
        (envelope.test_index_is_the_position, {"choices": [choice(), choice(index=1)]}, PASS),
        (envelope.test_index_is_the_position, {"choices": [choice(index=1)]}, FAIL),
        (envelope.test_index_is_the_position, {"choices": [choice(index=False)]}, FAIL),
        (envelope.test_index_is_the_position, {"choices": ["1"]}, FAIL),
        (envelope.test_finish_reason_is_known, {"choices": [choice(finish_reason="length")]}, PASS),
        (envelope.test_finish_reason_is_known, {"choices": [choice(finish_reason="eos")]}, FAIL),
        (envelope.test_finish_reason_is_known, {"choices": [choice(), choice(finish_reason=None)]}, FAIL),
        (envelope.test_finish_reason_is_known, {"choices": ["1"]}, FAIL),
        (envelope.test_success_carries_no_error, {}, PASS),
        (envelope.test_success_carries_no_error, {"error": None}, PASS),
        (envelope.test_success_carries_no_error, {"error": {"message": "no"}}, FAIL),
        (envelope.test_success_carries_no_error, {"error": ""}, FAIL),
        (envelope.test_extra_members_are_listed, {}, PASS),
        (envelope.test_extra_members_are_listed, {"cost": 1}, NOTE),
        (envelope.test_answer_matches_the_schema, {"system_fingerprint": None}, PASS),
        (envelope.test_answer_matches_the_schema, {"system_fingerprint": 5}, FAIL),
        (envelope.test_answer_matches_the_schema, {"model": 5, "created": "now"}, PASS),
    ],
    ids=by_value,
)
def test_members(case: Case, members: dict[str, Any], expected: Verdict) -> None:
    assert verdict(case, answered(**members)) is expected


def test_whole_answers() -> None:
    case = envelope.test_answer_is_one_json_object
    right = answered()
    assert verdict(case, right) is PASS
    assert verdict(case, replace(right, attempts=(replace(right.last, status=201),))) is FAIL
    assert verdict(case, exchange(COUNT, attempt(200, right.last.body + b"{}", DATED))) is FAIL


def message(**members: Any) -> Exchange:
    """An answer whose message has exactly these members."""
    return answered(choices=[choice(message={"role": "assistant", **members})])


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (message(content="1"), PASS),
        (message(), FAIL),
        (message(content=None), FAIL),
        (message(content="", refusal="No."), PASS),
        (message(content=None, audio={"id": "a"}), PASS),
        (answered(choices=[choice(message={"role": "assistant", "content": None})], usage=None), PASS),
        (said(COUNT, None, completion=1), PASS),
        (said(COUNT, None, completion=2), FAIL),
        (said(COUNT, "1", None, completion=2), FAIL),
        (said(COUNT, None, completion=2, finish="length"), PASS),
        (said(COUNT | stop("1"), "", completion=2), PASS),
        (message(content="", reasoning_content="Hm."), WARN),
    ],
    ids=by_value,
)
def test_content(one: Exchange, expected: Verdict) -> None:
    assert verdict(envelope.test_content_is_text, one) is expected


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (message(content="1", refusal=None), NOTE),
        (answered(choices=[choice(logprobs=None)]), NOTE),
        (
            answered(
                choices=[
                    choice(logprobs=None, message={"role": "assistant", "content": "1", "refusal": None})
                ]
            ),
            PASS,
        ),
        (answered(choices=[]), OPEN),
    ],
    ids=by_value,
)
def test_nullable_members(one: Exchange, expected: Verdict) -> None:
    assert verdict(envelope.test_nullable_members_are_present, one) is expected


def test_members_of_a_message_are_listed_too() -> None:
    found = judgement(envelope.test_extra_members_are_listed, message(content="1", mood="glad"))
    assert found.verdict is NOTE
    assert "message.mood" in found.message


def test_members_of_a_choice_are_listed_too_and_pointed_at() -> None:
    filtered = answered(choices=[choice(), choice(index=1, content_filter_results={})])
    found = judgement(envelope.test_extra_members_are_listed, filtered)
    assert found.verdict is NOTE
    assert found.message.startswith("members beyond the contract: choice.content_filter_results")
    assert [place.path for one in found.findings for place in one.places] == [
        "$.choices[1].content_filter_results"
    ]


@pytest.mark.parametrize(("role", "expected"), [("assistant", PASS), ("model", FAIL), (None, FAIL)])
def test_roles(role: str | None, expected: Verdict) -> None:
    one = answered(choices=[choice(message={"role": role, "content": "1"})])
    assert verdict(envelope.test_role_is_assistant, one) is expected


def test_choices_that_were_asked_for() -> None:
    case = envelope.test_there_is_one_choice_by_default
    two: dict[str, Any] = {"choices": [choice(), choice(index=1)]}
    assert verdict(case, answered(COUNT | n(2), **two)) is PASS
    assert verdict(case, answered(COUNT | n(1), **two)) is FAIL
    assert verdict(case, streamed(COUNT_STREAM, (0, "1", "stop"), (1, "1", "stop"))) is FAIL
    assert verdict(case, streamed(COUNT_STREAM, (0, "1", "stop"))) is PASS


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ({"id": "a"}, {"id": "b"}, PASS),
        ({"id": "a"}, {"id": "a"}, FAIL),
        ({"id": ""}, {"id": ""}, PASS),
        ({"id": None}, {"id": None}, PASS),
    ],
    ids=by_value,
)
def test_unique_ids(first: dict[str, Any], second: dict[str, Any], expected: Verdict) -> None:
    case = envelope.test_id_is_unique
    assert verdict(case, answered(**first), answered(COUNT_DEFAULTS, **second)) is expected
    assert verdict(case, answered(**first)) is OPEN


FAR = envelope_created.CLOCK_TOLERANCE + 1
"""Seconds that `created` may be off where the answer took one second."""


@pytest.mark.parametrize(
    ("created", "headers", "expected"),
    [
        (NOW, DATED, PASS),
        (NOW + FAR, DATED, PASS),
        (NOW - FAR, DATED, PASS),
        (NOW + FAR + 1, DATED, FAIL),
        (NOW - FAR - 1, DATED, FAIL),
        (NOW + FAR + 2, JSON, OPEN),
        (envelope_created.MILLISECONDS - 1, JSON, OPEN),
        (envelope_created.MILLISECONDS, JSON, FAIL),
        ("now", DATED, OPEN),
    ],
    ids=by_value,
)
def test_created_is_now(created: Any, headers: dict[str, str], expected: Verdict) -> None:
    one = answered(headers=headers, created=created)
    assert verdict(envelope_created.test_created_is_now_in_seconds, one) is expected


def test_what_was_recorded_who_knows_when_is_not_held_against_anybody() -> None:
    one = replace(answered(created=NOW + FAR + 1), unseen=(Unseen.START,))
    assert verdict(envelope_created.test_created_is_now_in_seconds, one) is OPEN


@pytest.mark.parametrize(
    ("before", "after", "later", "expected"),
    [
        (NOW, NOW, 60, PASS),
        (NOW, NOW - envelope_created.SKEW, 60, PASS),
        (NOW, NOW - envelope_created.SKEW - 1, 60, WARN),
        (NOW, NOW - envelope_created.SKEW - 1, 0.5, PASS),
        (NOW, NOW - envelope_created.SKEW - 1, 1, WARN),
        (NOW, NOW + envelope_created.A_DAY - 1, 60, PASS),
        (NOW, NOW + envelope_created.A_DAY, 60, OPEN),
    ],
    ids=by_value,
)
def test_created_does_not_go_back(before: int, after: int, later: float, expected: Verdict) -> None:
    first = answered(created=before)
    second = answered(COUNT_DEFAULTS, created=after)
    moved = replace(second, attempts=(replace(second.last, started=second.last.started + later),))
    case = envelope_created.test_created_does_not_go_back
    assert verdict(case, first, moved) is expected
    assert verdict(case, first) is OPEN


@pytest.mark.parametrize(("created", "older"), [((30, 27, 0), 30), ((0, 30, 10), 20)])
def test_created_is_compared_with_whatever_ended_before(created: tuple[int, ...], older: int) -> None:
    dates = [NOW + seconds for seconds in created]
    probes = (COUNT, COUNT_DEFAULTS, COUNT_CUT[0])
    answers = [answered(probe, created=date) for probe, date in zip(probes, dates, strict=True)]
    in_turn = [
        replace(one, attempts=(replace(one.last, started=one.last.started + 10 * number),))
        for number, one in enumerate(answers)
    ]
    found = judgement(envelope_created.test_created_does_not_go_back, *in_turn)
    assert found.verdict is WARN
    assert f"{older} s older" in found.message


@pytest.mark.parametrize(
    ("requested", "named", "expected"),
    [
        ("gpt-x", "gpt-x", PASS),
        ("gpt-x", "GPT-X", PASS),
        ("gpt-x", "vendor/gpt-x", PASS),
        ("gpt-x", "vendor/line/gpt-x", PASS),
        ("gpt-x", "gpt-x-2026-01-01", PASS),
        ("gpt-x-2026-01-01", "gpt-x", PASS),
        ("gpt-x-latest", "gpt-x-2026-01-01", PASS),
        ("gpt-x-2026-01-01", "gpt-x-2025-06-06", FAIL),
        ("gpt-4", "gpt-3.5", FAIL),
        ("gpt-4", "gpt-4-0613", PASS),
        ("gpt-4-0613", "gpt-4", PASS),
        ("gpt-x-4", "x-gpt-4", WARN),
        ("gpt-x", "gpt-x-mini", WARN),
        ("gpt-x-mini", "gpt-x", WARN),
        ("gpt-x", "llama", FAIL),
        ("gpt-x", "x-gpt", FAIL),
        ("gpt-4-turbo-preview", "gpt-4-0125-preview", WARN),
        ("gpt-4-turbo", "llama-4", FAIL),
        ("gpt-x", "", FAIL),
        ("gpt-x", None, FAIL),
        ("gpt-x", 5, FAIL),
    ],
    ids=by_value,
)
def test_models(requested: str, named: Any, expected: Verdict) -> None:
    body = {**completion("1"), "model": named}
    one = exchange(COUNT, attempt(200, body), model=requested)
    assert verdict(envelope.test_model_names_the_requested, one) is expected


def streaming(*models: str) -> Exchange:
    """A stream whose chunks name these models."""
    whole = streamed(COUNT_STREAM, *((0, "1", None) for _ in models))
    events = whole.last.body.split(b"\n\n")
    named = [
        event.replace(b'"m"', b'"%s"' % model.encode()) for event, model in zip(events, models, strict=False)
    ]
    return exchange(COUNT_STREAM, attempt(200, b"\n\n".join([*named, *events[len(models) :]]), EVENT_STREAM))


@pytest.mark.parametrize(
    ("plain", "models", "expected", "see"),
    [
        ("m", ("m", "m"), PASS, None),
        ("m-2026", ("m-2026", "m-2026"), PASS, None),
        ("m", ("m-2026", "m-2026"), WARN, None),
        ("m", ("m", "m-2026"), OPEN, "stream.id-created-model-constant"),
        ("other", ("m", "m"), OPEN, "envelope.model-names-the-requested"),
        (5, ("m", "m"), OPEN, "envelope.model-names-the-requested"),
    ],
    ids=by_value,
)
def test_models_in_streams(plain: Any, models: tuple[str, ...], expected: Verdict, see: str | None) -> None:
    case = envelope.test_model_is_the_same_when_streamed
    found = judgement(case, answered(model=plain), streaming(*models))
    assert (found.verdict, found.see) == (expected, see)


@pytest.mark.parametrize(
    ("probe", "texts", "expected"),
    [
        (COUNT, ("1 2",), PASS),
        (COUNT, ("1 2<|im_end|>",), WARN),
        (COUNT, ("1 2", "</think> 1 2"), WARN),
        (COUNT | stop("<|im_end|>"), ("1 2<|im_end|>",), OPEN),
    ],
    ids=by_value,
)
def test_markup(probe: Probe, texts: tuple[str, ...], expected: Verdict) -> None:
    assert verdict(envelope.test_text_is_free_of_the_models_own_markup, said(probe, *texts)) is expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"a": 1}', PASS),
        (b'{"a": 1, "a": 2}', FAIL),
        (b'{"a": NaN}', FAIL),
        (b'\xef\xbb\xbf{"a": 1}', FAIL),
        (b'{"a": "\n"}', FAIL),
        (b'{"a": 1} 2', PASS),
        (b"<html>", Verdict.NOT_APPLICABLE),
    ],
    ids=by_value,
)
def test_strictness(body: bytes, expected: Verdict) -> None:
    assert verdict(host.test_json_is_strict, exchange(COUNT, attempt(200, body))) is expected

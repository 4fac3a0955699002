"""The cases about the official SDK, on exchanges made by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conformance.contracts.chat.cases import test_sdk as sdk
from conformance.contracts.chat.cases import test_sdk_requests as sdk_requests
from conformance.contracts.chat.probes.invalid import EMPTY_MESSAGES, EMPTY_MESSAGES_STREAMED
from conformance.contracts.chat.probes.named import (
    COUNT,
    COUNT_STREAM,
    COUNT_USAGE,
    MODEL_LIST,
    MODEL_RETRIEVED,
)
from conformance.judging.requirement import Case
from conformance.judging.verdict import Judgement, Verdict
from conformance.wire.record import Attempt
from tests.contracts.chat.cases.recorded import exchange, judgement
from tests.ids import by_value
from tests.wire.recordings import (
    COMPLETION,
    DONE,
    FIRST,
    HELLO,
    LAST,
    MIDDLE,
    USAGE,
    call,
    calling,
    choice,
    chunk,
    completion,
    hello,
    merged,
    message,
    response,
    stream,
)

CREATE, VALIDATES = sdk.test_create_reads_the_answer, sdk.test_response_validates
ITERATES, CHUNKS, HELPER = sdk.test_stream_iterates, sdk.test_chunks_validate, sdk.test_stream_helper_works
ROLE, CALLS = sdk.test_role_accumulates, sdk.test_tool_calls_accumulate
PLAIN = (CREATE, VALIDATES)
STREAMS = (ITERATES, CHUNKS, HELPER, ROLE)


def plain(case: Case, answer: Attempt) -> Judgement:
    return judgement(case, exchange(COUNT, answer))


def streamed(case: Case, answer: Attempt) -> Judgement:
    return judgement(case, exchange(COUNT_STREAM, answer))


@pytest.mark.parametrize("case", PLAIN)
def test_a_good_answer_passes(case: Case) -> None:
    assert plain(case, response(COMPLETION)).verdict is Verdict.PASS


@pytest.mark.parametrize("case", STREAMS)
def test_a_good_stream_passes(case: Case) -> None:
    assert streamed(case, hello()).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (response(b"{"), "raises JSONDecodeError, which is no OpenAIError: Expecting"),
        (response({"error": {"message": "no"}}), "an answer without choices, and without an exception"),
        (response(b"<html>", "text/html"), "returns str, without an exception"),
        (response(b"null"), "returns NoneType, without an exception"),
        (response(choice(message=...)), "a choice without a message, and without an exception"),
        (response(message(content=[])), "a content of type list, without an exception"),
        (response(b"{", failure="incomplete"), "raises APIConnectionError: Connection error."),
    ],
    ids=by_value,
)
def test_an_answer_that_cannot_be_read_is_one_finding(answer: Attempt, words: str) -> None:
    found = plain(CREATE, answer)
    assert found.verdict is Verdict.FAIL
    assert words in found.message
    assert plain(VALIDATES, answer).verdict is not Verdict.FAIL


def test_an_error_under_status_200_is_silent_also_where_a_refusal_was_wanted() -> None:
    for body, verdict in (
        ({"error": {"message": "no"}}, Verdict.FAIL),
        (completion(), Verdict.NOT_APPLICABLE),
    ):
        assert judgement(CREATE, exchange(EMPTY_MESSAGES, response(body))).verdict is verdict


def test_an_answer_that_never_came_is_no_finding() -> None:
    late = replace(response(b"{"), failure=response(b"", failure="silence").failure)
    assert plain(CREATE, late).verdict is Verdict.ERROR


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        (completion(service_tier="turbo"), Verdict.WARN),
        (completion(service_tier="turbo", id=...), Verdict.FAIL),
        (choice(finish_reason="end_turn"), Verdict.FAIL),
        (completion(object="text_completion"), Verdict.FAIL),
        (completion(usage={**USAGE, "prompt_tokens": 1.5}), Verdict.FAIL),
    ],
    ids=by_value,
)
def test_only_closed_lists_that_grow_are_tolerated(body: dict[str, Any], verdict: Verdict) -> None:
    assert plain(VALIDATES, response(body)).verdict is verdict


def test_the_place_is_named() -> None:
    assert (
        "refuses the answer: $.id: Field required" in plain(VALIDATES, response(completion(id=...))).message
    )


def test_a_stream_that_cannot_be_read_is_one_finding() -> None:
    broken = stream(FIRST, b"data:\n\n", MIDDLE, LAST)
    found = {case: streamed(case, broken) for case in STREAMS}
    assert found[ITERATES].verdict is Verdict.FAIL
    assert "raises JSONDecodeError, which is no OpenAIError" in found[ITERATES].message
    assert "(after 1 of 3 chunks)" in found[ITERATES].message
    assert {one.see for case, one in found.items() if case is not ITERATES} == {"sdk.stream-iterates"}


def test_silence_is_said() -> None:
    nothing = streamed(ITERATES, response({"error": {"message": "no"}}))
    assert (nothing.verdict, "no chunk, and no exception" in nothing.message) == (Verdict.FAIL, True)
    lost = streamed(ITERATES, hello(before=b"\xef\xbb\xbf"))
    assert (lost.verdict, "loses 1 of 3 chunks, without" in lost.message) == (Verdict.FAIL, True)


def test_a_stream_that_says_that_it_failed_is_no_finding() -> None:
    failed = stream(FIRST, {"error": {"message": "overloaded"}})
    assert streamed(ITERATES, failed).verdict is Verdict.INCONCLUSIVE


def test_a_helper_that_fails_is_one_finding() -> None:
    found = {case: streamed(case, stream(HELLO, chunk(None))) for case in STREAMS}
    assert {case for case, one in found.items() if one.verdict is Verdict.FAIL} == {HELPER}
    assert "raises AttributeError, which is no OpenAIError" in found[HELPER].message
    assert "(after 3 of 4 chunks)" in found[HELPER].message


def test_a_lost_finish_reason_is_found() -> None:
    assert "finish_reason is None" in streamed(HELPER, stream(HELLO[:-1], done=b"")).message


def test_a_corrupted_role_is_found() -> None:
    found = streamed(ROLE, stream(FIRST, merged(FIRST, {}), LAST))
    assert (found.verdict, "'assistantassistant'" in found.message) == (Verdict.WARN, True)


def test_an_empty_text_in_a_closed_list_is_tolerated() -> None:
    assert streamed(CHUNKS, stream(chunk({"role": "assistant"}, ""), HELLO)).verdict is Verdict.WARN
    assert streamed(CHUNKS, stream(chunk({"role": "robot"}), HELLO)).verdict is Verdict.FAIL


def test_a_chunk_that_reports_on_the_prompt_is_no_part_of_the_answer() -> None:
    report = {"id": "", "object": "", "created": 0, "model": "", "choices": [], "prompt_filter_results": []}
    assert streamed(CHUNKS, stream(report, HELLO)).verdict is Verdict.NOTE
    assert streamed(CHUNKS, stream(HELLO, report, b": bye\n\n")).verdict is Verdict.NOTE
    assert streamed(CHUNKS, stream(report, chunk({"role": "robot"}), HELLO)).verdict is Verdict.FAIL
    assert streamed(CHUNKS, stream({**report, "choices": None}, HELLO)).verdict is not Verdict.NOTE


def test_usage_that_the_helper_loses_is_found() -> None:
    def judged(*chunks: object) -> Judgement:
        return judgement(sdk.test_usage_accumulates, exchange(COUNT_USAGE, stream(*chunks)))

    assert judged(HELLO, chunk(choices=[], usage=USAGE)).verdict is Verdict.PASS
    early = judged({**FIRST, "usage": USAGE}, MIDDLE, LAST)
    assert (early.verdict, "usage is None" in early.message) == (Verdict.WARN, True)
    assert judged(HELLO).see == "stream.usage-chunk-last"


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (calling(call(arguments="{"), {"index": 0, "function": {"arguments": "}"}}), Verdict.PASS),
        (calling(call(), call(1, "g", id="call_2")), Verdict.PASS),
        (calling(call(), {"index": 0, "id": "", "function": {"name": "", "arguments": ""}}), Verdict.PASS),
        (calling(call(), call()), Verdict.WARN),
        (calling(call(), call(name="g", id="call_2")), Verdict.WARN),
        (calling(call(...)), Verdict.WARN),
        (calling(call(1)), Verdict.WARN),
        (hello(), Verdict.NOT_APPLICABLE),
    ],
    ids=by_value,
)
def test_tool_calls(answer: Attempt, verdict: Verdict) -> None:
    assert streamed(CALLS, answer).verdict is verdict
    assert streamed(HELPER, answer).verdict is not Verdict.FAIL


def test_of_calls_that_share_an_index_the_one_that_is_lost_is_pointed_at() -> None:
    """The shape that https://github.com/ollama/ollama/issues/15457 reports."""
    answer = calling(call(0, id="call_a"), call(0, id="call_b"))
    found = streamed(CALLS, answer).findings[0]
    assert [(place.event, place.path) for place in found.places] == [
        (3, "$.choices[0].delta.tool_calls[0].id")
    ]
    assert str(found.message).endswith("['call_acall_b'], but ['call_a', 'call_b'] were sent")


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (response({"error": {"message": "no"}}, status=400), ""),
        (response({"message": "no"}, status=404), ""),
        (response({"detail": "no"}, status=422), "raises UnprocessableEntityError, which says no more than"),
        (response(b"<html>no</html>", "text/html", 403), "raises PermissionDeniedError"),
        (response(b"", status=401), "raises AuthenticationError, which says no more than 'Error code: 401'"),
    ],
    ids=by_value,
)
def test_a_refusal_says_why(refusal: Attempt, words: str) -> None:
    found = plain(sdk_requests.test_refusals_raise, refusal)
    assert found.verdict is (Verdict.WARN if words else Verdict.PASS)
    assert words in found.message


@pytest.mark.parametrize(
    ("refusal", "verdict"),
    [
        (response({"error": {"message": "no"}}, status=499), Verdict.PASS),
        (response({"error": {"message": "no"}}, status=500), Verdict.NOT_APPLICABLE),
        (response(b" " * 2**21, status=400), Verdict.INCONCLUSIVE),
    ],
)
def test_what_is_no_refusal_or_too_large_proves_nothing(refusal: Attempt, verdict: Verdict) -> None:
    for probe in (EMPTY_MESSAGES, EMPTY_MESSAGES_STREAMED):
        assert judgement(sdk_requests.test_refusals_raise, exchange(probe, refusal)).verdict is verdict


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (response({"object": "list", "data": [{"id": "m"}]}), Verdict.PASS),
        (response({"object": "list", "data": []}), Verdict.INCONCLUSIVE),
        (response({"models": [{"id": "m"}]}), Verdict.WARN),
        (response({"data": [{"name": "m"}]}), Verdict.WARN),
        (response([{"id": "m"}]), Verdict.WARN),
        (response({"error": {"message": "no"}}, status=404), Verdict.UNSUPPORTED),
    ],
    ids=by_value,
)
def test_a_list_of_models(answer: Attempt, verdict: Verdict) -> None:
    found = judgement(sdk_requests.test_models_list_parses, exchange(MODEL_LIST, answer))
    assert found.verdict is verdict


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (response({"id": "m", "object": "model"}), Verdict.PASS),
        (response({"object": "model"}), Verdict.WARN),
        (response(b"<html>", "text/html"), Verdict.WARN),
    ],
)
def test_a_model(answer: Attempt, verdict: Verdict) -> None:
    assert judgement(sdk_requests.test_model_retrieves, exchange(MODEL_RETRIEVED, answer)).verdict is verdict


def test_what_is_too_large_is_not_replayed() -> None:
    assert plain(CREATE, response(b" " * 2**21)).verdict is Verdict.INCONCLUSIVE
    many = stream(*(MIDDLE for _ in range(1_000)), done=DONE)
    assert streamed(ITERATES, many).verdict is Verdict.INCONCLUSIVE

"""The cases about HTTP, on exchanges made by hand."""

from __future__ import annotations

import json

import pytest

from conformance.asking.change import after, header
from conformance.contracts.chat.cases import test_transport as transport
from conformance.contracts.chat.probes.invalid import EMPTY_MESSAGES, NO_KEY
from conformance.contracts.chat.probes.named import COUNT, COUNT_CUT_STREAM, OK, echo
from conformance.contracts.host import probes as asked
from conformance.contracts.host.cases import test_transport as host
from conformance.judging.verdict import Verdict
from conformance.wire.record import Attempt
from tests.contracts.chat.cases.completions import said
from tests.contracts.chat.cases.recorded import JSON, SILENT, attempt, exchange, judgement, verdict
from tests.ids import by_value

ANSWER = attempt(200, {"id": "x"})
HTML = {"content-type": "text/html; charset=utf-8"}
SSE = {"content-type": "text/event-stream"}
STREAM = attempt(200, b'data: {"id":"x"}\n\ndata: [DONE]\n\n', SSE)


@pytest.mark.parametrize(
    ("body", "label", "expected"),
    [
        (b"{}", "application/json", Verdict.PASS),
        (b"{}", "Application/JSON; charset=UTF-8", Verdict.PASS),
        (b"{}", 'application/json; charset="utf-8"', Verdict.PASS),
        (b"{}", "application/problem+json", Verdict.PASS),
        (b"{}", "application/json; charset=ISO-8859-1", Verdict.FAIL),
        (b"{}", "text/plain", Verdict.FAIL),
        (b"[]", "", Verdict.FAIL),
        (b'{"a":"\xe9"}', "application/json", Verdict.FAIL),
        (b"<html>", "text/html", Verdict.NOT_APPLICABLE),
        (b"data: {}\n\n", "text/event-stream", Verdict.NOT_APPLICABLE),
        (b"", "text/plain", Verdict.NOT_APPLICABLE),
    ],
    ids=by_value,
)
def test_labels_and_encodings(body: bytes, label: str, expected: Verdict) -> None:
    one = exchange(COUNT, attempt(200, body, {"content-type": label}))
    assert verdict(host.test_json_is_labelled_and_encoded_as_it_should_be, one) is expected


def test_a_character_that_was_cut_in_two_is_not_invalid_utf8() -> None:
    broken = exchange(COUNT, attempt(200, b'{"a":"\xc3', failure="incomplete"))
    found = judgement(host.test_json_is_labelled_and_encoded_as_it_should_be, broken)
    assert (found.verdict, found.see) == (Verdict.INCONCLUSIVE, "transport.complete-framing")


@pytest.mark.parametrize(
    "label",
    [";", "charset=", "application/json; charset", 'application/json; charset="', "é; charset*=é''%ff"],
    ids=by_value,
)
def test_any_content_type_is_read(label: str) -> None:
    one = exchange(COUNT, attempt(200, b"{}", {"content-type": label}))
    assert verdict(host.test_json_is_labelled_and_encoded_as_it_should_be, one) is not Verdict.ERROR


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, Verdict.PASS),
        (299, Verdict.PASS),
        (300, Verdict.FAIL),
        (399, Verdict.FAIL),
        (400, Verdict.PASS),
        (301, Verdict.FAIL),
        (302, Verdict.FAIL),
        (303, Verdict.FAIL),
        (307, Verdict.WARN),
        (308, Verdict.WARN),
    ],
    ids=by_value,
)
def test_redirects(status: int, expected: Verdict) -> None:
    case = host.test_the_documented_address_does_not_redirect
    assert verdict(case, exchange(COUNT, attempt(status))) is expected
    assert verdict(case, exchange(asked.UNKNOWN_PATH.of("chat"), attempt(status))) is Verdict.NOT_APPLICABLE
    assert verdict(case, exchange(EMPTY_MESSAGES, attempt(status))) is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("attempts", "expected"),
    [
        ([""], Verdict.PASS),
        (["cut"], Verdict.PASS),
        (["held-open"], Verdict.PASS),
        (["incomplete", "incomplete"], Verdict.FAIL),
        (["reset", "incomplete"], Verdict.FAIL),
        (["incomplete", ""], Verdict.WARN),
        (["reset"], Verdict.WARN),
        (["too-large"], Verdict.FAIL),
        (["too-large", "incomplete"], Verdict.FAIL),
        (["incomplete", "reset", ""], Verdict.WARN),
    ],
    ids=by_value,
)
def test_responses_that_break_off(attempts: list[str], expected: Verdict) -> None:
    one = exchange(COUNT, *(attempt(200, b"{}", failure=kind) for kind in attempts))
    assert verdict(host.test_responses_are_complete, one) is expected


def test_an_encoding_that_was_not_asked_for() -> None:
    case = host.test_content_encoding_is_one_that_was_asked_for
    assert verdict(case, exchange(COUNT, ANSWER)) is Verdict.PASS
    assert verdict(case, exchange(COUNT, attempt(200, failure="encoding"))) is Verdict.WARN


@pytest.mark.parametrize(
    ("as_json", "as_sse", "expected"),
    [
        (STREAM, STREAM, Verdict.PASS),
        (ANSWER, STREAM, Verdict.FAIL),
        (STREAM, attempt(406, {"error": {}}), Verdict.FAIL),
        (STREAM, ANSWER, Verdict.FAIL),
        (ANSWER, ANSWER, Verdict.INCONCLUSIVE),
        (attempt(400, {"error": {}}), attempt(400, {"error": {}}), Verdict.INCONCLUSIVE),
        (attempt(400, {"error": {}}), STREAM, Verdict.FAIL),
    ],
    ids=by_value,
)
def test_streams_for_any_accept(as_json: Attempt, as_sse: Attempt, expected: Verdict) -> None:
    exchanges = (
        exchange(COUNT_CUT_STREAM, as_json),
        exchange(COUNT_CUT_STREAM | header("Accept", "text/event-stream"), as_sse),
    )
    assert verdict(transport.test_streams_do_not_depend_on_accept, *exchanges) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0", Verdict.PASS),
        ("120", Verdict.PASS),
        ("121", Verdict.NOTE),
        ("Thu, 01 Jan 2026 00:01:00 GMT", Verdict.PASS),
        ("Wed, 31 Dec 2025 00:00:00 GMT", Verdict.PASS),
        ("Thu, 01 Jan 2026 01:00:00 GMT", Verdict.NOTE),
        ("1.5", Verdict.WARN),
        ("-1", Verdict.WARN),
        ("", Verdict.WARN),
        ("soon", Verdict.WARN),
        ("٣", Verdict.WARN),
        ("Thu, 01 Jan 99999999999999999999 00:00:00 GMT", Verdict.WARN),
    ],
    ids=by_value,
)
def test_retry_after(value: str, expected: Verdict) -> None:
    limited = attempt(429, headers={"Retry-After": value})
    case = host.test_retry_after_can_be_obeyed
    assert verdict(case, exchange(COUNT, limited, ANSWER)) is expected


@pytest.mark.parametrize(
    ("limited", "expected"),
    [
        (attempt(429), Verdict.NOTE),
        (attempt(429, headers={"X-RateLimit-Reset-Requests": "6s"}), Verdict.NOT_APPLICABLE),
        (attempt(429, headers={"Retry-After-Ms": "250"}), Verdict.NOT_APPLICABLE),
        (attempt(503), Verdict.NOT_APPLICABLE),
        (attempt(503, headers={"Retry-After": "soon"}), Verdict.WARN),
        (attempt(502, headers={"Retry-After": "soon"}), Verdict.NOT_APPLICABLE),
    ],
    ids=by_value,
)
def test_a_limit_says_when_to_try_again(limited: Attempt, expected: Verdict) -> None:
    case = host.test_retry_after_can_be_obeyed
    assert verdict(case, exchange(COUNT, limited, ANSWER)) is expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("x-request-id", Verdict.PASS),
        ("X-Oneapi-Request-Id", Verdict.PASS),
        ("x-amzn-RequestId", Verdict.PASS),
        ("traceparent", Verdict.PASS),
        ("server", Verdict.NOTE),
    ],
    ids=by_value,
)
def test_request_ids(name: str, expected: Verdict) -> None:
    case = host.test_responses_have_a_request_id
    assert verdict(case, exchange(COUNT, attempt(200, headers={name: "7"}))) is expected
    assert verdict(case, exchange(COUNT, attempt(200, headers={name: ""}))) is Verdict.NOTE


def test_hanging_up() -> None:
    case = transport.test_a_client_that_hangs_up_does_no_harm
    cut = exchange(transport.CUT, attempt(200, b"data: {}\n\n", SSE, failure="cut"))
    next = OK | after(transport.CUT)
    assert verdict(case, cut, exchange(next, ANSWER)) is Verdict.PASS
    assert verdict(case, cut, exchange(next, attempt(500))) is Verdict.NOTE
    assert verdict(case, exchange(transport.CUT, STREAM), exchange(next, ANSWER)) is Verdict.INCONCLUSIVE
    assert verdict(case, cut, exchange(next, attempt(500), ANSWER)) is Verdict.NOTE
    assert verdict(case, cut, exchange(next, attempt(429), ANSWER)) is Verdict.PASS


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (transport.MARKERS, Verdict.PASS),
        (tuple(f"Sure: {marker}." for marker in transport.MARKERS), Verdict.PASS),
        (("I cannot do that.", *transport.MARKERS[1:]), Verdict.INCONCLUSIVE),
        ((transport.MARKERS[1], transport.MARKERS[0], *transport.MARKERS[2:]), Verdict.FAIL),
        ((" ".join(transport.MARKERS[:2]), *transport.MARKERS[1:]), Verdict.FAIL),
    ],
    ids=by_value,
)
def test_cross_talk(texts: tuple[str, ...], expected: Verdict) -> None:
    exchanges = []
    for marker, text in zip(transport.MARKERS, texts, strict=True):
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
        exchanges.append(exchange(echo(marker), attempt(200, {"id": "x", "choices": [choice]})))
    assert verdict(transport.test_parallel_answers_are_not_mixed_up, *exchanges) is expected


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (ANSWER, Verdict.PASS),
        (attempt(403, {"error": {}}), Verdict.PASS),
        (attempt(403, b"<title>Just a moment...</title>", HTML), Verdict.FAIL),
        (attempt(403, b"", HTML | {"cf-mitigated": "challenge"}), Verdict.FAIL),
        (attempt(200, b"<html>Please solve the CAPTCHA", HTML), Verdict.FAIL),
        (attempt(403, b"<html>no", HTML), Verdict.INCONCLUSIVE),
        (attempt(429, b"<html>no", HTML), Verdict.INCONCLUSIVE),
        (attempt(503, b"<html>upstream unavailable", HTML), Verdict.INCONCLUSIVE),
        (attempt(502, b"<html>upstream unavailable", HTML), Verdict.PASS),
        (attempt(404, b"<html>not found", HTML), Verdict.PASS),
        (attempt(200, json.dumps({"text": "what is a captcha?"}).encode(), JSON), Verdict.PASS),
    ],
    ids=by_value,
)
def test_bot_walls(response: Attempt, expected: Verdict) -> None:
    assert verdict(host.test_there_is_no_wall_against_programs, exchange(COUNT, response)) is expected


def test_a_page_that_refuses_what_should_be_refused_is_no_wall() -> None:
    one = exchange(NO_KEY, attempt(403, b"<html>forbidden", HTML))
    assert verdict(host.test_there_is_no_wall_against_programs, one) is Verdict.PASS


ALLOWED = {
    "Access-Control-Allow-Origin": asked.ORIGIN,
    "Access-Control-Allow-Headers": "Content-Type, Authorization, X-More",
}
OK_PREFLIGHT = attempt(204, headers=ALLOWED)


@pytest.mark.parametrize(
    ("preflight", "expected"),
    [
        (OK_PREFLIGHT, Verdict.PASS),
        (attempt(200, headers=dict.fromkeys(ALLOWED, "*")), Verdict.PASS),
        (attempt(405, headers=ALLOWED), Verdict.NOTE),
        (attempt(204, headers=ALLOWED | {"Access-Control-Allow-Origin": "https://x"}), Verdict.NOTE),
        (attempt(204, headers=ALLOWED | {"Access-Control-Allow-Headers": "Content-Type"}), Verdict.NOTE),
        (attempt(204, headers={"Access-Control-Allow-Origin": "*"}), Verdict.NOTE),
    ],
    ids=by_value,
)
def test_preflights(preflight: Attempt, expected: Verdict) -> None:
    case, one = host.test_browsers_may_call_the_service, exchange(asked.PREFLIGHT.of("chat"), preflight)
    assert verdict(case, said(COUNT, "1"), one) is expected
    assert verdict(case, exchange(COUNT, attempt(400)), one) is Verdict.INCONCLUSIVE


def test_streams_without_an_event_are_one_finding() -> None:
    case = transport.test_streams_do_not_depend_on_accept
    for responses in ((400, 200), (200, 400), (200, 200)):
        bodies = {400: attempt(400, {"error": {}}), 200: attempt(200, b": nothing\n\n", SSE)}
        made = zip(case.probes(SILENT), responses, strict=True)
        found = judgement(case, *(exchange(probe, bodies[status]) for probe, status in made))
        assert (found.verdict, found.see) == (Verdict.INCONCLUSIVE, "stream.framing")

"""The cases about errors, on exchanges made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.asking.probe import Probe
from conformance.asking.request import WRONG_KEY
from conformance.contracts.chat.cases import test_errors as errors
from conformance.contracts.chat.probes import invalid
from conformance.contracts.chat.probes.named import COUNT
from conformance.contracts.host import probes as asked
from conformance.contracts.host.cases import test_errors as host
from conformance.judging.requirement import Case
from conformance.judging.verdict import Verdict
from conformance.wire.record import Attempt
from conformance.wire.redact import MARK
from tests.contracts.chat.cases.recorded import JSON, SILENT, attempt, claiming, exchange, judgement, verdict
from tests.ids import by_value

HTML = {"content-type": "text/html"}
PAGE = b"<html>nginx</html>"


def error(status: int = 400, headers: dict[str, str] = JSON, **changes: Any) -> Attempt:
    """A refusal as OpenAI words it, with some members changed; `...` leaves one out."""
    members = {"message": "No.", "type": "invalid_request_error", "param": None, "code": None} | changes
    return attempt(status, {"error": {k: v for k, v in members.items() if v is not ...}}, headers)


SERVED = attempt(200, {"object": "chat.completion", "model": "m-2026"})


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (error(), Verdict.PASS),
        (error(500), Verdict.PASS),
        (error(429), Verdict.PASS),
        (error(message=""), Verdict.FAIL),
        (error(message=" \n"), Verdict.FAIL),
        (error(message=...), Verdict.FAIL),
        (error(message=["No."]), Verdict.FAIL),
        (attempt(400, {"error": "No."}), Verdict.FAIL),
        (attempt(422, {"detail": "No."}), Verdict.FAIL),
        (attempt(422, [{"error": {"message": "No."}}]), Verdict.FAIL),
        (attempt(400, b'{"error": {"message": "No."}} trailing'), Verdict.FAIL),
        (attempt(400, b'{"error": {"message": "No.", "message": "No."}}'), Verdict.FAIL),
        (attempt(404, PAGE, HTML), Verdict.FAIL),
        (attempt(429, PAGE, HTML), Verdict.FAIL),
        (attempt(400, b""), Verdict.FAIL),
        (attempt(503, PAGE, HTML), Verdict.INCONCLUSIVE),
        (attempt(400, b'{"error": {"mess', failure="incomplete"), Verdict.INCONCLUSIVE),
        (SERVED, Verdict.INCONCLUSIVE),
    ],
    ids=by_value,
)
def test_what_is_an_error_object(response: Attempt, expected: Verdict) -> None:
    assert (
        verdict(host.test_refusals_are_error_objects, exchange(invalid.EMPTY_MESSAGES, response)) is expected
    )


def test_a_page_instead_of_an_answer_is_a_wall_and_no_malformed_error() -> None:
    found = judgement(host.test_refusals_are_error_objects, exchange(COUNT, attempt(403, PAGE, HTML)))
    assert (found.verdict, found.see) == (Verdict.INCONCLUSIVE, "transport.no-bot-wall")


def test_which_exchanges_are_refusals() -> None:
    refused = [exchange(invalid.NO_KEY, error(401)), exchange(invalid.TEXT_STREAM, error(500))]
    refused.append(exchange(COUNT, error(400)))
    others = [
        exchange(asked.WRONG_METHOD.of("chat"), error(405)),
        exchange(asked.UNKNOWN_PATH.of("chat"), error(404)),
        exchange(invalid.NO_MODEL, SERVED),
        exchange(invalid.MALFORMED_JSON, attempt(None, failure="connect")),
        exchange(invalid.EMPTY_MESSAGES, attempt(307)),
    ]
    judged = judgement(host.test_refusals_are_error_objects, *refused, *others)
    assert judged.consulted == tuple(one.id for one in refused)
    crashed = exchange(COUNT, error(500))
    assert not judgement(host.test_refusals_are_error_objects, crashed).consulted


@pytest.mark.parametrize(
    ("case", "response", "expected"),
    [
        (host.test_errors_have_a_type, error(), Verdict.PASS),
        (host.test_errors_have_a_type, error(type=...), Verdict.WARN),
        (host.test_errors_have_a_type, error(type=""), Verdict.WARN),
        (host.test_errors_have_a_type, error(type=7), Verdict.WARN),
        (host.test_errors_have_a_type, attempt(400, PAGE, HTML), Verdict.INCONCLUSIVE),
        (host.test_errors_have_code_and_param, error(code="x", param="messages"), Verdict.PASS),
        (host.test_errors_have_code_and_param, error(code=...), Verdict.NOTE),
        (host.test_errors_have_code_and_param, error(param=...), Verdict.NOTE),
        (host.test_errors_have_code_and_param, error(code=401), Verdict.NOTE),
        (host.test_errors_have_code_and_param, error(param={}), Verdict.NOTE),
        (errors.test_refusals_carry_nothing_to_bill, error(), Verdict.PASS),
        (
            errors.test_refusals_carry_nothing_to_bill,
            attempt(400, {"usage": {"total_tokens": 0}}),
            Verdict.PASS,
        ),
        (
            errors.test_refusals_carry_nothing_to_bill,
            attempt(400, {"usage": {"total_tokens": 9}}),
            Verdict.NOTE,
        ),
        (errors.test_refusals_carry_nothing_to_bill, attempt(400, {"choices": [{}]}), Verdict.NOTE),
        (host.test_mistakes_of_the_client_are_never_5xx, error(499), Verdict.PASS),
        (host.test_mistakes_of_the_client_are_never_5xx, attempt(504, PAGE, HTML), Verdict.ERROR),
        (host.test_mistakes_of_the_client_are_never_5xx, error(500), Verdict.FAIL),
        (host.test_mistakes_of_the_client_are_never_5xx, error(503), Verdict.FAIL),
        (host.test_mistakes_of_the_client_are_never_5xx, attempt(500, PAGE, HTML), Verdict.FAIL),
        (host.test_mistakes_of_the_client_are_never_5xx, attempt(502, PAGE, HTML), Verdict.ERROR),
        (host.test_mistakes_of_the_client_are_never_5xx, error(429), Verdict.ERROR),
    ],
    ids=by_value,
)
def test_what_every_refusal_is_asked(case: Case, response: Attempt, expected: Verdict) -> None:
    assert verdict(case, exchange(invalid.EMPTY_MESSAGES, response)) is expected


def test_the_documented_type_of_code_is_allowed_too() -> None:
    refusal = exchange(invalid.NO_KEY, error(401, code=401))
    claims = claiming(error_code={"types": ["integer"]})
    assert verdict(host.test_errors_have_code_and_param, refusal, claims=claims) is Verdict.PASS


MODELS = (invalid.NO_MODEL, invalid.NUMBER_MODEL, invalid.EMPTY_MODEL)


@pytest.mark.parametrize(
    ("responses", "default", "expected"),
    [
        ((error(), error(), error(404)), None, Verdict.PASS),
        ((SERVED, error(), error()), None, Verdict.FAIL),
        ((error(), SERVED, error()), None, Verdict.FAIL),
        ((error(), error(503), error()), None, Verdict.FAIL),
        ((error(), attempt(502, PAGE, HTML), error()), None, Verdict.ERROR),
        ((error(), error(429)), None, Verdict.INCONCLUSIVE),
        ((error(), error()), None, Verdict.INCONCLUSIVE),
        ((SERVED, error(), SERVED), "M", Verdict.PASS),
        ((error(), error(), error()), "M", Verdict.PASS),
        ((SERVED, error(), error()), "glm-5", Verdict.FAIL),
        ((SERVED, SERVED, error()), "M", Verdict.FAIL),
    ],
    ids=by_value,
)
def test_requests_without_a_model(
    responses: tuple[Attempt, ...], default: str | None, expected: Verdict
) -> None:
    claims = claiming(model={"default": default} if default else True)
    exchanges = map(exchange, MODELS, responses)  # without the last, where there are two
    assert verdict(host.test_request_without_a_model_is_refused, *exchanges, claims=claims) is expected


def test_a_request_that_could_not_be_asked_hides_nothing_about_the_others() -> None:
    late = exchange(invalid.NO_MODEL, error(429))
    refused, served = (exchange(invalid.NUMBER_MODEL, one) for one in (error(), SERVED))
    empty = exchange(invalid.EMPTY_MODEL, error())
    case = host.test_request_without_a_model_is_refused
    found = judgement(case, late, served, empty)
    assert found.verdict is Verdict.FAIL
    assert found.message == "not refused: ok model=123 (HTTP 200)"
    assert verdict(case, late, refused, empty) is Verdict.ERROR


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (error(404), Verdict.PASS),
        (error(400), Verdict.PASS),
        (SERVED, Verdict.FAIL),
        (error(503, code="model_not_found"), Verdict.FAIL),
        (attempt(503, PAGE, HTML), Verdict.ERROR),
        (error(429), Verdict.ERROR),
    ],
    ids=by_value,
)
def test_unknown_models(response: Attempt, expected: Verdict) -> None:
    assert verdict(host.test_unknown_model_is_refused, exchange(invalid.UNKNOWN_MODEL, response)) is expected


@pytest.mark.parametrize(
    ("model", "body", "expected"),
    [
        (error(404), error(400), Verdict.PASS),
        (error(422), error(422), Verdict.PASS),
        (error(404), error(404), Verdict.WARN),
        (error(401), error(400), Verdict.WARN),
        (error(404), error(429), Verdict.PASS),
        (error(404), error(499), Verdict.WARN),
        (attempt(399), error(400), Verdict.PASS),
        (SERVED, error(403), Verdict.WARN),
        (SERVED, error(500), Verdict.INCONCLUSIVE),
    ],
    ids=by_value,
)
def test_statuses(model: Attempt, body: Attempt, expected: Verdict) -> None:
    exchanges = exchange(invalid.UNKNOWN_MODEL, model), exchange(invalid.MALFORMED_JSON, body)
    assert verdict(errors.test_invalid_requests_are_refused_with_400, *exchanges) is expected


@pytest.mark.parametrize(
    ("unknown", "wrong", "expected"),
    [
        (error(404), attempt(405, headers={"allow": "POST"}), Verdict.PASS),
        (attempt(404, {"detail": "Not Found"}), attempt(404), Verdict.PASS),
        (attempt(404, b"404 page not found", {}), error(404), Verdict.WARN),
        (attempt(200, PAGE, HTML), error(404), Verdict.WARN),
        (error(405), error(404), Verdict.WARN),
        (error(404), attempt(405), Verdict.WARN),
        (error(404), attempt(200, PAGE, HTML), Verdict.WARN),
        (attempt(503, PAGE, HTML), error(404), Verdict.ERROR),
        (error(404), error(429), Verdict.ERROR),
    ],
    ids=by_value,
)
def test_paths_and_methods(unknown: Attempt, wrong: Attempt, expected: Verdict) -> None:
    exchanges = (
        exchange(asked.UNKNOWN_PATH.of("chat"), unknown),
        exchange(asked.WRONG_METHOD.of("chat"), wrong),
    )
    assert verdict(host.test_unknown_paths_and_methods_are_refused, *exchanges) is expected


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (error(param="x_conformance_probe"), Verdict.PASS),
        (error(message="Unrecognized argument: x_conformance_probe"), Verdict.PASS),
        (error(), Verdict.NOTE),
        (SERVED, Verdict.NOTE),
        (error(200), Verdict.NOTE),
        (error(500), Verdict.NOTE),
        (error(429), Verdict.ERROR),
        (attempt(503, PAGE, HTML), Verdict.ERROR),
    ],
    ids=by_value,
)
def test_unknown_parameters(response: Attempt, expected: Verdict) -> None:
    found = judgement(
        host.test_unknown_parameter_is_handled, exchange(asked.UNKNOWN_PARAMETER.of("chat"), response)
    )
    assert found.verdict is expected
    assert ("unnoticed" in found.message) is (response is SERVED)


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (error(415), Verdict.PASS),
        (error(429), Verdict.ERROR),
        (attempt(503, PAGE, HTML), Verdict.ERROR),
        (SERVED, Verdict.PASS),
        (error(500), Verdict.NOTE),
        (attempt(302), Verdict.NOTE),
    ],
    ids=by_value,
)
def test_wrong_content_type(response: Attempt, expected: Verdict) -> None:
    case = host.test_wrong_content_type_is_refused_or_overlooked
    assert verdict(case, exchange(asked.PLAIN_TEXT.of("chat"), response)) is expected


@pytest.mark.parametrize(
    ("responses", "expected"),
    [
        ([error(401, message="Incorrect API key provided: sk-inval***0000.")], Verdict.PASS),
        ([error(401, message=f"Incorrect API key: {WRONG_KEY[:20]}...")], Verdict.PASS),
        ([error(401, message=f"Incorrect API key: {WRONG_KEY}")], Verdict.WARN),
        ([error(400, message=f"Key {MARK} has no access")], Verdict.FAIL),
        ([attempt(200, {"id": MARK})], Verdict.FAIL),
        ([error(headers={"x-debug": f"Bearer {MARK}"})], Verdict.FAIL),
        ([error(503, message=MARK), SERVED], Verdict.FAIL),
        ([error(502, message="upstream refused sk-proj-aaaaBBBB1111cccc")], Verdict.FAIL),
        ([attempt(200, b"a text about sk-proj-aaaaBBBB1111cccc")], Verdict.PASS),
        ([attempt(399, b"a text about sk-proj-aaaaBBBB1111cccc")], Verdict.PASS),
        ([error(400, message="a text about sk-proj-aaaaBBBB1111cccc")], Verdict.FAIL),
        ([error(message="no task-force-of-the-ministry-was-found")], Verdict.PASS),
    ],
    ids=by_value,
)
def test_echoed_keys(responses: list[Attempt], expected: Verdict) -> None:
    assert (
        verdict(host.test_keys_are_never_echoed, exchange(asked.WRONG_KEY.of("chat"), *responses)) is expected
    )


@pytest.mark.parametrize(
    ("case", "probes"),
    [
        (
            host.test_request_without_a_model_is_refused,
            (invalid.NO_MODEL, invalid.NUMBER_MODEL, invalid.EMPTY_MODEL),
        ),
        (host.test_unknown_model_is_refused, (invalid.UNKNOWN_MODEL,)),
    ],
    ids=["missing", "unknown"],
)
def test_a_model_that_answers_to_any_name_owes_no_refusal(case: Case, probes: tuple[Probe, ...]) -> None:
    exchanges = [exchange(probe, SERVED) for probe in probes]
    assert verdict(case, *exchanges) is Verdict.FAIL
    assert verdict(case, *exchanges, claims=claiming(model={"any_name": True})) is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("able", "invalid_one", "next_one", "expected", "see"),
    [
        (SERVED, error(), SERVED, Verdict.PASS, None),
        (SERVED, error(), error(500), Verdict.FAIL, None),
        (error(), error(), error(), Verdict.INCONCLUSIVE, None),
        (SERVED, SERVED, error(500), Verdict.INCONCLUSIVE, "errors.messages-invalid-refused"),
    ],
    ids=by_value,
)
def test_service_after_a_refusal(
    able: Attempt, invalid_one: Attempt, next_one: Attempt, expected: Verdict, see: str | None
) -> None:
    case = errors.test_service_is_alive_after_refusals
    asked = zip(case.probes(SILENT), (able, invalid_one, next_one), strict=True)
    found = judgement(case, *(exchange(probe, response) for probe, response in asked))
    assert (found.verdict, found.see) == (expected, see)

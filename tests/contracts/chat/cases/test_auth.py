"""The cases about authentication, on exchanges made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.contracts.chat.probes import invalid
from conformance.contracts.host import probes as asked
from conformance.contracts.host.cases import test_auth as auth
from conformance.judging.requirement import Case
from conformance.judging.verdict import Verdict
from tests.contracts.chat.cases.recorded import attempt, claiming, exchange, judgement, verdict
from tests.ids import by_value


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (401, Verdict.PASS),
        (403, Verdict.WARN),
        (400, Verdict.WARN),
        (200, Verdict.FAIL),
        (302, Verdict.FAIL),
        (500, Verdict.FAIL),
        (503, Verdict.ERROR),
        (429, Verdict.ERROR),
    ],
    ids=by_value,
)
def test_without_a_key(status: int, expected: Verdict) -> None:
    assert verdict(auth.test_a_key_is_required, exchange(invalid.NO_KEY, attempt(status))) is expected
    assert (
        verdict(auth.test_a_wrong_key_is_refused, exchange(asked.WRONG_KEY.of("chat"), attempt(status)))
        is expected
    )


@pytest.mark.parametrize(("basic", "empty"), [(401, 200), (200, 401)])
def test_both_wrong_credentials_count(basic: int, empty: int) -> None:
    exchanges = (
        exchange(asked.WRONG_SCHEME.of("chat"), attempt(basic)),
        exchange(asked.EMPTY_KEY.of("chat"), attempt(empty)),
    )
    assert verdict(auth.test_a_wrong_scheme_and_an_empty_key_are_refused, *exchanges) is Verdict.WARN


CASES = [value for value in vars(auth).values() if isinstance(value, Case)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.requirement.id)
def test_a_provider_that_needs_no_key_is_not_judged(case: Case) -> None:
    claims = claiming(auth=False)
    exchanges = [exchange(probe, attempt(200, {})) for probe in case.probes(claims)]
    assert verdict(case, *exchanges, claims=claims) is Verdict.NOT_APPLICABLE


def test_challenge() -> None:
    case = auth.test_401_says_how_to_authenticate
    bare = exchange(invalid.NO_KEY, attempt(401))
    challenged = exchange(invalid.NO_KEY, attempt(401, headers={"WWW-Authenticate": "Bearer"}))
    served = exchange(invalid.NO_KEY, attempt(200))
    assert verdict(case, bare) is Verdict.NOTE
    assert verdict(case, challenged) is Verdict.PASS
    assert judgement(case, served).see == "auth.key-required"


@pytest.mark.parametrize(
    ("status", "claims", "expected"),
    [
        (401, {}, Verdict.PASS),
        (200, {}, Verdict.WARN),
        (200, {"auth_all_endpoints": True}, Verdict.FAIL),
        (200, {"auth_all_endpoints": False}, Verdict.NOT_APPLICABLE),
        (403, {"auth_all_endpoints": True}, Verdict.WARN),
        (404, {"auth_all_endpoints": True}, Verdict.NOT_APPLICABLE),
        (405, {"auth_all_endpoints": True}, Verdict.NOT_APPLICABLE),
    ],
    ids=by_value,
)
def test_list_of_models(status: int, claims: dict[str, Any], expected: Verdict) -> None:
    one = exchange(auth.MODELS_WITHOUT_KEY, attempt(status, {"data": []}))
    assert verdict(auth.test_the_list_of_models_needs_a_key, one, claims=claiming(**claims)) is expected


def test_a_page_for_people_is_no_list_of_models() -> None:
    page = attempt(200, b"<html>", {"content-type": "text/html; charset=utf-8"})
    one = exchange(auth.MODELS_WITHOUT_KEY, page)
    assert verdict(auth.test_the_list_of_models_needs_a_key, one) is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("wrong", "both", "expected"),
    [(401, 401, Verdict.PASS), (401, 400, Verdict.NOTE), (200, 400, Verdict.INCONCLUSIVE)],
)
def test_key_before_body(wrong: int, both: int, expected: Verdict) -> None:
    exchanges = (
        exchange(asked.WRONG_KEY.of("chat"), attempt(wrong)),
        exchange(asked.WRONG_KEY_AND_BODY.of("chat"), attempt(both)),
    )
    assert verdict(auth.test_the_key_is_checked_before_the_body, *exchanges) is expected

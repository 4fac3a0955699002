"""The cases about the models endpoints, on exchanges made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.contracts.chat.probes.named import MODEL_LIST, MODEL_RETRIEVED
from conformance.contracts.host.cases import test_models as models
from conformance.judging.verdict import Verdict
from conformance.wire.record import Attempt
from tests.contracts.chat.cases.recorded import SILENT, attempt, claiming, exchange, judgement, verdict
from tests.ids import by_value

DOCUMENTED = claiming(model_list=True, model_retrieve=True, models_v1beta=True)


def card(**changes: Any) -> dict[str, Any]:
    """A model object, with some members changed; `...` leaves one out."""
    members = {"id": "org/m", "object": "model", "created": 1_735_689_600, "owned_by": "org"} | changes
    return {name: value for name, value in members.items() if value is not ...}


def listing(*cards: Any, **more: Any) -> Attempt:
    """A list of models."""
    return attempt(200, {"object": "list", "data": list(cards)} | more)


NOT_FOUND = attempt(404, {"error": {"message": "no such path"}})


@pytest.mark.parametrize(
    ("response", "silent", "documented"),
    [
        (listing(card(), card(supported=[])), Verdict.PASS, Verdict.PASS),
        (listing(card(), success=True), Verdict.PASS, Verdict.PASS),
        (listing(), Verdict.PASS, Verdict.PASS),
        (listing(card(), object="page"), Verdict.WARN, Verdict.FAIL),
        (listing(card(), card(created=...)), Verdict.WARN, Verdict.FAIL),
        (listing(card(created="2026")), Verdict.WARN, Verdict.FAIL),
        (listing(card(created=True)), Verdict.WARN, Verdict.FAIL),
        (listing(card(id="")), Verdict.WARN, Verdict.FAIL),
        (listing(card(owned_by=None)), Verdict.WARN, Verdict.FAIL),
        (listing(card(object="Model")), Verdict.WARN, Verdict.FAIL),
        (listing("org/m"), Verdict.WARN, Verdict.FAIL),
        (attempt(200, [card()]), Verdict.WARN, Verdict.FAIL),
        (attempt(200, {"models": []}), Verdict.WARN, Verdict.FAIL),
        (attempt(200, b"<html>"), Verdict.WARN, Verdict.FAIL),
        (NOT_FOUND, Verdict.UNSUPPORTED, Verdict.FAIL),
        (attempt(500), Verdict.FAIL, Verdict.FAIL),
        (attempt(503), Verdict.ERROR, Verdict.ERROR),
        (attempt(429), Verdict.ERROR, Verdict.ERROR),
    ],
    ids=by_value,
)
def test_shape_of_the_list(response: Attempt, silent: Verdict, documented: Verdict) -> None:
    case, one = models.test_the_list_of_models_has_the_documented_shape, exchange(MODEL_LIST, response)
    assert verdict(case, one, claims=SILENT) is silent
    assert verdict(case, one, claims=DOCUMENTED) is documented


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (listing(card(id="other"), card(id="org/m", created=...)), Verdict.PASS),
        (listing(card(id="m")), Verdict.FAIL),
        (listing(), Verdict.FAIL),
        (listing(card(id="m"), has_more=True), Verdict.INCONCLUSIVE),
        (attempt(200, {"models": ["org/m"]}), Verdict.INCONCLUSIVE),
    ],
    ids=by_value,
)
def test_configured_model(response: Attempt, expected: Verdict) -> None:
    one = exchange(MODEL_LIST, response, model="org/m")
    assert verdict(models.test_the_list_has_the_configured_model, one, claims=DOCUMENTED) is expected


def test_a_slash_in_the_id_is_quoted() -> None:
    sent = exchange(MODEL_RETRIEVED, attempt(200), model="org/m").request.url
    assert sent == "https://example.org/v1/models/org%2Fm"


@pytest.mark.parametrize(
    ("response", "silent", "documented"),
    [
        (attempt(200, card()), Verdict.PASS, Verdict.PASS),
        (attempt(200, card(id="org/m-2026")), Verdict.PASS, Verdict.PASS),
        (attempt(200, card(created=...)), Verdict.NOTE, Verdict.WARN),
        (attempt(200, {"error": {"message": "no"}}), Verdict.WARN, Verdict.FAIL),
        (NOT_FOUND, Verdict.UNSUPPORTED, Verdict.FAIL),
    ],
    ids=by_value,
)
def test_retrieving(response: Attempt, silent: Verdict, documented: Verdict) -> None:
    case, one = models.test_a_model_can_be_retrieved, exchange(MODEL_RETRIEVED, response)
    assert verdict(case, one, claims=SILENT) is silent
    assert verdict(case, one, claims=DOCUMENTED) is documented


@pytest.mark.parametrize(
    ("model", "unknown", "expected"),
    [
        (attempt(200, card()), NOT_FOUND, Verdict.PASS),
        (attempt(200, card()), attempt(400), Verdict.NOTE),
        (attempt(200, card()), attempt(200, {"error": {"message": "no"}}), Verdict.WARN),
        (attempt(200, card()), attempt(500), Verdict.WARN),
        (NOT_FOUND, NOT_FOUND, Verdict.UNSUPPORTED),
    ],
    ids=by_value,
)
def test_unknown_model(model: Attempt, unknown: Attempt, expected: Verdict) -> None:
    exchanges = exchange(MODEL_RETRIEVED, model), exchange(models.UNKNOWN, unknown)
    assert verdict(models.test_a_model_that_does_not_exist_is_not_found, *exchanges) is expected


def test_the_variant_is_asked_for_only_where_it_is_documented() -> None:
    case = models.test_the_documented_variant_of_the_list_has_the_documented_shape
    assert case.probes(SILENT) == ()
    assert verdict(case) is Verdict.NOT_APPLICABLE
    assert case.probes(DOCUMENTED) == (models.LIST_V1BETA,)
    gemini = exchange(models.LIST_V1BETA, attempt(200, {"models": [{"name": "m"}], "nextPageToken": None}))
    assert judgement(case, gemini, claims=DOCUMENTED).verdict is Verdict.NOTE
    assert verdict(case, exchange(models.LIST_V1BETA, listing(card())), claims=DOCUMENTED) is Verdict.PASS

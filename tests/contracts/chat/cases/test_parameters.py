"""Which parameter a refusal is about, where a request has many."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conformance.asking.probe import Probe
from conformance.contracts.chat.cases import test_parameters as cases
from conformance.contracts.chat.probes.named import COUNT
from conformance.judging.requirement import Case
from conformance.judging.verdict import Judgement, Verdict
from conformance.provider.claims import differing, profile
from conformance.provider.model import Claims
from tests.contracts.chat.cases.recorded import SILENT, attempt, claiming, exchange, judgement
from tests.ids import by_value

MUST = {"level": "MUST", "because": "a warning would hide what a finding is"}
ANSWER = {
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "OK"}, "finish_reason": "stop"}]
}


def refused(message: str, param: str | None = None) -> Any:
    return attempt(422, {"error": {"message": message, "param": param}})


def asked(claims: Claims, name: str) -> tuple[Probe, ...]:
    found = cases.harmless(claims)[name]
    assert isinstance(found, tuple)
    return found


def on_defaults(claims: Claims, **said: Any) -> Judgement:
    answers = [
        exchange(probe, said.get(name, attempt(200, ANSWER)))
        for name in ("documented", "silent")
        for probe in asked(claims, name)
    ]
    return judgement(
        cases.test_defaults_are_accepted, exchange(COUNT, attempt(200, ANSWER)), *answers, claims=claims
    )


@pytest.mark.parametrize(
    ("message", "param", "named"),
    [
        ("Extra inputs are not permitted.", "user", "`user`"),
        ("Extra inputs are not permitted.", "response_format.type", "`response_format`"),
        ("Unsupported: store, modalities.", None, "`modalities`, `store`"),
        ("Bad request.", "nothing_we_sent", "none of them by name"),
    ],
    ids=by_value,
)
def test_a_refusal_names_the_parameter(message: str, param: str | None, named: str) -> None:
    found = on_defaults(profile("openai"), documented=refused(message, param))
    assert found.verdict is Verdict.FAIL
    assert found.message == f"refused: {named}: HTTP 422: {message}"


def test_what_is_only_implied_is_a_warning() -> None:
    claims = claiming(store={"implied": True}, user=True)
    assert on_defaults(claims, documented=refused("No.", "store")).verdict is Verdict.WARN
    assert on_defaults(claims, documented=refused("No.", "user")).verdict is Verdict.FAIL
    both = refused("Of user and store, the latter is unknown.", "store")
    assert on_defaults(claims, documented=both).verdict is Verdict.WARN
    assert on_defaults(claims, documented=refused("Neither user nor store.")).verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("adapted", "param", "verdict"),
    [
        (("limit raised to 1024 tokens",), "logit_bias", Verdict.NOTE),
        (("limit raised to 1024 tokens",), "user", Verdict.FAIL),
        (("limit raised to 1024 tokens",), None, Verdict.FAIL),
        ((), "logit_bias", Verdict.FAIL),
    ],
    ids=["left to it", "not left to it", "no name", "does not reason"],
)
def test_a_model_that_reasons_may_refuse_what_is_left_to_it(
    adapted: tuple[str, ...], param: str | None, verdict: Verdict
) -> None:
    claims, no = profile("openai"), refused("No.", param)
    control = replace(exchange(COUNT, attempt(200, ANSWER)), adapted=adapted)
    for case, level in ((cases.test_defaults_are_accepted, {}), (cases.test_null_means_unset, MUST)):
        strict = differing(claims, {}, {case.requirement.id: level} if level else {})
        answers = [exchange(probe, no) for probe in case.probes(strict) if probe.key != COUNT.key]
        found = judgement(case, control, *answers, claims=strict)
        assert found.verdict is verdict
        assert ("as a model that reasons may: `logit_bias`" in found.message) is (verdict is Verdict.NOTE)


def test_a_refusal_of_what_no_document_mentions_is_a_note() -> None:
    found = on_defaults(SILENT, silent=refused("Unknown parameter: n.", "n"))
    assert found.verdict is Verdict.NOTE
    assert "`n`" in found.message
    assert on_defaults(SILENT).verdict is Verdict.PASS


def test_what_depends_on_the_model_is_not_sent() -> None:
    claims = differing(SILENT, {"response_format": {"model_dependent": True}, "store": False}, {})
    (silent,) = asked(claims, "silent")
    assert not asked(claims, "documented")
    assert not {"response_format", "store"} & silent.members.keys()
    assert silent.members["user"] == "conformance"


def test_null_is_sent_only_where_it_is_documented() -> None:
    claims = claiming(n={"types": ["integer"]}, seed={"types": ["integer", "null"]}, store=True)
    answers = cases.nulls(claims)["answers"]
    assert isinstance(answers, tuple)
    assert {name for name, value in answers[0].members.items() if value is None} == {"seed", "store"}
    assert cases.nulls(SILENT)["answers"] == ()


@pytest.mark.parametrize(
    "case",
    [
        cases.test_defaults_are_accepted,
        cases.test_null_means_unset,
        cases.test_wrong_types_are_refused,
        cases.test_values_out_of_range_are_refused,
    ],
    ids=lambda case: case.requirement.id,
)
def test_who_refuses_everything_says_nothing_about_parameters(case: Case) -> None:
    claims = profile("openai")
    asked_for = dict.fromkeys(case.probes(claims))
    found = judgement(case, *(exchange(probe, refused("No.")) for probe in asked_for), claims=claims)
    assert (found.verdict, found.see) == (Verdict.INCONCLUSIVE, None)


def test_defaults_that_all_depend_on_the_model() -> None:
    every = {name: {"model_dependent": True} for name in {**cases.OWN, **cases.USUAL}}
    claims = differing(SILENT, every, {})
    case, control = cases.test_defaults_are_accepted, exchange(COUNT, attempt(200, ANSWER))
    assert judgement(case, control, claims=claims).verdict is Verdict.NOT_APPLICABLE


def message(**members: Any) -> Any:
    choice = {"index": 0, "message": {"role": "assistant", **members}, "finish_reason": "stop"}
    return attempt(200, {"choices": [choice]})


CALL = {"name": cases.FUNCTION["name"], "arguments": '{"city": "Paris"}'}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (message(content=None, function_call=CALL), Verdict.PASS),
        (message(content=None, function_call={**CALL, "name": "search"}), Verdict.FAIL),
        (message(content=None, function_call={**CALL, "arguments": {}}), Verdict.FAIL),
        (message(content=None, tool_calls=[{"function": CALL}]), Verdict.WARN),
        (message(content=None, tool_calls=[{"function": CALL}], function_call=CALL), Verdict.PASS),
        (message(content="Sunny.", tool_calls=[]), Verdict.FAIL),
    ],
    ids=by_value,
)
def test_functions(answer: Any, expected: Verdict) -> None:
    claims = differing(SILENT, {"functions": True}, {"parameters.functions-still-work": MUST})
    one = exchange(cases.FUNCTIONS, answer)
    assert judgement(cases.test_functions_still_work, one, claims=claims).verdict is expected

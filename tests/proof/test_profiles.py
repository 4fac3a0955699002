"""Every line of every profile: who keeps it is accused of nothing, and who breaks it is found.

Both personas are made of the profile itself, so that a line that nothing can prove does not go unnoticed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from conformance.contracts.parameters import parameters
from conformance.judging.catalogue import catalogue
from conformance.judging.verdict import Judgement, Verdict
from conformance.proof.asking import only, recorded
from conformance.proof.judging import judgements
from conformance.provider.addresses import vendors
from conformance.provider.claims import profile, profiles
from conformance.provider.level import Level
from conformance.provider.model import Claims, ClaimState
from conformance.reference.call import Call, JsonObject
from conformance.reference.chat.documented import breaking, defects, keeping
from conformance.reference.chat.faults.fault import on_body
from conformance.reference.chat.personas import PERSONAS
from conformance.reference.fault import Fault
from conformance.reference.faults import FAULTS
from conformance.reference.refusal import Refusal
from tests.proof.test_personas import MOST_REQUESTS, MOST_TOKENS, cost

FOUND = (Verdict.FAIL, Verdict.WARN)

MADE = [name for name in profiles() if name not in PERSONAS and name != "openai"]
"""Profiles whose personas are made of them."""

THINKING = {"azure", "deepseek", "xai"}
"""Profiles that say something of models that think."""

MINDS = [pytest.param(name, "reference", id=name) for name in MADE]
MINDS += [pytest.param(name, "thinking", id=f"{name} thinking") for name in sorted(THINKING)]


def claims_of(name: str) -> Claims:
    return profile(name).of_model("reference")


@pytest.mark.parametrize(("name", "mind"), MINDS)
def test_who_keeps_every_line_is_accused_of_nothing(name: str, mind: str) -> None:
    claims = claims_of(name)
    found = recorded(claims=claims, persona=keeping(claims, PERSONAS[mind].mind))
    judged = judgements(found, claims)
    assert {id: one.message for id, one in judged.items() if one.verdict in (*FOUND, Verdict.ERROR)} == {}
    requests, tokens = cost(found)
    assert requests <= MOST_REQUESTS
    assert mind != "reference" or tokens <= MOST_TOKENS


ALIKE = {
    "streaming": {"stream"},
    "response_format": {"json-mode", "json-schema"},
    "top_logprobs": {"logprobs"},
    "function_call": {"functions"},
}
"""Claims whose lines are proven by the requirements of others."""


def about(name: str) -> set[str]:
    """The requirements that a line is proven by."""
    claims = {name} | ALIKE.get(name, set())
    found = {id for id, case in catalogue().items() if case.requirement.claim in claims}
    aims = {id for fault in defects(name) for id in fault.aims}
    return found | aims | {"envelope.one-json-object", "parameters.defaults-accepted"}


def unseen(name: str, claims: Claims) -> str:
    """Why nothing can tell whether a line is kept; empty where something can."""
    aspects = parameters().get(name)
    if aspects is None:
        return ""
    if name == "max_tokens" and claims.detail(name, "only_with"):
        return "who takes max_completion_tokens alone is taken for a model that reasons"
    if not any(name in probe.claims for probe in only(sorted(about(name)), claims).probes):
        return "no request has it"
    if claims.state(name) is ClaimState.EXCLUDED and isinstance(aspects["effective"], str):
        return f"unsupported, and {aspects['effective']}"
    depends = claims.detail(name, "model_dependent")
    if claims.documents(name) and (depends or isinstance(aspects["accepted"], str)):
        return aspects["effective"] if isinstance(aspects["effective"], str) else ""
    return ""


def found_in(judged: Mapping[str, Judgement]) -> list[str]:
    """What accuses; a note where the level makes no more of it."""
    notes = {id for id, one in judged.items() if one.verdict is Verdict.NOTE and one.level is Level.MAY}
    return sorted({id for id, one in judged.items() if one.verdict in FOUND} | notes)


# What Azure says of models that reason is no more than that it is unsupported, and their answers vary.
@pytest.mark.parametrize(("name", "mind"), [one for one in MINDS if one.id != "azure thinking"])
def test_who_breaks_a_line_is_found_line_by_line(name: str, mind: str) -> None:
    claims, missed = claims_of(name), {}
    for line in claims.claims:
        asked = sorted(about(line))
        persona = breaking(claims, line, PERSONAS[mind].mind)
        found = recorded(claims=claims, persona=persona, asked=only(asked, claims))
        judged = {id: one for id, one in judgements(found, claims).items() if id in asked}
        if not found_in(judged):
            missed[line] = unseen(line, claims)
    assert {line for line, why in missed.items() if not why} == set()


@pytest.mark.parametrize("name", MADE)
def test_a_profile_is_dated_and_quotes_what_it_says(name: str) -> None:
    claims = profile(name)
    assert claims.read is not None
    unquoted = {line for line in claims.claims if claims.quotation(line) is None}
    assert unquoted <= {"messages", "metadata", "response_format"}
    for line in claims.claims:
        quotation = claims.quotation(line)
        assert quotation is None or 4 <= len(quotation.text) <= 200


def test_every_vendor_has_a_profile_that_keeps_to_its_name() -> None:
    assert vendors().keys() == {*MADE, "openai"}


@on_body()
def one_answer_at_temperature_zero(body: JsonObject, _: Call) -> JsonObject:
    """More than one answer at temperature 0 is refused, as Moonshot's page says."""
    if body.get("temperature") == 0 and (body.get("n") or 1) > 1:
        raise Refusal("invalid request: n must be 1 when temperature is 0", param="n")
    return body


@on_body()
def no_temperature(body: JsonObject, _: Call) -> JsonObject:
    """Any temperature is refused, as Claude Opus 4.7 was seen to do after the page was written."""
    if body.get("temperature") is not None:
        raise Refusal("temperature is deprecated for this model.", param="temperature")
    return body


SEEN = {
    "moonshot: n at temperature 0": (
        "moonshot",
        one_answer_at_temperature_zero,
        "choices.n-answers",
        Verdict.NOTE,
    ),
    "fireworks: usage beside the finish reason": (
        "fireworks",
        FAULTS["usage-with-the-finish"],
        "stream.usage-chunk-last",
        Verdict.NOTE,
    ),
    "anthropic: no temperature": (
        "anthropic",
        no_temperature,
        "sampling.temperature-range-accepted",
        Verdict.FAIL,
    ),
}


@pytest.mark.parametrize(("name", "habit", "requirement", "expected"), SEEN.values(), ids=SEEN)
def test_what_services_were_seen_to_do_is_judged_by_their_pages(
    name: str, habit: Fault, requirement: str, expected: Verdict
) -> None:
    claims = claims_of(name)
    kept = keeping(claims)
    persona = replace(kept, alterations=(habit, *kept.alterations))
    judged = judgements(recorded(claims=claims, persona=persona), claims)
    assert judged[requirement].verdict is expected
    others = {id: one.message for id, one in judged.items() if one.verdict in FOUND and id != requirement}
    assert others == {}

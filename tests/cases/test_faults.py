"""Every check is able to fail: each fault of the embedded provider is found by what it is aimed at.

And by no others: one defect is one finding, wherever a reader of the report could otherwise think of several.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import pytest

from conformance.catalogue import catalogue
from conformance.exchange.retry import NOT_NOW
from conformance.proof.asking import judgements, recorded
from conformance.provider.claims import profile
from conformance.provider.model import ClaimState
from conformance.reference.faults.catalogue import FAULTS
from conformance.reference.faults.fault import Fault
from conformance.reference.personas import PERSONAS, REFERENCE, Persona
from conformance.verdict import Judgement, Verdict

VIOLATED = (Verdict.FAIL, Verdict.WARN, Verdict.NOTE)


CLAIMS = {
    "models.documented-variant": "tokmodel",
    "examples.documented-answer": "tokmodel",
    "vision.refused-by-text-model": "toapis-glm-5",
}
"""Requirements that only some profile makes applicable; all others are judged by the contract itself."""


def persona_of(claims: str) -> Persona:
    """The embedded provider as it is, or without eyes where the documents exclude them."""
    blind = profile(claims).state("vision") is ClaimState.EXCLUDED
    return PERSONAS["text-only"] if blind else REFERENCE


@cache
def clean(claims: str) -> Mapping[str, Judgement]:
    return judgements(recorded(claims=claims, persona=persona_of(claims)), claims)


def aimed(fault: Fault) -> set[str]:
    """The requirements of the catalogue that should notice the fault."""
    return set(fault.aims) & set(catalogue())


@pytest.mark.parametrize(
    "fault", [fault for fault in FAULTS.values() if aimed(fault)], ids=lambda fault: fault.name
)
def test_a_fault_is_found_by_what_it_is_aimed_at(fault: Fault) -> None:
    claims = next((CLAIMS[name] for name in fault.aims if name in CLAIMS), "openai")
    exchanges = recorded(fault, claims=claims, persona=persona_of(claims))
    found, before = judgements(exchanges, claims), clean(claims)
    noticed = {
        name
        for name, judgement in found.items()
        if judgement.verdict in VIOLATED and before[name].verdict is not judgement.verdict
    }
    said = {name: f"{found[name].verdict}: {found[name].message}" for name in noticed ^ aimed(fault)}
    assert noticed == aimed(fault), said
    if all(one.last.status not in NOT_NOW and one.last.status for one in exchanges):
        assert not [name for name, judgement in found.items() if judgement.verdict is Verdict.ERROR]


def test_every_requirement_is_noticed_by_some_fault() -> None:
    aims = {name for fault in FAULTS.values() for name in aimed(fault)}
    assert set(catalogue()) - aims == set()


def test_a_clean_provider_is_accused_of_nothing() -> None:
    harmless = (Verdict.PASS, Verdict.NOT_APPLICABLE)
    judged = clean("openai")
    accused = {
        name: (one.verdict, one.message) for name, one in judged.items() if one.verdict not in harmless
    }
    assert accused == {}

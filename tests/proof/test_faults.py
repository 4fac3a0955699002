"""Every check is able to fail: each fault of the embedded provider is found by what it is aimed at.

And by no others: one defect is one finding, wherever a reader of the report could otherwise think of several.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from conformance import CONTRACTS
from conformance.judging.catalogue import every_requirement
from conformance.judging.verdict import Judgement, Verdict
from conformance.proof import matrix
from conformance.proof.asking import recorded
from conformance.proof.judging import judgements
from conformance.proof.kills import VIOLATED, clean, effect, noticed, outcomes
from conformance.provider.claims import profile
from conformance.reference.fault import Fault
from conformance.reference.faults import FAULTS
from conformance.wire.record import NOT_NOW

WRITTEN = (Path(__file__).parent / matrix.NAME).read_text(encoding="utf-8")
RECORDED = matrix.read(WRITTEN)
AGAIN = "run `conformance faults --matrix tests/proof` again, and look at what has changed"


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_fault_changes_exactly_what_it_should(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("random.uniform", lambda low, high: 0.0)  # the wait before a request is sent again
    found = effect(fault)
    judged, what = found.judged, outcomes(found.judged)
    said = {name: f"{one.verdict}: {one.message}" for name, one in judged.items()}
    assert noticed(what) == set(fault.aims), said
    assert unplaced(judged) == {}, "of what does it speak?"
    lost = {name: one.see for name, one in judged.items() if end_of_trail(name, judged) not in judged}
    assert lost == {}, "what these point at is as good as without the fault"
    unasked = {name for name, one in judged.items() if one.verdict is Verdict.ERROR}
    put_off = {one.id for one in found.exchanges if one.last.status is None or one.last.status in NOT_NOW}
    assert {name for name in unasked if not put_off & set(judged[name].consulted)} == set()
    assert what == RECORDED[fault.name], AGAIN


def unplaced(judged: Mapping[str, Judgement]) -> Mapping[str, str]:
    """The judgements with a finding that names no exchange, or one that was not looked at."""
    found = {name: one for name, one in judged.items() if one.verdict in VIOLATED}
    return {
        name: one.message
        for name, one in found.items()
        if not one.findings
        or not all(finding.exchanges for finding in one.findings)
        or not set(one.offending) <= set(one.consulted)
    }


def end_of_trail(name: str, judged: Mapping[str, Judgement]) -> str:
    """Where a reader arrives who follows each judgement to the requirement that it points at."""
    seen = {name}
    while name in judged and (see := judged[name].see) is not None:
        assert see not in seen, f"{see} points at itself"
        seen.add(see)
        name = see
    return name


def test_the_aims_of_faults_are_requirements() -> None:
    unknown = {fault.name: set(fault.aims) - set(every_requirement()) for fault in FAULTS.values()}
    assert {name: aims for name, aims in unknown.items() if aims} == {}


def test_every_requirement_notices_some_fault() -> None:
    assert matrix.empty(RECORDED) == set()


def test_the_matrix_is_up_to_date() -> None:
    assert list(RECORDED) == list(FAULTS), AGAIN
    assert matrix.written(RECORDED) == WRITTEN, AGAIN


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_clean_provider_is_accused_of_nothing(contract: str) -> None:
    harmless = (Verdict.PASS, Verdict.NOT_APPLICABLE)
    accused = {
        name: (one.verdict, one.message)
        for name, one in clean("openai", contract).items()
        if one.verdict not in harmless
    }
    assert accused == {}


OF_THE_HOST = (
    "any-scheme-served",
    "errors-as-detail",
    "malformed-json-crashes",
    "models-empty",
    "unknown-path-as-text",
)


@pytest.mark.parametrize("name", OF_THE_HOST)
def test_what_holds_for_a_host_is_noticed_by_every_contract(name: str) -> None:
    fault = FAULTS[name]
    for contract in CONTRACTS:
        claims = profile("openai", contract)
        found, before = judgements(recorded(fault, claims=claims), claims), clean("openai", contract)
        changed = {id for id, one in found.items() if one.verdict is not before[id].verdict}
        accused = {id for id in changed if found[id].verdict in VIOLATED}
        assert accused == {id for id in fault.aims if id in found}

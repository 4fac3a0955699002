"""What each fault of the embedded provider changes in the verdicts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache

from conformance import DEFAULT
from conformance.judging.verdict import Judgement, Verdict
from conformance.proof.judging import judgements
from conformance.proof.touched import recorded, sound
from conformance.provider.claims import profile
from conformance.provider.model import Claims
from conformance.reference.fault import Fault
from conformance.reference.faults import FAULTS, contract_of
from conformance.wire.record import Exchange

VIOLATED = (Verdict.FAIL, Verdict.WARN, Verdict.NOTE)
"""The verdicts of a requirement that notices something."""

CLAIMS = {
    "models.documented-variant": "tokmodel",
    "examples.documented-answer": "tokmodel",
    "vision.refused-by-text-model": "toapis-glm-5",
}
"""Requirements that only some profile makes applicable; all others are judged by the contract itself."""

Outcome = str
"""A verdict, and after a colon the requirement that keeps this one from being decided, if one does."""

Kills = Mapping[str, Mapping[str, Outcome]]
"""By fault, what becomes of the requirements whose verdict it changes."""


def claims_of(fault: Fault) -> Claims:
    """The profile by which a fault is judged."""
    name = next((CLAIMS[name] for name in fault.aims if name in CLAIMS), "openai")
    return profile(name, contract_of(fault.name))


@cache
def clean(name: str = "openai", contract: str = DEFAULT) -> Mapping[str, Judgement]:
    """The judgements without any fault."""
    return judgements(list(sound(name, contract).exchanges.values()), profile(name, contract))


@dataclass(frozen=True, slots=True)
class Effect:
    """What a fault does: the exchanges with it, and the judgements that it changes, by requirement."""

    exchanges: Sequence[Exchange]
    judged: Mapping[str, Judgement]


def effect(fault: Fault) -> Effect:
    """Tries a fault."""
    claims = claims_of(fault)
    exchanges = recorded(fault, claims)
    found, before = judgements(exchanges, claims), clean(claims.profile, claims.contract)
    changed = {name: one for name, one in found.items() if one.verdict is not before[name].verdict}
    return Effect(exchanges, changed)


def outcomes(judged: Mapping[str, Judgement]) -> Mapping[str, Outcome]:
    """The verdicts in the words of the file."""
    return {
        name: f"{judged[name].verdict}: {judged[name].see}" if judged[name].see else str(judged[name].verdict)
        for name in sorted(judged)
    }


def noticed(what: Mapping[str, Outcome]) -> frozenset[str]:
    """The requirements that notice a fault; the others only cannot be decided any more."""
    return frozenset(name for name, outcome in what.items() if outcome in VIOLATED)


def measured(names: Collection[str] = tuple(FAULTS)) -> Kills:
    """What these faults change: each is tried, on all cores."""
    with ProcessPoolExecutor() as pool:
        return dict(
            zip(names, pool.map(_measured, names, chunksize=max(1, min(8, len(names) // 4))), strict=True)
        )


def _measured(name: str) -> Mapping[str, Outcome]:
    return outcomes(effect(FAULTS[name]).judged)

"""The recordings that a check has to tell apart: a clean provider, its personas, and each of its faults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from conformance import CONTRACTS
from conformance.judging.catalogue import catalogue
from conformance.judging.judge import Judge
from conformance.judging.recording import Recording
from conformance.judging.verdict import Judgement
from conformance.proof import touched
from conformance.proof.asking import persona_of, recorded
from conformance.proof.judging import Remembering, sharing
from conformance.proof.kills import claims_of
from conformance.provider.claims import profile
from conformance.provider.model import Claims
from conformance.reference.chat.personas import PERSONAS
from conformance.reference.faults import FAULTS

PROFILES = ("openai", "toapis", "toapis-glm-5", "tokmodel", "toki")

Verdicts = Mapping[str, tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class World:
    """A recording, the claims it is judged by, and whom it should make a difference to."""

    name: str
    claims: Claims
    recording: Recording
    aims: Set[str]

    def judged(self, names: Sequence[str]) -> Verdicts:
        """What comes of these requirements: the verdict, whose it is, and the exchanges it points at."""
        judge: Judge = Remembering(self.claims, self.recording, catalogue(self.claims.contract))
        return {name: _essence(judge.judge(judge.cases[name])) for name in names if name in judge.cases}


def _essence(judgement: Judgement) -> tuple[object, ...]:
    return judgement.verdict, judgement.see, judgement.offending


def worlds() -> Iterator[World]:
    """All of them; to record them takes about half a minute."""
    for name in PROFILES:
        claims = profile(name)
        persona = PERSONAS[name] if name in PERSONAS else persona_of(claims)
        yield World(name, claims, Recording.of(recorded(claims=claims, persona=persona)), frozenset())
    for name, persona in PERSONAS.items():
        if name not in PROFILES:
            yield World(name, profile("openai"), sharing(recorded(persona=persona), "openai"), frozenset())
    for contract in CONTRACTS[1:]:
        claims = profile("openai", contract)
        yield World(contract, claims, Recording.of(recorded(claims=claims)), frozenset())
    for fault in FAULTS.values():
        claims = claims_of(fault)
        exchanges = touched.recorded(fault, claims)
        yield World(fault.name, claims, sharing(exchanges, claims), frozenset(fault.aims))

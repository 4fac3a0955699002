"""What a run says of a server that misbehaves at one question: everything else is as with a right one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from conformance.asking.asking import Access, Work, ask_all
from conformance.asking.plan import Plan
from conformance.asking.probe import Probe
from conformance.judging.verdict import Judgement, Verdict
from conformance.proof.asking import everything, recorded
from conformance.proof.direct import KEY
from conformance.proof.judging import judgements
from conformance.wire.record import Exchange
from tests.hostile.catalogue import LIMITS, PATIENT, STALLING
from tests.hostile.misbehaviour import Misbehaviour
from tests.raw_server import raw_server

ANSWERED = "echo badger-29-cedar"
STREAMED = "echo stream"
"""The probes that are hit. Few requirements ask for them by name, so that most notice only what is wrong."""


@dataclass(frozen=True)
class Outcome:
    """The exchange that was hit, every judgement, and how the same would be judged without it."""

    exchange: Exchange
    judged: Mapping[str, Judgement]
    before: Mapping[str, Judgement]

    @property
    def violated(self) -> dict[str, str]:
        """What is found, and was not before, with the words for it."""
        found = {name for name, one in self.judged.items() if one.verdict in VIOLATED}
        return {
            name: f"{self.judged[name].verdict}: {self.judged[name].message}"
            for name in found
            if self.before[name].verdict is not self.judged[name].verdict
        }

    @property
    def undecided(self) -> set[str]:
        """What can no longer be decided."""
        return {
            name
            for name, one in self.judged.items()
            if one.verdict is not self.before[name].verdict and name not in self.violated
        }


VIOLATED = (Verdict.FAIL, Verdict.WARN, Verdict.NOTE)


def hit(one: Misbehaviour) -> Probe:
    """The probe whose answer is bad."""
    name = STREAMED if one.streamed else ANSWERED
    return next(probe for probe in everything("openai").probes if probe.name == name)


def once(one: Misbehaviour) -> Outcome:
    """Asks the server one question, and judges what it answers among the answers of a right one."""
    probe, target = hit(one), everything("openai").target
    limits = LIMITS if one.name in STALLING else PATIENT
    patient = replace(target, provider=replace(target.provider, limits=limits))
    found: list[Exchange] = []
    with raw_server(lambda _: one.script()) as server:
        plan = Plan(patient, (probe,))
        work = Work(plan, Access(server.base_url, KEY), plan.ids())
        asyncio.run(ask_all([work], "0123456789ab", found.append, lambda *_: None))
    bad = replace(found[0], id=next(right.id for right in clean() if right.key == probe.key))
    judged = judgements([bad if right.key == probe.key else right for right in clean()])
    return Outcome(bad, judged, judged_clean())


@cache
def clean() -> list[Exchange]:
    """What a right server answers."""
    return recorded()


@cache
def judged_clean() -> Mapping[str, Judgement]:
    """How that is judged."""
    return judgements(clean())

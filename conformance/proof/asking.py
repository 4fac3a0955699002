"""Asks an embedded provider everything, and judges what it answers.

Most faults strike before HTTP does, so the provider is called directly. Faults of the connection are asked
over one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import ClassVar

from conformance.catalogue import catalogue
from conformance.exchange.asking import Access, Work, ask_all
from conformance.exchange.record import Attempt, Exchange, Request
from conformance.exchange.transport import Sending
from conformance.exchange.view import View
from conformance.judging import Judge, Recording, _Result
from conformance.probe.plan import Plan, plan
from conformance.proof.direct import BASE_URL, KEY, Direct
from conformance.provider.claims import profile
from conformance.provider.load import embedded
from conformance.provider.model import Claims, Target
from conformance.reference import serving
from conformance.reference.faults.fault import Fault, Stage
from conformance.reference.personas import REFERENCE, Persona
from conformance.requirement import Case, Every
from conformance.tiers import in_order
from conformance.verdict import Judgement, Verdict

OF_THE_CONNECTION = {
    "brotli-unasked",
    "gzip-claimed",
    "open-after-done",
    "stream-compressed-at-the-end",
    "worker-lost-by-abort",
}
"""Faults of a reply that show only once a client receives it."""

PASSED = _Result(Verdict.PASS)


def everything(claims: str | Claims) -> Plan:
    """What the whole catalogue wants sent to a provider with these claims."""
    return _of_a_profile(claims) if isinstance(claims, str) else only(catalogue(), claims)


def only(names: Iterable[str], claims: Claims) -> Plan:
    """What these requirements alone want sent."""
    target = Target(replace(embedded(), claims=claims), "reference")
    (found,) = plan({target: in_order([catalogue()[name] for name in names], claims)})
    return found


@cache
def _of_a_profile(name: str) -> Plan:
    return only(catalogue(), profile(name))


def recorded(
    *faults: Fault,
    claims: str | Claims = "openai",
    persona: Persona = REFERENCE,
    seed: int = 0,
    asked: Plan | None = None,
) -> list[Exchange]:
    """The exchanges with an embedded provider that plays this persona and has these faults.

    It is asked everything, unless a plan says what.
    """
    found: list[Exchange] = []

    def ask(url: str, send: Callable[[Request, Sending], Awaitable[Attempt]] | None) -> None:
        work = Work(everything(claims) if asked is None else asked, Access(url, KEY), 1)
        asyncio.run(ask_all([work], "0123456789ab", found.append, lambda *_: None, send=send))

    if any(fault.stage is Stage.WIRE or fault.name in OF_THE_CONNECTION for fault in faults):
        with serving(KEY, faults=faults, persona=persona, seed=seed) as url:
            ask(url, None)
    else:
        ask(BASE_URL, Direct(faults, persona, seed).send)
    return found


def judgements(exchanges: Sequence[Exchange], claims: str | Claims = "openai") -> Mapping[str, Judgement]:
    """Every judgement, by requirement."""
    if isinstance(claims, str):
        judge: Judge = Remembering(profile(claims), sharing(exchanges, claims), catalogue())
    else:
        judge = Judge(claims, Recording.of(exchanges), catalogue())
    return {name: judge.judge(case) for name, case in catalogue().items()}


def sharing(exchanges: Sequence[Exchange], claims: str) -> Recording:
    """The recording, with one view for all recordings of what no fault has touched."""
    known, fresh = flawless(claims), Recording.of(exchanges).views
    same = {key for key, view in fresh.items() if key in known and known[key].exchange == view.exchange}
    return _Selecting({key: known[key] if key in same else view for key, view in fresh.items()})


@dataclass(frozen=True)
class _Selecting(Recording):
    """Selects once what many cases want alike."""

    known: dict[Callable[[View], bool], Sequence[View]] = field(default_factory=dict)

    def selected(self, case: Case) -> Sequence[View]:
        assert isinstance(case.subject, Every)
        selects = case.subject.selects
        if selects not in self.known:
            self.known[selects] = super().selected(case)
        return self.known[selects]


@cache
def flawless(claims: str) -> Mapping[str, View]:
    """How the exchanges without any fault read, by the key of the probe: most are the same with a fault."""
    return Recording.of(recorded(claims=claims)).views


class Remembering(Judge):
    """Judges once what no fault has touched: judging is pure."""

    passed: ClassVar[set[tuple[str, View]]] = set()

    def _on_one(self, case: Case, view: View, extras: Mapping[str, Claims]) -> _Result:
        this = (case.requirement.id, view)
        if this in self.passed:
            return PASSED
        result = super()._on_one(case, view, extras)
        name = self._claims.profile
        ours = self._claims is profile(name) and flawless(name).get(view.exchange.key) is view
        if result == PASSED and ours:
            self.passed.add(this)
        return result

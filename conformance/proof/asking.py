"""Asks an embedded provider everything, and judges what it answers.

Most faults strike before HTTP does, so the provider is called directly. Faults of the connection are asked
over one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import ClassVar

from conformance import DEFAULT
from conformance.asking.asking import Access, Send, Work, ask_all
from conformance.asking.plan import Plan, plan
from conformance.contracts.view import View
from conformance.judging.catalogue import catalogue
from conformance.judging.judge import Judge
from conformance.judging.recording import Recording, flat
from conformance.judging.requirement import Case, Every
from conformance.judging.ruling import Ruling
from conformance.judging.standing import standing
from conformance.judging.verdict import Judgement, Verdict
from conformance.proof.direct import BASE_URL, KEY, Direct
from conformance.provider.claims import profile, profiles
from conformance.provider.load import embedded
from conformance.provider.model import Claims, Target
from conformance.reference import serving
from conformance.reference.chat.personas import REFERENCE, Persona
from conformance.reference.fault import Fault, Stage
from conformance.running.tiers import in_order
from conformance.wire.record import Exchange

OF_THE_CONNECTION = {
    "brotli-unasked",
    "gzip-claimed",
    "open-after-done",
    "stream-compressed-at-the-end",
    "worker-lost-by-abort",
}
"""Faults of a reply that show only once a client receives it."""

BRISK = 0.004
"""Seconds for each streamed token where what is asked is waited for."""

SLOW = 0.04
"""Seconds for each streamed token where time is what tells, and the machine may be busy with other things."""

TIMED = {"stream-compressed-at-the-end", "stream-in-blocks"}
"""Faults that only time tells."""

ALONE = (Verdict.PASS, Verdict.NOT_APPLICABLE)
"""What a case makes of an exchange whatever is made of others."""


def stated(claims: str | Claims) -> Claims:
    """The claims; a name is that of a profile of chat completions."""
    return profile(claims) if isinstance(claims, str) else claims


def is_a_profile(claims: Claims) -> bool:
    """Whether they are those of a profile as it stands, so that what is known of it holds for them."""
    known = profiles(claims.contract)
    return claims.profile in known and claims is profile(claims.profile, claims.contract)


def everything(claims: str | Claims) -> Plan:
    """What the whole catalogue wants sent to a provider with these claims."""
    said = stated(claims)
    if is_a_profile(said):
        return _of_a_profile(said.profile, said.contract)
    return only(catalogue(said.contract), said)


def only(names: Iterable[str], claims: Claims) -> Plan:
    """What these requirements alone want sent."""
    target = Target(replace(embedded(), claims=claims), "reference", claims.contract)
    cases = catalogue(claims.contract)
    (found,) = plan({target: in_order([cases[name] for name in names], claims)})
    return found


@cache
def _of_a_profile(name: str, contract: str) -> Plan:
    return only(catalogue(contract), profile(name, contract))


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
    wanted = everything(claims) if asked is None else asked
    if any(fault.stage is Stage.WIRE or fault.name in OF_THE_CONNECTION for fault in faults):
        pace = SLOW if any(fault.name in TIMED for fault in faults) else BRISK
        with serving(KEY, faults=faults, persona=persona, seed=seed, pace=pace) as url:
            return carried_out(Work(wanted, Access(url, KEY), wanted.ids()), None)
    return carried_out(Work(wanted, Access(BASE_URL, KEY), wanted.ids()), Direct(faults, persona, seed).send)


def carried_out(work: Work, send: Send | None) -> list[Exchange]:
    """The exchanges that this work comes to; without `send`, over the network."""
    found: list[Exchange] = []
    asyncio.run(ask_all([work], "0123456789ab", found.append, lambda *_: None, send=send))
    return found


def judgements(exchanges: Sequence[Exchange], claims: str | Claims = "openai") -> Mapping[str, Judgement]:
    """Every judgement, by requirement."""
    said = stated(claims)
    cases = catalogue(said.contract)
    if is_a_profile(said):
        judge: Judge = Remembering(said, sharing(exchanges, said), cases)
    else:
        judge = Judge(said, Recording.of(exchanges, standing(None, exchanges)), cases)
    return {name: judge.judge(case) for name, case in cases.items()}


def sharing(exchanges: Sequence[Exchange], claims: str | Claims) -> Recording:
    """The recording, with one view for all recordings of what no fault has touched."""
    said, recording = stated(claims), Recording.of(exchanges, standing(None, exchanges))
    known, fresh = flawless(said.profile, said.contract), recording.views
    same = {key for key, view in fresh.items() if key in known and known[key].exchange == view.exchange}
    views = {key: known[key] if key in same else view for key, view in fresh.items()}
    return _Selecting(views, recording.standing, recording.walls)


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
def flawless(name: str, contract: str = DEFAULT) -> Mapping[str, View]:
    """How the exchanges without any fault read, by the key of the probe: most are the same with a fault."""
    return Recording.of(recorded(claims=profile(name, contract))).views


class Remembering(Judge):
    """Judges once what no fault has touched, by the claims of a profile: judging is pure."""

    _results: ClassVar[dict[tuple[str, View], Ruling]] = {}
    _judgements: ClassVar[dict[tuple[str, str, str], Judgement]] = {}

    @classmethod
    def forget(cls, requirements: Container[str]) -> None:
        """Judges these anew, whatever is known: their checks have changed."""
        cls._results = {key: one for key, one in cls._results.items() if key[0] not in requirements}
        cls._judgements = {key: one for key, one in cls._judgements.items() if key[-1] not in requirements}

    @cached_property
    def _untouched(self) -> frozenset[str]:
        sound = flawless(self._claims.profile, self._claims.contract)
        return frozenset(view.id for key, view in self._recording.views.items() if sound.get(key) is view)

    def _named(self, case: Case) -> Judgement:
        this = (self._claims.contract, self._claims.profile, case.requirement.id)
        known = self._judgements.get(this)
        if known is None or not self._untouched.issuperset(known.consulted):
            known = super()._named(case)
            if known.verdict is Verdict.PASS and self._is_about_the_untouched(case):
                self._judgements[this] = known
        return known

    def _is_about_the_untouched(self, case: Case) -> bool:
        bindings = self._recording.bound(case, self._claims)
        return all(view.id in self._untouched for binding in bindings for view in flat(binding))

    def _on_one(self, case: Case, view: View, extras: Mapping[str, Claims]) -> Ruling:
        this = (case.requirement.id, view)
        known = self._results.get(this)
        if known is None:
            known = super()._on_one(case, view, extras)
            if known.verdict in ALONE and view.id in self._untouched:
                self._results[this] = known
        return known

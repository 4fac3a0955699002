"""Judges what an embedded provider answers, and nothing twice: what no fault has touched is judged once."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import ClassVar

from conformance import DEFAULT
from conformance.contracts.view import View
from conformance.judging.catalogue import catalogue
from conformance.judging.judge import Judge
from conformance.judging.recording import Recording, flat
from conformance.judging.requirement import Case, Every
from conformance.judging.ruling import Ruling
from conformance.judging.standing import standing
from conformance.judging.verdict import Judgement, Verdict
from conformance.proof.asking import is_a_profile, stated
from conformance.proof.touched import sound
from conformance.provider.model import Claims
from conformance.wire.record import Exchange

ALONE = (Verdict.PASS, Verdict.NOT_APPLICABLE)
"""What a case makes of an exchange whatever is made of others."""


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
    return Recording.of(list(sound(name, contract).exchanges.values())).views


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
            if known.verdict in ALONE and self._is_about_the_untouched(case):
                self._judgements[this] = known
        return known

    def _is_about_the_untouched(self, case: Case) -> bool:
        bindings = self._recording.bound(case, self._claims)
        return all(view.id in self._untouched for binding in bindings for view in flat(binding))

    def _every(self, case: Case) -> Judgement:
        """As it is without a fault, where the fault touches none of what is selected, and adds nothing."""
        assert isinstance(case.subject, Every)
        this = (self._claims.contract, self._claims.profile, case.requirement.id)
        known = self._judgements.get(this)
        views = self._recording.selected(case)
        alike = known is not None and tuple(view.id for view in views) == known.consulted
        if known is None or not alike or not self._untouched.issuperset(known.consulted):
            known = super()._every(case)
            # What gets one answer at a time has to judge each of them whatever it makes of others.
            alone = case.subject.together or all((this[-1], view) in self._results for view in views)
            if known.verdict in ALONE and alone and self._untouched.issuperset(known.consulted):
                self._judgements[this] = known
        return known

    def _on_one(self, case: Case, view: View, extras: Mapping[str, Claims]) -> Ruling:
        this = (case.requirement.id, view)
        known = self._results.get(this)
        if known is None:
            known = super()._on_one(case, view, extras)
            if known.verdict in ALONE and view.id in self._untouched:
                self._results[this] = known
        return known

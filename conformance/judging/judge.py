"""Judges one target: pure, offline, the same verdicts for the same recording.

A case is run on one binding of its probes, or on every exchange of a kind, and each time that comes to a
`Ruling`. Of several the heaviest stands for all: a judgement is on a requirement, not on an exchange.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache

from conformance.contracts import named
from conformance.contracts.hidden import Blocked, CannotSee
from conformance.contracts.view import View
from conformance.judging.recording import NO_WALL, Binding, Recording, flat
from conformance.judging.requirement import Case, Every
from conformance.judging.ruling import FINDINGS, Court, Ruling
from conformance.judging.saying import Inconclusive
from conformance.judging.standing import Standing
from conformance.judging.table import HEAVY_TO_LIGHT
from conformance.judging.verdict import Judgement, Verdict
from conformance.provider.model import Claims
from conformance.wire.message import Message

MOST = 20
"""Findings of a judgement that are kept in words; how many there are, and in which exchanges, always is."""

_Rulings = Sequence[tuple[View, Ruling]]
"""Rulings on one requirement, each with the exchange that it is called after."""


class Judge:
    """Judges cases at one target. Each case is judged once; those that are `known` are all that there are."""

    def __init__(
        self,
        claims: Claims,
        recording: Recording,
        cases: Mapping[str, Case],
        known: Iterable[Judgement] = (),
    ) -> None:
        self._claims = claims
        self._contract = named(claims.contract)
        self._recording = recording
        self._court = Court(claims, self._contract, recording.views, self._other)
        self.cases = cases
        self._judged = {one.requirement: one for one in known}

    def judge(self, case: Case) -> Judgement:
        """The judgement on one requirement."""
        known = self._judged.get(case.requirement.id)
        if known is None:
            run = self._every if isinstance(case.subject, Every) else self._named
            found = self._left_out(case) or self._tested(run(case))
            known = self._judged[case.requirement.id] = found
        return known

    def _left_out(self, case: Case) -> Judgement | None:
        """The judgement where the entry of the provider keeps requests from having what it is about."""
        names = case.omitted(self._claims)
        if not names:
            return None
        why = "no request has {names}: `omit` in providers.yaml leaves it out"
        listed = ", ".join(f"`{name}`" for name in sorted(names))
        ruling = Ruling(Verdict.NOT_APPLICABLE, Message.of(why, names=listed))
        return self._judgement(case, ruling, ())

    @property
    def standing(self) -> Standing:
        """What of the recording is no evidence."""
        return self._recording.standing

    def _tested(self, judgement: Judgement) -> Judgement:
        """The judgement; where nothing could be tested, only that. A wall is a finding all the same."""
        found = self.standing
        if not found.untested or (judgement.requirement == NO_WALL and judgement.verdict in FINDINGS):
            return judgement
        level = judgement.level
        return Judgement(
            judgement.requirement, level, Verdict.ERROR, Message(found.why), consulted=found.shown
        )

    def _other(self, requirement: str) -> Judgement | None:
        case = self.cases.get(requirement)
        return None if case is None else self.judge(case)

    def _named(self, case: Case) -> Judgement:
        proving = self._recording.proving(case)
        bindings: Sequence[Binding] = ()
        try:
            bindings = self._recording.bound(case, self._claims)
        except Inconclusive as reason:
            if not proving:
                return self._judgement(case, Ruling(Verdict.INCONCLUSIVE, reason.why), ())
        seen = [view for binding in bindings for view in flat(binding) if view.id]
        consulted = tuple(dict.fromkeys(view.id for view in (*seen, *proving)))
        if len(bindings) == 1 and not proving:
            return self._judgement(case, self._on_binding(case, *bindings), consulted)
        controls = case.controls(self._claims)
        rulings = [(_compared(binding, controls), self._on_binding(case, binding)) for binding in bindings]
        rulings += [(view, self._by_itself(case, view)) for view in proving]
        return self._judgement(case, _heaviest(rulings, "comparison" if bindings else "answer"), consulted)

    def _by_itself(self, case: Case, view: View) -> Ruling:
        """What a case makes of an exchange that needs no control."""
        assert case.alone is not None
        check = case.alone.check
        return self._court.rule(case, lambda: check(view), (view,), (view,))

    def _on_binding(self, case: Case, binding: Binding) -> Ruling:
        views = flat(binding)
        controls = case.controls(self._claims)
        judged = flat({name: view for name, view in binding.items() if name not in controls}) or views
        ruling = self._court.rule(
            case,
            lambda: case(**binding, **self._extras(case)),
            about=[view for view in judged if view.id],
            used=[view for view in views if _exercises(case.requirement.claim, view)],
        )
        if ruling.verdict in FINDINGS and (cut := self._cut_short(case, views)) is not None:
            why = "thoughts took up the limit: {probe} was cut short"
            return Ruling(Verdict.INCONCLUSIVE, Message.of(why, probe=cut.probe))
        return ruling

    def _cut_short(self, case: Case, views: Iterable[View]) -> View | None:
        probes = case.probes(self._claims)
        bounded = {one.key for one in probes if "max_tokens" in one.inert.intersection(one.members)}
        return self._contract.cut_short(views, bounded, self._recording.views.values())

    def _every(self, case: Case) -> Judgement:
        subject = case.subject
        assert isinstance(subject, Every)
        extras = self._extras(case)
        try:
            views = self._recording.selected(case)
        except Inconclusive as reason:
            return self._judgement(case, Ruling(Verdict.INCONCLUSIVE, reason.why), ())
        consulted = tuple(view.id for view in views)
        if not views:
            return self._judgement(case, self._court.rule(case, lambda: self._stand_in(subject), (), ()), ())
        if subject.together:
            # One answer that cannot be read hides nothing about the others.
            legible = tuple(filter(_is_legible, views)) or tuple(views)
            ruling = self._court.rule(case, lambda: case(legible, **extras), legible, legible)
            return self._judgement(case, ruling, consulted)
        rulings = [(view, self._on_one(case, view, extras)) for view in views]
        return self._judgement(case, _heaviest(rulings, subject.title), consulted)

    def _on_one(self, case: Case, view: View, extras: Mapping[str, Claims]) -> Ruling:
        """What a case makes of one of the exchanges that it gets one at a time."""
        return self._court.rule(case, lambda: case(view, **extras), (view,), (view,))

    def _stand_in(self, subject: Every) -> None:
        """Nothing was selected: raises what became of the exchanges that were sent for it."""
        for probe in subject.probes(self._claims):
            view = self._recording.view(probe, self._claims.contract)
            if view.exchange.id:
                view.require_answer()
                value = view.document.value
                if isinstance(value, dict) and value.get("error") is not None:
                    raise Blocked("envelope.no-error-in-success", "there is an error in the answer")
        raise Inconclusive("this run has no {title}", title=Message(subject.title))

    def _extras(self, case: Case) -> dict[str, Claims]:
        return {"claims": self._claims} if _wants_claims(case.function) else {}

    def _judgement(self, case: Case, ruling: Ruling, consulted: tuple[str, ...]) -> Judgement:
        doubt = self._recording.doubt(case) if ruling.verdict is Verdict.PASS else None
        return Judgement(
            requirement=case.requirement.id,
            level=case.level(self._claims),
            verdict=Verdict.INCONCLUSIVE if doubt else ruling.verdict,
            reason=Message(doubt) if doubt else ruling.reason,
            findings=ruling.findings[:MOST],
            offending=ruling.offending,
            consulted=consulted,
            see=ruling.see,
            refusal=ruling.refusal,
        )


def _heaviest(rulings: _Rulings, title: str) -> Ruling:
    """The ruling that stands for all; of findings, it says how many there are and has all."""
    verdict = min((ruling.verdict for _, ruling in rulings), key=HEAVY_TO_LIGHT.index)
    hits = [(view, ruling) for view, ruling in rulings if ruling.verdict is verdict]
    view, first = hits[0]
    if verdict not in FINDINGS:
        return first
    if len(rulings) > 1:
        where, title = "{finding} ({hits} of {total} {title}, first: {probe})", _plural(title)
    else:
        where = "{finding} (the {title}, first: {probe})"
    reason = Message.of(
        where,
        finding=first.reason,
        hits=len(hits),
        total=len(rulings),
        title=Message(title),
        probe=view.probe,
    )
    return replace(
        first,
        reason=reason,
        findings=tuple(finding for _, ruling in hits for finding in ruling.findings),
        offending=tuple(dict.fromkeys(name for _, ruling in hits for name in ruling.offending)),
    )


def _compared(binding: Binding, controls: Collection[str]) -> View:
    """The exchange that stands for all that are compared: the last one that is no control."""
    judged = flat({name: view for name, view in binding.items() if name not in controls})
    return (judged or flat(binding))[-1]


@cache
def _wants_claims(function: Callable[..., None]) -> bool:
    return "claims" in inspect.signature(function).parameters


def _exercises(claim: str | None, view: View) -> bool:
    """Whether a request was served that makes use of what is claimed."""
    return claim in view.exchange.claims and view.last.succeeded


def _is_legible(view: View) -> bool:
    """Whether an answer can be read at all."""
    try:
        return view.legible
    except CannotSee:
        return False


def _plural(title: str) -> str:
    head, _, tail = title.partition(" that ")
    return f"{head}s" + (f" that {tail}".replace(" was ", " were ") if tail else "")

"""Judges one target: pure, offline, the same verdicts for the same recording."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial

from conformance.asking.probe import Probe
from conformance.contracts import named, view_of
from conformance.contracts.hidden import Blocked, CannotSee, NotAsked, NotRecorded
from conformance.contracts.view import Crashed, Refused, View
from conformance.judging.blame import is_to_blame
from conformance.judging.requirement import Case, Every, Finding, Inconclusive, Named, NotApplicable
from conformance.judging.table import LIGHT_TO_HEAVY, VIOLATED, Observation, verdict_on
from conformance.judging.verdict import Judgement, Verdict
from conformance.provider.model import Claims
from conformance.wire.excerpt import printable
from conformance.wire.record import Exchange, Request, not_recorded

CONTROLS = frozenset({"control", "able", "without", "plain", "one"})
"""Names of parameters whose exchanges are there to compare with."""

_HEAVY_TO_LIGHT = (
    Verdict.FAIL,
    Verdict.WARN,
    Verdict.NOTE,
    Verdict.PASS,
    Verdict.UNSUPPORTED,
    Verdict.ERROR,
    Verdict.INCONCLUSIVE,
    Verdict.NOT_APPLICABLE,
)
"""Which of several verdicts on one requirement stands for all."""

_FINDINGS = frozenset(VIOLATED.values())


Binding = Mapping[str, "View | tuple[View, ...]"]
"""The exchanges that a case judges, by the names of its parameters."""


@dataclass(frozen=True, slots=True)
class Recording:
    """The exchanges of one target, as views, by the identity of their probes."""

    views: Mapping[str, View]

    @classmethod
    def of(cls, exchanges: Sequence[Exchange]) -> Recording:
        """A recording of these exchanges, in the order of their ids."""
        return cls(
            {one.key: view_of(one) for one in sorted(exchanges, key=lambda one: (len(one.id), one.id))}
        )

    def view(self, probe: Probe, contract: str) -> View:
        """The view of a probe's exchange, as that contract reads it."""
        found = self.views.get(probe.key)
        return found if found is not None else _missing(probe, contract)

    def bound(self, case: Case, claims: Claims) -> Sequence[Binding]:
        """What a case that names its probes is judged on: each of them by itself, and at least one."""
        assert isinstance(case.subject, Named)
        wanted = case.subject.wanted(claims)
        view = partial(self.view, contract=claims.contract)
        return (
            {
                name: view(one) if isinstance(one, Probe) else tuple(map(view, one))
                for name, one in wanted.items()
            },
        )

    def selected(self, case: Case) -> Sequence[View]:
        """What a case on every exchange of a kind is judged on.

        Raises Inconclusive where there are exchanges of that kind, but none shows what the case looks at.
        """
        assert isinstance(case.subject, Every)
        return [view for view in self.views.values() if case.subject.selects(view)]

    def doubt(self, case: Case) -> str | None:
        """Why the case proves nothing where it finds nothing, or None."""
        del case
        return None


def _missing(probe: Probe, contract: str) -> View:
    """Stands for an exchange that the journal does not have."""
    request = Request(probe.method, probe.path, (), probe.body or "")
    why = f"the journal has no exchange for {probe.name!r}"
    return view_of(
        Exchange("", "", "", probe.name, probe.key, request, (not_recorded(why),), contract=contract)
    )


@dataclass(frozen=True, slots=True)
class _Result:
    """What running a case once came to."""

    verdict: Verdict
    message: str = ""
    detail: str = ""
    see: str | None = None
    refusal: bool = False


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
        self.cases = cases
        self._judged = {one.requirement: (one, False) for one in known}

    def judge(self, case: Case) -> Judgement:
        """The judgement on one requirement."""
        return self._judge(case)[0]

    def _judge(self, case: Case) -> tuple[Judgement, bool]:
        """The judgement, and whether it is about the request being refused rather than about its effect."""
        known = self._judged.get(case.requirement.id)
        if known is None:
            run = self._every if isinstance(case.subject, Every) else self._named
            known = self._judged[case.requirement.id] = run(case)
        return known

    def _named(self, case: Case) -> tuple[Judgement, bool]:
        try:
            bindings = self._recording.bound(case, self._claims)
        except Inconclusive as reason:
            result = _Result(Verdict.INCONCLUSIVE, str(reason))
            return self._judgement(case, result, (), ())
        if len(bindings) == 1:
            return self._on_binding(case, *bindings)
        judged = [(binding, *self._on_binding(case, binding)) for binding in bindings]
        ids = tuple(dict.fromkeys(id for _, judgement, _ in judged for id in judgement.consulted))
        verdict = _standing(one.verdict for _, one, _ in judged)
        hits = [hit for hit in judged if hit[1].verdict is verdict]
        results = [
            (_compared(binding), _Result(verdict, one.message, one.detail, one.see, refusal))
            for binding, one, refusal in hits
        ]
        if verdict in _FINDINGS:
            offending = tuple(dict.fromkeys(id for _, one, _ in hits for id in one.offending))
            return self._judgement(case, _summary(results, len(judged), "comparison"), ids, offending)
        return self._judgement(case, results[0][1], ids, ())

    def _on_binding(self, case: Case, views: Binding) -> tuple[Judgement, bool]:
        bound = flat(views)
        exercised = any(_exercises(case.requirement.claim, view) for view in bound)
        result = self._run(case, lambda: case(**views, **self._extras(case)), exercised=exercised)
        if result.verdict in _FINDINGS and (cut := self._cut_short(case, bound)) is not None:
            result = _Result(Verdict.INCONCLUSIVE, f"thoughts took up the limit: {cut.probe} was cut short")
        ids = tuple(dict.fromkeys(view.id for view in bound if view.id))
        # Which of several exchanges broke the requirement only the message can say.
        judged = [view for name, view in views.items() if name not in CONTROLS]
        alone = result.verdict in _FINDINGS and len(judged) == 1
        offending = tuple(one.id for one in judged if alone and isinstance(one, View) and one.id)
        return self._judgement(case, result, ids, offending)

    def _every(self, case: Case) -> tuple[Judgement, bool]:
        subject = case.subject
        assert isinstance(subject, Every)
        extras = self._extras(case)
        try:
            views = self._recording.selected(case)
        except Inconclusive as reason:
            return self._judgement(case, _Result(Verdict.INCONCLUSIVE, str(reason)), (), ())
        ids = tuple(view.id for view in views)
        if not views:
            return self._judgement(case, self._run(case, lambda: self._stand_in(subject)), (), ())
        if subject.together:
            # One answer that cannot be read hides nothing about the others.
            legible = tuple(filter(_is_legible, views)) or tuple(views)
            return self._judgement(case, self._run(case, lambda: case(legible, **extras)), ids, ())
        results = [(view, self._on_one(case, view, extras)) for view in views]
        verdict = _standing(result.verdict for _, result in results)
        hits = [(view, result) for view, result in results if result.verdict is verdict]
        if verdict in _FINDINGS:
            offending = tuple(view.id for view, _ in hits)
            return self._judgement(case, _summary(hits, len(views), subject.title), ids, offending)
        return self._judgement(case, hits[0][1], ids, ())

    def _on_one(self, case: Case, view: View, extras: Mapping[str, Claims]) -> _Result:
        """What a case makes of one of the exchanges that it gets one at a time."""
        return self._run(case, lambda: case(view, **extras))

    def _stand_in(self, subject: Every) -> None:
        """Nothing was selected: raises what became of the exchanges that were sent for it."""
        for probe in subject.probes(self._claims):
            view = self._recording.view(probe, self._claims.contract)
            if view.exchange.id:
                view.require_answer()
                value = view.document.value
                if isinstance(value, dict) and value.get("error") is not None:
                    raise Blocked("envelope.no-error-in-success", "there is an error in the answer")
        raise Inconclusive(f"this run has no {subject.title}")

    def _extras(self, case: Case) -> dict[str, Claims]:
        return {"claims": self._claims} if _wants_claims(case.function) else {}

    def _judgement(
        self, case: Case, result: _Result, consulted: tuple[str, ...], offending: tuple[str, ...]
    ) -> tuple[Judgement, bool]:
        """The judgement, and whether it is about the request being refused."""
        doubt = self._recording.doubt(case) if result.verdict is Verdict.PASS else None
        judgement = Judgement(
            requirement=case.requirement.id,
            level=case.level(self._claims),
            verdict=Verdict.INCONCLUSIVE if doubt else result.verdict,
            message=printable(doubt or result.message),
            detail="\n".join(map(printable, result.detail.split("\n"))),
            offending=offending,
            consulted=consulted,
            see=result.see,
        )
        return judgement, result.refusal

    def _run(self, case: Case, call: Callable[[], None], *, exercised: bool = True) -> _Result:
        """Runs a case and turns what it raises into a verdict.

        `exercised`: a request that makes use of the claim was served.
        """
        requirement = case.requirement
        try:
            call()
        except AssertionError as error:
            return _Result(self._on(case, Observation.IGNORED), _words(error))
        except Finding as finding:
            violated = VIOLATED[case.level(self._claims)]
            return _Result(min(finding.verdict, violated, key=LIGHT_TO_HEAVY.index), str(finding))
        except Blocked as blocked:
            if blocked.requirement == requirement.id:
                return _Result(self._on(case, Observation.IGNORED), blocked.why)
            return _Result(Verdict.INCONCLUSIVE, blocked.why, see=blocked.requirement)
        except (Refused, Crashed) as refused:
            return self._refused(case, refused)
        except NotAsked as unasked:
            return _Result(Verdict.ERROR, str(unasked))
        except (NotRecorded, Inconclusive) as reason:
            return _Result(Verdict.INCONCLUSIVE, str(reason))
        except NotApplicable as reason:
            return _Result(Verdict.NOT_APPLICABLE, str(reason))
        except Exception as error:
            # Data of a shape that no reader foresaw must not end the run; the suite says so of itself.
            return _Result(Verdict.ERROR, f"the check itself failed: {type(error).__name__}: {error}"[:300])
        verdict = self._on(case, Observation.HONOURED)
        if verdict is Verdict.NOTE and exercised:
            return _Result(
                verdict, f"`{requirement.claim}` works, though the documents say it is unsupported"
            )
        return _Result(Verdict.PASS)

    def _refused(self, case: Case, refused: Refused | Crashed) -> _Result:
        """A request that had to be served was not: a finding of whoever owns the feature."""
        requirement = case.requirement
        words = str(refused)
        if self._contract.no_room(refused.view, self._recording.views.values()):
            return _Result(Verdict.INCONCLUSIVE, f"the limit leaves no room beside the thoughts: {words}")
        if requirement.claim is None or requirement.claim not in refused.view.exchange.claims:
            if requirement.id == self._contract.basic:
                return _Result(VIOLATED[case.level(self._claims)], f"the plainest request gets {words}")
            return self._unserved(words)
        if not is_to_blame(requirement.claim, refused.view, self._recording.views.values()):
            return self._unserved(words)
        crashed = isinstance(refused, Crashed)
        views = self._recording.views.values()
        left = self._contract.may_refuse(self._claims, requirement.claim, refused.view, views)
        left = "" if crashed else left
        observation = Observation.CRASHED if crashed else Observation.REFUSED
        verdict = self._on(case, observation, left_to_it=bool(left))
        basis = self.cases.get(requirement.basis or "")
        if basis is not None:
            judged, about_refusal = self._judge(basis)
            if about_refusal and verdict in _FINDINGS:
                return _Result(
                    Verdict.INCONCLUSIVE,
                    f"the request was not served: {words}",
                    see=judged.requirement,
                    refusal=True,
                )
        what = "fails on" if crashed else "refuses"
        why = f", {left}" if left and verdict is Verdict.UNSUPPORTED else ""
        return _Result(verdict, f"the provider {what} `{requirement.claim}`{why}: {words}", refusal=True)

    def _unserved(self, words: str) -> _Result:
        """Nothing can be said, because of the plainest requests if these are not served either."""
        basic = self.cases.get(self._contract.basic)
        served = basic is not None and self.judge(basic).verdict is Verdict.PASS
        return _Result(
            Verdict.INCONCLUSIVE,
            f"the request was not served: {words}",
            see=None if served else self._contract.basic,
        )

    def _cut_short(self, case: Case, views: Iterable[View]) -> View | None:
        probes = case.probes(self._claims)
        bounded = {one.key for one in probes if "max_tokens" in one.inert.intersection(one.members)}
        return self._contract.cut_short(views, bounded, self._recording.views.values())

    def _on(self, case: Case, observation: Observation, *, left_to_it: bool = False) -> Verdict:
        """`left_to_it`: the documents leave it to models of a kind, which this one is of."""
        claim = case.requirement.claim
        state = None if claim is None else self._claims.state(claim)
        may_refuse = claim is not None and bool(
            self._claims.detail(claim, "model_dependent")
            or self._claims.detail(claim, "refused")
            or left_to_it
        )
        return verdict_on(observation, state, case.level(self._claims), may_refuse=may_refuse)


def flat(views: Binding) -> list[View]:
    """All views of a binding."""
    found: list[View] = []
    for view in views.values():
        found += (view,) if isinstance(view, View) else view
    return found


def _compared(binding: Binding) -> View:
    """The exchange that stands for all that are compared: the last one that is no control."""
    judged = flat({name: view for name, view in binding.items() if name not in CONTROLS})
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


def _standing(verdicts: Iterable[Verdict]) -> Verdict:
    return min(verdicts, key=_HEAVY_TO_LIGHT.index)


def _summary(hits: Sequence[tuple[View, _Result]], total: int, title: str) -> _Result:
    """One result for many exchanges: the first message, and how many say the same."""
    view, first = hits[0]
    where = f"{len(hits)} of {total} {_plural(title)}" if total > 1 else f"the {title}"
    each = [f"{one.id} {one.probe}: {result.message}" for one, result in hits[:20]]
    detail = "\n".join(each) if len(each) > 1 else ""
    return replace(first, message=f"{first.message} ({where}, first: {view.probe})", detail=detail)


def _plural(title: str) -> str:
    head, _, tail = title.partition(" that ")
    return f"{head}s" + (f" that {tail}".replace(" was ", " were ") if tail else "")


def _words(error: AssertionError) -> str:
    """The message for people; pytest's explanation of the expression only where there is no other."""
    head, _, explanation = str(error).partition("\nassert ")
    return head.strip() or explanation.strip() or "the check does not hold"

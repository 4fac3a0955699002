"""Turns what a case says into a verdict. Nothing else does: whatever ends a case ends here.

A case is a function that returns nothing. It says what it finds by raising (see `saying`), and so do the
views that it looks through: one that cannot show what was asked for says what keeps it from sight. So a
check is written as if all were well, and tells what is wrong from what cannot be known without a word in it.
What may come, from whom, and what it means:

    nothing           the case         what is required holds
    AssertionError    a case           it does not: of all exchanges together that are no controls
    Objection         wrong()          it does not: in these exchanges, at these places
                      warn(), note()   the same, but of this weight; never more than the level makes of it
    Blocked           needs(), a view  another requirement is violated, which this one builds on, or which
                                       hides what was asked for: undecided, see there. If it is this one,
                                       it does not hold
    Refused, Crashed  a view           a request was not served that had to be: a finding of who owns the
                                       feature, if the feature is to blame; otherwise undecided
    NotAsked          a view, a case   there is no answer to judge: nobody's fault, an error of the run
    NotRecorded       a view           the journal has no such exchange: undecided
    Inconclusive      assume()         the control did not show that the effect was possible: undecided
    NotApplicable     concerns()       nothing that it speaks of was asked for or seen
    anything else     a mistake        the suite says so of itself, and the run goes on

What a finding weighs depends on what is claimed and on how binding that is (see `table`). One defect is one
finding: what the violation of another requirement explains is never a second one. And a finding is about
somebody: an exchange that is there to compare with is accused only by a case that names it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from conformance.asking.kinds import OF_THE_ACCOUNT
from conformance.asking.obstacle import obstacle
from conformance.contracts.contract import Contract
from conformance.contracts.hidden import Blocked, NotAsked, NotRecorded
from conformance.contracts.parameters import Shows, shows
from conformance.contracts.view import Crashed, Refused, View
from conformance.judging.blame import is_to_blame
from conformance.judging.requirement import Case
from conformance.judging.saying import Inconclusive, NotApplicable, Objection
from conformance.judging.table import VIOLATED, Observation, lighter, verdict_on
from conformance.judging.verdict import NOTHING, Finding, Judgement, Verdict
from conformance.provider.claims import profile
from conformance.provider.model import Claims, ClaimState
from conformance.wire.message import Message

FINDINGS = frozenset(VIOLATED.values())
"""The verdicts that accuse somebody of something."""

SILENT = "the check does not hold"
"""What is said of an assertion without a message, where nobody explains the expression."""


_SHOWN = {
    Shows.EFFECT: Observation.HONOURED,
    Shows.ACCEPTANCE: Observation.SERVED,
    Shows.ACCEPTANCE_ALONE: Observation.SERVED,
}

_THOUGH = {
    (Observation.HONOURED, ClaimState.EXCLUDED): (
        "`{claim}` works, though the documents say it is unsupported"
    ),
    (Observation.HONOURED, ClaimState.REFUSED): "`{claim}` works, though the documents say it is refused",
    (Observation.HONOURED, ClaimState.IGNORED): "`{claim}` works, though the documents say it is ignored",
    (Observation.SERVED, ClaimState.EXCLUDED): (
        "`{claim}` is accepted, though the documents say it is unsupported"
    ),
    (Observation.SERVED, ClaimState.REFUSED): "`{claim}` is accepted, though the documents say it is refused",
}
"""What is said where a provider does more than its documents promise."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What came of running a case once. Its members are those of a Judgement."""

    verdict: Verdict
    reason: Message = NOTHING
    findings: tuple[Finding, ...] = ()
    offending: tuple[str, ...] = ()
    see: str | None = None
    refusal: bool = False


@dataclass(frozen=True, slots=True)
class Court:
    """What a ruling depends on: the claims, their contract, everything recorded, and other judgements.

    `other` gives the judgement on another requirement, None where that is no part of the run.
    """

    claims: Claims
    contract: Contract
    recorded: Mapping[str, View]
    other: Callable[[str], Judgement | None]

    @property
    def _by_id(self) -> Mapping[str, View]:
        return {view.id: view for view in self.recorded.values()}

    def rule(
        self, case: Case, call: Callable[[], None], about: Sequence[View], used: Sequence[View]
    ) -> Ruling:
        """Runs a case. `about`: what it judges; `used`: those of its exchanges that made use of the claim."""
        try:
            call()
        except AssertionError as error:
            return self._violated(case, Finding(_words(error)), about)
        except Objection as objection:
            return self._violated(case, objection.finding, about, objection.at_most)
        except Blocked as blocked:
            if blocked.requirement == case.requirement.id:
                return self._violated(case, Finding(blocked.why, blocked.places), about)
            return Ruling(Verdict.INCONCLUSIVE, blocked.why, see=blocked.requirement)
        except (Refused, Crashed) as refused:
            return self._refused(case, refused)
        except NotAsked as unasked:
            return Ruling(Verdict.ERROR, unasked.why)
        except (NotRecorded, Inconclusive) as undecided:
            return Ruling(Verdict.INCONCLUSIVE, undecided.why)
        except NotApplicable as unconcerned:
            return Ruling(Verdict.NOT_APPLICABLE, unconcerned.why)
        except Exception as error:
            # Data of a shape that no reader foresaw must not end the run.
            return Ruling(Verdict.ERROR, _mistake(error))
        return self._honoured(case, used, about)

    def _honoured(self, case: Case, used: Sequence[View], about: Sequence[View]) -> Ruling:
        shown = self._shown(case)
        if (refused := self._refused_above_the_cap(case, about)) and shown is Shows.RANGE:
            what = "a `{claim}` above {cap} is refused, though the documents say that it counts as {cap}"
            cap = self.claims.detail(case.requirement.claim or "", "max")
            message = Message.of(what, claim=case.requirement.claim, cap=cap)
            places = tuple(view.at_status() for view in refused)
            return _found(self._weigh(case, Observation.REFUSED), Finding(message, places))
        observation, state = _SHOWN.get(shown), self._state(case)
        if not used or observation is None or state is None:
            return Ruling(Verdict.PASS)
        verdict = self._weigh(case, observation)
        if shown is Shows.ACCEPTANCE_ALONE and state is ClaimState.REFUSED:
            verdict = self._weigh(case, Observation.IGNORED)  # nothing else will show that it is not refused
        if verdict is Verdict.PASS:
            return Ruling(Verdict.PASS)
        message = Message.of(_THOUGH[observation, state], claim=case.requirement.claim)
        return _found(verdict, Finding(message, tuple(view.at() for view in used)))

    def _violated(
        self, case: Case, finding: Finding, about: Sequence[View], at_most: Verdict | None = None
    ) -> Ruling:
        if len(about) == 1 and not finding.places:
            finding = replace(finding, places=(about[0].at(),))
        if self._state(case) is ClaimState.IGNORED:
            return Ruling(Verdict.PASS, Message("accepted and ignored, as documented"))
        offending = [self._by_id[name] for name in finding.exchanges if name in self._by_id]
        if offending and len(offending) == len(self._above_the_cap(case, offending)):
            cap = self.claims.detail(case.requirement.claim or "", "max")
            what = "above {cap} it is accepted, and counts as {cap}, as documented"
            return Ruling(Verdict.PASS, Message.of(what, cap=cap))
        if at_most is None and self._states_no_range(case):
            at_most = Verdict.NOTE
        if at_most is None:
            verdict = self._weigh(case, Observation.IGNORED)
        else:
            verdict = lighter(at_most, VIOLATED[case.level(self.claims)])
        return _found(verdict, finding, about)

    def _refused(self, case: Case, refused: Refused | Crashed) -> Ruling:
        """A request that had to be served was not: a finding of whoever owns the feature."""
        claim, view, words = case.requirement.claim, refused.view, refused.why
        recorded = self.recorded.values()
        found = obstacle(view.last)
        if found is not None and found.kind in OF_THE_ACCOUNT:
            why = Message.of(
                "this request is refused for the account, not for itself: {refusal}", refusal=words
            )
            return Ruling(Verdict.ERROR, why)
        if self.contract.no_room(view, recorded):
            why = Message.of("the limit leaves no room beside the thoughts: {refusal}", refusal=words)
            return Ruling(Verdict.INCONCLUSIVE, why)
        if claim is None or claim not in view.exchange.claims:
            if case.requirement.id == self.contract.basic:
                why = Message.of("the plainest request gets {refusal}", refusal=words)
                return _found(VIOLATED[case.level(self.claims)], Finding(why, (view.at_status(),)))
            return self._unserved(words)
        if not is_to_blame(claim, view, recorded):
            return self._unserved(words)
        crashed = isinstance(refused, Crashed)
        left = "" if crashed else self.contract.may_refuse(self.claims, claim, view, recorded)
        verdict = self._weigh(
            case, Observation.CRASHED if crashed else Observation.REFUSED, left_to_it=bool(left)
        )
        basis = self.other(case.requirement.basis or "")
        if basis is not None and basis.refusal and verdict in FINDINGS:
            why = Message.of("the request was not served: {refusal}", refusal=words)
            return Ruling(Verdict.INCONCLUSIVE, why, see=basis.requirement, refusal=True)
        if crashed:
            what = "the provider fails on `{claim}`: {refusal}"
        elif left and verdict is Verdict.UNSUPPORTED:
            what = "the provider refuses `{claim}`, {left}: {refusal}"
        else:
            what = "the provider refuses `{claim}`: {refusal}"
        message = Message.of(what, claim=claim, left=Message(left), refusal=words)
        finding = Finding(message, (view.at_status(),))
        return _found(verdict, finding, refusal=True)

    def _unserved(self, words: Message) -> Ruling:
        """Nothing can be said, because of the plainest requests if these are not served either."""
        basic = self.other(self.contract.basic)
        served = basic is not None and basic.verdict is Verdict.PASS
        why = Message.of("the request was not served: {refusal}", refusal=words)
        return Ruling(Verdict.INCONCLUSIVE, why, see=None if served else self.contract.basic)

    def _weigh(self, case: Case, observation: Observation, *, left_to_it: bool = False) -> Verdict:
        """`left_to_it`: the documents leave it to models of a kind, which this one is of."""
        claim = case.requirement.claim
        may_refuse = claim is not None and bool(self.claims.detail(claim, "model_dependent") or left_to_it)
        return verdict_on(observation, self._state(case), case.level(self.claims), may_refuse=may_refuse)

    def _state(self, case: Case) -> ClaimState | None:
        """What the documents say of the claim, in the mode that this model is in; None without a claim."""
        claim = case.requirement.claim
        if claim is None:
            return None
        mode = self.claims.detail(claim, "only_with", {}).get("mode")
        if mode is None or self.contract.is_in_mode(mode, self.recorded.values()):
            return self.claims.state(claim)
        return self.claims.claims[claim].otherwise.state

    def _shown(self, case: Case) -> Shows:
        claim = case.requirement.claim
        return Shows.NOTHING if claim is None else shows(case.requirement.id, claim, self.contract.name)

    def _states_no_range(self, case: Case) -> bool:
        """Whether what is beyond a range is judged, and documents that speak of the parameter state none.

        The range is OpenAI's then, and nobody promised to refuse what is beyond it.
        """
        claim = case.requirement.claim
        if claim is None or self._shown(case) is not Shows.RANGE or not self.claims.documents(claim):
            return False
        stated = any(self.claims.detail(claim, end) is not None for end in ("min", "max"))
        return not stated and profile("openai", self.contract.name).detail(claim, "max") is not None

    def _above_the_cap(self, case: Case, views: Sequence[View]) -> list[View]:
        """Those whose value is above what the documents say that it is capped at."""
        claim = case.requirement.claim
        if claim is None or not self.claims.detail(claim, "capped"):
            return []
        cap = self.claims.detail(claim, "max")
        sizes = ((view, size(view.request.get(claim))) for view in views)
        return [view for view, found in sizes if found is not None and found > cap]

    def _refused_above_the_cap(self, case: Case, views: Sequence[View]) -> list[View]:
        return [view for view in self._above_the_cap(case, views) if view.refused]


def size(value: object) -> float | None:
    """What a range bounds: a number, or how many there are; None of anything else."""
    if isinstance(value, list | dict):
        return len(value)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _found(
    verdict: Verdict, finding: Finding, about: Sequence[View] = (), *, refusal: bool = False
) -> Ruling:
    """A ruling on what was found; where the finding does not say in which exchanges, in all together."""
    if verdict not in FINDINGS:
        return Ruling(verdict, finding.message, refusal=refusal)
    offending = finding.exchanges or tuple(view.id for view in about)
    return Ruling(verdict, finding.message, (finding,), offending, refusal=refusal)


def _words(error: AssertionError) -> Message:
    """The message for people; pytest's explanation of the expression only where there is no other."""
    head, _, explanation = str(error).partition("\nassert ")
    return Message(head.strip() or explanation.strip() or SILENT)


def _mistake(error: Exception) -> Message:
    shown = f"{type(error).__name__}: {error}"[:275]
    return Message.of("the check itself failed: {error}", error=shown)

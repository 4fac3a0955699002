"""What somebody who has to decide wants to know of a target, in three answers.

Can I use it with the official SDK? Is its billing right? What breaks?
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.judging.verdict import Verdict
from conformance.provider.level import Level
from conformance.report.page import billing
from conformance.report.page.clients import Reason, Rows, clients, fit
from conformance.report.results.findings import worst_first
from conformance.report.results.results import JudgementResult, TargetResult

_BILLING_AREA = "usage."


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: how it looks, the key of its words, and what it rests on.

    `n` of `of` requirements that were decided are violated. `against` says what does not work, worst first;
    `areas` where that is.
    """

    question: str
    verdict: Verdict
    said: str
    n: int
    of: int
    against: tuple[JudgementResult, ...] = ()
    uses: tuple[Reason, ...] = ()
    areas: tuple[str, ...] = ()

    @property
    def worst(self) -> JudgementResult | None:
        """The judgement that says most about why."""
        return self.against[0] if self.against else None


def answers(target: TargetResult, rows: Rows) -> tuple[Answer, Answer, Answer]:
    """The three answers for one target, from its judgements by requirement."""
    if target.closed is not None:
        said = "unreached" if target.unreachable else "untested"
        return tuple(Answer(one, Verdict.ERROR, said, 0, 0) for one in ("sdk", "billing", "breaks"))  # type: ignore[return-value]
    return _sdk(rows), _billing(rows), _breaks(rows)


def _sdk(rows: Rows) -> Answer:
    found = fit(clients()[0], rows)
    decided = [row for one in found.reasons for row in one.judgements if row.verdict.decides]
    against = worst_first([row for row in decided if row.verdict.violates])
    violated = {row.requirement for row in against if row.verdict is Verdict.FAIL}
    reading = {rule.requirements[0] for rule in found.client.rules if rule.reads}
    if reading.isdisjoint(row.requirement for row in decided):
        said, verdict = "unknown", Verdict.INCONCLUSIVE
    elif not against:
        said, verdict = "yes", Verdict.PASS
    elif reading & violated:
        said, verdict = "no", Verdict.FAIL
    elif "sdk.stream-iterates" in violated:
        said, verdict = "not-streamed", Verdict.FAIL
    else:
        said, verdict = "partly", Verdict.WARN
    return Answer("sdk", verdict, said, len(against), len(decided), tuple(against), found.against)


def _billing(rows: Rows) -> Answer:
    about = [row for id, row in rows.items() if id.startswith(_BILLING_AREA) or id in billing.requirements()]
    decided = [row for row in about if row.verdict.decides]
    against = worst_first([row for row in decided if row.verdict.violates])
    if not decided:
        said, verdict = "unknown", Verdict.INCONCLUSIVE
    elif not against:
        said, verdict = "yes", Verdict.PASS
    elif against[0].verdict is Verdict.FAIL:
        said, verdict = "no", Verdict.FAIL
    else:
        said, verdict = "doubtful", Verdict.WARN
    return Answer("billing", verdict, said, len(against), len(decided), tuple(against))


def _breaks(rows: Rows) -> Answer:
    decided = [row for row in rows.values() if row.verdict.decides]
    failed = worst_first([row for row in decided if row.verdict is Verdict.FAIL])
    warned = worst_first([row for row in decided if row.verdict is Verdict.WARN])
    if not decided:
        return Answer("breaks", Verdict.INCONCLUSIVE, "unknown", 0, 0)
    binding = [row for row in failed if row.level is Level.MUST]
    of = sum(row.level is Level.MUST for row in decided)
    if binding:
        return Answer(
            "breaks", Verdict.FAIL, "binding", len(binding), of, tuple(failed), areas=_areas(binding)
        )
    if failed:
        return Answer(
            "breaks", Verdict.FAIL, "failing", len(failed), len(decided), tuple(failed), areas=_areas(failed)
        )
    if warned:
        return Answer(
            "breaks", Verdict.WARN, "warned", len(warned), len(decided), tuple(warned), areas=_areas(warned)
        )
    return Answer("breaks", Verdict.PASS, "nothing", 0, len(decided))


def _areas(rows: Sequence[JudgementResult]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row.requirement.partition(".")[0] for row in rows))

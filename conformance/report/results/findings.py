"""What of a run deserves attention, in the order in which it deserves it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from conformance.judging.verdict import Verdict
from conformance.provider.level import Level
from conformance.report.language import Wording
from conformance.report.results.results import CatalogueEntry, JudgementResult, Results
from conformance.wire.message import Message
from conformance.wire.record import TargetId

_BINDING = {level: number for number, level in enumerate(Level)}

_GRAVEST = frozenset({"transport.no-cross-talk", "errors.key-never-echoed", "auth.key-required"})
"""What does harm beyond the request at hand."""

_HARM = (
    "sdk",
    "envelope",
    "transport",
    "stream",
    "usage",
    "stop",
    "limits",
    "messages",
    "tools",
    "structured",
)
"""Areas in the order of what hurts most: no answer, a wrong bill, a wrong answer. The others come after."""


@dataclass(frozen=True, slots=True)
class Violated:
    """A requirement that is violated, with the judgement of each target that violates it, worst first."""

    entry: CatalogueEntry
    judgements: tuple[JudgementResult, ...]

    @property
    def worst(self) -> JudgementResult:
        """The judgement that decides where the finding stands."""
        return self.judgements[0]


@dataclass(frozen=True, slots=True)
class Group:
    """Judgements with the same verdict for the same reason, at one target unless they are of several."""

    message: str
    judgements: tuple[JudgementResult, ...]

    @property
    def at(self) -> TargetId:
        """The target they are about, or the first of them."""
        return self.judgements[0].at


def rank(judgement: JudgementResult) -> tuple[int, int, int, int]:
    """Sorts the worst first: by verdict, then level, then harm; what is known already after what is not."""
    return judgement.verdict.severity, _BINDING[judgement.level], is_known(judgement), _harm(judgement)


def worst_first(judgements: Iterable[JudgementResult]) -> list[JudgementResult]:
    """The judgements, the one that does the most harm first."""
    return sorted(judgements, key=rank)


def _harm(judgement: JudgementResult) -> int:
    if judgement.requirement in _GRAVEST:
        return -1
    area = judgement.requirement.partition(".")[0]
    return _HARM.index(area) if area in _HARM else len(_HARM)


def is_known(judgement: JudgementResult) -> bool:
    """Whether the failure is expected, and the expectation still holds."""
    return judgement.expected is not None and judgement.stale is None


def findings(results: Results) -> tuple[Violated, ...]:
    """Every violated requirement once, worst first; among equals in the order of the catalogue."""
    violated: dict[str, list[JudgementResult]] = {}
    for judgement in results.judgements:
        if judgement.verdict.violates:
            violated.setdefault(judgement.requirement, []).append(judgement)
    found = [
        Violated(entry, tuple(sorted(violated[entry.id], key=rank)))
        for entry in results.suite.requirements
        if entry.id in violated
    ]
    return tuple(sorted(found, key=lambda finding: rank(finding.worst)))


def grouped(results: Results, verdict: Verdict, *, across: bool = False) -> tuple[Group, ...]:
    """The judgements with that verdict, those with the same reason at the same target as one group.

    `across`: at whatever target.

    The largest groups come first. A server that cannot be reached is one group, not a finding for every
    requirement.
    """
    groups: dict[tuple[TargetId | None, Message], list[JudgementResult]] = {}
    for judgement in results.judgements:
        if judgement.verdict is verdict:
            at = None if across else judgement.at
            groups.setdefault((at, judgement.reason), []).append(judgement)
    found = [Group(rows[0].message, tuple(rows)) for rows in groups.values()]
    return tuple(sorted(found, key=lambda group: -len(group.judgements)))


def stale(results: Results) -> tuple[JudgementResult, ...]:
    """The judgements whose known failure may no longer be called one."""
    return tuple(judgement for judgement in results.judgements if judgement.stale is not None)


def lede(results: Results, say: Wording) -> str:
    """What came out, in one sentence of counts."""
    if not results.judgements:
        return say("lede.nothing-judged" if results.targets else "lede.no-target")
    if all(target.unreachable is not None for target in results.targets):
        return say("lede.unreachable")
    if all(target.closed is not None for target in results.targets):
        return say("lede.untested")
    parts = _over_targets(results, say) if len(results.targets) > 1 else _at_one(results.judgements, say)
    if not parts:
        return say("lede.nothing-violated")
    text = say("list.separator").join(parts)
    return say("sentence", text=f"{text[0].upper()}{text[1:]}")


def _at_one(judgements: Sequence[JudgementResult], say: Wording) -> list[str]:
    parts = []
    for verdict in (Verdict.FAIL, Verdict.WARN):
        for level in Level:
            found = sum(row.verdict is verdict and row.level is level for row in judgements)
            if found:
                parts.append(say(f"lede.{verdict}", n=found, level=level))
    for verdict in (Verdict.ERROR, Verdict.INCONCLUSIVE):
        if found := sum(row.verdict is verdict for row in judgements):
            parts.append(say(f"lede.{verdict}" if parts else f"lede.{verdict}.alone", n=found))
    return parts


def _over_targets(results: Results, say: Wording) -> list[str]:
    of = len(results.targets)
    untested = {target.at for target in results.targets if target.untested is not None}
    parts = []
    for verdict in (Verdict.FAIL, Verdict.WARN):
        hit = {row.at for row in results.judgements if row.verdict is verdict} - untested
        if hit:
            parts.append(say(f"lede.{verdict}.targets", hit=len(hit), of=of))
    if unreachable := sum(target.unreachable is not None for target in results.targets):
        parts.append(say("lede.unreachable.targets", hit=unreachable))
    if untested:
        parts.append(say("lede.untested.targets", hit=len(untested)))
    return parts

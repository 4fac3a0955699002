"""Which sentences of the documents are true of a target: the promises, by its judgements.

A sentence is *broken* where a requirement that decides it fails or warns, whatever its level: the documents
say it, and it does not hold. A note breaks nothing, and neither does a violated requirement that follows from
the sentence by inference only; both are remarks. A sentence is *kept* where all that decide it pass, not
counting those that do not apply. Otherwise it is *not decidable*, for the reasons that those verdicts have.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from conformance.judging.verdict import Verdict
from conformance.provider.model import Quote, Sentence
from conformance.report.language import Wording
from conformance.wire.message import Message

if TYPE_CHECKING:
    from conformance.report.results.results import JudgementResult

REASONS = 2
"""How many different reasons are written out; the judgements have them all."""

_SILENT = frozenset({Verdict.NOT_APPLICABLE})


class PromiseStatus(StrEnum):
    """What became of a promise. The order of the members is the order of reports: worst first."""

    BROKEN = "broken"
    UNDECIDED = "not decidable"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Promise:
    """A sentence of the documents, and whether it is true of one target.

    `because` is the reason in one line; where the promise is kept, a remark or nothing. `requirements` decide
    it, `inferred` are those that follow from it by inference only. See `conformance.provider.model.Sentence`.
    """

    id: str
    type: str
    quotes: tuple[Quote, ...]
    status: PromiseStatus
    because: str
    note: str
    requirements: tuple[str, ...]
    inferred: tuple[str, ...]


def promises(sentences: Iterable[Sentence], judgements: Iterable[JudgementResult]) -> tuple[Promise, ...]:
    """What became of each sentence, by the judgements of one target, in the order of the sentences."""
    rows = {row.requirement: row for row in judgements}
    found = []
    for one in sentences:
        status, because = _decided(one, rows)
        found.append(
            Promise(one.id, one.type, one.quotes, status, because, one.note, one.decided_by, one.inferred)
        )
    return tuple(found)


def in_counts(found: Sequence[Promise], say: Wording) -> str:
    """How many promises are kept, broken and not decidable, in words."""
    seen = Counter(one.status for one in found)
    order = (PromiseStatus.KEPT, PromiseStatus.BROKEN, PromiseStatus.UNDECIDED)
    parts = (
        say(f"promise.counted.{status.name.lower()}", n=seen[status]) for status in order if seen[status]
    )
    return say("list.separator").join(parts)


def _decided(sentence: Sentence, rows: dict[str, JudgementResult]) -> tuple[PromiseStatus, str]:
    if sentence.undecidable:
        return PromiseStatus.UNDECIDED, sentence.undecidable
    judged = [rows[id] for id in sentence.decided_by if id in rows]
    broken = [row for row in judged if row.verdict.violates]
    if broken:
        return PromiseStatus.BROKEN, _reasons(broken)
    undecided = [row for row in judged if not row.verdict.holds and row.verdict not in _SILENT]
    if missing := len(sentence.decided_by) - len(judged):
        which = f": {missing} of {len(sentence.decided_by)} requirements" if judged else ""
        return PromiseStatus.UNDECIDED, _reasons(undecided, f"not selected in this run{which}")
    if undecided:
        return PromiseStatus.UNDECIDED, _reasons(undecided)
    kept = [row for row in judged if row.verdict.holds]
    if not kept:
        return PromiseStatus.UNDECIDED, _reasons(judged)
    bearing = (*kept, *(rows[id] for id in sentence.inferred if id in rows))
    remarked = [row for row in bearing if row.verdict.decides and row.verdict is not Verdict.PASS]
    return PromiseStatus.KEPT, _reasons(remarked)


def _reasons(rows: Iterable[JudgementResult], *others: str) -> str:
    """The different reasons on one line, that of the worst verdict first."""
    worst_first = sorted(rows, key=lambda row: row.verdict.severity)
    different: dict[Message | str, str] = {}
    for row in worst_first:
        different.setdefault(
            row.reason or row.requirement, row.message or f"{row.requirement}: {row.verdict}"
        )
    reasons = [*different.values(), *others]
    more = len(reasons) - REASONS
    if more > 0:
        reasons[REASONS:] = [f"and {more} more reason{'s' if more > 1 else ''}"]
    return "; ".join(reasons)

"""What was billed against what can be shown: the token counts of a run, where arithmetic says what they are.

No tokenizer is trusted, and none is needed: the counts of related requests have to fit together. Everything
is read from results.json; a row is left out where the run asked nothing that it could rest on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from conformance import CONTRACTS
from conformance.contracts import named
from conformance.contracts.billing import Billed, Rule
from conformance.judging.verdict import Verdict
from conformance.report.language import Wording
from conformance.report.results.results import ExchangeResult, JudgementResult, Results
from conformance.wire.record import TargetId


@dataclass(frozen=True, slots=True)
class BillingCell:
    """A cell: the figures, if there are any, and the worst verdict of the requirements that judge them."""

    figures: str
    verdict: Verdict | None
    requirement: str


@dataclass(frozen=True, slots=True)
class BillingRow:
    """What was asked, what the counts have to be, and one entry for each target."""

    asked: str
    shown: str
    entries: tuple[BillingCell, ...]


def rows(results: Results, say: Wording) -> tuple[BillingRow, ...]:
    """The rows in the order of the section, each with the targets in the order of the run."""
    seen = list(_seen(results))
    table = (
        BillingRow(
            say(f"billing.{rule.key}", **contract.gaps),
            say(f"billing.{rule.key}.shown", **contract.gaps),
            tuple(_entry(rule, one, say) for one in seen),
        )
        for contract in map(named, CONTRACTS)
        for rule in contract.billing
    )
    return tuple(row for row in table if any(entry.figures for entry in row.entries))


def _seen(results: Results) -> Iterator[Billed]:
    """What was seen of each target: read once, for a recording may have a hundred."""
    exchanges: dict[TargetId, list[ExchangeResult]] = {target.at: [] for target in results.targets}
    for one in results.exchanges.values():
        if one.prompt_tokens is not None and one.completion_tokens is not None and one.at in exchanges:
            exchanges[one.at].append(one)
    judged: dict[TargetId, dict[str, JudgementResult]] = {target.at: {} for target in results.targets}
    for row in results.judgements:
        judged[row.at][row.requirement] = row
    for name, mine in exchanges.items():
        billed = {one.probe: (one.prompt_tokens or 0, one.completion_tokens or 0) for one in mine}
        yield Billed(billed, frozenset(one.id for one in mine), judged[name])


def _entry(rule: Rule, seen: Billed, say: Wording) -> BillingCell:
    judged = [seen.judged[name] for name in rule.requirements if name in seen.judged]
    worst = min(judged, key=lambda row: row.verdict.severity, default=None)
    figures = rule.figures(seen, say)
    if worst is None:
        return BillingCell(figures, None, "")
    return BillingCell(figures, worst.verdict, worst.requirement)


def requirements() -> frozenset[str]:
    """The requirements that judge what is billed."""
    rules = (rule for name in CONTRACTS for rule in named(name).billing)
    return frozenset(one for rule in rules for one in rule.requirements)

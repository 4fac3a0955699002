"""Which exchanges a finding shows, and where on the page each of them stands.

The evidence of an exchange stands on the page once: at the first finding that it is held against, or else at
the first that it is compared with. Exchanges that no finding and no note rests on are left to results.json
and the journal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from conformance.report.page.reproduce import curl
from conformance.report.results.findings import Violated
from conformance.report.results.results import JudgementResult, Results
from conformance.report.text import visible
from conformance.wire.record import TargetId

OFFENDING, COMPARED, TOGETHER = 3, 3, 6
"""How many exchanges a judgement shows: of those that each broke the requirement, of those they were compared
with, and of those that were judged together. The others it counts; a check of every answer looked at so many
that showing a few of those that passed says nothing."""

BROKE, OBSERVED, COMPARED_WITH = "role.broke", "role.observed", "role.compared"
"""The role of an exchange in a judgement, as the key of its word."""

EVIDENCE = 350_000
"""Bytes of evidence on a page. The worst findings come first and get theirs."""


@dataclass(frozen=True, slots=True)
class Home:
    """Where on the page an exchange is shown."""

    anchor: str
    at: str
    name: TargetId
    curl: str


def homes(results: Results, sections: Sequence[Sequence[Violated]]) -> Mapping[str, Home]:
    """The place of each exchange that the findings show, as long as there is room."""
    found: dict[str, Home] = {}
    room = EVIDENCE
    for row, key in _claimants(results, sections):
        if key in found:
            continue
        exchange = results.exchanges[key]
        command = curl(exchange)
        room -= _bytes(command) + _bytes(exchange.response.body)
        room -= sum(_bytes(name) + _bytes(value) for name, value in exchange.response.headers)
        anchor = f"exchange-{len(found) + 1}" if room >= 0 else ""
        found[key] = Home(anchor, row.requirement, row.at, command)
    return found


def _claimants(
    results: Results, sections: Sequence[Sequence[Violated]]
) -> Iterator[tuple[JudgementResult, str]]:
    """Who would show which exchange, those with the best claim first."""
    for section in sections:
        for wanted in (BROKE, OBSERVED, COMPARED_WITH):
            for row in (row for finding in section for row in finding.judgements):
                for key, role in exhibits(results, row):
                    if role == wanted:
                        yield row, key


def looked_at(results: Results, row: JudgementResult) -> tuple[list[str], list[str]]:
    """The exchanges that the judgement is about, and those they were compared with."""
    recorded = [key for key in row.exchanges if key in results.exchanges]
    # Where a judgement does not say which exchange it was, it was all of them together.
    offending = [key for key in row.offending if key in results.exchanges] or recorded
    return offending, [key for key in recorded if key not in offending]


def exhibits(results: Results, row: JudgementResult) -> list[tuple[str, str]]:
    """The exchanges that the judgement shows, and the role of each."""
    offending, compared = looked_at(results, row)
    if row.verdict.violates and (compared or len(offending) == 1):
        found = [(key, BROKE) for key in offending[:OFFENDING]]
    else:
        # Judged together, it is none of them alone, and one may well be a control.
        found = [(key, OBSERVED) for key in offending[:TOGETHER]]
    if len(compared) <= COMPARED:
        found += [(key, COMPARED_WITH) for key in compared]
    return found


def _bytes(text: str) -> int:
    return len(visible(text).encode())

"""Several targets side by side: what each was found to do, where they differ, and what fails at one alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from statistics import median

from conformance.judging.verdict import Verdict
from conformance.provider.level import Level
from conformance.report import show
from conformance.report.language import wording
from conformance.report.page import billing
from conformance.report.results import merging
from conformance.report.results.findings import is_known
from conformance.report.results.promises import PromiseStatus
from conformance.report.results.results import CatalogueEntry, JudgementResult, Results, TargetResult
from conformance.wire.record import TargetId


class ComparisonError(ValueError):
    """There is nothing to compare. One line."""


@dataclass(frozen=True, slots=True)
class ComparedTarget:
    """A target, and its figures.

    `failing` and `warning` count requirements, of which `known` are expected to fail. `first_token` is the
    median time of a stream until it had something to show, in seconds. `billing` is the worst verdict on what
    was billed, None where nothing was judged.
    """

    name: str
    target: TargetResult
    catalogue: str
    started: datetime
    failing: int
    known: int
    warning: int
    promises: Mapping[PromiseStatus, int]
    first_token: float | None
    billing: Verdict | None


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """A requirement with a judgement for each judged column; None where it was not selected there."""

    entry: CatalogueEntry
    cells: tuple[JudgementResult | None, ...]

    @property
    def same(self) -> Verdict | None:
        """The verdict that it has everywhere; None where there are different ones."""
        verdicts = {None if cell is None else cell.verdict for cell in self.cells}
        return verdicts.pop() if len(verdicts) == 1 else None

    @property
    def settled(self) -> bool:
        """Whether all have the same verdict, and it is no violation."""
        return self.same is not None and not self.same.violates

    @property
    def level(self) -> Level:
        """How binding it is at most of the targets."""
        levels = [cell.level for cell in self.cells if cell is not None]
        return max(Level, key=levels.count)

    @property
    def violated(self) -> tuple[tuple[int, JudgementResult], ...]:
        """The columns that violate it, worst first."""
        found = [
            (at, cell) for at, cell in enumerate(self.cells) if cell is not None and cell.verdict.violates
        ]
        return tuple(sorted(found, key=lambda one: one[1].verdict.severity))

    @property
    def alone(self) -> int | None:
        """The one column at which it fails, while it holds at another and fails at none."""
        verdicts = [None if cell is None else cell.verdict for cell in self.cells]
        failing = [at for at, verdict in enumerate(verdicts) if verdict is Verdict.FAIL]
        held = any(verdict is not None and verdict.holds for verdict in verdicts)
        return failing[0] if len(failing) == 1 and held else None


@dataclass(frozen=True, slots=True)
class Incomparable:
    """A requirement that is not the same in all catalogues: the versions that lack it, or that differ."""

    id: str
    altered: bool
    versions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything side by side.

    `judged` are the columns that could be reached, and what rows have cells for: the others would differ from
    all the rest in everything. `areas` has the rows by area, `combined` the targets of all runs as one.
    """

    columns: tuple[ComparedTarget, ...]
    judged: tuple[ComparedTarget, ...]
    areas: Mapping[str, tuple[ComparedRow, ...]]
    catalogues: tuple[str, ...]
    incomparable: tuple[Incomparable, ...]
    combined: Results

    @property
    def rows(self) -> tuple[ComparedRow, ...]:
        """All rows, in the order of the catalogue."""
        return tuple(row for rows in self.areas.values() for row in rows)

    @property
    def differing(self) -> int:
        """How many requirements do not have the same verdict everywhere."""
        return sum(row.same is None for row in self.rows)

    def alone(self, column: int) -> tuple[ComparedRow, ...]:
        """What fails at this one of the judged, and at no other."""
        return tuple(row for row in self.rows if row.alone == column)


def compare(runs: merging.Runs, *, across_catalogues: bool = False) -> Comparison:
    """Puts the targets of the runs side by side, in their order.

    Raises MergeError where a target is there twice, or the catalogues differ; with `across_catalogues`, what
    is not the same requirement everywhere is set apart. Raises ComparisonError for fewer than two targets.
    """
    merging.check_targets(runs)
    if not across_catalogues:
        merging.check_catalogues(runs)
    every = list(runs.values())
    whole = merging.combined(every)
    if len(whole.targets) < 2:
        raise ComparisonError("there is one target, and nothing to compare it with; name another run")
    incomparable = _incomparable(every)
    apart = {one.id for one in incomparable}
    judged = {(row.at, row.requirement): row for row in whole.judgements}
    reached = [number for number, target in enumerate(whole.targets) if target.closed is None]
    names = [whole.targets[number].at for number in reached]
    areas: dict[str, list[ComparedRow]] = {}
    for entry in whole.suite.requirements:
        cells = tuple(judged.get((name, entry.id)) for name in names)
        if entry.id not in apart and any(cells):
            areas.setdefault(entry.area, []).append(ComparedRow(entry, cells))
    columns = _columns(every, whole)
    return Comparison(
        columns=columns,
        judged=tuple(columns[at] for at in reached),
        areas={area: tuple(rows) for area, rows in areas.items()},
        catalogues=tuple(dict.fromkeys(run.suite.catalogue for run in every)),
        incomparable=incomparable,
        combined=whole,
    )


def _incomparable(runs: Sequence[Results]) -> tuple[Incomparable, ...]:
    """What is not the same requirement in all runs. What one catalogue lacks in a run was not selected."""
    altered = {id for one, other in combinations(runs, 2) for id in merging.altered_between(one, other)}
    has: dict[str, set[str]] = {}
    for run in runs:
        ids = has.setdefault(run.suite.catalogue, set())
        ids.update(entry.id for entry in run.suite.requirements)
    found = []
    for entry in merging.union(run.suite.requirements for run in runs):
        lacking = tuple(version for version, ids in has.items() if entry.id not in ids)
        if entry.id in altered or lacking:
            found.append(Incomparable(entry.id, not lacking, lacking or tuple(has)))
    return tuple(found)


def _columns(runs: Sequence[Results], whole: Results) -> tuple[ComparedTarget, ...]:
    names = show.names(whole)
    bills = billing.rows(whole, wording())
    columns = []
    for run in runs:
        for target in run.targets:
            name = target.at
            rows = [row for row in run.judgements if row.at == name]
            at = list(names).index(name)
            billed = [row.entries[at].verdict for row in bills if row.entries[at].figures]
            failing = [row for row in rows if row.verdict is Verdict.FAIL]
            statuses = [one.status for one in target.promises]
            columns.append(
                ComparedTarget(
                    name=names[name],
                    target=target,
                    catalogue=run.suite.catalogue,
                    started=run.started,
                    failing=len(failing),
                    known=sum(map(is_known, failing)),
                    warning=sum(row.verdict is Verdict.WARN for row in rows),
                    promises={status: statuses.count(status) for status in PromiseStatus if statuses},
                    first_token=_first_token(run, name),
                    billing=min(filter(None, billed), key=lambda one: one.severity, default=None),
                )
            )
    return tuple(columns)


def _first_token(run: Results, name: TargetId) -> float | None:
    """The median over the streams of the target until the first event with something to show."""
    times = []
    for one in run.exchanges.values():
        if one.at == name and one.status == 200 and one.failure is None:
            telling = [seconds for seconds, _, events in one.response.arrivals if events]
            times += telling[:1]
    return round(median(times), 2) if times else None

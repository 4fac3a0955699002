"""What report.html shows, worked out before it is laid out: sections, anchors, evidence.

The evidence of an exchange stands on the page once: at the first finding that it is held against, or else at
the first that it is compared with. Exchanges that no finding and no note rests on are left to results.json
and the journal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from conformance.report import billing, findings, promise_table, show
from conformance.report.findings import Finding, Group
from conformance.report.promise_table import Table
from conformance.report.reproduce import JUDGE_AGAIN, curl, pytest_line
from conformance.report.results import (
    CatalogueEntry,
    ExchangeResult,
    JudgementResult,
    Results,
    TargetResult,
)
from conformance.report.text import visible
from conformance.verdict import Level, Verdict

Name = tuple[str, str]

OFFENDING, COMPARED, TOGETHER = 3, 3, 6
"""How many exchanges a judgement shows: of those that each broke the requirement, of those they were compared
with, and of those that were judged together. The others it counts; a check of every answer looked at so many
that showing a few of those that passed says nothing."""

BROKE, OBSERVED, COMPARED_WITH = "broke it", "observed", "compared"
"""The role of an exchange in a judgement."""

EVIDENCE = 350_000
"""Bytes of evidence on a page. The worst findings come first and get theirs."""

TOP = 5
"""Findings on the first screen."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """An exchange that a judgement rests on, shown here (with its `curl` line) or at the requirement `at`.

    `anchor` leads to it, and is empty where the page had no room for it.
    """

    exchange: ExchangeResult
    role: str
    anchor: str
    at: str
    curl: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A judgement with all that is shown about it."""

    judgement: JudgementResult
    name: str
    anchor: str
    pytest: str
    evidence: tuple[Evidence, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Item:
    """A requirement and the judgements on it that are shown together, worst first."""

    entry: CatalogueEntry
    anchor: str
    shown: tuple[Shown, ...]

    @property
    def known(self) -> bool:
        """Whether it is a known failure at every target that has it."""
        return all(findings.is_known(one.judgement) for one in self.shown)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the first screen, leading to the finding."""

    verdict: Verdict
    level: Level | None
    text: str
    entry: CatalogueEntry | None
    where: str
    known: bool
    anchor: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Judgements with one verdict for one reason at one target."""

    group: Group
    name: str
    anchor: str
    entries: tuple[CatalogueEntry, ...]
    see: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A verdict in the matrix and where it is explained; no judgement: it was not selected."""

    judgement: JudgementResult | None
    anchor: str


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the matrix: its requirements, and for each target how often which verdict was given."""

    name: str
    rows: tuple[tuple[CatalogueEntry, tuple[Cell, ...]], ...]
    tallies: tuple[Mapping[Verdict, int], ...]

    @property
    def worst(self) -> Verdict:
        """The worst verdict of the area at any target."""
        return next(verdict for verdict in Verdict if any(verdict in tally for tally in self.tallies))


@dataclass(frozen=True, slots=True)
class Page:
    """The whole page."""

    results: Results
    names: Mapping[Name, str]
    lede: str
    columns: tuple[tuple[Level, tuple[Verdict, ...]], ...]
    top: tuple[Line, ...]
    further: int
    failures: tuple[Item, ...]
    unasked: tuple[Batch, ...]
    warnings: tuple[Item, ...]
    notes: tuple[Item, ...]
    promises: tuple[Table, ...]
    stale: tuple[tuple[JudgementResult, str], ...]
    undecided: Mapping[Verdict, tuple[Batch, ...]]
    areas: tuple[Area, ...]
    billing: tuple[billing.Row, ...]
    not_selected: tuple[CatalogueEntry, ...]


def page(results: Results) -> Page:
    """Works the page out."""
    return _Layout(results).page()


@dataclass(frozen=True, slots=True)
class _Home:
    """Where on the page an exchange is shown."""

    anchor: str
    at: str
    name: Name
    curl: str


@dataclass
class _Layout:
    """Gives out anchors and places evidence, in the order of the page."""

    results: Results
    anchors: dict[tuple[str, str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.names = show.names(self.results)
        self.entries = {entry.id: entry for entry in self.results.suite.requirements}
        self.numbers = {name: number for number, name in enumerate(self.names, 1)}
        found = findings.findings(self.results)
        self.failures = [one for one in found if one.worst.verdict is Verdict.FAIL]
        self.warnings = [one for one in found if one.worst.verdict is Verdict.WARN]
        self.notes = _noted(self.results)
        self.homes = self._homes()

    def _homes(self) -> Mapping[str, _Home]:
        """Gives each exchange its place, as long as there is room."""
        homes: dict[str, _Home] = {}
        room = EVIDENCE
        for row, key in self._claimants():
            if key in homes:
                continue
            exchange = self.results.exchanges[key]
            command = curl(exchange)
            room -= _bytes(command) + _bytes(exchange.response.body)
            room -= sum(_bytes(name) + _bytes(value) for name, value in exchange.response.headers)
            anchor = f"exchange-{len(homes) + 1}" if room >= 0 else ""
            homes[key] = _Home(anchor, row.requirement, (row.provider, row.model), command)
        return homes

    def _claimants(self) -> Iterator[tuple[JudgementResult, str]]:
        """Who would show which exchange, those with the best claim first."""
        for section in ((*self.failures, *self.warnings), self.notes):
            for wanted in (BROKE, OBSERVED, COMPARED_WITH):
                for row in (row for finding in section for row in finding.judgements):
                    for key, role in self._chosen(row):
                        if role == wanted:
                            yield row, key

    def _looked_at(self, row: JudgementResult) -> tuple[list[str], list[str]]:
        """The exchanges that the judgement is about, and those they were compared with."""
        recorded = [key for key in row.exchanges if key in self.results.exchanges]
        # Where a judgement does not say which exchange it was, it was all of them together.
        offending = [key for key in row.offending if key in self.results.exchanges] or recorded
        return offending, [key for key in recorded if key not in offending]

    def _chosen(self, row: JudgementResult) -> list[tuple[str, str]]:
        """The exchanges that the judgement shows, and the role of each."""
        offending, compared = self._looked_at(row)
        if row.verdict in findings.VIOLATED and (compared or len(offending) == 1):
            chosen = [(key, BROKE) for key in offending[:OFFENDING]]
        else:
            # Judged together, it is none of them alone, and one may well be a control.
            chosen = [(key, OBSERVED) for key in offending[:TOGETHER]]
        if len(compared) <= COMPARED:
            chosen += [(key, COMPARED_WITH) for key in compared]
        return chosen

    def page(self) -> Page:
        results = self.results
        failures = self._items(self.failures)
        unasked = self._batches(Verdict.ERROR)
        warnings = self._items(self.warnings)
        notes = self._items(self.notes)
        undecided = {
            verdict: self._batches(verdict)
            for verdict in (Verdict.INCONCLUSIVE, Verdict.UNSUPPORTED, Verdict.NOT_APPLICABLE)
        }
        lines = self._lines(failures, unasked, warnings)
        areas = self._areas()
        judged = {row.requirement for row in results.judgements}
        return Page(
            results=results,
            names=self.names,
            lede=findings.lede(results),
            columns=_columns(results.targets),
            top=lines[:TOP],
            further=len(lines[TOP:]),
            failures=failures,
            unasked=unasked,
            warnings=warnings,
            notes=notes,
            promises=self._promises(),
            stale=tuple((row, self.names[row.provider, row.model]) for row in findings.stale(results)),
            undecided=undecided,
            areas=areas,
            billing=billing.rows(results),
            not_selected=tuple(entry for entry in self.entries.values() if entry.id not in judged),
        )

    def _items(self, found: Sequence[Finding]) -> tuple[Item, ...]:
        return tuple(
            Item(one.entry, one.entry.id, tuple(self._shown(one.entry, row) for row in one.judgements))
            for one in found
        )

    def _shown(self, entry: CatalogueEntry, row: JudgementResult) -> Shown:
        name = (row.provider, row.model)
        anchor = f"{row.requirement}--{self.numbers[name]}"
        self.anchors[*name, row.requirement] = anchor
        chosen = self._chosen(row)
        return Shown(
            judgement=row,
            name=self.names[name],
            anchor=anchor,
            pytest=JUDGE_AGAIN
            if self.results.recorded
            else pytest_line(entry, row, name_model=self._has_several_models(row.provider)),
            evidence=tuple(self._evidence(key, role, row) for key, role in chosen),
            more=sum(map(len, self._looked_at(row))) - len(chosen),
        )

    def _has_several_models(self, provider: str) -> bool:
        return sum(target.provider == provider for target in self.results.targets) > 1

    def _evidence(self, key: str, role: str, row: JudgementResult) -> Evidence:
        home = self.homes[key]
        here = (home.at, home.name) == (row.requirement, (row.provider, row.model))
        return Evidence(
            exchange=self.results.exchanges[key],
            role=role,
            anchor=home.anchor,
            at="" if here else home.at,
            curl=home.curl if here else "",
        )

    def _batches(self, verdict: Verdict) -> tuple[Batch, ...]:
        batches = []
        for number, group in enumerate(findings.grouped(self.results, verdict), 1):
            anchor = f"{verdict}-{number}"
            for row in group.judgements:
                self.anchors[row.provider, row.model, row.requirement] = anchor
            batches.append(
                Batch(
                    group=group,
                    name=self.names[group.provider, group.model],
                    anchor=anchor,
                    entries=tuple(self.entries[row.requirement] for row in group.judgements),
                    see=tuple(sorted({row.see for row in group.judgements if row.see in self.entries})),
                )
            )
        return tuple(batches)

    def _lines(
        self, failures: Sequence[Item], unasked: Sequence[Batch], warnings: Sequence[Item]
    ) -> tuple[Line, ...]:
        many = len(self.names) > 1
        lines = [self._line(item) for item in failures]
        for batch in unasked:
            what = show.plural(len(batch.entries), "requirement")
            text = f"{what} could not be asked: {batch.group.message}"
            lines.append(
                Line(Verdict.ERROR, None, text, None, batch.name if many else "", False, batch.anchor)
            )
        return (*lines, *(self._line(item) for item in warnings))

    def _line(self, item: Item) -> Line:
        worst = item.shown[0].judgement
        where = ""
        if len(self.names) > 1:
            where = ", ".join(one.name for one in item.shown)
            if len(item.shown) > 3:
                where = f"{len(item.shown)} of {len(self.names)} targets"
        return Line(worst.verdict, worst.level, worst.message, item.entry, where, item.known, item.anchor)

    def _promises(self) -> tuple[Table, ...]:
        """A table for each target whose documents have sentences. The findings have their anchors by now."""
        tables = []
        for target in self.results.targets:
            name = (target.provider, target.model)
            rows = {
                row.requirement: row for row in self.results.judgements if (row.provider, row.model) == name
            }
            if target.promises:
                anchors = {id: self.anchors.get((*name, id), f"matrix-{id}") for id in rows}
                anchor = f"promises-{self.numbers[name]}"
                tables.append(promise_table.table(target, self.names[name], anchor, rows, anchors))
        return tuple(tables)

    def _areas(self) -> tuple[Area, ...]:
        rows = {(row.provider, row.model, row.requirement): row for row in self.results.judgements}
        judged = {row.requirement for row in self.results.judgements}
        areas: dict[str, list[CatalogueEntry]] = {}
        for entry in self.entries.values():
            if entry.id in judged:
                areas.setdefault(entry.area, []).append(entry)
        return tuple(
            Area(
                name=area,
                rows=tuple(
                    (entry, tuple(self._cell(rows.get((*name, entry.id))) for name in self.names))
                    for entry in entries
                ),
                tallies=tuple(
                    _tally([rows[*name, entry.id] for entry in entries if (*name, entry.id) in rows])
                    for name in self.names
                ),
            )
            for area, entries in areas.items()
        )

    def _cell(self, row: JudgementResult | None) -> Cell:
        anchor = "" if row is None else self.anchors.get((row.provider, row.model, row.requirement), "")
        return Cell(row, anchor)


def _bytes(text: str) -> int:
    return len(visible(text).encode())


def _noted(results: Results) -> list[Finding]:
    """The requirements with a note, in the order of the catalogue. One that is also violated stays there."""
    violated = {one.entry.id for one in findings.findings(results)}
    noted: dict[str, list[JudgementResult]] = {}
    for row in results.judgements:
        if row.verdict is Verdict.NOTE and row.requirement not in violated:
            noted.setdefault(row.requirement, []).append(row)
    return [
        Finding(entry, tuple(noted[entry.id])) for entry in results.suite.requirements if entry.id in noted
    ]


def _columns(targets: Sequence[TargetResult]) -> tuple[tuple[Level, tuple[Verdict, ...]], ...]:
    """For each level the verdicts that were given at any target."""
    return tuple(
        (level, given)
        for level in Level
        if (
            given := tuple(verdict for verdict in Verdict if any(verdict in t.counts[level] for t in targets))
        )
    )


def _tally(rows: Sequence[JudgementResult]) -> Mapping[Verdict, int]:
    seen = Counter(row.verdict for row in rows)
    return {verdict: seen[verdict] for verdict in Verdict if seen[verdict]}

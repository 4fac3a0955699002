"""What report.html shows, worked out before it is laid out: sections, anchors, evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from conformance.judging.verdict import Verdict
from conformance.provider.level import Level
from conformance.report import show
from conformance.report.language import Wording
from conformance.report.page import billing, promise_table, streaming
from conformance.report.page.answers import Answer, answers
from conformance.report.page.clients import Client, Fit, clients, fit
from conformance.report.page.placing import exhibits, homes, looked_at
from conformance.report.page.promise_table import Table
from conformance.report.page.reproduce import judge_again
from conformance.report.page.shown import Area, Batch, Cell, Evidence, Explained, Line, MatrixRow, Shown
from conformance.report.results import findings
from conformance.report.results.findings import Group, Violated
from conformance.report.results.results import CatalogueEntry, JudgementResult, Results, TargetResult
from conformance.wire.record import TargetId

TOP = 3
"""Findings on the first screen."""

CROWD = 4
"""Targets of a recording up to which each has a column of its own, and everything that is found at it."""

SHOWN = 3
"""Targets of such a recording at which a finding is shown with its evidence; the others are named."""

CLOSED = 6
"""Targets of which the first screen says that nothing could be tested there."""

ALIKE = 0.8
"""The share of exchanges in common from which two findings are taken for one defect."""


@dataclass(frozen=True, slots=True)
class Column:
    """A target, with what is said of it on the first screen."""

    target: TargetResult
    name: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """The whole page."""

    results: Results
    names: Mapping[TargetId, str]
    lede: str
    targets: tuple[Column, ...]
    columns: tuple[tuple[Level, tuple[Verdict, ...]], ...]
    top: tuple[Line, ...]
    further: int
    failures: tuple[Explained, ...]
    unasked: tuple[Batch, ...]
    warnings: tuple[Explained, ...]
    notes: tuple[Explained, ...]
    promises: tuple[Table, ...]
    stale: tuple[tuple[JudgementResult, str], ...]
    undecided: Mapping[Verdict, tuple[Batch, ...]]
    areas: tuple[Area, ...]
    given: tuple[Verdict, ...]
    billing: tuple[billing.BillingRow, ...]
    charts: tuple[streaming.Chart, ...]
    waits: streaming.Waits
    clients: tuple[tuple[Client, tuple[Fit, ...]], ...]
    anchors: Mapping[tuple[TargetId, str], str]
    brief: bool
    not_selected: tuple[CatalogueEntry, ...]

    @property
    def closed(self) -> tuple[Column, ...]:
        """The first targets at which nothing could be tested: said whole, and ahead of everything."""
        return tuple(one for one in self.targets if one.target.closed is not None)[:CLOSED]

    def anchor(self, row: JudgementResult) -> str:
        """Where the page explains that judgement."""
        found = self.anchors.get((row.at, row.requirement))
        return found if found is not None else f"matrix-{row.requirement}"


def page(results: Results, say: Wording) -> Page:
    """Works the page out."""
    return _Layout(results, say).page()


@dataclass
class _Layout:
    """Gives out anchors and places evidence, in the order of the page."""

    results: Results
    say: Wording
    anchors: dict[tuple[TargetId, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.names = show.names(self.results)
        self.entries = {entry.id: entry for entry in self.results.suite.requirements}
        self.numbers = {name: number for number, name in enumerate(self.names, 1)}
        found = findings.findings(self.results)
        # Somebody else's recording may have fifty targets, of which each says the same.
        self.brief = self.results.recorded and len(self.results.targets) > CROWD
        self.others: dict[str, tuple[JudgementResult, ...]] = {}
        self.failures = self._shortened(one for one in found if one.worst.verdict is Verdict.FAIL)
        self.warnings = self._shortened(one for one in found if one.worst.verdict is Verdict.WARN)
        self.notes = self._shortened(_noted(self.results))
        self.homes = homes(self.results, ((*self.failures, *self.warnings), self.notes))
        self.rows: dict[TargetId, dict[str, JudgementResult]] = {name: {} for name in self.names}
        for row in self.results.judgements:
            self.rows[row.at][row.requirement] = row

    def _shortened(self, found: Iterable[Violated]) -> list[Violated]:
        """The findings with the targets at which they are shown; the others are remembered."""
        if not self.brief:
            return list(found)
        kept = []
        for one in found:
            self.others[one.entry.id] = one.judgements[SHOWN:]
            kept.append(Violated(one.entry, one.judgements[:SHOWN]))
        return kept

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
        top = self._telling(lines)
        areas = self._areas()
        judged = {row.requirement for row in results.judgements}
        return Page(
            results=results,
            names=self.names,
            lede=findings.lede(results, self.say),
            targets=tuple(
                Column(target, name, answers(target, self.rows[target.at]))
                for target, name in zip(results.targets, self.names.values(), strict=True)
            ),
            columns=_columns(results.targets),
            top=top,
            further=len(lines) - len(top),
            failures=failures,
            unasked=unasked,
            warnings=warnings,
            notes=notes,
            promises=self._promises(),
            stale=tuple((row, self.names[row.at]) for row in findings.stale(results)),
            undecided=undecided,
            areas=areas,
            given=tuple(
                one for one in Verdict if any(one in row.verdicts for area in areas for row in area.rows)
            ),
            billing=billing.rows(results, self.say),
            charts=streaming.charts(results),
            waits=streaming.waits(results),
            clients=tuple((one, tuple(fit(one, rows) for rows in self.rows.values())) for one in clients()),
            anchors=self.anchors,
            brief=self.brief,
            not_selected=tuple(entry for entry in self.entries.values() if entry.id not in judged),
        )

    def _items(self, found: Sequence[Violated]) -> tuple[Explained, ...]:
        return tuple(
            Explained(
                one.entry,
                one.entry.id,
                tuple(self._shown(row) for row in one.judgements),
                tuple(self._elsewhere(row) for row in self.others.get(one.entry.id, ())),
            )
            for one in found
        )

    def _elsewhere(self, row: JudgementResult) -> str:
        """The name of a target at which the finding is not shown; what leads there leads to the finding."""
        self.anchors[row.at, row.requirement] = row.requirement
        return self.names[row.at]

    def _shown(self, row: JudgementResult) -> Shown:
        name = row.at
        anchor = f"{row.requirement}--{self.numbers[name]}"
        self.anchors[name, row.requirement] = anchor
        chosen = exhibits(self.results, row)
        return Shown(
            judgement=row,
            told=show.told(row.findings, self.results.exchanges),
            name=self.names[name],
            anchor=anchor,
            again=judge_again(self.results, row),
            evidence=tuple(self._evidence(key, role, row) for key, role in chosen),
            more=sum(map(len, looked_at(self.results, row))) - len(chosen),
        )

    def _evidence(self, key: str, role: str, row: JudgementResult) -> Evidence:
        home = self.homes[key]
        here = (home.at, home.name) == (row.requirement, row.at)
        return Evidence(
            exchange=self.results.exchanges[key],
            role=role,
            anchor=home.anchor,
            at="" if here else home.at,
            curl=home.curl if here else "",
            mark=next((one for one in row.marks if one.exchange == key), None),
        )

    def _batches(self, verdict: Verdict) -> tuple[Batch, ...]:
        batches = []
        for number, group in enumerate(findings.grouped(self.results, verdict, across=self.brief), 1):
            anchor = f"{verdict}-{number}"
            for row in group.judgements:
                self.anchors[row.at, row.requirement] = anchor
            batches.append(
                Batch(
                    group=group,
                    name=self._named(group),
                    anchor=anchor,
                    entries=tuple(
                        self.entries[id] for id in dict.fromkeys(row.requirement for row in group.judgements)
                    ),
                    see=tuple(sorted({row.see for row in group.judgements if row.see in self.entries})),
                )
            )
        return tuple(batches)

    def _named(self, group: Group) -> str:
        """The target that a group is about, or how many they are."""
        found = {row.at for row in group.judgements}
        return self.names[group.at] if len(found) == 1 else self.say("count.targets", n=len(found))

    def _lines(
        self, failures: Sequence[Explained], unasked: Sequence[Batch], warnings: Sequence[Explained]
    ) -> tuple[Line, ...]:
        lines = [_line(item) for item in failures]
        closed = {target.at for target in self.results.targets if target.closed is not None}
        for batch in unasked:
            if batch.group.at in closed:
                continue  # said ahead of everything
            n = len(batch.entries)
            row = batch.group.judgements[0]
            lines.append(Line(row, None, None, n, (batch.name,), False, batch.anchor))
        return (*lines, *(_line(item) for item in warnings))

    def _telling(self, lines: Sequence[Line]) -> tuple[Line, ...]:
        """The first lines; of those about the same exchanges only one, for they are likely one defect."""
        broke = {
            row.requirement: set(row.offending)
            for one in (*self.failures, *self.warnings)
            for row in [one.worst]
        }
        picked: list[Line] = []
        for line in lines:
            mine = broke.get(line.entry.id, set()) if line.entry else set()
            others = [broke.get(one.entry.id, set()) for one in picked if one.entry]
            if len(picked) < TOP and not any(_alike(mine, other) for other in others):
                picked.append(line)
        left = [line for line in lines if line not in picked]
        return (*picked, *left[: TOP - len(picked)])

    def _promises(self) -> tuple[Table, ...]:
        """A table for each target whose documents have sentences. The findings have their anchors by now."""
        tables = []
        for target in self.results.targets:
            name = target.at
            rows = self.rows[name]
            if target.promises:
                anchors = {id: self.anchors.get((name, id), f"matrix-{id}") for id in rows}
                anchor = f"promises-{self.numbers[name]}"
                tables.append(promise_table.table(target, self.names[name], anchor, rows, anchors, self.say))
        return tuple(tables)

    def _areas(self) -> tuple[Area, ...]:
        judged = {row.requirement for row in self.results.judgements}
        areas: dict[str, list[CatalogueEntry]] = {}
        for entry in self.entries.values():
            if entry.id in judged:
                areas.setdefault(entry.id.partition(".")[0], []).append(entry)
        return tuple(
            Area(
                name=area,
                rows=tuple(self._row(entry) for entry in entries),
                tallies=tuple(
                    _tally([rows[entry.id] for entry in entries if entry.id in rows])
                    for rows in self.rows.values()
                ),
            )
            for area, entries in areas.items()
        )

    def _row(self, entry: CatalogueEntry) -> MatrixRow:
        cells = tuple(self._cell(rows.get(entry.id)) for rows in self.rows.values())
        level = next(cell.judgement.level for cell in cells if cell.judgement is not None)
        return MatrixRow(entry, level, cells)

    def _cell(self, row: JudgementResult | None) -> Cell:
        anchor = "" if row is None else self.anchors.get((row.at, row.requirement), "")
        return Cell(row, anchor)


def _line(item: Explained) -> Line:
    worst = item.shown[0].judgement
    names = (*(one.name for one in item.shown), *item.others)
    return Line(worst, worst.level, item.entry, 0, names, item.known, item.anchor)


def _alike(one: set[str], other: set[str]) -> bool:
    """Whether two findings are about nearly the same exchanges."""
    return bool(one and other) and len(one & other) >= ALIKE * len(one | other)


def _noted(results: Results) -> list[Violated]:
    """The requirements with a note, in the order of the catalogue. One that is also violated stays there."""
    violated = {one.entry.id for one in findings.findings(results)}
    noted: dict[str, list[JudgementResult]] = {}
    for row in results.judgements:
        if row.verdict is Verdict.NOTE and row.requirement not in violated:
            noted.setdefault(row.requirement, []).append(row)
    return [
        Violated(entry, tuple(noted[entry.id])) for entry in results.suite.requirements if entry.id in noted
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

"""The parts of report.html as values: findings with their evidence, lines, batches, and the matrix."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from conformance.judging.verdict import Verdict
from conformance.provider.level import Level
from conformance.report.results import findings
from conformance.report.results.findings import Group
from conformance.report.results.marks import Mark
from conformance.report.results.results import CatalogueEntry, ExchangeResult, JudgementResult


@dataclass(frozen=True, slots=True)
class Evidence:
    """An exchange that a judgement rests on, shown here (with its `curl` line) or at the requirement `at`.

    `anchor` leads to it, and is empty where the page had no room for it. `mark` is the place that the finding
    speaks of. `role` is the key of its word.
    """

    exchange: ExchangeResult
    role: str
    anchor: str
    at: str
    curl: str
    mark: Mark | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A judgement with all that is shown about it; `told` are its findings, where it has several.

    `again` is the command that judges it again.
    """

    judgement: JudgementResult
    told: str
    name: str
    anchor: str
    again: str
    evidence: tuple[Evidence, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Explained:
    """A requirement and the judgements on it that are shown together, worst first.

    `others` are further targets that have the finding, by name alone.
    """

    entry: CatalogueEntry
    anchor: str
    shown: tuple[Shown, ...]
    others: tuple[str, ...] = ()

    @property
    def known(self) -> bool:
        """Whether it is a known failure at every target that has it."""
        return all(findings.is_known(one.judgement) for one in self.shown)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the first screen, leading to the finding: what `row` says.

    `entry` is the requirement, None where `unasked` requirements could not be asked. `names` are the targets
    it is about.
    """

    row: JudgementResult
    level: Level | None
    entry: CatalogueEntry | None
    unasked: int
    names: tuple[str, ...]
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
class MatrixRow:
    """A requirement in the matrix, with a cell for each target. `weight` sorts the worst first."""

    entry: CatalogueEntry
    level: Level
    cells: tuple[Cell, ...]

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """The different verdicts, worst first."""
        given = {cell.judgement.verdict for cell in self.cells if cell.judgement is not None}
        return tuple(verdict for verdict in Verdict if verdict in given)

    @property
    def tally(self) -> Mapping[Verdict, int]:
        """How often which verdict was given, worst first."""
        seen = Counter(cell.judgement.verdict for cell in self.cells if cell.judgement is not None)
        return {verdict: seen[verdict] for verdict in self.verdicts}

    @property
    def weight(self) -> int:
        """The place of the worst verdict, then of the level."""
        verdict = self.verdicts[0].severity if self.verdicts else len(Verdict)
        return verdict * len(Level) + tuple(Level).index(self.level)


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the matrix: its requirements, and for each target how often which verdict was given."""

    name: str
    rows: tuple[MatrixRow, ...]
    tallies: tuple[Mapping[Verdict, int], ...]

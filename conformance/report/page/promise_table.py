"""The table of promises on the page: each sentence as each document has it, and what decided it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote as escaped

from conformance.judging.verdict import Verdict
from conformance.provider.model import Document, Quote
from conformance.report.language import Wording
from conformance.report.results.promises import Promise, PromiseStatus, in_counts
from conformance.report.results.results import JudgementResult, TargetResult

LOOKS: Mapping[PromiseStatus, Verdict] = {
    PromiseStatus.BROKEN: Verdict.FAIL,
    PromiseStatus.UNDECIDED: Verdict.INCONCLUSIVE,
    PromiseStatus.KEPT: Verdict.PASS,
}
"""The verdict whose shape and colour a status has."""


@dataclass(frozen=True, slots=True)
class QuotePlace:
    """A quote, and the address that leads to these words where a browser can find them."""

    quote: Quote
    url: str


@dataclass(frozen=True, slots=True)
class Decider:
    """A requirement that a promise hangs on, its verdict (None: not selected), and where the page has it."""

    id: str
    verdict: Verdict | None
    anchor: str


@dataclass(frozen=True, slots=True)
class PromiseRow:
    """A promise with one cell for each column of documents; a cell is empty where that document lacks it."""

    promise: Promise
    cells: tuple[tuple[QuotePlace, ...], ...]
    deciders: tuple[Decider, ...]
    inferred: tuple[Decider, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The promises made to one target, by what became of them.

    Where some sentence stands in several documents, each has a column of its own; otherwise one column
    has them all. `unasked` are the promises on which this run has no verdict at all.
    """

    name: str
    anchor: str
    counts: str
    columns: tuple[tuple[Document, ...], ...]
    groups: tuple[tuple[PromiseStatus, tuple[PromiseRow, ...]], ...]
    unasked: tuple[PromiseRow, ...]

    @property
    def size(self) -> int:
        """How many promises there are."""
        return len(self.unasked) + sum(len(rows) for _, rows in self.groups)


def table(
    target: TargetResult,
    name: str,
    anchor: str,
    rows: Mapping[str, JudgementResult],
    anchors: Mapping[str, str],
    say: Wording,
) -> Table:
    """The table of one target, from its judgements and the anchors that explain them, by requirement."""
    columns = _columns(target.promises, target.claims.documents)

    laid_out = [
        PromiseRow(
            one,
            tuple(_places(one.quotes, documents) for documents in columns),
            _deciders(one.requirements, rows, anchors),
            _deciders(one.inferred, rows, anchors),
        )
        for one in target.promises
    ]
    asked = [row for row in laid_out if not _is_unasked(row)]
    return Table(
        name=name,
        anchor=anchor,
        counts=in_counts(target.promises, say),
        columns=columns,
        groups=tuple(
            (status, found)
            for status in PromiseStatus
            if (found := tuple(row for row in asked if row.promise.status is status))
        ),
        unasked=tuple(row for row in laid_out if _is_unasked(row)),
    )


def _columns(
    promises: Sequence[Promise], documents: tuple[Document, ...]
) -> tuple[tuple[Document, ...], ...]:
    side_by_side = any(len({quote.document for quote in one.quotes}) > 1 for one in promises)
    return tuple((document,) for document in documents) if side_by_side else (documents,)


def _places(quotes: Sequence[Quote], documents: Sequence[Document]) -> tuple[QuotePlace, ...]:
    urls = {document.key: document.url for document in documents}
    return tuple(
        QuotePlace(quote, f"{urls[quote.document]}#:~:text={_fragment(quote.text)}")
        for quote in quotes
        if quote.document in urls
    )


def _fragment(text: str) -> str:
    """The first line of a quote as a text fragment, in which `-` has a meaning of its own."""
    return escaped(text.partition("\n")[0], safe="", errors="replace").replace("-", "%2D")


def _deciders(
    ids: Sequence[str], rows: Mapping[str, JudgementResult], anchors: Mapping[str, str]
) -> tuple[Decider, ...]:
    """The worst verdicts first, what has none last."""
    found = sorted((id for id in ids if id in rows), key=lambda id: rows[id].verdict.severity)
    missing = [Decider(id, None, "") for id in ids if id not in rows]
    return (*(Decider(id, rows[id].verdict, anchors[id]) for id in found), *missing)


def _is_unasked(row: PromiseRow) -> bool:
    """Whether nothing that decides it has been asked."""
    return bool(row.deciders) and all(one.verdict in (None, Verdict.ERROR) for one in row.deciders)

"""compare.html: several targets side by side, in one file that needs nothing else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, partial
from typing import TYPE_CHECKING

from conformance.judging.verdict import Verdict
from conformance.report import show
from conformance.report.across.comparison import ComparedRow, Comparison
from conformance.report.language import ENGLISH, wording
from conformance.report.page import billing
from conformance.report.page.html import environment
from conformance.report.results.findings import is_known
from conformance.report.results.results import JudgementResult
from conformance.report.text import clip
from conformance.wire.message import Message

if TYPE_CHECKING:
    from jinja2 import Template

WIDE = 6
"""From so many columns on, a verdict is shown by its symbol alone, and its word is there to be read out."""

_MESSAGE = 220


@dataclass(frozen=True, slots=True)
class Alike:
    """A finding in a line, and the targets that it was said of in the same words."""

    verdict: Verdict
    known: bool
    message: str
    names: tuple[str, ...]


def render(found: Comparison, language: str = ENGLISH) -> str:
    """The page in one of `language.LANGUAGES`. The same runs give the same page, byte for byte."""
    first, last = (show.when(moment) for moment in _ends(found))
    return (
        _template(language)
        .render(
            found=found,
            columns=found.columns,
            judged=found.judged,
            span=first if first == last else f"{first} – {last}",
            clean=sum(one.failing == one.known for one in found.judged),
            alone=[(one.name, rows) for at, one in enumerate(found.judged) if (rows := found.alone(at))],
            alike=partial(_alike, found),
            bills=_bills(found, language),
            unreached=[one.name for one in found.columns if one.target.closed is not None],
            wide=len(found.judged) >= WIDE,
        )
        .lstrip()
    )


def _ends(found: Comparison) -> tuple[datetime, datetime]:
    times = [one.started for one in found.columns]
    return min(times), max(times)


def _alike(found: Comparison, row: ComparedRow) -> list[Alike]:
    """What was found, worst first; what is said of several targets alike, once."""
    alike: dict[tuple[Verdict, bool, Message], list[tuple[int, JudgementResult]]] = {}
    for at, judgement in row.violated:
        key = (judgement.verdict, is_known(judgement), judgement.reason)
        alike.setdefault(key, []).append((at, judgement))
    return [
        Alike(
            verdict,
            known,
            clip(judged[0][1].message, _MESSAGE),
            tuple(found.judged[at].name for at, _ in judged),
        )
        for (verdict, known, _), judged in alike.items()
    ]


def _bills(found: Comparison, language: str) -> list[billing.BillingRow]:
    """What was billed, in the columns that were judged."""
    at = [found.columns.index(one) for one in found.judged]
    rows = billing.rows(found.combined, wording(language))
    return [replace(row, entries=tuple(row.entries[one] for one in at)) for row in rows]


@cache
def _template(language: str) -> Template:
    made = environment(language, "report.css", "compare.css")
    # Plain text, which is made visible where it is written; markup would pass as it is.
    made.filters["listed"] = wording(language)("list.separator").join
    return made.get_template("compare.html.j2")

"""history.html: many runs over time, in one file that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from conformance import __version__
from conformance.judging.verdict import Verdict
from conformance.report.across.history import History, Life, Strip
from conformance.report.language import ENGLISH
from conformance.report.page.drawing import HEIGHT, TALL, steps, strip
from conformance.report.page.html import environment
from conformance.report.show import name

if TYPE_CHECKING:
    from jinja2 import Template

DRAWN = 500_000
"""Bytes of drawings on a page. Those of the worst come first and get theirs."""


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """What a template shows of a requirement: `statement` and `id` as `environment` reads them.

    `paths` is None where the page had no more room for the drawing.
    """

    id: str
    statement: str
    strip: Strip
    paths: list[tuple[Verdict, str]] | None


@dataclass(frozen=True, slots=True)
class Section:
    """A target: its line of counts, the requirements that are shown, and the others by verdict."""

    life: Life
    name: str
    anchor: str
    lines: Mapping[Verdict, str]
    top: int
    entries: tuple[HistoryRow, ...]
    settled: Mapping[Verdict, tuple[str, ...]]


def render(found: History, language: str = ENGLISH, report: str = "") -> str:
    """The page in one of `language.LANGUAGES`. The same runs give the same page, byte for byte.

    `report` is the address of the report of the latest run, if there is one to link to.
    """
    sections = tuple(_sections(found))
    return (
        _template(language)
        .render(
            found=found,
            report=report,
            sections=sections,
            runs=found.runs,
            width=len(found.runs),
            version=__version__,
            undrawn=sum(entry.paths is None for section in sections for entry in section.entries),
        )
        .lstrip()
    )


def _sections(found: History) -> Iterator[Section]:
    names = _names(found.lives)
    room = DRAWN
    for number, life in enumerate(found.lives, 1):
        entries = []
        shown = [one for one in life.strips if not one.settled]
        for one in sorted(shown, key=lambda one: one.now.severity):
            paths = strip(one.verdicts)
            room -= sum(len(path) + 40 for _, path in paths)
            entries.append(HistoryRow(one.id, one.obligation.statement, one, paths if room >= 0 else None))
        drawn = {verdict: _counts(life, verdict) for verdict in (Verdict.WARN, Verdict.FAIL)}
        top = max((value or 0 for values in drawn.values() for value in values), default=0)
        yield Section(
            life=life,
            name=names[number - 1],
            anchor=f"target-{number}",
            lines={verdict: steps(values, top) for verdict, values in drawn.items()},
            top=top,
            entries=tuple(entries),
            settled=_settled(life),
        )


def _names(lives: Sequence[Life]) -> list[str]:
    """As `show.names` has them."""
    every = [life.at for life in lives]
    return [name(at, every) for at in every]


def _counts(life: Life, verdict: Verdict) -> list[int | None]:
    """How often the verdict was given in each run; None where the run could decide nothing."""
    return [
        tally.get(verdict, 0) if tally is not None and not all(one.undecided for one in tally) else None
        for tally in life.counts
    ]


def _settled(life: Life) -> Mapping[Verdict, tuple[str, ...]]:
    found: dict[Verdict, list[str]] = {}
    for one in life.strips:
        if one.settled:
            found.setdefault(one.settled, []).append(one.id)
    return {verdict: tuple(found[verdict]) for verdict in Verdict if verdict in found}


@cache
def _template(language: str) -> Template:
    made = environment(language, "report.css", "history.css")
    made.globals |= {"height": HEIGHT, "tall": TALL}
    return made.get_template("history.html.j2")

"""What to do in an issue tracker about what changed: one issue for each regression, closed when it is gone.

An issue is told by a mark on its first line, made of the target and the requirement, never by its title,
which people edit.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from conformance import DEFAULT
from conformance.report.across.difference import Changed, Difference
from conformance.report.results.outline import Outline, Row
from conformance.report.show import when
from conformance.report.text import code, line, plain
from conformance.wire.record import TargetId

LABEL = "openai-conformance"
"""The label of every issue: only who may label issues of a repository can make one that is taken for ours."""

MOST = 20
"""Issues that are opened at once. Beyond that it is one event, and the report of the run says more of it."""

_MARK = re.compile(r"<!-- openai-conformance ([0-9a-f]{16}) -->")


class Action(StrEnum):
    """What is done about an issue."""

    OPEN = "open"
    COMMENT = "comment"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Issue:
    """An open issue with the label."""

    number: int
    body: str

    @property
    def mark(self) -> str | None:
        """What it is about; None where its first line does not say."""
        found = _MARK.fullmatch(self.body.partition("\n")[0].strip())
        return found[1] if found else None


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do. `number` is None for an issue that is to be opened, `title` empty for others."""

    action: Action
    number: int | None
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Steps:
    """What to do, in order, and how many regressions get no issue because there are too many at once."""

    steps: tuple[Step, ...]
    more: int


def plan(found: Difference, issues: Sequence[Issue], link: str = "", *, strict: bool = False) -> Steps:
    """The steps for what changed, given the issues that are open. `link` leads to the run, if anywhere.

    An issue stays open while its requirement fails, cannot be decided, or is not judged.
    """
    marked: dict[str, Issue] = {}
    for issue in sorted(issues, key=lambda issue: issue.number, reverse=True):
        if issue.mark is not None:
            marked[issue.mark] = issue
    opened: list[Step] = []
    commented: list[Step] = []
    for one in found.regressions(strict=strict):
        mark = mark_of(one.at, one.requirement)
        if mark in marked:
            commented.append(Step(Action.COMMENT, marked[mark].number, "", _again(one, found, link)))
        else:
            opened.append(Step(Action.OPEN, None, _title(one), _body(mark, one, found, link)))
    closed = tuple(_closed(found.new, marked, link, strict=strict))
    return Steps((*closed, *commented, *opened[:MOST]), len(opened[MOST:]))


def mark_of(name: TargetId, requirement: str) -> str:
    """What tells the issue of a requirement at a target."""
    # As it was while there was one contract: issues of that time are still open.
    parts = name if name.contract != DEFAULT else (name.provider, name.model)
    return hashlib.sha256("\0".join((*parts, requirement)).encode("utf-8", "replace")).hexdigest()[:16]


def _closed(run: Outline, marked: Mapping[str, Issue], link: str, *, strict: bool) -> Iterator[Step]:
    for name, rows in run.targets.items():
        for id, row in rows.items():
            issue = marked.get(mark_of(name, id))
            why = None if issue is None else _over(row, strict=strict)
            if issue is not None and why is not None:
                body = f"{why}, says the run of {when(run.started)}.{_see(link)}"
                yield Step(Action.CLOSE, issue.number, "", body)


def _over(row: Row, *, strict: bool) -> str | None:
    """Why the issue is over; None where it is not, or nobody knows."""
    if row.known:
        return "It is a known failure now: providers.yaml expects it"
    if not row.decided or row.verdict.counts(strict=strict):
        return None
    return f"It no longer fails: the verdict is **{row.verdict}**"


def _title(one: Changed) -> str:
    return line(f"{one.at}: {one.requirement} no longer holds", 200)


def _body(mark: str, one: Changed, found: Difference, link: str) -> str:
    obligation = found.new.requirements[one.requirement]
    return "\n".join(
        (
            f"<!-- openai-conformance {mark} -->",
            f"{plain(str(one.at))} no longer satisfies a {one.level} requirement:",
            "",
            f"> {plain(obligation.statement)} ({code(one.requirement)})",
            "",
            f"{_what(one, found)}{_see(link)}",
            "",
            "This issue is closed when the requirement holds again. To accept the failure for a while, put "
            "it under `expected` in providers.yaml; `conformance baseline` writes the entry.",
        )
    )


def _again(one: Changed, found: Difference, link: str) -> str:
    return f"It got worse again. {_what(one, found)}{_see(link)}"


def _what(one: Changed, found: Difference) -> str:
    assert one.before is not None
    assert one.after is not None
    message = f": {plain(one.after.message)}" if one.after.message else "."
    return (
        f"It was **{one.before.verdict}**, and is **{one.after.verdict}** since the run of "
        f"{when(found.new.started)}{message}"
    )


def _see(link: str) -> str:
    return f"\n\n[The run and its report]({link})" if link else ""

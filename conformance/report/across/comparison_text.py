"""Several targets side by side, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformance.judging.verdict import Verdict
from conformance.report import show
from conformance.report.across.comparison import ComparedTarget, Comparison
from conformance.report.results.promises import PromiseStatus
from conformance.report.text import MESSAGE, line

_NAME, _MESSAGE = 40, 200

_HEAD = ("target", "fail", "warn", "promises kept", "billing", "requests", "tokens", "cost", "first token")


def as_text(found: Comparison) -> str:
    """The figures as a table, then what fails at one target alone. Nothing in it is obeyed by a terminal."""
    rows = [_HEAD, *map(_figures, found.columns)]
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    lines = ["  ".join(_aligned(row, widths)).rstrip() for row in rows]
    return "\n".join([*lines, *_untested(found), *_alone(found), *_apart(found)]) + "\n"


def _aligned(row: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    for at, (cell, width) in enumerate(zip(row, widths, strict=True)):
        yield cell.rjust(width) if at else cell.ljust(width)


def _figures(one: ComparedTarget) -> tuple[str, ...]:
    target = one.target
    total = sum(one.promises.values())
    figures = [
        f"{one.failing} ({one.known} known)" if one.known else str(one.failing),
        str(one.warning),
        f"{one.promises[PromiseStatus.KEPT]} of {total}" if total else "–",
        "–" if one.billing is None else one.billing.value,
        f"{target.requests:,}",
        f"{target.prompt_tokens:,} + {target.completion_tokens:,}",
        "–" if target.cost is None else show.money(target.cost),
        show.seconds(one.first_token),
    ]
    if target.closed is not None:
        figures[:] = [*["–"] * (len(figures) - 1), "not reached" if target.unreachable else "not tested"]
    return line(one.name, _NAME), *figures


def _untested(found: Comparison) -> Iterator[str]:
    for one in found.columns:
        if one.target.untested is not None:
            yield f"{line(one.name, _NAME)}: not tested: {line(one.target.untested, MESSAGE)}"


def _alone(found: Comparison) -> Iterator[str]:
    yield f"the verdicts differ on {found.differing} of {len(found.rows)} requirements"
    for at, one in enumerate(found.judged):
        rows = found.alone(at)
        if rows:
            yield f"fails only at {line(one.name, _NAME)} ({len(rows)}):"
        for row in rows:
            cell = row.cells[at]
            message = "" if cell is None else line(cell.message, _MESSAGE)
            yield f"  {row.level:<6}  {row.entry.id}: {message}"
    everywhere = [row for row in found.rows if row.same is Verdict.FAIL]
    if everywhere:
        yield f"fails everywhere ({len(everywhere)}): {', '.join(row.entry.id for row in everywhere)}"


def _apart(found: Comparison) -> Iterator[str]:
    if found.incomparable:
        ids = ", ".join(one.id for one in found.incomparable)
        versions = ", ".join(line(one, _NAME) for one in found.catalogues)
        yield f"not comparable between {versions} ({len(found.incomparable)}): {ids}"

"""A badge of a run: JSON for the endpoint badge of shields.io (https://shields.io/badges/endpoint-badge)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from conformance.judging.verdict import Verdict
from conformance.report.results.outline import Outline, Row
from conformance.report.show import plural

Badge = dict[str, int | str]

GOOD, FAIR, KNOWN, BAD, UNKNOWN = "brightgreen", "yellowgreen", "orange", "red", "lightgrey"


def badge(run: Outline, provider: str | None = None) -> Badge:
    """The badge of the whole run, or of the targets of one provider. Raises LookupError where it has none."""
    names = [name for name in run.targets if provider in (None, name.provider)]
    if provider is not None and not names:
        raise LookupError(provider)
    tested = [list(run.targets[name].values()) for name in names if name not in run.closed]
    if names and not tested:
        words = "not tested" if any(name in run.untested for name in names) else "not reached"
        message, color = words, UNKNOWN
    else:
        message, color = _words(tested, len(names))
    label = "OpenAI compatibility" if provider is None else f"{provider}: OpenAI compatibility"
    return {"schemaVersion": 1, "label": label, "message": message, "color": color}


def _words(targets: Sequence[Sequence[Row]], of: int) -> tuple[str, str]:
    """What the badge says, worst first. A badge is read without its run, so it says of how many it speaks.

    `targets` are those that could be tested, of so many.
    """
    decided = sum(_is_said(row) for rows in targets for row in rows)
    failing = [rows for rows in targets if any(row.red for row in rows)]
    if failing and of > 1:
        return f"fails at {len(failing)} of {of} targets", BAD
    rows = [row for each in targets for row in each]
    if failing:
        return f"{sum(row.red for row in rows)} of {decided} fail", BAD
    if len(targets) < of or _count(rows, Verdict.ERROR):
        return ("incomplete" if decided else "not reached"), UNKNOWN
    if not decided:
        return "undecided", UNKNOWN
    if known := _count(rows, Verdict.FAIL):
        return plural(known, "known failure"), KNOWN
    if warned := _count(rows, Verdict.WARN):
        return f"{decided - warned} hold, {plural(warned, 'warning')}", FAIR
    return f"{decided} hold", GOOD


def _is_said(row: Row) -> bool:
    return row.verdict.decides


def _count(rows: Iterable[Row], verdict: Verdict) -> int:
    return sum(row.verdict is verdict for row in rows)

"""Strips and lines as paths of SVG, as short as they can be written: a page has thousands of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from conformance.judging.verdict import Verdict

HEIGHT = 8
"""Units of a strip from bottom to top. One unit to the right is one run."""

TALL: Mapping[Verdict, int] = {
    Verdict.FAIL: 8,
    Verdict.WARN: 6,
    Verdict.ERROR: 4,
    Verdict.INCONCLUSIVE: 3,
    Verdict.UNSUPPORTED: 2,
    Verdict.NOTE: 2,
    Verdict.PASS: 2,
    Verdict.NOT_APPLICABLE: 1,
}
"""How high a verdict stands, so that trouble is told by its height and not by its colour alone."""


def strip(verdicts: Sequence[Verdict | None]) -> list[tuple[Verdict, str]]:
    """For each verdict a path of horizontal strokes, as thick as it is tall; None leaves a gap."""
    paths: dict[Verdict, list[str]] = {}
    at = 0
    for verdict, group in groupby(verdicts):
        length = sum(1 for _ in group)
        if verdict is not None:
            middle = HEIGHT - TALL[verdict] / 2
            paths.setdefault(verdict, []).append(f"M{at} {middle:g}h{length}")
        at += length
    return [(verdict, "".join(paths[verdict])) for verdict in Verdict if verdict in paths]


def steps(values: Sequence[int | None], top: int, height: int = HEIGHT) -> str:
    """A line of steps, one for each run, where `top` reaches the upper edge; None interrupts it."""
    path, drawn = "", False
    last = 0.0
    for at, value in enumerate(values):
        if value is None:
            drawn = False
            continue
        level = round(height - height * value / max(top, 1), 2)
        if not drawn:
            path += f"M{at} {level:g}"
        elif level != last:
            path += f"V{level:g}"
        path += f"H{at + 1}"
        drawn, last = True, level
    return path

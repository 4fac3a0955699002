"""The failures of a run as known failures: what to write under `expected` in providers.yaml."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from conformance.provider.model import Expected
from conformance.report.results.outline import Outline, Row
from conformance.report.text import MESSAGE, line

LASTS = timedelta(days=90)
"""How long a failure is expected before somebody has to look at it again."""

_BECAUSE = 200


@dataclass(frozen=True, slots=True)
class Baseline:
    """New entries by provider, and a line for each failure that gets none, with the reason."""

    entries: Mapping[str, tuple[Expected, ...]]
    notices: tuple[str, ...] = field(default=())


def baseline(run: Outline, known: Collection[str], *, strict: bool = False) -> Baseline:
    """What would have to be expected for the run not to be red; `strict` counts warnings too.

    `known` are the requirements of the catalogue: an entry for another one is refused in providers.yaml.
    """
    entries: dict[str, tuple[Expected, ...]] = {}
    notices: list[str] = []
    notices += [f"not tested: {line(str(at), 200)}: {line(why, MESSAGE)}" for at, why in run.closed.items()]
    for provider in dict.fromkeys(at.provider for at in run.targets):
        found = dict(_violated(run, provider, strict=strict))
        kept = []
        for id, (model, row) in found.items():
            why = _obstacle(run, provider, id, row, known)
            if why:
                notices.append(f"left out: {line(f'{id} at {provider} ({model})', 200)}: {why}")
            elif why is None:
                until = (run.started + LASTS).date()
                kept.append(Expected(id, line(row.message, _BECAUSE) or f"it is {row.verdict}", "", until))
        if kept:
            entries[provider] = tuple(kept)
    return Baseline(entries, tuple(notices))


def _violated(run: Outline, provider: str, *, strict: bool) -> Iterator[tuple[str, tuple[str, Row]]]:
    """Each violated requirement once, with the first model that violates it."""
    for id in run.requirements:
        for name in run.targets:
            row = run.row(name, id)
            if name.provider == provider and row is not None and row.verdict.counts(strict=strict):
                yield id, (name.model, row)
                break


def _obstacle(run: Outline, provider: str, id: str, row: Row, known: Collection[str]) -> str | None:
    """Why there is no entry for it; empty where it has a valid one already."""
    if row.known:
        return ""
    if row.expected:
        return "its entry has expired; set a later date there, or have it mended"
    if id not in known:
        return "this version has no such requirement"
    passing = [
        name.model
        for name in run.targets
        if name.provider == provider and (other := run.row(name, id)) is not None and other.verdict.holds
    ]
    if passing:
        return f"{line(passing[0], 100)} passes, and an entry counts for every model of a provider"
    return None

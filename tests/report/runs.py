"""Small runs that differ in what a test is about."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from conformance.judging.verdict import Verdict
from conformance.provider.level import Level
from conformance.provider.model import Target
from conformance.report.results.build import build
from conformance.report.results.outline import Outline, read
from conformance.report.results.results import CatalogueEntry, Results
from conformance.report.results.stored import write
from tests.report.making import STARTED, answer, entry, exchange, judged, target, user

MUST, SHOULD, MAY = Level
SUM, STOP, TAIL, SEED = (
    "usage.total-is-sum",
    "stop.not-in-output",
    "stop.tail-not-billed",
    "sampling.seed-repeats",
)
ENTRIES = (
    entry(SUM, MUST, "total_tokens is the sum of prompt_tokens and completion_tokens."),
    entry(STOP, MUST, "The returned text does not contain the stop sequence.", "stop"),
    entry(TAIL, SHOULD, "Text that was cut off is not billed.", "stop"),
    entry(SEED, MAY, "The same seed gives the same answer.", "seed"),
)
ACME, BOLT = target(), target("bolt", "bolt-mini")
NONE: Mapping[str, Verdict] = MappingProxyType({})


def run(
    verdicts: Mapping[str, Verdict] = NONE,
    *others: tuple[Target, Mapping[str, Verdict]],
    at: Target = ACME,
    day: int = 0,
    entries: tuple[CatalogueEntry, ...] = ENTRIES,
    catalogue: str = "2026.1",
) -> Results:
    """A run so many days after the first; what `verdicts` leaves out passes. `others` are further targets."""
    targets = ((at, verdicts), *others)
    started = STARTED + timedelta(days=day)
    judgements = []
    exchanges = []
    for number, (one, found) in enumerate(targets):
        id = f"x{number + 1:03}"
        exchanges.append(exchange(id, "COUNT", user("Count."), answer("1 2 3", 10, 5), at=one))
        for each in entries:
            verdict = found.get(each.id, Verdict.PASS)
            message = "" if verdict is Verdict.PASS else f"it is {verdict}"
            judgements.append((one, judged(each.id, each.level, verdict, message, (), (id,))))
    return build(
        version="0.1.0",
        catalogue=catalogue,
        entries=entries,
        targets=[one for one, _ in targets],
        judgements=judgements,
        exchanges=exchanges,
        started=started,
        finished=started + timedelta(seconds=94),
    )


def saved(results: Results, folder: Path) -> Path:
    """Writes the run into the folder, which is made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    write(results, folder / "results.json")
    return folder


def outline(results: Results, folder: Path) -> Outline:
    """The outline of the run, as it is read from its file."""
    return read(saved(results, folder) / "results.json")


def edited(folder: Path, *place: Any, new: Any) -> Path:
    """Sets a value in the results.json of the folder, however wrong it is."""
    file = folder / "results.json"
    value = json.loads(file.read_bytes())
    *parents, last = place
    inner = value
    for parent in parents:
        inner = inner[parent]
    inner[last] = new
    file.write_text(json.dumps(value))
    return folder

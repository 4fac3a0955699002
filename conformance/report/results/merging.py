"""Several runs as one: the results of separate jobs, folded together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations

from conformance.judging.verdict import Finding
from conformance.report.results.results import CatalogueEntry, ExchangeResult, JudgementResult, Results, Suite
from conformance.report.text import line
from conformance.wire.record import TargetId

Runs = Mapping[str, Results]
"""Runs by the name that messages give them, such as their path."""

_REASONS = 4000
"""Characters of the reasons why a merged run is incomplete."""


class MergeError(ValueError):
    """The runs cannot be one. One line: which of them, why, and the fix."""


class CataloguesError(MergeError):
    """They were not judged by the same requirements."""


def merge(runs: Runs) -> Results:
    """One run with the targets of all, as if they had been asked together.

    Exchanges are called by the place of their run and what they were called there, `2.x001`. Raises
    MergeError where two runs have a target in common or were judged by different catalogues.
    """
    check_targets(runs)
    check_catalogues(runs)
    return combined(list(runs.values()))


def combined(every: Sequence[Results]) -> Results:
    """Like `merge`, of runs that have been checked, or that somebody knows to be different."""
    if len(every) == 1:
        return every[0]
    prefixed = [_prefixed(run, number) for number, run in enumerate(every, 1)]
    return Results(
        suite=Suite(
            ", ".join(sorted({run.suite.version for run in every})),
            ", ".join(dict.fromkeys(run.suite.catalogue for run in every)),
            union(run.suite.requirements for run in every),
        ),
        started=min(run.started for run in every),
        finished=max(run.finished for run in every),
        incomplete_because=line("; ".join(_reasons(every)), _REASONS) or None,
        targets=tuple(target for run in every for target in run.targets),
        judgements=tuple(row for run in prefixed for row in run.judgements),
        exchanges={id: one for run in prefixed for id, one in run.exchanges.items()},
    )


def verdicts_only(run: Results) -> Results:
    """The run without its evidence: enough for `diff` and `history`, and a twentieth of the size."""
    return replace(
        run,
        suite=replace(
            run.suite, requirements=tuple(replace(one, sources=()) for one in run.suite.requirements)
        ),
        targets=tuple(replace(one, promises=()) for one in run.targets),
        judgements=tuple(
            replace(row, findings=(), level_because="", sources=(), exchanges=(), offending=(), marks=())
            for row in run.judgements
        ),
        exchanges={},
    )


def check_targets(runs: Runs) -> None:
    """Raises MergeError where two of the runs have a target in common."""
    seen: dict[TargetId, str] = {}
    for name, run in runs.items():
        for target in run.targets:
            first = seen.setdefault(target.at, name)
            if first != name:
                which = line(f"{target.provider} ({target.model})", 200)
                raise MergeError(
                    f"{which} is in both {first} and {name}; leave one out, or see what changed with "
                    f"`conformance diff {first} {name}`"
                )


def check_catalogues(runs: Runs) -> None:
    """Raises CataloguesError where two of the runs were not judged by the same requirements."""
    for (one, first), (other, second) in combinations(runs.items(), 2):
        versions = line(first.suite.catalogue, 40), line(second.suite.catalogue, 40)
        if first.suite.catalogue != second.suite.catalogue:
            raise CataloguesError(
                f"{one} was judged by catalogue {versions[0]} and {other} by {versions[1]}, which cannot be "
                "compared; judge one again with `pytest --replay=journal.jsonl`"
            )
        altered = altered_between(first, second)
        if altered:
            raise CataloguesError(
                f"{one} and {other} both say catalogue {versions[0]}, but {altered[0]} is not the same "
                "requirement in both; judge one again with `pytest --replay=journal.jsonl`"
            )


def altered_between(one: Results, other: Results) -> list[str]:
    """The requirements that both runs have, but that do not demand the same in both."""
    first = {entry.id: entry for entry in one.suite.requirements}
    return [
        entry.id
        for entry in other.suite.requirements
        if _demand(first.get(entry.id, entry)) != _demand(entry)
    ]


def _demand(entry: CatalogueEntry) -> tuple[object, ...]:
    return entry.level, entry.statement, entry.claim


def union(catalogues: Iterable[Sequence[CatalogueEntry]]) -> tuple[CatalogueEntry, ...]:
    """The requirements of all, each where its neighbours in its own catalogue are."""
    found: list[CatalogueEntry] = []
    # The longest says most of the order.
    for entries in sorted(catalogues, key=len, reverse=True):
        places = {one.id: number for number, one in enumerate(found)}
        at = next((places[entry.id] for entry in entries if entry.id in places), len(found))
        for entry in entries:
            if entry.id in places:
                at = next(number for number, one in enumerate(found) if one.id == entry.id) + 1
            else:
                found.insert(at, entry)
                at += 1
    return tuple(found)


def prefix(id: str, number: int) -> str:
    """What an exchange of the run in that place is called, once there are several."""
    return f"{number}.{id}"[:100]


def _prefixed(run: Results, number: int) -> Results:
    def finding(one: Finding) -> Finding:
        places = (replace(place, exchange=prefix(place.exchange, number)) for place in one.places)
        return replace(one, places=tuple(places))

    def judgement(row: JudgementResult) -> JudgementResult:
        return replace(
            row,
            exchanges=tuple(prefix(id, number) for id in row.exchanges),
            findings=tuple(map(finding, row.findings)),
            offending=tuple(prefix(id, number) for id in row.offending),
            marks=tuple(replace(mark, exchange=prefix(mark.exchange, number)) for mark in row.marks),
        )

    def exchange(one: ExchangeResult) -> ExchangeResult:
        return replace(one, id=prefix(one.id, number))

    renamed = map(exchange, run.exchanges.values())
    return replace(
        run,
        judgements=tuple(map(judgement, run.judgements)),
        exchanges={one.id: one for one in renamed},
    )


def _reasons(runs: Sequence[Results]) -> Iterator[str]:
    for run in runs:
        if run.incomplete_because is not None:
            alone = run.targets[0].provider if len(run.targets) == 1 else ""
            named = not alone or run.incomplete_because.startswith(alone)
            yield run.incomplete_because if named else f"{alone}: {run.incomplete_because}"

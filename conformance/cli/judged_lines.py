"""What `judge` says on the terminal: a table of hosts, then each defect once, worst first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from conformance.judging.verdict import Verdict
from conformance.report.text import line

if TYPE_CHECKING:
    from conformance.judging.requirement import Requirement
    from conformance.report.results.results import JudgementResult, Results
    from conformance.running.run import Run

LISTED = 5
"""Models and places that are named of a defect; the others are counted."""

WIDEST = 100
"""Characters of a name that a recording gave."""

PLACE = 250
"""Characters of the place of an exchange: a file, and what it says of its source."""

_COLUMNS = ("exchanges", "models", "failing", "warnings")


def host_lines(results: Results) -> Iterator[str]:
    """A line for each host: what was recorded of it, and how many requirements it violates."""
    hosts = dict.fromkeys(target.provider for target in results.targets)
    if not hosts:
        return
    width = max(len("host"), *(len(line(host, WIDEST)) for host in hosts))
    yield f"{'host':<{width}}" + "".join(f"  {name:>{len(name)}}" for name in _COLUMNS)
    for host in hosts:
        cells = (
            f"  {count:>{len(name)},}" for count, name in zip(_counts(results, host), _COLUMNS, strict=True)
        )
        yield f"{line(host, WIDEST):<{width}}" + "".join(cells)


def _counts(results: Results, host: str) -> tuple[int, ...]:
    # A list of models is an exchange of each model.
    exchanges = {(one.probe, one.request.url) for one in results.exchanges.values() if one.provider == host}
    models = sum(target.provider == host for target in results.targets)
    violated = [row for row in results.judgements if row.provider == host]
    failing, warned = (
        len({row.requirement for row in violated if row.verdict is one})
        for one in (Verdict.FAIL, Verdict.WARN)
    )
    return len(exchanges), models, failing, warned


def defect_lines(run: Run, requirements: Mapping[str, Requirement]) -> Iterator[str]:
    """Each requirement that is violated at a host, with the models and the places that show it."""
    from conformance.report.results import findings

    for found in findings.findings(run.results):
        for host in dict.fromkeys(row.provider for row in found.judgements):
            rows = [row for row in found.judgements if row.provider == host]
            yield ""
            yield from _defect(run.results, requirements[found.entry.id], host, rows)


def _defect(
    results: Results, requirement: Requirement, host: str, rows: Sequence[JudgementResult]
) -> Iterator[str]:
    worst = rows[0]
    known = " (known)" if worst.expected else ""
    yield f"{worst.verdict.upper()}  {requirement.id}  ({worst.level})  at {line(host, WIDEST)}{known}"
    yield f"  requirement  {requirement.statement}"
    yield f"  finding      {worst.message or 'none'}"
    yield f"  models       {_listed(row.model for row in rows)}"
    shown = dict.fromkeys(name for row in rows for name in row.offending or row.exchanges)
    places = [results.exchanges[name].probe for name in shown if name in results.exchanges]
    if places:
        yield f"  exchanges    {_listed(places, PLACE)}"
    yield from (f"  source       {source.title}: {source.url}" for source in requirement.sources)


def _listed(names: Iterable[str], most: int = WIDEST) -> str:
    """The first of the names, and how many more there are."""
    every = list(dict.fromkeys(line(name, most) for name in names))
    more = f" and {len(every) - LISTED:,} more" if len(every) > LISTED else ""
    return ", ".join(every[:LISTED]) + more

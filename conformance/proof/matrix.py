"""The kill matrix: a line for each fault, with what becomes of the requirements whose verdict it changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from conformance.judging.catalogue import every_requirement
from conformance.proof.kills import Kills, Outcome, noticed

NAME = "kills.txt"
"""The name of the file."""

_HEAD = """\
# What each fault of the embedded provider changes, one fault a line, by `conformance faults --matrix DIR`.
# A fault is noticed by a fail, a warn or a note. What else it changes cannot be decided any more: the control
# has gone with it, or the requirement in brackets says why. A test holds that just this changes, no less.
"""


def written(kills: Kills) -> str:
    """The text of the file."""
    return _HEAD + "".join(f"{line(name, what)}\n" for name, what in kills.items())


def line(name: str, what: Mapping[str, Outcome]) -> str:
    """What one fault changes: `FAULT | fail: ID … | inconclusive (ID): ID …`."""
    groups: dict[Outcome, list[str]] = defaultdict(list)
    for requirement in sorted(what):
        groups[what[requirement]].append(requirement)
    return " | ".join(
        (name, *(f"{_shown(outcome)}: {' '.join(groups[outcome])}" for outcome in sorted(groups)))
    )


def read(text: str) -> Kills:
    """What a file says; the reverse of `written`."""
    rows = (row.split(" | ") for row in text.splitlines() if row and not row.startswith("#"))
    return {name: dict(_outcomes(groups)) for name, *groups in rows}


def empty(kills: Kills) -> frozenset[str]:
    """The requirements that notice no fault."""
    return frozenset(every_requirement()).difference(*map(noticed, kills.values()))


def _shown(outcome: Outcome) -> str:
    verdict, _, owner = outcome.partition(": ")
    return f"{verdict} ({owner})" if owner else verdict


def _outcomes(groups: Iterable[str]) -> Iterator[tuple[str, Outcome]]:
    for group in groups:
        outcome, _, names = group.partition(": ")
        verdict, _, owner = outcome.removesuffix(")").partition(" (")
        for name in names.split():
            yield name, f"{verdict}: {owner}" if owner else verdict

"""The kill matrix as a page: which faults each requirement notices, and what else each fault changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from conformance import CONTRACTS
from conformance.judging.catalogue import catalogue, every_requirement
from conformance.judging.verdict import Verdict
from conformance.proof.kills import Kills, Outcome, noticed
from conformance.provider.claims import profile
from conformance.reference.faults import FAULTS

_HEAD = """\
# What every check is proven with

The embedded provider has {faults} faults, one at a time, and each of the {requirements} requirements notices
at least one of them. A fault is noticed by a *fail*, a *warn* or a *note*. What else it changes cannot be
decided any more, mostly because the control has gone with it. A test asserts that exactly what stands here
changes, for each fault: nothing more and nothing less. [kills.json](kills.json) names all of it.

`conformance faults --matrix tests/proof` tries every fault and writes both files.
"""


def page(kills: Kills) -> str:
    """The page, in Markdown."""
    by_requirement = "\n".join(_requirements(kills))
    by_fault = "\n".join(_fault(name, kills[name]) for name in FAULTS if name in kills)
    return f"""{_HEAD.format(faults=len(kills), requirements=len(every_requirement()))}
## By requirement

| requirement | level | is noticed to fail | to warn | to note |
|---|---|---|---|---|
{by_requirement}

## By fault

| fault | what is wrong | noticed by | what cannot be decided then |
|---|---|---|---|
{by_fault}
"""


def empty(kills: Kills) -> frozenset[str]:
    """The requirements that notice no fault."""
    return frozenset(every_requirement()).difference(*map(noticed, kills.values()))


def _requirements(kills: Kills) -> Iterator[str]:
    levels = {
        name: case.level(profile("openai", contract))
        for contract in reversed(CONTRACTS)
        for name, case in catalogue(contract).items()
    }
    for name in every_requirement():
        columns = (
            ", ".join(f"`{fault}`" for fault in FAULTS if kills.get(fault, {}).get(name) == verdict)
            for verdict in (Verdict.FAIL, Verdict.WARN, Verdict.NOTE)
        )
        yield f"| `{name}` | {levels[name]} | {' | '.join(columns)} |"


def _fault(name: str, what: Mapping[str, Outcome]) -> str:
    found = noticed(what)
    by = ", ".join(f"`{one}` ({what[one]})" for one in every_requirement() if one in found)
    return f"| `{name}` | {_escaped(FAULTS[name].summary)} | {by} | {_undecided(what, found)} |"


def _undecided(what: Mapping[str, Outcome], found: frozenset[str]) -> str:
    """The requirements themselves where there are few; else how many, and whom they point at."""
    rest = {name: what[name] for name in every_requirement() if name in what and name not in found}
    odd = [f"`{name}` ({outcome})" for name, outcome in rest.items() if not _inconclusive(outcome)]
    names = [f"`{name}`" for name, outcome in rest.items() if _inconclusive(outcome)]
    if len(names) > 3:
        seen = Counter(what[name].partition(": ")[2] for name in rest if _inconclusive(what[name]))
        groups = [f"`{owner}` says why for {count}" for owner, count in seen.most_common() if owner]
        if seen[""]:
            groups.append(f"no control for {seen['']}")
        names = [f"{len(names)} requirements: {', '.join(groups)}"]
    return ", ".join((*names, *odd))


def _inconclusive(outcome: Outcome) -> bool:
    return outcome.partition(":")[0] == Verdict.INCONCLUSIVE


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")

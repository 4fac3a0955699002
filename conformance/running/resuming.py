"""Going on with a run that ended early: what it has recorded stays, what is missing is asked.

An exchange need not be made again where the plan of today still wants it, and it got a response that can be
judged. Where nothing came back, or not all of it in time, the provider said "not now", or its account was
empty by then, it is missing as much as what was not sent. Whatever else is recorded stays in the journal,
under its id, and no new exchange gets that id.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from conformance.asking.plan import Plan
from conformance.wire.record import NOT_NOW, OUT_OF_TIME, Exchange

_ID = re.compile(r"x(\d+)")


@dataclass(frozen=True, slots=True)
class Numbered:
    """A plan, the ids of its exchanges, and those that need not be made again, by their probes' keys."""

    plan: Plan
    ids: Mapping[str, str]
    kept: Mapping[str, Exchange]

    @property
    def missing(self) -> Plan:
        """What is left to be sent."""
        return replace(self.plan, probes=tuple(one for one in self.plan.probes if one.key not in self.kept))


def numbered(plans: Sequence[Plan], recorded: Sequence[Exchange] = ()) -> list[Numbered]:
    """The plans with ids: that of its place in the plans for each probe, unless the journal has another.

    What the journal has recorded for a probe, or for something that is not in the plans, keeps its id.
    """
    by_probe = {(one.at, one.key): one for one in recorded}
    taken = {one.id for one in recorded}
    free = _free(taken, sum(plan.requests for plan in plans))
    found, place = [], 0
    for plan in plans:
        at = plan.target.at
        ids = {}
        for probe in plan.probes:
            place += 1
            known = by_probe.get((at, probe.key))
            own = f"x{place:03d}"
            ids[probe.key] = known.id if known is not None else own if own not in taken else next(free)
        mine = [one for one in recorded if one.at == at]
        found.append(Numbered(plan, ids, _kept(plan, mine)))
    return found


def _free(taken: Iterable[str], planned: int) -> Iterator[str]:
    """Ids that are neither taken nor the place of a probe."""
    numbers = [int(match[1]) for match in map(_ID.fullmatch, taken) if match]
    number = max([planned, *numbers])
    while True:
        number += 1
        yield f"x{number:03d}"


def _kept(plan: Plan, recorded: Sequence[Exchange]) -> Mapping[str, Exchange]:
    if not recorded:
        return {}
    from conformance.judging.standing import standing

    barred = standing(plan.target.provider, recorded).barred
    wanted = {probe.key: probe for probe in plan.probes}
    found = {}
    for one in recorded:
        probe = wanted.get(one.key)
        if probe is not None and _was_answered(one) and one.key not in barred:
            found[one.key] = replace(
                one, probe=probe.name, expects=probe.expects.value, claims=tuple(sorted(probe.claims))
            )
    if found:
        from conformance.asking.asking import plainest
        from conformance.asking.obstacle import obstacle
        from conformance.asking.prospects import fails

        ahead = found.get(plainest(plan).key)
        if ahead is not None and (obstacle(ahead.last) or fails(ahead)) is not None:
            del found[ahead.key]  # what kept the run from going on may be put right by now
    return found


def _was_answered(exchange: Exchange) -> bool:
    last = exchange.last
    late = last.failure is not None and last.failure.kind in OUT_OF_TIME
    return last.status is not None and last.status not in NOT_NOW and not late

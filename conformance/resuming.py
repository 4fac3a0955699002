"""Going on with a run that ended early: what it has recorded stays, what is missing is asked.

An exchange stays where the plan of today still wants it, and it got a response that can be judged. Where
nothing came back, or the provider said "not now", it is missing as much as what was not sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from conformance.exchange.asking import exchange_id, plainest
from conformance.exchange.prospects import stops
from conformance.exchange.record import Exchange
from conformance.exchange.retry import NOT_NOW
from conformance.probe.plan import Plan


def kept(plan: Plan, first: int, recorded: Iterable[Exchange]) -> Mapping[str, Exchange]:
    """The exchanges that need not be asked for again, by the key of their probe, numbered from `first` on."""
    target = plan.target
    wanted = {probe.key: probe for probe in plan.probes}
    found = {}
    for one in recorded:
        probe = wanted.get(one.key)
        mine = (one.provider, one.model) == (target.provider.name, target.model)
        if mine and probe is not None and _was_answered(one):
            found[one.key] = replace(
                one,
                id=exchange_id(plan, first, probe),
                probe=probe.name,
                expects=probe.expects.value,
                claims=tuple(sorted(probe.claims)),
            )
    ahead = found.get(plainest(plan.probes).key) if found else None
    if ahead is not None and stops(ahead) is not None:
        del found[ahead.key]  # what kept the run from going on may be put right by now
    return found


def _was_answered(exchange: Exchange) -> bool:
    return exchange.last.status is not None and exchange.last.status not in NOT_NOW

"""Which requests decide the most: the order of sending, and the tiers that are its beginning.

A requirement is decided once all its probes are sent. So the order is built greedily: next come the probes
that decide the most per request, where what binds more counts more (a weighted set cover, whose greedy
solution is within a logarithm of the best). A run that is cut short anywhere has then decided about as much
as it could.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from conformance.asking.plan import Tier
from conformance.asking.probe import Probe
from conformance.judging.requirement import Case
from conformance.provider.level import Level
from conformance.provider.model import Claims

REQUESTS = {Tier.QUICK: 8, Tier.CORE: 40}
"""The most requests of a tier that is not everything."""

_WEIGHTS = {Level.MUST: 4, Level.SHOULD: 2, Level.MAY: 1}

_Wanted = tuple[int, tuple[Probe, ...]]
"""How much a requirement counts, and what has to be sent for it."""


def in_order(cases: Sequence[Case], claims: Claims) -> tuple[Probe, ...]:
    """All probes of the cases, each once: those that decide the most first, none before what it follows."""
    return _order(_wanted(cases, claims))[0]


def of_tier(tier: Tier, cases: Sequence[Case], claims: Claims) -> list[Case]:
    """The cases that the first requests decide, as many as the tier has."""
    if tier is Tier.FULL:
        return list(cases)
    wanted = _wanted(cases, claims)
    order, steps = _order(wanted)
    if not steps:
        return []
    most = max((step for step in steps if step <= REQUESTS[tier]), default=steps[0])
    sent = set(order[:most])
    return [case for case, (_, probes) in zip(cases, wanted, strict=True) if sent.issuperset(probes)]


def _wanted(cases: Sequence[Case], claims: Claims) -> tuple[_Wanted, ...]:
    return tuple((_WEIGHTS[case.level(claims)], _with_those_before(case.probes(claims))) for case in cases)


def _with_those_before(probes: Sequence[Probe]) -> tuple[Probe, ...]:
    found: dict[Probe, None] = {}
    for probe in probes:
        chain = [probe]
        while chain[-1].after is not None:
            chain.append(chain[-1].after)
        found |= dict.fromkeys(reversed(chain))
    return tuple(found)


@lru_cache(maxsize=64)
def _order(wanted: tuple[_Wanted, ...]) -> tuple[tuple[Probe, ...], tuple[int, ...]]:
    """The probes in order, and after how many of them something is decided."""
    probes = tuple(dict.fromkeys(probe for _, wants in wanted for probe in wants))
    bits = {probe: 1 << number for number, probe in enumerate(probes)}
    # Sets of probes as the bits of a number, each with the weight of what it decides.
    missing: dict[int, int] = {}
    for weight, wants in wanted:
        mask = sum({bits[probe] for probe in wants})
        missing[mask] = missing.get(mask, 0) + weight
    missing.pop(0, None)
    cost = {bit: probe.completion_tokens for probe, bit in bits.items()}
    order: list[Probe] = []
    steps: list[int] = []
    while missing:
        best = max(missing, key=lambda mask: _merit(mask, missing, cost))
        order += [probe for probe in probes if bits[probe] & best]
        steps.append(len(order))
        left: dict[int, int] = {}
        for mask, weight in missing.items():
            if rest := mask & ~best:
                left[rest] = left.get(rest, 0) + weight
        missing = left
    return tuple(order), tuple(steps)


def _merit(mask: int, missing: Mapping[int, int], cost: Mapping[int, int]) -> tuple[float, int]:
    """What sending these probes decides, per request; of equals, the longer answers go first."""
    decided = sum(weight for other, weight in missing.items() if other & ~mask == 0)
    longest = max((tokens for bit, tokens in cost.items() if bit & mask), default=0)
    return decided / mask.bit_count(), longest

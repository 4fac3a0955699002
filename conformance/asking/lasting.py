"""How long it takes to carry plans out: at least, by a provider's pace, and at most, by our patience."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from conformance.asking.plan import Plan
from conformance.provider.model import Provider


@dataclass(frozen=True, slots=True)
class Lasting:
    """Seconds that the requests to one provider take, if each of its models gets what it is to get once."""

    provider: Provider
    least: float
    most: float


def lasting(plans: Iterable[Plan]) -> Iterator[Lasting]:
    """How long each provider is asked. Its models share its slots, and one request of each goes ahead."""
    planned: dict[str, list[Plan]] = {}
    for plan in plans:
        if plan.requests:
            planned.setdefault(plan.target.provider.name, []).append(plan)
    for mine in planned.values():
        provider = mine[0].target.provider
        limits, requests = provider.limits, sum(plan.requests for plan in mine)
        ahead, rest = len(mine), requests - len(mine)
        most = limits.timeout * (math.ceil(ahead / limits.concurrency) + math.ceil(rest / limits.concurrency))
        least = (requests - 1) * 60 / limits.rpm if limits.rpm else 0.0
        yield Lasting(provider, least, max(least, most) + limits.timeout if least else most)

"""The plan: which requests a run will send, each once, and what that will cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from conformance.probe.probe import Probe
from conformance.provider.model import Price, Target


@dataclass(frozen=True, slots=True)
class Plan:
    """The probes to be sent to one target, in the order of sending: the longest first."""

    target: Target
    probes: tuple[Probe, ...]

    @property
    def requests(self) -> int:
        """How many requests, retries aside."""
        return len(self.probes)

    @property
    def prompt_tokens(self) -> int:
        """An estimate."""
        return sum(probe.prompt_tokens for probe in self.probes)

    @property
    def completion_tokens(self) -> int:
        """An estimate for a model that does not think aloud before it answers."""
        return sum(probe.completion_tokens for probe in self.probes)

    @property
    def cost(self) -> float | None:
        """An estimate in US dollars; None where providers.yaml states no price."""
        return cost(self.target.provider.price, self.prompt_tokens, self.completion_tokens)


def cost(price: Price | None, prompt_tokens: int, completion_tokens: int) -> float | None:
    """What so many tokens cost in US dollars; None where no price is known."""
    if price is None:
        return None
    return (prompt_tokens * price.prompt + completion_tokens * price.completion) / 1e6


def plan(wanted: Mapping[Target, Iterable[Probe]]) -> tuple[Plan, ...]:
    """One plan for each target: every probe once, with what it must follow; the longest answers first."""
    return tuple(Plan(target, _ordered(probes)) for target, probes in wanted.items())


def _ordered(probes: Iterable[Probe]) -> tuple[Probe, ...]:
    distinct: dict[str, Probe] = {}
    for probe in probes:
        if probe.after is not None:
            distinct.setdefault(probe.after.key, probe.after)
        distinct.setdefault(probe.key, probe)
    return tuple(sorted(distinct.values(), key=lambda probe: -probe.completion_tokens))

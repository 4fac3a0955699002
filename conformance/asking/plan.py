"""The plan: which requests a run will send, each once, and what that will cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from conformance.asking.probe import Expects, Probe
from conformance.contracts import named
from conformance.provider.model import Price, Target


class Tier(StrEnum):
    """How much is asked of what could be."""

    QUICK = "quick"
    CORE = "core"
    FULL = "full"


@dataclass(frozen=True)
class Plan:
    """The probes to be sent to one target, in the order of sending."""

    target: Target
    probes: tuple[Probe, ...]

    @property
    def requests(self) -> int:
        """How many requests, retries aside."""
        return len(self.probes)

    def ids(self, first: int = 1) -> Mapping[str, str]:
        """An id for the exchange of each probe, by its key: its place, counted from `first`."""
        return {probe.key: f"x{place:03d}" for place, probe in enumerate(self.probes, first)}

    @cached_property
    def prompt_tokens(self) -> int:
        """About how many, where what is made to be refused is refused."""
        return sum(probe.prompt_tokens for probe in self.probes if probe.expects is not Expects.REFUSAL)

    @cached_property
    def completion_tokens(self) -> int:
        """About how many, of a model that does as it is asked and does not think before it answers."""
        return sum(probe.completion_tokens for probe in self.probes)

    @cached_property
    def tokens_at_most(self) -> tuple[int, int]:
        """Of prompts and of answers, where everything is served, and limits are kept."""
        return (
            sum(probe.prompt_at_most for probe in self.probes),
            sum(probe.allowed for probe in self.probes),
        )

    @cached_property
    def thinking_at_most(self) -> int | None:
        """The completion tokens of a model that thinks first; None where none of the kind does."""
        return named(self.target.contract).thinking_at_most(self.probes)

    @property
    def cost(self) -> float | None:
        """About what it costs in US dollars; None where providers.yaml states no price."""
        return cost(self.target.provider.price, self.prompt_tokens, self.completion_tokens)

    @property
    def cost_at_most(self) -> float | None:
        """What `tokens_at_most` cost."""
        return cost(self.target.provider.price, *self.tokens_at_most)


def cost(price: Price | None, prompt_tokens: int, completion_tokens: int) -> float | None:
    """What so many tokens cost in US dollars; None where no price is known."""
    if price is None:
        return None
    return (prompt_tokens * price.prompt + completion_tokens * price.completion) / 1e6


def plan(wanted: Mapping[Target, Iterable[Probe]]) -> tuple[Plan, ...]:
    """One plan for each target: every probe once, after what it must follow, and else in the order given."""
    return tuple(Plan(target, _ordered(probes)) for target, probes in wanted.items())


def _ordered(probes: Iterable[Probe]) -> tuple[Probe, ...]:
    distinct: dict[str, Probe] = {}
    for probe in probes:
        if probe.after is not None:
            distinct.setdefault(probe.after.key, probe.after)
        distinct.setdefault(probe.key, probe)
    return tuple(distinct.values())

"""What a contract can show of a bill: figures of related requests that have to fit together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from conformance.asking.probe import Probe
from conformance.judging.verdict import Verdict

Tokens = tuple[int, int]
"""Prompt and completion tokens, as the answer states them."""


Say = Callable[..., str]
"""The words of a key in the language of the report, with their gaps filled."""


class Judged(Protocol):
    """A judgement on one requirement, as results.json has it."""

    @property
    def requirement(self) -> str:
        """Its id."""
        ...

    @property
    def verdict(self) -> Verdict:
        """What was found."""
        ...

    @property
    def message(self) -> str:
        """In a line."""
        ...

    @property
    def exchanges(self) -> tuple[str, ...]:
        """The ids of those that were looked at."""
        ...

    @property
    def offending(self) -> tuple[str, ...]:
        """The ids of those that broke the requirement."""
        ...


@dataclass(frozen=True, slots=True)
class Billed:
    """What one target billed, by the name of the probe, and what was judged of it, by requirement.

    `counted` are the ids of the exchanges whose answers state their tokens.
    """

    billed: Mapping[str, Tokens]
    counted: frozenset[str]
    judged: Mapping[str, Judged]

    def prompts(self, *probes: Probe) -> tuple[int, ...]:
        """The prompt tokens of these probes; of all, or of none."""
        return tuple(prompt for prompt, _ in self._all(probes))

    def completions(self, *probes: Probe) -> tuple[int, ...]:
        """The completion tokens of these probes; of all, or of none."""
        return tuple(completion for _, completion in self._all(probes))

    def _all(self, probes: Sequence[Probe]) -> list[Tokens]:
        found = [self.billed[probe.name] for probe in probes if probe.name in self.billed]
        return found if len(found) == len(probes) else []


@dataclass(frozen=True, slots=True)
class Rule:
    """A row: the key of its words, the requirements that judge it, and its figures (empty: none)."""

    key: str
    requirements: tuple[str, ...]
    figures: Callable[[Billed, Say], str]

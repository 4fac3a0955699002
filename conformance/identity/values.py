"""What one side answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Sample:
    """One answer to the prompt of that number.

    `text` is None where none could be read, and `why` then says why. `started` is when it was asked, in
    seconds since the epoch. `prompt_tokens` is what the prompt was counted as, if that is stated. `first` are
    the natural logarithms of the likeliest first tokens' probabilities, where they were asked for.
    """

    prompt: int
    text: str | None
    started: float = 0.0
    why: str = ""
    prompt_tokens: int | None = None
    first: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    adapted: tuple[str, ...] = ()


@dataclass(frozen=True)
class Side:
    """What one target answered: to requests for one token with its probability, and to those for text."""

    name: str
    weighed: Sequence[Sample] = ()
    spoken: Sequence[Sample] = ()

    @cached_property
    def texts(self) -> Mapping[int, tuple[str, ...]]:
        """The texts that could be read, by prompt, in the order in which they were asked for."""
        return _grouped((one.prompt, one.text) for one in _in_time(self.spoken) if one.text)

    @cached_property
    def tokens(self) -> Mapping[int, tuple[Mapping[str, float], ...]]:
        """The probabilities of first tokens, by prompt, in the order in which they were asked for."""
        return _grouped((one.prompt, one.first) for one in _in_time(self.weighed) if one.first)

    @cached_property
    def counts(self) -> Mapping[tuple[str, int], frozenset[int]]:
        """What each prompt was counted as, by kind of request and number of the prompt."""
        stated = [("weighed", one) for one in self.weighed] + [("spoken", one) for one in self.spoken]
        grouped = _grouped(
            ((kind, one.prompt), one.prompt_tokens) for kind, one in stated if one.prompt_tokens is not None
        )
        return {key: frozenset(values) for key, values in grouped.items()}

    @property
    def samples(self) -> tuple[Sample, ...]:
        """All of them."""
        return (*self.weighed, *self.spoken)


def _in_time(samples: Sequence[Sample]) -> list[Sample]:
    return sorted(samples, key=lambda one: one.started)


def _grouped(pairs: Iterable[tuple[K, V]]) -> dict[K, tuple[V, ...]]:
    found: dict[K, list[V]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in found.items()}

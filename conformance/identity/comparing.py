"""From what two sides answered to what can be said of them: layer by layer, each with its error rate.

Of two sides that answer alike, at most 1 in 100 comparisons says otherwise: the levels of the tests that can
be made add up to ALPHA (Bonferroni), whatever the distributions, and however the tests depend on each other.
What is compared are the answers. How the prompts are counted is compared too, exactly, and said beside it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from conformance.identity import statistics
from conformance.identity.prompts import TEXTS
from conformance.identity.values import Side

ALPHA = 0.01
"""The share of comparisons of two sides that answer alike which may end as different or unstable."""

LEVELS: Mapping[str, float] = {"tokens": 0.002, "few": 0.002, "many": 0.004, "halves": 0.001}
"""How ALPHA is spent; that of the halves is spent twice, once for each side."""

FEW, MANY = 4, 16
"""Answers to each prompt in the first stage, and after the second."""

_HALF = 2


class Verdict(StrEnum):
    """What is said of two sides."""

    SAME = "same"
    DIFFERENT = "different"
    UNSTABLE = "unstable"
    CANNOT_TELL = "cannot tell"


class Counts(StrEnum):
    """How the two sides count the tokens of the same prompts."""

    EQUAL = "equal"
    SHIFTED = "shifted"
    UNEQUAL = "unequal"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Layer:
    """One test: its level, and what came of it; `tested` is None where there was nothing to be tested.

    `name` is a key of LEVELS; for halves, `side` says whose.
    """

    name: str
    tested: statistics.Tested | None
    side: str = ""

    @property
    def level(self) -> float:
        """The p-value at which it rejects."""
        return LEVELS[self.name]

    @property
    def rejects(self) -> bool:
        """Whether the samples differ more than chance explains."""
        return self.tested is not None and self.tested.p <= self.level


@dataclass(frozen=True, slots=True)
class Counted:
    """How many prompts both sides counted, and by how many tokens the second side's counts are higher."""

    kind: Counts
    prompts: int = 0
    least: int = 0
    most: int = 0


@dataclass(frozen=True, slots=True)
class Compared:
    """What was found. `reasons` say why nothing can be told, or what weakens it: a key, and the side."""

    verdict: Verdict
    layers: tuple[Layer, ...]
    counted: Counted
    reasons: tuple[tuple[str, str], ...] = ()

    @property
    def decided(self) -> bool:
        """Whether more answers would change nothing."""
        return self.verdict is Verdict.DIFFERENT


def compare(one: Side, other: Side, seed: str, draws: int = statistics.DRAWS) -> Compared:
    """Makes every test that the answers allow. The same answers and seed give the same result."""
    sides = (one, other)
    tokens = Layer("tokens", statistics.probabilities(one.tokens, other.tokens, f"{seed}/tokens", draws))
    few = Layer("few", statistics.texts(_first(one, FEW), _first(other, FEW), f"{seed}/few", draws))
    layers = [tokens, few]
    if _least(one, other) > FEW:
        layers.append(Layer("many", statistics.texts(one.texts, other.texts, f"{seed}/many", draws)))
    halves = [Layer("halves", _halves(side, seed, draws), side.name) for side in sides]
    counted = _counted(one, other)
    silent = [(why, side.name) for side in sides for why in _silent(side)]
    weak = tuple((why, side.name) for side in sides for why in _weak(side))
    found = (*layers, *halves)
    if any(layer.rejects for layer in halves):
        unstable = tuple(("unstable", layer.side) for layer in halves if layer.rejects)
        return Compared(Verdict.UNSTABLE, found, counted, unstable + weak)
    if tokens.rejects:
        return Compared(Verdict.DIFFERENT, found, counted, weak)
    if silent:
        return Compared(Verdict.CANNOT_TELL, found, counted, tuple(silent) + weak)
    different = any(layer.rejects for layer in layers)
    return Compared(Verdict.DIFFERENT if different else Verdict.SAME, found, counted, weak)


def _first(side: Side, many: int) -> Mapping[int, Sequence[str]]:
    return {prompt: texts[:many] for prompt, texts in side.texts.items()}


def _least(one: Side, other: Side) -> int:
    """The most answers that both sides gave to any one prompt."""
    shared = one.texts.keys() & other.texts.keys()
    return max((min(len(one.texts[prompt]), len(other.texts[prompt])) for prompt in shared), default=0)


def _halves(side: Side, seed: str, draws: int) -> statistics.Tested | None:
    """Whether the side answered in the first half of the time as it did in the second."""
    halves = {
        prompt: (texts[: len(texts) // 2], texts[len(texts) // 2 :]) for prompt, texts in side.texts.items()
    }
    early = {prompt: first for prompt, (first, _) in halves.items() if len(first) >= _HALF}
    late = {prompt: second for prompt, (_, second) in halves.items() if prompt in early}
    return statistics.texts(early, late, f"{seed}/halves/{side.name}", draws)


def _silent(side: Side) -> list[str]:
    """Why the texts of a side are no sample of anything."""
    several = [texts for texts in side.texts.values() if len(texts) > 1]
    if len(several) < TEXTS // 2:
        why = Counter(one.why or "no text" for one in side.spoken if not one.text).most_common(1)
        return [f"no answers: {why[0][0]}" if why else "no answers: nothing was asked"]
    if len({text for texts in several for text in texts}) == 1:
        return ["one answer to all"]
    if all(len(set(texts)) == 1 for texts in several):
        return ["always the same answer"]
    return []


def _weak(side: Side) -> list[str]:
    """What makes it unknown how small a difference would be seen."""
    adapted = {word for one in side.samples for word in one.adapted}
    return [f"adapted: {word}" for word in sorted(adapted)]


def _counted(one: Side, other: Side) -> Counted:
    shared = one.counts.keys() & other.counts.keys()
    known = [key for key in shared if len(one.counts[key]) == len(other.counts[key]) == 1]
    more = sorted(min(other.counts[key]) - min(one.counts[key]) for key in known)
    if not more:
        return Counted(Counts.UNKNOWN)
    kind = Counts.UNEQUAL if more[0] != more[-1] else Counts.SHIFTED if more[0] else Counts.EQUAL
    return Counted(kind, len(more), more[0], more[-1])

"""Permutation tests of whether two samples come from one distribution. Pure; random numbers come from a seed.

Under the hypothesis that both sides answer alike, which side an answer came from is exchangeable within each
prompt. So the sides are drawn anew, many times, and the p-value is the share of draws in which they differ
at least as much as they do: p = (1 + such draws) / (1 + draws), which is valid whatever the distribution
(Phipson and Smyth, 2010). Hence rejecting at p <= alpha is wrong at most alpha of the time.

Where there are enough ways to draw the sides of one prompt, all prompts are drawn alike, that is, round by
round: it costs a twentieth, and stays valid where something changes that all prompts of a round share.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb
from operator import eq, itemgetter
from random import Random

WIDTH = 80
"""Characters of an answer that are compared."""

DRAWS = 4999
"""How often the sides are drawn anew: p-values are multiples of 1/5,000."""

ENOUGH = 2 * DRAWS
"""Ways to draw the sides of a prompt from which on all prompts are drawn alike."""

_EXACT = 1e-12
"""Differences between sums of the same numbers in another order."""


@dataclass(frozen=True, slots=True)
class Tested:
    """How far apart two samples are, and how often chance alone puts them so far apart."""

    distance: float
    p: float
    prompts: int


def texts(
    one: Mapping[int, Sequence[str]], other: Mapping[int, Sequence[str]], seed: str, draws: int = DRAWS
) -> Tested | None:
    """Whether texts differ in distribution: the maximum mean discrepancy, averaged over the prompts.

    The kernel of two texts is the share of their first 80 characters that are equal, place by place (Gao,
    Liang and Guestrin, arXiv 2410.20247). None where no prompt has two texts of each side.
    """
    shapes: dict[tuple[int, int], list[_Texts]] = {}
    for prompt in _tested(one, other):
        made = _texts(one[prompt], other[prompt])
        alike = shapes.setdefault((made.first, made.size), [])
        if alike and comb(made.size, made.first) > ENOUGH:
            alike[0] = alike[0].and_also(made)
        else:
            alike.append(made)
    prompts = len(_tested(one, other))
    return _permuted([group for alike in shapes.values() for group in alike], prompts, seed, draws)


def probabilities(
    one: Mapping[int, Sequence[Mapping[str, float]]],
    other: Mapping[int, Sequence[Mapping[str, float]]],
    seed: str,
    draws: int = DRAWS,
) -> Tested | None:
    """Whether the probabilities of first tokens differ: the mean difference of their mean logarithms.

    As arXiv 2512.03816 does. None where no prompt has two of each side.
    """
    groups = [_Probabilities(one[prompt], other[prompt]) for prompt in _tested(one, other)]
    return _permuted(groups, len(groups), seed, draws)


def _tested(one: Mapping[int, Sequence[object]], other: Mapping[int, Sequence[object]]) -> list[int]:
    """The prompts to which both sides gave two answers at least."""
    shared = sorted(one.keys() & other.keys())
    return [prompt for prompt in shared if min(len(one[prompt]), len(other[prompt])) > 1]


def _permuted(
    groups: Sequence[_Texts | _Probabilities], prompts: int, seed: str, draws: int
) -> Tested | None:
    if not groups:
        return None
    rng = Random(seed)  # noqa: S311 - for statistics
    seen = sum(group.distance(range(group.first)) for group in groups)
    as_far = sum(
        sum(group.distance(rng.sample(range(group.size), group.first)) for group in groups) >= seen - _EXACT
        for _ in range(draws)
    )
    return Tested(seen / prompts, (1 + as_far) / (1 + draws), prompts)


def _texts(one: Sequence[str], other: Sequence[str]) -> _Texts:
    """The answers of both sides to one prompt, by how alike each is to each other."""
    both = [text[:WIDTH].ljust(WIDTH, "\0") for text in (*one, *other)]
    likeness = [[0.0] * len(both) for _ in both]
    for row, column in combinations(range(len(both)), 2):
        equal = sum(map(eq, both[row], both[column])) / WIDTH
        likeness[row][column] = likeness[column][row] = equal
    return _Texts(len(one), likeness)


class _Texts:
    """How alike the answers are, pair by pair, over one prompt or several; `first` are one side's."""

    def __init__(self, first: int, likeness: Sequence[Sequence[float]]) -> None:
        self.first, self.size = first, len(likeness)
        self._likeness = likeness
        self._sums = [sum(row) for row in likeness]
        self._total = sum(self._sums) / 2

    def and_also(self, other: _Texts) -> _Texts:
        """These prompts and those of the other, round by round."""
        rows = zip(self._likeness, other._likeness, strict=True)
        return _Texts(self.first, [[a + b for a, b in zip(*both, strict=True)] for both in rows])

    def distance(self, chosen: Sequence[int]) -> float:
        """The squared discrepancy, unbiased, if these were one side's and the rest the other's."""
        many, rest = len(chosen), self.size - len(chosen)
        pick = itemgetter(*chosen)
        within: float = sum([sum(pick(self._likeness[row])) for row in chosen]) / 2
        across: float = sum(pick(self._sums)) - 2 * within
        beyond = self._total - within - across
        return (
            2 * within / (many * (many - 1)) + 2 * beyond / (rest * (rest - 1)) - 2 * across / (many * rest)
        )


class _Probabilities:
    """The probabilities of the first token that both sides gave for one prompt.

    Services list a few tokens only. One that is not listed is no likelier than the last that is, so it
    counts as that one.
    """

    def __init__(self, one: Sequence[Mapping[str, float]], other: Sequence[Mapping[str, float]]) -> None:
        both = [*one, *other]
        self.first, self.size = len(one), len(both)
        tokens = sorted({token for row in both for token in row})
        self._columns = [[row.get(token, min(row.values())) for row in both] for token in tokens]
        self._totals = [sum(column) for column in self._columns]

    def distance(self, chosen: Sequence[int]) -> float:
        """The mean difference of the means, if these were one side's and the rest the other's."""
        many, rest = len(chosen), self.size - len(chosen)
        difference = 0.0
        for column, total in zip(self._columns, self._totals, strict=True):
            mine = sum([column[row] for row in chosen])
            difference += abs(mine / many - (total - mine) / rest)
        return difference / len(self._columns)

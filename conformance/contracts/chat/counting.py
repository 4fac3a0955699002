"""Arithmetic on token counts: the line through three of them, and the formulas that stand in for counting.

A formula is a size of the text by a constant. Every pair of counts says between which constants it has to be;
so all of them are tried at once, and no list of those in use is needed to find one.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import permutations
from types import MappingProxyType

Measure = Callable[[str], Fraction]

Bounds = tuple[Fraction, Fraction]

_IDEOGRAPH = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")

_HEAVIER = tuple(map(Fraction, ("2", "8/3", "3", "4", "6")))
"""As how many other characters an ideograph is counted."""


def _sized(count: Callable[[str], int]) -> Measure:
    return lambda text: Fraction(count(text))


def _heavier(weight: Fraction) -> Measure:
    return lambda text: len(text) + (weight - 1) * len(_IDEOGRAPH.findall(text))


_CHARACTERS: Mapping[str, Measure] = MappingProxyType(
    {
        "characters": _sized(len),
        "UTF-16 units": _sized(lambda text: len(text.encode("utf-16-le", "surrogatepass")) // 2),
        "UTF-8 bytes": _sized(lambda text: len(text.encode("utf-8", "surrogatepass"))),
        "characters of JSON": _sized(lambda text: len(json.dumps(text, ensure_ascii=False))),
        "characters of JSON with \\u escapes": _sized(lambda text: len(json.dumps(text))),
        **{
            f"characters, an ideograph as {float(weight):.3g} of them": _heavier(weight)
            for weight in _HEAVIER
        },
    }
)

_WORDS: Mapping[str, Measure] = MappingProxyType(
    {
        "words": _sized(lambda text: len(text.split())),
        "words and punctuation marks": _sized(lambda text: len(re.findall(r"\w+|[^\w\s]", text))),
    }
)

_IN_USE = tuple(
    1 / Fraction(divisor) for divisor in ("4", "3", "3.5", "2.5", "2", "5", "6", "1", "0.75", "1.5", "1.3")
)
"""Constants that are named where they fit, among all that do."""

_SIZES = 4
"""So many different sizes and counts no tokenizer makes a straight line of."""

_ROUNDINGS: Mapping[str, tuple[Fraction, Callable[[Fraction], int]]] = MappingProxyType(
    {
        "rounded down": (Fraction(0), math.floor),
        "rounded up": (Fraction(-1), math.ceil),
        "rounded": (Fraction(-1, 2), lambda value: math.floor(value + Fraction(1, 2))),
        "rounded down, plus 1": (Fraction(-1), lambda value: math.floor(value) + 1),
    }
)
"""How a size by a constant becomes a count, and by how much it may be less than the count: at most 1 more."""


def line(one: int, two: int, four: int) -> tuple[float, float]:
    """The counts for a text once, twice and four times as a straight line, by least squares.

    Returns the tokens of the text, and those that are counted beside it.
    """
    return (5 * four - two - 4 * one) / 14, one + (two - four) / 2


def formula_for_answers(counted: Sequence[tuple[str, int]]) -> str | None:
    """The formula that gives the count of every one of these texts; None where there is none.

    A formula is a number of characters, bytes or words by a constant, rounded in one of the usual ways.
    """
    for unit, sizes in _measured(counted):
        for how, (low, rounded) in _ROUNDINGS.items():
            bounds = _bounds((size, tokens + low, tokens + low + 1) for size, tokens in sizes)
            for factor in _factors(unit, bounds):
                if all(rounded(size * factor) == tokens for size, tokens in sizes):
                    return _words(unit, factor) + ("" if factor == 1 else f", {how}")
    return None


def formula_for_prompts(counted: Sequence[tuple[str, int]]) -> str | None:
    """Like `formula_for_answers`, where an unknown constant is added to each size, or to each count."""
    for unit, sizes in _measured(counted):
        bounds = _bounds(
            (one - other, tokens - others - 1, tokens - others + 1)
            for (one, tokens), (other, others) in permutations(sizes, 2)
        )
        for factor in _factors(unit, bounds):
            beside = [tokens - size * factor for size, tokens in sizes]
            if max(beside) - min(beside) < 1:
                return f"{_words(unit, factor)}, and a constant"
    return None


def _measured(counted: Sequence[tuple[str, int]]) -> Iterable[tuple[str, list[tuple[Fraction, int]]]]:
    for unit, measure in (*_CHARACTERS.items(), *_WORDS.items()):
        sizes = [(measure(text), tokens) for text, tokens in counted]
        if min(len({size for size, _ in sizes}), len({tokens for _, tokens in sizes})) >= _SIZES:
            yield unit, sizes


def _bounds(limits: Iterable[tuple[Fraction, Fraction | int, Fraction | int]]) -> Bounds | None:
    """Between which factors `low <= size * factor <= high` for all of them; None where there are none."""
    least, most = Fraction(0), Fraction(10)
    for size, low, high in limits:
        if size == 0 and not low <= 0 <= high:
            return None
        if size:
            ends = sorted((low / size, high / size))
            least, most = max(least, ends[0]), min(most, ends[1])
    return (least, most) if least <= most else None


def _factors(unit: str, bounds: Bounds | None) -> Iterable[Fraction]:
    """Those that are in use, and the one in the middle."""
    if bounds is None or (unit in _CHARACTERS and bounds[0] <= 1 <= bounds[1]):
        return ()  # models that read byte by byte, or letter by letter, exist
    least, most = bounds
    return (*(one for one in _IN_USE if least <= one <= most), (least + most) / 2)


def _words(unit: str, factor: Fraction) -> str:
    divisor = float(round(1 / factor, 2)) if factor else math.inf
    return f"the number of {unit}" if factor == 1 else f"{unit} / {divisor:g}"

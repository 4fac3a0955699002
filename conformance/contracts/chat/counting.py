"""Arithmetic on token counts: the line through three of them, and the formulas that stand in for counting."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product

Measure = Callable[[str], int]

_MEASURES: Mapping[str, Measure] = {"characters": len, "UTF-8 bytes": lambda text: len(text.encode())}

_DIVISORS = tuple(map(Fraction, ("2", "2.5", "3", "3.5", "4", "5", "6")))
"""1 is left out: models that read byte by byte exist."""

_ROUNDINGS: Mapping[str, Callable[[Fraction], int]] = {
    "rounded down": math.floor,
    "rounded up": math.ceil,
    "rounded": lambda value: math.floor(value + Fraction(1, 2)),
    "rounded down, plus 1": lambda value: math.floor(value) + 1,
}


def line(one: int, two: int, four: int) -> tuple[float, float]:
    """The counts for a text once, twice and four times as a straight line, by least squares.

    Returns the tokens of the text, and those that are counted beside it.
    """
    return (5 * four - two - 4 * one) / 14, one + (two - four) / 2


def formula_for_answers(counted: Sequence[tuple[str, int]]) -> str | None:
    """The formula that gives the count of every one of these texts; None where there is none.

    A formula is a number of characters or bytes by a constant, or of words by 0.75.
    """
    for name, measure, divisor, rounding in _formulas():
        if all(rounding(Fraction(measure(text)) / divisor) == tokens for text, tokens in counted):
            return name
    return None


def formula_for_prompts(counted: Sequence[tuple[str, int]]) -> str | None:
    """Like `formula_for_answers`, where an unknown constant is added to each text, or to each count."""
    for name, measure, divisor, rounding in _formulas():
        for added in range(math.ceil(divisor)):
            beside = (
                tokens - rounding(Fraction(measure(text) + added) / divisor) for text, tokens in counted
            )
            first = next(beside, None)
            if first is not None and all(one == first for one in beside):
                return f"{name}, and a constant"
    return None


def _formulas() -> Iterator[tuple[str, Measure, Fraction, Callable[[Fraction], int]]]:
    for (unit, measure), divisor, (how, rounding) in product(
        _MEASURES.items(), _DIVISORS, _ROUNDINGS.items()
    ):
        yield f"{unit} / {float(divisor):g}, {how}", measure, divisor, rounding
    for how, rounding in _ROUNDINGS.items():
        yield f"words / 0.75, {how}", lambda text: len(text.split()), Fraction(3, 4), rounding

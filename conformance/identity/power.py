"""What a comparison of this size was seen to notice: measured, by `python -m tests.identity.rates`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from conformance.wire import own_yaml

PATH = Path(__file__).with_name("rates.yaml")


@dataclass(frozen=True, slots=True)
class Seen:
    """How many of so many comparisons of a model with a change of it noticed the change.

    `change` is a key of words.yaml. `few` and `many` are those that texts alone decide, after the first and
    the second stage; `tokens` those that the probabilities of first tokens decide.
    """

    change: str
    trials: int
    few: int
    many: int
    tokens: int


def seen() -> Sequence[Seen]:
    """What was measured."""
    return [Seen(**row) for row in own_yaml.load(PATH.read_text("utf-8"))]

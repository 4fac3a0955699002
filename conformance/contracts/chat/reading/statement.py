"""What an answer states that it used, in whatever form services state it: for sums, not for verdicts.

OpenAI counts the reasoning within completion_tokens. xAI, and gateways to Gemini, count it beside, and only
total_tokens has it; some state floats or digits in quotes, zeros in all events but the last, or the count in
another place than `usage` of the answer. What is stated is taken for the most that it can mean.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

MOST = 1_000_000
"""A count above this is none: no model reads or writes as much for a request of a few sentences."""

_LONGEST_NUMBER = 20
"""Characters of a count that is stated as a text."""

_PROMPT = ("prompt_tokens", "input_tokens")
_COMPLETION = ("completion_tokens", "output_tokens")
_DETAILS = ("completion_tokens_details", "output_tokens_details")


@dataclass(frozen=True, slots=True)
class Statement:
    """The counts of one `usage`, or the highest of several. None: not stated.

    `completion` is all that was written, reasoning included, of which `named` is what is called that.
    `absurd`: one of the numbers cannot be true.
    """

    prompt: int | None = None
    completion: int | None = None
    total: int | None = None
    named: int | None = None
    absurd: bool = False

    def __or__(self, other: Statement) -> Statement:
        return Statement(
            _highest(self.prompt, other.prompt),
            _highest(self.completion, other.completion),
            _highest(self.total, other.total),
            _highest(self.named, other.named),
            self.absurd or other.absurd,
        )

    def written(self, prompt: int) -> int | None:
        """The completion tokens, where the prompt has so many; None where nothing tells them."""
        beside = None if self.total is None else max(0, self.total - prompt)
        return _highest(self.completion, beside)


NOTHING = Statement()


def stated(usage: dict[str, Any]) -> Statement:
    """What a `usage` object states."""
    given = [_count(usage.get(name)) for name in (*_PROMPT, *_COMPLETION, "total_tokens")]
    prompt = _highest(*given[: len(_PROMPT)])
    completion = named = _highest(*given[len(_PROMPT) : -1])
    total = given[-1]
    reasoning = _count(usage.get("reasoning_tokens"))
    for name in _DETAILS:
        details = usage.get(name)
        if isinstance(details, dict):
            reasoning = _highest(reasoning, _count(details.get("reasoning_tokens")))
    counts = (*given, reasoning)
    if reasoning is not None and reasoning <= MOST:
        completion = _with_reasoning(prompt, completion or 0, total, reasoning)
    absurd = any(one is not None and one > MOST for one in counts)
    return Statement(_believed(prompt), _believed(completion), _believed(total), _believed(named), absurd)


def _with_reasoning(prompt: int | None, completion: int, total: int | None, reasoning: int) -> int:
    """All that was written. Only a total with room for the reasoning tells whether that is counted within."""
    if total is not None and total - (prompt or 0) >= max(completion, reasoning):
        return max(completion, reasoning)
    return completion + reasoning


def _count(value: Any) -> int | None:
    """A count, however it is written; None for what is no number."""
    if isinstance(value, str) and len(value) <= _LONGEST_NUMBER:
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
        return None
    return MOST + 1 if value > MOST else math.ceil(value)


def _believed(count: int | None) -> int | None:
    return None if count is None or count > MOST else count


def _highest(*counts: int | None) -> int | None:
    return max((one for one in counts if one is not None), default=None)

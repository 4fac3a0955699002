"""Log probabilities as an answer carries them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LARGEST = 1e6
"""What is beyond is no logarithm of a probability; -9999 stands for a very unlikely token."""


class MalformedLogprobs(ValueError):
    """`logprobs` does not have the members of the contract; the message says which."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A token and the natural logarithm of its probability."""

    token: str
    logprob: float


@dataclass(frozen=True, slots=True)
class Written:
    """A token of the answer, and the likeliest tokens at its place, best first as they came."""

    chosen: Weighed
    top: tuple[Weighed, ...]


def tokens(logprobs: Any) -> tuple[Written, ...]:
    """The tokens of a `logprobs` member. Raises MalformedLogprobs."""
    content = logprobs.get("content") if isinstance(logprobs, Mapping) else None
    if not isinstance(content, list):
        raise MalformedLogprobs(f"logprobs is {logprobs!r:.60}, without an array `content`")
    return tuple(_written(f"logprobs.content[{place}]", entry) for place, entry in enumerate(content))


def _written(where: str, entry: Any) -> Written:
    chosen = _weighed(where, entry)
    top = entry.get("top_logprobs")
    if not isinstance(top, list):
        raise MalformedLogprobs(f"{where}.top_logprobs is {top!r:.40}, not an array")
    return Written(
        chosen, tuple(_weighed(f"{where}.top_logprobs[{place}]", one) for place, one in enumerate(top))
    )


def _weighed(where: str, entry: Any) -> Weighed:
    if not isinstance(entry, dict):
        raise MalformedLogprobs(f"{where} is {entry!r:.40}, not an object")
    token, logprob = entry.get("token"), entry.get("logprob")
    if not isinstance(token, str):
        raise MalformedLogprobs(f"{where}.token is {token!r:.40}")
    if not isinstance(logprob, int | float) or isinstance(logprob, bool) or not abs(logprob) < LARGEST:
        raise MalformedLogprobs(f"{where}.logprob is {logprob!r:.40}")
    return Weighed(token, float(logprob))

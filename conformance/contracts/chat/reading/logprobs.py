"""Log probabilities as an answer carries them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from conformance.contracts.hidden import Malformed

SHAPE = "logprobs.shape"
"""The requirement that they have their members."""

LARGEST = 1e6
"""What is beyond is no logarithm of a probability; -9999 stands for a very unlikely token."""


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


def tokens(choice: Mapping[str, Any]) -> tuple[Written, ...]:
    """The tokens of the `logprobs` of a choice. Raises Malformed."""
    logprobs = choice.get("logprobs")
    content = logprobs.get("content") if isinstance(logprobs, Mapping) else None
    if not isinstance(content, list):
        why = "logprobs is {logprobs!r}, without an array `content`"
        raise Malformed(SHAPE, why, choice, "logprobs", logprobs=logprobs)
    return tuple(_written(choice, f"logprobs.content[{place}]", entry) for place, entry in enumerate(content))


def _written(choice: Mapping[str, Any], where: str, entry: Any) -> Written:
    chosen = _weighed(choice, where, entry)
    top = entry.get("top_logprobs")
    if not isinstance(top, list):
        why = "{where}.top_logprobs is {top!r}, not an array"
        raise Malformed(SHAPE, why, choice, f"{where}.top_logprobs", where=where, top=top)
    places = (f"{where}.top_logprobs[{place}]" for place in range(len(top)))
    return Written(chosen, tuple(map(_weighed, repeat(choice), places, top)))


def _weighed(choice: Mapping[str, Any], where: str, entry: Any) -> Weighed:
    if not isinstance(entry, dict):
        raise Malformed(SHAPE, "{where} is {entry!r}, not an object", choice, where, where=where, entry=entry)
    token, logprob = entry.get("token"), entry.get("logprob")
    if not isinstance(token, str):
        why = "{where}.token is {token!r}"
        raise Malformed(SHAPE, why, choice, f"{where}.token", where=where, token=token)
    if not isinstance(logprob, int | float) or isinstance(logprob, bool) or not abs(logprob) < LARGEST:
        why = "{where}.logprob is {logprob!r}"
        raise Malformed(SHAPE, why, choice, f"{where}.logprob", where=where, logprob=logprob)
    return Weighed(token, float(logprob))

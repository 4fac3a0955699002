"""How chat completions are asked for, and what that costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.asking.probe import MODEL, Probe, compact
from conformance.contracts.chat.probes import costs

ENDPOINT = "/chat/completions"

GIVEN = frozenset({"model", "messages"})
"""Members that every request has."""

INERT = frozenset({"temperature", "max_tokens"})
"""Members that probes have for steadiness and to bound cost."""


def ask(
    name: str,
    *messages: str | Mapping[str, Any],
    completion_tokens: int = 0,
    features: frozenset[str] = frozenset(),
    **parameters: Any,
) -> Probe:
    """A chat-completions request; a message given as a string is a user message.

    A temperature and a limit that are given here are inert; those of a change are what the probe is about.
    """
    turns = [{"role": "user", "content": turn} if isinstance(turn, str) else turn for turn in messages]
    return Probe(
        name,
        compact({"model": MODEL, "messages": turns, **parameters}),
        path=ENDPOINT,
        completion_tokens=completion_tokens,
        features=features,
        inert=INERT.intersection(parameters),
        costs=costs,
        given=GIVEN,
    )

"""How embeddings are asked for."""

from __future__ import annotations

from typing import Any

from conformance.asking.probe import MODEL, Probe, compact
from conformance.contracts.embeddings.probes import costs

ENDPOINT = "/embeddings"

GIVEN = frozenset({"model", "input"})
"""Members that every request has."""


def ask(name: str, given: Any, *, features: frozenset[str] = frozenset(), **parameters: Any) -> Probe:
    """A request for the embedding of an input, or of several."""
    body = compact({"model": MODEL, "input": given, **parameters})
    return Probe(name, body, path=ENDPOINT, features=features, costs=costs, given=GIVEN)

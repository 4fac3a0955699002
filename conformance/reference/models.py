"""How the models that the embedded provider serves are listed."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.reference.call import JsonObject

RELEASED = 1_735_689_600
"""2025-01-01T00:00:00Z, in seconds since the epoch."""


def card(model: str) -> JsonObject:
    """The object of GET /models/{id}."""
    return {"id": model, "object": "model", "created": RELEASED, "owned_by": "reference"}


def listing(models: Iterable[str]) -> JsonObject:
    """The object of GET /models."""
    return {"object": "list", "data": [card(model) for model in models]}

"""The models that the embedded provider serves, and how they are listed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

RELEASED = 1_735_689_600
"""2025-01-01T00:00:00Z, in seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class Model:
    """A model id, and whether it takes images."""

    id: str
    sees: bool

    def card(self) -> dict[str, Any]:
        """The object of GET /models/{id}."""
        return {"id": self.id, "object": "model", "created": RELEASED, "owned_by": "reference"}


MODELS: Mapping[str, Model] = MappingProxyType(
    {model.id: model for model in (Model("reference", sees=True), Model("reference-text", sees=False))}
)


def listing(models: Mapping[str, Model] = MODELS) -> dict[str, Any]:
    """The object of GET /models."""
    return {"object": "list", "data": [model.card() for model in models.values()]}

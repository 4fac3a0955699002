"""The models that chat completions are served with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Model:
    """A model id, and whether it takes images."""

    id: str
    sees: bool


MODELS: Mapping[str, Model] = MappingProxyType(
    {model.id: model for model in (Model("reference", sees=True), Model("reference-text", sees=False))}
)

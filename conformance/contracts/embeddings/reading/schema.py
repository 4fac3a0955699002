"""Whether a JSON value has the shape that the contract gives a list of embeddings."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from conformance.wire.schema import Shapes, Violation

_NAME = "embeddings"


def violations(value: Any) -> tuple[Violation, ...]:
    """Every departure of a parsed answer from the schema, in the order of their paths."""
    return _shapes().violations(_NAME, value)


@cache
def _shapes() -> Shapes:
    file = files("conformance.contracts.embeddings").joinpath("schemas", f"{_NAME}.schema.json")
    return Shapes({_NAME: json.loads(file.read_text("utf-8"))})

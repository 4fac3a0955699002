"""Whether a JSON value has the shape that the contract of chat completions gives it."""

from __future__ import annotations

from functools import cache
from typing import Any, Literal, get_args

from conformance import schemas
from conformance.wire.schema import Shapes, Violation

Name = Literal["completion", "chunk", "usage", "error", "models", "model"]

NAMES: tuple[Name, ...] = get_args(Name)


def violations(name: Name, value: Any) -> tuple[Violation, ...]:
    """Every departure of a parsed JSON value from the schema of that name, in the order of their paths."""
    return _shapes().violations(name, value)


@cache
def _shapes() -> Shapes:
    return Shapes({each: schemas.load(each) for each in NAMES})

"""Whether results.json keeps its schema."""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator

from conformance.report.results.stored import schema
from conformance.wire.shape import Shape

_SHAPE = Shape({"results": schema()}, "results")


def validate(results: Any) -> None:
    """Raises what jsonschema says of results that do not keep the schema.

    Nearly all do, which `Shape` finds out in a tenth of the time; `tests/wire/test_shape.py` holds it against
    jsonschema, and `tests/plugin/test_whole.py` asks jsonschema itself.
    """
    if not _SHAPE.fits(results):
        Draft202012Validator(schema()).validate(results)
        raise AssertionError("the two disagree")

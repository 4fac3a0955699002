"""Whether a value fits a schema that a request gave: anybody's schema, so what it can cost is bounded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from conformance.wire.shape import Shape

MOST = 100_000
"""Characters of a schema, and of a value, that are looked at."""

_NOT_EVALUATED = frozenset({"pattern", "patternProperties", "format", "propertyNames"})
"""Keywords that take a regular expression, with which a few characters can cost hours; or promise nothing."""

_REFERRING = 50
"""References in a schema that are followed; of more, each may be followed many times."""


def fits(schema: Mapping[str, Any], value: Any) -> bool | None:
    """Whether the value is one of the schema's, as far as can be told; None where it cannot."""
    try:
        written = json.dumps(schema)
        if len(written) > MOST or len(json.dumps(value)) > MOST or written.count('"$ref"') > _REFERRING:
            return None
        return fits_plainly(schema, value) or _is_valid(_without_patterns(schema), value)
    except Exception:
        return None


def fits_plainly(schema: Mapping[str, Any], value: Any) -> bool:
    """Whether it fits beyond doubt, without jsonschema, which takes long to import. Nearly all do."""
    try:
        if '"const"' in json.dumps(schema):  # which may be of any type here
            return False
        return Shape({"": _without_patterns(schema)}, "").fits(value)
    except Exception:  # a schema that is not of our own making
        return False


def _is_valid(schema: Mapping[str, Any], value: Any) -> bool:
    from jsonschema.validators import Draft202012Validator

    return bool(Draft202012Validator(schema).is_valid(value))


def _without_patterns(value: Any, *, names: bool = False) -> Any:
    """The schema without those keywords; `names` tells that it holds schemas by name, not keywords."""
    if isinstance(value, list):
        return [_without_patterns(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _without_patterns(one, names=key in ("properties", "$defs", "definitions") and not names)
        for key, one in value.items()
        if names or key not in _NOT_EVALUATED
    }

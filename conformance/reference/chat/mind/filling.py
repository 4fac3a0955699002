"""Writing a JSON value that satisfies a JSON Schema."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

_DEEPEST = 16

_FORMATS = {
    "date-time": "2025-01-01T00:00:00Z",
    "date": "2025-01-01",
    "time": "12:00:00Z",
    "email": "alice@example.com",
    "uri": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "ipv4": "127.0.0.1",
    "hostname": "example.com",
}


def fill(schema: Any, known: Mapping[str, Any]) -> Any:
    """A value for the schema. `known` holds what the conversation says about a property of that name.

    Understands type, enum, const, properties, required, items, bounds, formats, local $ref, allOf, and the
    first branch of anyOf and oneOf. A pattern is not understood.
    """
    return _Filler(schema, known).value(schema, "", 0)


class _Filler:
    def __init__(self, root: Any, known: Mapping[str, Any]) -> None:
        self._root = root
        self._known = {name.lower(): value for name, value in known.items()}

    def value(self, raw: Any, name: str, depth: int) -> Any:
        schema = self._resolved(raw)
        if depth > _DEEPEST:
            return None
        if "const" in schema:
            return schema["const"]
        if isinstance(schema.get("enum"), list) and schema["enum"]:
            wanted = self._known.get(name.lower())
            return wanted if wanted in schema["enum"] else schema["enum"][0]
        kind = schema.get("type") or ("object" if "properties" in schema else "string")
        if isinstance(kind, list):
            kind = next((k for k in kind if k != "null"), "null")
        if kind == "object":
            return self._object(schema, depth)
        if kind == "array":
            least = schema.get("minItems", 1)
            return [
                self.value(schema.get("items", {}), name, depth + 1) for _ in range(min(max(least, 1), 64))
            ]
        if kind == "boolean":
            known = self._known.get(name.lower())
            return known if isinstance(known, bool) else True
        if kind in ("integer", "number"):
            return self._number(schema, name, whole=kind == "integer")
        return None if kind == "null" else self._text(schema, name)

    def _resolved(self, raw: Any) -> Mapping[str, Any]:
        """The schema with references followed and combinations merged."""
        schema = raw if isinstance(raw, dict) else {}
        for _ in range(_DEEPEST):
            if isinstance(schema.get("$ref"), str):
                schema = self._pointed(schema["$ref"])
                continue
            branches = next((schema[k] for k in ("anyOf", "oneOf") if schema.get(k)), None)
            rest = {k: v for k, v in schema.items() if k not in ("anyOf", "oneOf", "allOf")}
            parts = list(schema.get("allOf") or ()) + (list(branches[:1]) if branches else [])
            if not parts:
                break
            schema = _merged([rest, *(part for part in parts if isinstance(part, dict))])
        return schema

    def _pointed(self, reference: str) -> dict[str, Any]:
        target = self._root
        for key in reference.removeprefix("#").split("/")[1:]:
            target = (
                target.get(key.replace("~1", "/").replace("~0", "~"), {}) if isinstance(target, dict) else {}
            )
        return target if isinstance(target, dict) else {}

    def _object(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        properties = schema.get("properties") or {}
        required = [name for name in schema.get("required") or () if isinstance(name, str)]
        names = [*properties, *(name for name in required if name not in properties)]
        wanted = [name for name in names if name in required or name.lower() in self._known]
        return {name: self.value(properties.get(name, {}), name, depth + 1) for name in wanted}

    def _number(self, schema: Mapping[str, Any], name: str, *, whole: bool) -> float:
        known = self._known.get(name.lower())
        low = max(schema.get("minimum", -math.inf), schema.get("exclusiveMinimum", -math.inf))
        high = min(schema.get("maximum", math.inf), schema.get("exclusiveMaximum", math.inf))
        if isinstance(known, int | float) and not isinstance(known, bool) and low <= known <= high:
            return int(known) if whole else known
        step = schema.get("multipleOf", 1)
        start = 1 if low == -math.inf else low
        value = math.ceil(start / step) * step
        value += step if value == schema.get("exclusiveMinimum") else 0
        if value > high or value == schema.get("exclusiveMaximum"):
            value = math.floor((high - step / 2 if "exclusiveMaximum" in schema else high) / step) * step
        return int(value) if whole else value

    def _text(self, schema: Mapping[str, Any], name: str) -> str:
        known = self._known.get(name.lower())
        text = str(known) if known is not None else _FORMATS.get(schema.get("format", ""), name or "text")
        text = text.ljust(min(schema.get("minLength", 0), 4096), "x")
        return text[: schema.get("maxLength", len(text))]


def _merged(schemas: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for schema in schemas:
        for key, value in schema.items():
            if key == "properties" and isinstance(merged.get(key), dict):
                merged[key] = {**merged[key], **value}
            elif key == "required" and isinstance(merged.get(key), list):
                merged[key] = [*merged[key], *value]
            else:
                merged[key] = value
    return merged

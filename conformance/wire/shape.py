"""Whether a value keeps a JSON Schema, and no more than that: what is wrong, jsonschema says.

Nearly everything that is checked is right. To find that out with jsonschema takes ten times as long, and its
import alone half as long as that of pytest. A test holds both against each other. What this cannot tell, it
does not call right; a keyword that it does not know is a mistake in the schema.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import chain, repeat
from typing import Any
from urllib.parse import urldefrag, urljoin

Check = Callable[[Any], bool]

_SAY_NOTHING = frozenset(("$schema", "$id", "$defs", "title", "description"))


class Shape:
    """A schema that is read once. `files` are all schemas, by their addresses; it stands at `address`.

    With `strict`, JSON is read strictly: 1.0 is no integer.
    """

    def __init__(self, files: Mapping[str, Mapping[str, Any]], address: str, *, strict: bool = False) -> None:
        self._files = files
        self._strict = strict
        self._known: dict[str, Check] = {}
        self._check = self._at(address)

    def fits(self, value: Any) -> bool:
        """Whether the value keeps the schema."""
        try:
            return self._check(value)
        except (_Unsure, RecursionError):
            return False

    def _at(self, address: str) -> Check:
        """The check of what stands at an address; nothing there refers to itself."""
        if address not in self._known:
            file, pointer = urldefrag(address)
            schema: Any = self._files[file]
            for step in filter(None, pointer.split("/")):
                schema = schema[step]
            self._known[address] = self._compiled(schema, file)
        return self._known[address]

    def _compiled(self, schema: Mapping[str, Any], file: str) -> Check:
        checks = tuple(self._checks(schema, file))
        return lambda value: all(check(value) for check in checks)

    def _checks(self, schema: Mapping[str, Any], file: str) -> Iterator[Check]:
        for word, wanted in schema.items():
            if word in _RULES:
                yield _RULES[word](wanted)
            elif word == "type":
                yield _is_of(wanted, self._strict)
            elif word == "$ref":
                yield self._at(urljoin(file, wanted))
            elif word == "not":
                yield _negated(self._compiled(wanted, file))
            elif word == "anyOf":
                yield _any_of(tuple(self._compiled(one, file) for one in wanted))
            elif word == "if":
                then, otherwise = (self._compiled(schema.get(each, {}), file) for each in ("then", "else"))
                yield _branching(self._compiled(wanted, file), then, otherwise)
            elif word == "propertyNames":
                yield _of_every(dict, self._compiled(wanted, file))
            elif word not in _SAY_NOTHING | _READ_WITH_OTHERS and not word.startswith("x-"):
                raise ValueError(f"{file}: {word} is no keyword of ours")
        if schema.keys() & {"properties", "additionalProperties"}:
            known = {name: self._compiled(one, file) for name, one in schema.get("properties", {}).items()}
            yield _members(known, self._or_any(schema.get("additionalProperties", True), file))
        if schema.keys() & {"prefixItems", "items"}:
            first = tuple(self._compiled(one, file) for one in schema.get("prefixItems", ()))
            yield _elements(first, self._or_any(schema.get("items", True), file))

    def _or_any(self, schema: Mapping[str, Any] | bool, file: str) -> Check:
        return (lambda _: bool(schema)) if isinstance(schema, bool) else self._compiled(schema, file)


_READ_WITH_OTHERS = frozenset(("then", "else", "properties", "additionalProperties", "prefixItems", "items"))


class _Unsure(Exception):
    """To tell would take as much as jsonschema does."""


_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "null": type(None),
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "string": str,
    "array": list,
    "object": dict,
}


def _is_of(wanted: str | list[str], strict: bool) -> Check:
    kinds = [wanted] if isinstance(wanted, str) else wanted
    boolean, whole = "boolean" in kinds, "integer" in kinds and not strict
    types = tuple(_TYPES[kind] for kind in kinds)

    def check(value: Any) -> bool:
        if isinstance(value, bool):
            return boolean
        return isinstance(value, types) or (whole and isinstance(value, float) and value.is_integer())

    return check


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _same(wanted: str | float | bool | None) -> Check:
    return lambda value: value == wanted and isinstance(value, bool) == isinstance(wanted, bool)


def _one_of(wanted: list[str | None]) -> Check:
    known = frozenset(wanted)
    return lambda value: (value is None or isinstance(value, str)) and value in known


def _required(wanted: list[str]) -> Check:
    return lambda value: not isinstance(value, dict) or all(name in value for name in wanted)


def _pattern(wanted: str) -> Check:
    pattern = re.compile(wanted)
    return lambda value: not isinstance(value, str) or pattern.search(value) is not None


def _sized(kind: type[Any], holds: Callable[[int, int], bool]) -> Callable[[int], Check]:
    return lambda wanted: lambda value: not isinstance(value, kind) or holds(len(value), wanted)


def _bounded(holds: Callable[[Any, Any], bool]) -> Callable[[float], Check]:
    return lambda wanted: lambda value: not _is_number(value) or holds(value, wanted)


def _unique(wanted: bool) -> Check:
    def check(value: Any) -> bool:
        if isinstance(value, list) and not all(isinstance(one, str) for one in value):
            raise _Unsure
        return not isinstance(value, list) or len(set(value)) == len(value)

    return check if wanted else lambda _: True


def _negated(check: Check) -> Check:
    return lambda value: not check(value)


def _any_of(checks: tuple[Check, ...]) -> Check:
    return lambda value: any(check(value) for check in checks)


def _branching(condition: Check, then: Check, otherwise: Check) -> Check:
    return lambda value: (then if condition(value) else otherwise)(value)


def _of_every(kind: type[Any], check: Check) -> Check:
    return lambda value: not isinstance(value, kind) or all(check(one) for one in value)


def _members(known: Mapping[str, Check], others: Check) -> Check:
    def check(value: Any) -> bool:
        return not isinstance(value, dict) or all(
            known.get(name, others)(member) for name, member in value.items()
        )

    return check


def _elements(first: tuple[Check, ...], others: Check) -> Check:
    def check(value: Any) -> bool:
        if not isinstance(value, list):
            return True
        checks = chain(first, repeat(others))
        return all(check(element) for check, element in zip(checks, value, strict=False))

    return check


_RULES: Mapping[str, Callable[[Any], Check]] = {
    "const": _same,
    "enum": _one_of,
    "required": _required,
    "pattern": _pattern,
    "uniqueItems": _unique,
    "minLength": _sized(str, lambda length, wanted: length >= wanted),
    "maxLength": _sized(str, lambda length, wanted: length <= wanted),
    "minItems": _sized(list, lambda length, wanted: length >= wanted),
    "maxItems": _sized(list, lambda length, wanted: length <= wanted),
    "minProperties": _sized(dict, lambda length, wanted: length >= wanted),
    "maxProperties": _sized(dict, lambda length, wanted: length <= wanted),
    "minimum": _bounded(lambda value, wanted: not value < wanted),
    "maximum": _bounded(lambda value, wanted: not value > wanted),
    "exclusiveMinimum": _bounded(lambda value, wanted: not value <= wanted),
}

"""Whether a JSON value has the shape that a JSON Schema gives it, with every error in plain words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

from conformance.wire.excerpt import describe, json_path
from conformance.wire.shape import Shape

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

MAX_VIOLATIONS = 1000
"""How many violations are looked for in one value: more are no more evidence, but cost time and memory."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One departure from a schema. `path` is such as `$.data[0].name`; `message` is bounded."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path} {self.message}"


class Shapes:
    """Schemas by name, which may refer to one another by their `$id`."""

    def __init__(self, schemas: Mapping[str, Mapping[str, Any]]) -> None:
        self._schemas = schemas
        self._shapes: dict[str, Shape] = {}
        self._validators: dict[str, Validator] = {}

    def violations(self, name: str, value: Any) -> tuple[Violation, ...]:
        """Every departure of a parsed JSON value from the schema of that name, in the order of their paths.

        JSON is read strictly here: 1.0 is no integer, and true is no number. At most MAX_VIOLATIONS.
        """
        if name not in self._shapes:
            files = {schema["$id"]: schema for schema in self._schemas.values()}
            self._shapes[name] = Shape(files, self._schemas[name]["$id"], strict=True)
        if self._shapes[name].fits(value):
            return ()
        if name not in self._validators:
            self._validators[name] = _validator(name, self._schemas)
        errors = islice(self._validators[name].iter_errors(value), MAX_VIOLATIONS)
        ordered = sorted(errors, key=lambda error: (_order(error.absolute_path), error.message))
        return tuple(Violation(json_path(error.absolute_path), error.message) for error in ordered)


def _order(path: Iterable[str | int]) -> list[tuple[int, str]]:
    """Paths in the order of positions, then of names: `[2]` before `[10]`."""
    return [(part, "") if isinstance(part, int) else (-1, part) for part in path]


def _validator(name: str, schemas: Mapping[str, Mapping[str, Any]]) -> Validator:
    # jsonschema takes a while to import; where nothing is wrong, a run does without.
    from jsonschema import Draft202012Validator, validators
    from jsonschema.exceptions import ValidationError
    from referencing import Registry
    from referencing.jsonschema import DRAFT202012

    def keyword(rule: Callable[[Any, Any], Iterator[_Found]]) -> Any:
        def check(_: Validator, wanted: Any, value: Any, __: object) -> Iterator[ValidationError]:
            for path, message in rule(wanted, value):
                yield ValidationError(message, path=path)

        return check

    extend: Any = validators.extend  # its type stub has no types
    strict: type[Validator] = extend(
        Draft202012Validator, {word: keyword(rule) for word, rule in _RULES.items()}
    )
    # With "$schema", one that another refers to would be read by the rules of jsonschema instead of ours.
    files = {
        each: {word: rule for word, rule in schema.items() if word != "$schema"}
        for each, schema in schemas.items()
    }
    registry: Registry[Any] = Registry().with_resources(
        [(file["$id"], DRAFT202012.create_resource(file)) for file in files.values()]
    )
    return strict(files[name], registry=registry)


# The keywords of JSON Schema that our schemas use and a value can violate: what the schema wants and the
# value give the departures. Those of jsonschema put the whole value into their messages, however large.

_Found = tuple[tuple[str, ...], str]
"""A departure: the path below the value, and the message."""

_TYPES: dict[str, tuple[type | tuple[type, ...], str]] = {
    "null": (type(None), "null"),
    "boolean": (bool, "a boolean"),
    "integer": (int, "an integer"),
    "number": ((int, float), "a number"),
    "string": (str, "a string"),
    "array": (list, "an array"),
    "object": (dict, "an object"),
}


def _is(kind: str, value: Any) -> bool:
    return isinstance(value, _TYPES[kind][0]) and (kind == "boolean" or not isinstance(value, bool))


def _type(wanted: str | list[str], value: Any) -> Iterator[_Found]:
    kinds = [wanted] if isinstance(wanted, str) else wanted
    if not any(_is(kind, value) for kind in kinds):
        yield (), f"must be {' or '.join(_TYPES[kind][1] for kind in kinds)}, not {describe(value)}"


def _const(wanted: str, value: Any) -> Iterator[_Found]:
    if value != wanted:
        yield (), f"must be {describe(wanted)}, not {describe(value)}"


def _enum(wanted: list[str | None], value: Any) -> Iterator[_Found]:
    if value not in wanted:
        words = ", ".join("null" if each is None else f'"{each}"' for each in wanted)
        yield (), f"must be one of {words}, not {describe(value)}"


def _required(wanted: list[str], value: Any) -> Iterator[_Found]:
    if isinstance(value, dict):
        yield from (((name,), "is missing") for name in wanted if name not in value)


def _minimum(wanted: int, value: Any) -> Iterator[_Found]:
    if _is("number", value) and value < wanted:
        yield (), f"must be at least {wanted}, not {describe(value)}"


def _maximum(wanted: int, value: Any) -> Iterator[_Found]:
    if _is("number", value) and value > wanted:
        yield (), f"must be at most {wanted}, not {describe(value)}"


def _at_least_one(_: Literal[1], value: Any) -> Iterator[_Found]:
    if value in ("", []):
        yield (), "must not be empty"


def _max_items(wanted: int, value: Any) -> Iterator[_Found]:
    if isinstance(value, list) and len(value) > wanted:
        yield (), f"must have at most {wanted} elements, not {len(value)}"


def _not_blank(wanted: str, value: Any) -> Iterator[_Found]:
    if isinstance(value, str) and not re.search(wanted, value):
        yield (), "must not be blank"


_RULES: dict[str, Callable[[Any, Any], Iterator[_Found]]] = {
    "type": _type,
    "const": _const,
    "enum": _enum,
    "required": _required,
    "minimum": _minimum,
    "maximum": _maximum,
    "minLength": _at_least_one,
    "minItems": _at_least_one,
    "maxItems": _max_items,
    "pattern": _not_blank,
}

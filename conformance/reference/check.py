"""The words in which the rules for parameters are written."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.reference.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Check:
    """A test of one JSON value, and the words for what it should have been."""

    expected: str
    accepts: Callable[[Any], bool]

    def demand(self, value: Any, param: str) -> None:
        """Raise the refusal that names `param` unless the value is accepted. The value is never repeated."""
        if not self.accepts(value):
            raise invalid(param, f"expected {self.expected}, but got {_described(value)}")


def invalid(param: str, why: str, *, code: str = "invalid_value") -> Refusal:
    """The refusal for a parameter that breaks a rule."""
    return Refusal(f"Invalid value for '{param}': {why}.", param=param, code=code)


def is_integer(value: Any) -> bool:
    """Whether JSON wrote an integer: true is none, and 1.0 is none either."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: Any) -> bool:
    """Whether JSON wrote a finite number: true is none, and 1e999 is none either."""
    return is_integer(value) or (isinstance(value, float) and math.isfinite(value))


def number(low: float, high: float) -> Check:
    """A number within closed bounds."""
    return Check(f"a number from {low} to {high}", lambda v: is_number(v) and low <= v <= high)


def integer(low: int, high: int | None = None) -> Check:
    """An integer within closed bounds."""
    if high is None:
        return Check(f"an integer of at least {low}", lambda v: is_integer(v) and v >= low)
    return Check(f"an integer from {low} to {high}", lambda v: is_integer(v) and low <= v <= high)


def string(longest: int | None = None, *, shortest: int = 0) -> Check:
    """A string of limited length in characters."""
    words = "a non-empty string" if shortest else "a string"
    limit = "" if longest is None else f" of at most {longest} characters"

    def accepts(value: Any) -> bool:
        return (
            isinstance(value, str) and shortest <= len(value) and (longest is None or len(value) <= longest)
        )

    return Check(words + limit, accepts)


def one_of(*values: str) -> Check:
    """One of the strings of a closed list."""
    return Check("one of " + ", ".join(map(repr, values)), lambda v: isinstance(v, str) and v in values)


def array(item: Check, most: int | None = None, *, least: int = 0) -> Check:
    """An array of limited length whose items are all accepted."""
    bounds = f"{least} to {most}" if most is not None else f"at least {least}"

    def accepts(value: Any) -> bool:
        return (
            isinstance(value, list)
            and least <= len(value)
            and (most is None or len(value) <= most)
            and all(map(item.accepts, value))
        )

    return Check(f"an array of {bounds} items, each {item.expected}", accepts)


def either(*checks: Check) -> Check:
    """What any of the checks accepts."""
    return Check(" or ".join(c.expected for c in checks), lambda v: any(c.accepts(v) for c in checks))


def members(value: Any, param: str, known: Iterable[str]) -> Mapping[str, Any]:
    """The value as an object that has no members but the known ones."""
    OBJECT.demand(value, param)
    known = set(known)
    for name in value:
        if name not in known:
            path = f"{param}.{name[:64]}"
            raise Refusal(f"Unknown parameter: '{path}'.", param=path, code="unknown_parameter")
    return dict(value)


BOOLEAN = Check("true or false", lambda v: isinstance(v, bool))
OBJECT = Check("an object", lambda v: isinstance(v, dict))
NULL = Check("null", lambda v: v is None)


def _described(value: Any) -> str:
    if isinstance(value, bool):
        return "a boolean"
    if is_number(value):
        return f"{value:.12g}" if abs(value) < 1e12 else "a number out of range"
    kinds: dict[type, str] = {str: "a string", list: "an array", dict: "an object", type(None): "null"}
    kind = kinds.get(type(value), "a number that is not finite")
    return kind if value or value is None else f"{kind} that is empty"

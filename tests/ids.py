"""Names for the rows of a table of tests that nobody has named: what its values are, `ids=by_value`.

pytest says of what is no text and no number only where it stands, `members3`. That tells nobody what broke.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from enum import Enum

from conformance.asking.probe import Probe
from conformance.contracts.view import View
from conformance.judging.requirement import Case
from conformance.wire.record import Attempt, Exchange

LONGEST = 60
"""Characters of a name that a value may take."""

ALIKE = frozenset({"id", "object", "created", "model", "choices", "index"})
"""Members that most answers have alike."""


def by_value(value: object) -> str:
    """The value in a few words."""
    text = re.sub(r"\s+", " ", _words(value)).strip()
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]}…{text[-LONGEST // 2 + 1 :]}"


def _words(value: object) -> str:
    match value:
        case Enum():
            return str(value.value)
        case str():
            return value if value.strip() else f"{len(value)} spaces" if value else "empty"
        case bytes():
            return _words(value[: 4 * LONGEST].decode("utf-8", "backslashreplace"))
        case Mapping():
            return _members(value)
        case list() | tuple() | set() | frozenset():
            words = map(by_value, value)
            ordered = words if isinstance(value, list | tuple) else sorted(words)
            return ", ".join(ordered) or "none of them"
        case Exchange():
            return f"{value.probe}: {_words(value.last)}"
        case View():
            return _words(value.exchange)
        case Attempt():
            return _response(value)
        case Probe():
            return value.name
        case Case():
            return value.requirement.id
        case _ if callable(value):
            name = getattr(value, "__name__", type(value).__name__)
            return "computed" if name == "<lambda>" else name.removeprefix("test_").replace("_", " ")
        case _:
            return str(value)


def _members(value: Mapping[object, object]) -> str:
    telling = {name: one for name, one in value.items() if name not in ALIKE} or value
    return ", ".join(f"{_words(name)}: {by_value(one)}" for name, one in telling.items()) or "no members"


def _response(attempt: Attempt) -> str:
    """What is special about a response: its failure, and of an answer what is said in it."""
    failure = "" if attempt.failure is None else f" {attempt.failure.kind}"
    if attempt.status is None:
        return failure.strip()
    try:
        (choice,) = json.loads(attempt.body)["choices"]
        said = _words(choice["message"].get("content"))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        said = _words(attempt.body)
    return f"{attempt.status if attempt.status != 200 or not said else ''}{failure} {said}".strip()

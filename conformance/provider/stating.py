"""What is wrong with claims that have the right shape: words that contradict each other, quotes of no day."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from conformance.provider.located import Located, Path
from conformance.provider.mistakes import Mistake, shown
from conformance.provider.model import STATES

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def date_fault(name: str, text: str) -> str | None:
    """What is wrong with a date, or None."""
    try:
        if _DATE.fullmatch(text) and date.fromisoformat(text):
            return None
    except ValueError:
        return f"{name} must be a date, and there is no {text}"
    return f"{name} must be a date such as 2027-01-31, not {shown(text)}"


def day_fault(text: str) -> str | None:
    """What is wrong with the day on which a page was read, or None."""
    return date_fault("read", text)


def misstated(document: Located, path: Path, *, is_dated: bool) -> Iterator[Mistake]:
    """Every fault in the claims at the path. `is_dated`: it is said of all when the documents were read."""
    claims = document.data
    for step in path:
        claims = claims[step]
    for name, given in claims.items():
        if isinstance(given, dict):
            for key, message in _faults(name, given, is_dated=is_dated):
                yield document.at_value((*path, name, key), message)


def _faults(name: str, given: Mapping[str, Any], *, is_dated: bool) -> Iterator[tuple[str, str]]:
    """The key of what is wrong, and what that is."""
    words = [word for word in (*STATES, "capped", "renamed", "only_with") if given.get(word)]
    outcomes = [word for word in words if word in STATES]
    if given.get("supported") is True and outcomes:
        yield outcomes[0], f"{name} is said to be supported and {outcomes[0]}; state one of them"
    elif len(words) > 1 and outcomes:
        first, second = words[:2]
        yield second, f"{name} is said to be {first} and {_called(second)}; state one of them"
    low, high = given.get("min"), given.get("max")
    if low is not None and high is not None and low > high:
        yield "max", f"max of {name} is below its min, which is {low}"
    default = given.get("default")
    if isinstance(default, int | float) and not isinstance(default, bool):
        if low is not None and default < low:
            yield "default", f"the default {default} of {name} is below its min, which is {low}"
        elif high is not None and default > high:
            yield "default", f"the default {default} of {name} is above its max, which is {high}"
    if given.get("capped") and high is None:
        yield "capped", f"{name} is said to be capped, and not at what; add max"
    if given.get("renamed") == name:
        yield "renamed", f"{name} has its own name; leave renamed out"
    if "quote" in given and "read" not in given and not is_dated:
        fix = "add read: 2026-01-31"
        yield "quote", f"the quote about {name} lacks the day on which the page was read; {fix}"
    if "quote" in given and "url" not in given and not is_dated:
        yield "quote", f"the quote about {name} lacks the address of the page; add url: https://…"
    if "quote" not in given and "read" in given:
        yield "read", f"read is the day of a quote, and {name} has none; add quote"
    if "read" in given and (message := day_fault(given["read"])):
        yield "read", message


def _called(word: str) -> str:
    return {"only_with": "supported with some models only"}.get(word, word)

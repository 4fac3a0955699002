"""What an error says, in whichever shape: its words, and the parameter that it is about.

OpenAI has an object `error` with `message` and `param`. Others were seen to send `{"error": "…"}`,
`{"message": "…"}`, and what FastAPI makes of its own validation: `{"detail": [{"loc": ["body", "n"], "msg":
"…"}]}`, at times printed into the message of another object.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_MEMBERS = ("error", "detail", "errors")
_PRINTED = re.compile(r"""['"]loc['"]:\s*[(\[]\s*['"]body['"],\s*['"](\w{1,60})['"]""")
"""A place in a body as Python prints it."""

_PATH = re.compile(r"(?:\$\.|body\.)?(\w{1,60})")

READ = 4000
"""Characters of an error in which a place is looked for."""


def words(value: Any) -> str | None:
    """What is told to people; None where the error has no words of its own."""
    for one in _told(value):
        if isinstance(one, str) and one.strip():
            return one
        text = (one.get("message") or one.get("msg")) if isinstance(one, dict) else None
        if isinstance(text, str) and text.strip():
            place = _place(one.get("loc"))
            return f"{place}: {text}" if place else text
    return None


def parameter(value: Any) -> str | None:
    """The member of the request that the error is about, as far as it says so by more than its words."""
    for one in _told(value):
        if isinstance(one, dict):
            if (name := one.get("param")) and isinstance(name, str):
                return _head(name)
            if place := _place(one.get("loc")):
                return _head(place)
    printed = _PRINTED.search((words(value) or "")[:READ])
    return printed[1] if printed else None


def _told(value: Any) -> Iterator[Any]:
    """The objects and texts that say what was wrong, the most telling first."""
    if not isinstance(value, dict):
        return
    for name in _MEMBERS:
        member = value.get(name)
        yield from member[:5] if isinstance(member, list) else (member,) if member is not None else ()
    yield value


def _place(loc: Any) -> str:
    """Where FastAPI says that the mistake is, without `body` before it: `tool_choice.str`."""
    if not isinstance(loc, list):
        return ""
    parts = [str(part) for part in loc[:9] if isinstance(part, str | int)]
    return ".".join(parts[1:] if parts[:1] == ["body"] else parts)[:100]


def _head(path: str) -> str | None:
    """The member of the request in which a path begins."""
    found = _PATH.match(path)
    return found[1] if found else None

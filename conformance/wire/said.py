"""What a server says where it does not serve a request, in its own words.

Services put them in many places: in OpenAI's error object, in `detail`, in `message`, in `base_resp`, as JSON
within JSON, or in a web page. All of it is hostile: bounded before it is read, and printable after.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from conformance.wire import bounded
from conformance.wire.excerpt import printable
from conformance.wire.record import Attempt

QUOTED = 160
"""Characters of a server's words that a message repeats."""

_READ = 2**16
"""Bytes of a body that are looked at; of what others send, enough for a web page with its style sheets."""

_ALL = 4000
"""Characters of everything that a body says."""

_DEPTH = 8
_STRINGS = 100
_MESSAGES = (
    *("error", "errors", "message", "msg", "detail", "error_description", "error_message", "error_msg"),
    *("errorMessage", "status_msg", "base_resp", "fault", "faultstring", "reason", "title"),
)
"""Members that hold the message, the most telling first."""

_CODES = ("code", "type", "status", "reason", "error_code")

_TITLE = re.compile(r"(?is)<title[^>]{0,200}>(.{0,400}?)</title")
_HEADING = re.compile(r"(?is)<h1[^>]{0,200}>(.{0,400}?)</h1")
_NAME = re.compile(r"[a-z]{1,10}")
_UNSHOWN = frozenset({"script", "style", "head", "noscript"})
"""What of a page nobody reads."""

_CHALLENGES = (b"challenge-platform", b"cf-chl", b"captcha", b"just a moment", b"_incapsula_", b"ddos-guard")
"""What pages say that want to know whether a human is there, in lower case."""


@dataclass(frozen=True, slots=True)
class Said:
    """`message` is one line for people, `codes` what programs read, `everything` all text, in lower case."""

    message: str
    codes: tuple[str, ...]
    everything: str
    is_page: bool

    @property
    def quoted(self) -> str:
        """The words in quotation marks, bounded, with a code that says more; empty where there are none."""
        code = next((one for one in self.codes if one.lower() not in self.message.lower()), "")
        if not self.message:
            return f"“{_short(code)}”" if code else ""
        return f"“{_short(self.message)}”{f' ({_short(code, 60)})' if code else ''}"


def said(attempt: Attempt) -> Said:
    """What the body says."""
    body = b"".join(data for _, data in attempt.chunks[:64])[:_READ]
    if is_page(attempt):
        text = body.decode("utf-8", "replace")
        shown, found = _shown(text), _TITLE.search(text) or _HEADING.search(text)
        title = _shown(found[1]) if found else ""
        return Said(title or shown, (), f"{title} {shown}"[:_ALL].lower(), True)
    value = _value(body)
    if value is bounded.MISSING:
        text = _line(body[:_ALL].decode("utf-8", "replace"))
        return Said(text, (), text.lower(), False)
    everything = " ".join(_strings(value))[:_ALL].lower()
    return Said(_line(_message(value)), tuple(_codes(value)), everything, False)


def is_page(attempt: Attempt) -> bool:
    """Whether the body is a web page, whatever it is labelled."""
    kind = (attempt.header("content-type") or "").partition(";")[0].strip().lower()
    begins = attempt.body[:200].lstrip().lower()
    return kind in ("text/html", "application/xhtml+xml") or begins.startswith((b"<!doctype html", b"<html"))


def asks_for_a_human(attempt: Attempt) -> bool:
    """Whether it is a page that wants to know whether a human is there, or is said to be one."""
    page = (attempt.header("content-type") or "").partition(";")[0].strip().lower() == "text/html"
    asked = page and any(words in attempt.body[:100_000].lower() for words in _CHALLENGES)
    return asked or "challenge" in (attempt.header("cf-mitigated") or "").lower()


def _shown(text: str) -> str:
    """The text of a page, in a line. Takes one step for each tag, whatever the tags are."""
    first, *pieces = text.split("<")
    kept, inside = [first], ""
    for piece in pieces:
        rest = piece.partition(">")[2]
        begins = _NAME.match(piece.lower())
        if inside == "!--" or (not inside and piece.startswith("!--")):
            _, closed, rest = piece.partition("-->")
            inside = "" if closed else "!--"
        elif inside:
            inside = "" if piece.lower().startswith(f"/{inside}") else inside
        elif begins and begins[0] in _UNSHOWN:
            inside = begins[0]
        if not inside:
            kept.append(rest)
    return _line(html.unescape(" ".join(kept)))


def _value(body: bytes) -> Any:
    """The JSON value of a body, or of the first event of a stream that is one."""
    value = bounded.read(body)
    if value is bounded.MISSING and body.lstrip().startswith((b"data:", b"event:", b":")):
        events = (line[5:] for line in body.splitlines()[:20] if line.startswith(b"data:"))
        value = next((one for one in map(bounded.read, events) if isinstance(one, dict)), value)
    return value


def _message(value: Any, depth: int = 0) -> str:
    """The words for people in a JSON value."""
    if depth > _DEPTH:
        return ""
    if isinstance(value, str):
        nested = bounded.read(value.encode("utf-8", "replace")) if value.lstrip().startswith("{") else None
        return (_message(nested, depth + 1) if isinstance(nested, dict) else "") or value
    if isinstance(value, list):
        return next(filter(None, (_message(one, depth + 1) for one in value[:5])), "")
    if isinstance(value, dict):
        parts = [_message(value[name], depth + 1) for name in _MESSAGES if name in value]
        # A bare word such as "Unauthorized" may stand beside the sentence that explains it.
        return (
            ": ".join(dict.fromkeys(filter(None, parts[:2])))
            if _is_bare(value)
            else next(filter(None, parts), "")
        )
    return ""


def _is_bare(value: dict[str, Any]) -> bool:
    return isinstance(value.get("error"), str) and isinstance(value.get("message"), str)


def _codes(value: Any) -> Iterator[str]:
    """The words for programs: numbers say no more than the status does."""
    if isinstance(value, list):
        value = value[0] if value else None
    if not isinstance(value, dict):
        return
    inner = value.get("error")
    for holder in (inner, value):
        if isinstance(holder, dict):
            found = (holder.get(name) for name in _CODES)
            yield from (one for one in found if isinstance(one, str) and one and not one.isdigit())


def _strings(value: Any) -> Iterator[str]:
    """The texts in a JSON value, JSON within them read as well."""
    todo, left = [value], _STRINGS
    while todo and left > 0:
        one = todo.pop(0)
        left -= 1
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            todo += list(one.values())[:_STRINGS]
        elif isinstance(one, list):
            todo += one[:_STRINGS]


def _line(text: str) -> str:
    return printable(" ".join(text[:_ALL].split()))


def _short(text: str, limit: int = QUOTED) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"

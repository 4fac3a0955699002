"""Where findings that name no place are marked: by the words of their messages. Goes once all name one."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from conformance.report.results.marks import _LARGEST, LONGEST, Mark, _mark
from conformance.report.text import clip, decoded
from conformance.wire import sse
from conformance.wire.excerpt import json_path
from conformance.wire.record import Attempt

_BYTE = re.compile(r"\bbyte (\d{1,9})\b")
_PATH = re.compile(r"\$(?:\.\w+|\[\d+\]|\[\"[^\"]*\"\])+")
_STATUS = re.compile(r"(?<!\()\bHTTP (\d{3})\b")
"""In parentheses a status only says which answer is meant."""

_HEADER = re.compile(r"\b[A-Za-z]+(?:-[A-Za-z]+)+\b")
_QUOTED = re.compile(r"'(?:[^'\\]|\\.){2,400}'|\"(?:[^\"\\]|\\.){2,400}\"")
_NAME = re.compile(
    r"`([A-Za-z_][\w.\[\]]*)`|\b([a-z]+(?:_[a-z]+)+)\b|\b(usage|choices|content|role|model|object|created|index|delta)\b"
)
_PRIVATE = frozenset({"set-cookie"})
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+')


@dataclass(frozen=True, slots=True)
class _Value:
    """A value in the body: where it is, and the name of the member that it is."""

    event: int | None
    steps: tuple[str | int, ...]
    name: str
    start: int
    key_start: int
    end: int
    token: bytes

    @property
    def path(self) -> str:
        """Where it is, in JSON's terms."""
        return json_path(self.steps)

    @property
    def text(self) -> str:
        """The string that it is; of anything else, nothing."""
        if not self.token.startswith(b'"'):
            return ""
        try:
            return str(json.loads(self.token))
        except ValueError:
            return decoded(self.token[1:-1])


def mark_by_words(exchange: str, message: str, attempt: Attempt) -> Mark | None:
    """The place that the message speaks of, if there is one."""
    status = _STATUS.search(message)
    if status is not None and attempt.status == int(status[1]):
        return Mark(exchange, None, "status", None, 0, "", f"HTTP {attempt.status}", "")
    for name in map(str.lower, _HEADER.findall(message)):
        if (value := attempt.header(name)) is not None and name not in _PRIVATE:
            return Mark(exchange, None, name, None, 0, f"{name}: ", clip(value, LONGEST), "")
    body = attempt.body
    if len(body) > _LARGEST:
        return None
    found = _place(message, attempt, body)
    return None if found is None else _mark(exchange, body, *found)


def _place(message: str, attempt: Attempt, body: bytes) -> tuple[int | None, str, int, int] | None:
    """Event, path, first byte and the byte after the last one."""
    values = list(_values(attempt, body))
    if (byte := _BYTE.search(message)) is not None and int(byte[1]) < len(body):
        at = int(byte[1])
        holder = next((one for one in values if one.start <= at < one.end), None)
        return (holder.event if holder else None, holder.path if holder else "", at, at + 1)
    for path in _PATH.findall(message):
        for one in values:
            if one.path == path:
                return one.event, one.path, one.key_start, one.end
    return _quoted(message, values) or _named(message, values)


def _quoted(message: str, values: list[_Value]) -> tuple[int | None, str, int, int] | None:
    literals = [meant for meant in map(_meant, _QUOTED.findall(message)) if len(meant.strip()) >= 2]
    texts = [(one, text) for one in values if (text := one.text)] if literals else []
    for wanted in literals:
        found = next((one for one, text in texts if wanted in text), None) or _across(wanted, texts)
        if found is not None:
            return found.event, found.path, found.start, found.end
    return None


def _across(wanted: str, texts: list[tuple[_Value, str]]) -> _Value | None:
    """The piece of a stream that completes a text which was sent in several."""
    joined, ends = "", []
    for one, text in texts:
        if one.event is not None and one.name == "content":
            joined += text
            ends.append((len(joined), one))
    at = joined.find(wanted)
    return None if at < 0 else next(one for end, one in ends if end >= at + len(wanted))


def _named(message: str, values: list[_Value]) -> tuple[int | None, str, int, int] | None:
    for match in _NAME.finditer(message):
        name = next(filter(None, match.groups())).rpartition(".")[2]
        named = [one for one in values if one.name == name]
        if named:
            # What is wrong with the same member of every chunk shows at the end, such as a missing reason.
            one = named[-1]
            return one.event, one.path, one.key_start, one.end
    return None


def _meant(literal: str) -> str:
    """The text that a message quotes, as Python writes it."""
    text = literal[1:-1].strip("…")
    try:
        return str(ast.literal_eval(f'"{text}"')) if '"' not in text else text
    except (ValueError, SyntaxError):
        return text


def _values(attempt: Attempt, body: bytes) -> Iterator[_Value]:
    """Every scalar of the answer, in order; of a stream, event by event."""
    if "text/event-stream" not in (attempt.header("content-type") or "").lower():
        yield from _scalars(body, 0, None)
        return
    for event in sse.read(attempt.chunks).events:
        at = body.find(b"{", event.offset)
        if len(event.lines) == 1 and event.data.startswith("{") and at >= 0:
            yield from _scalars(body[at : at + len(event.data.encode("utf-8", "replace"))], at, event.number)


def _scalars(text: bytes, base: int, event: int | None) -> Iterator[_Value]:
    """The scalars of a JSON text with their paths. Of a text that is no JSON, what was read until then."""
    stack: list[str | int] = []
    key_start, expects_key = 0, False
    opened: list[bytes] = []
    for match in _TOKEN.finditer(text):
        token, at = match[0], base + match.start()
        if token in (b"{", b"["):
            if len(opened) > 60:
                return
            opened.append(token)
            stack.append("" if token == b"{" else 0)
            expects_key = token == b"{"
        elif token in (b"}", b"]"):
            if not opened:
                return
            opened.pop()
            stack.pop()
            expects_key = False
        elif token == b",":
            if not opened:
                return
            if opened[-1] == b"[":
                last = stack[-1]
                stack[-1] = last + 1 if isinstance(last, int) else 0
            expects_key = opened[-1] == b"{"
        elif token == b":":
            expects_key = False
        elif expects_key:
            stack[-1], key_start = decoded(token[1:-1])[:60], at
        else:
            in_object = bool(opened) and opened[-1] == b"{"
            name = str(stack[-1]) if in_object else ""
            yield _Value(
                event,
                tuple(stack),
                name,
                at,
                key_start if in_object else at,
                base + match.end(),
                token,
            )

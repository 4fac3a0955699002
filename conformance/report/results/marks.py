"""Where in an answer the thing is that a finding speaks of: what stands at its place, and around it.

A judge points at a place: an event, a JSON path, a byte. This finds the bytes. Of a member that is missing,
the object or the event is marked in which it is missing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from conformance.report.text import clip, decoded
from conformance.wire import sse
from conformance.wire.excerpt import json_path
from conformance.wire.place import STATUS, Place
from conformance.wire.record import Attempt

AROUND = 48
"""Bytes that are shown before and after the marked ones."""

LONGEST = 120
"""Bytes that are marked; of a longer value, its beginning."""

_LARGEST = 2**18
"""Bytes of a body that is searched; the suite's own probes get far less."""

_DEEPEST = 60
_LAST_STEP = re.compile(r"(?:\.\w+|\[[^\[\]]*\]|.)\Z")
_PRIVATE = frozenset({"set-cookie"})
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+')


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the response of an exchange.

    `event` counts from 1 and is None where the answer is no stream; `path` is empty where there is none;
    `offset` and `length` count bytes of the body. `before`, `text` and `after` are what stands there, made
    visible. The status and the headers of a response have no offset; their path is `status`, or the name.
    """

    exchange: str
    event: int | None
    path: str
    offset: int | None
    length: int
    before: str
    text: str
    after: str


@dataclass(frozen=True, slots=True)
class _Text:
    """A JSON text in the body: the event that has it, and where it stands."""

    event: int | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Value:
    """A value of a JSON text: its path, where the member that it is begins, and where it stands itself."""

    path: str
    key_start: int
    start: int
    end: int


@dataclass(slots=True)
class _Open:
    """An object or array whose end has not come."""

    start: int
    key_start: int
    is_object: bool
    step: str | int = 0
    expects_key: bool = field(default=False)


def mark(place: Place, attempt: Attempt) -> Mark | None:
    """What stands at the place, if anything does."""
    if place.path and not place.path.startswith("$"):
        return _outside(place, attempt)
    if place.event is None and place.offset is None and not place.path:
        return None
    body = attempt.body
    found = None if len(body) > _LARGEST else _range(place, attempt, body)
    if found is None:
        return None
    event, path, start, end = found
    return _mark(place.exchange, body, event, path, start, end)


def _outside(place: Place, attempt: Attempt) -> Mark | None:
    """The status, or a header."""
    if place.path == STATUS:
        status = attempt.status
        shown = f"HTTP {status}"
        return None if status is None else Mark(place.exchange, None, STATUS, None, 0, "", shown, "")
    value = attempt.header(place.path)
    if value is None or place.path in _PRIVATE:
        return None
    return Mark(place.exchange, None, place.path, None, 0, f"{place.path}: ", clip(value, LONGEST), "")


def _range(place: Place, attempt: Attempt, body: bytes) -> tuple[int | None, str, int, int] | None:
    """Event, path, first byte and the byte after the last one."""
    texts = list(_texts(attempt, body, streamed=place.event is not None))
    if place.offset is not None:
        return _at_byte(place, texts, body) if body.strip() and place.offset <= len(body) else None
    if place.event is not None:
        texts = [text for text in texts if text.event == place.event]
    if not place.path:
        return _whole(place, texts)
    for path in _upwards(place.path) if len(texts) == 1 else (place.path,):
        for text in texts:
            for value in _values(body, text):
                if value.path == path:
                    start, end = _part(place.text, body, value)
                    return text.event, path, start, end
    return _whole(place, texts)


def _whole(place: Place, texts: list[_Text]) -> tuple[int | None, str, int, int] | None:
    """The event that is meant. A body is not marked as a whole."""
    return None if place.event is None or not texts else (place.event, "", texts[0].start, texts[0].end)


def _upwards(path: str) -> Iterator[str]:
    """The path, and those of what a missing member would stand in, up to the members of the whole."""
    while path not in ("", "$"):
        yield path
        path = _LAST_STEP.sub("", path)


def _at_byte(place: Place, texts: list[_Text], body: bytes) -> tuple[int | None, str, int, int]:
    """The byte; where the body ended too early, the last one that is to be seen."""
    at = place.offset or 0
    if at == len(body):
        at = len(body.rstrip()) - 1
    text = next((one for one in texts if one.start <= at < one.end), None)
    holders = [] if text is None else [one for one in _values(body, text) if one.start <= at < one.end]
    path = min(holders, key=lambda one: one.end - one.start).path if holders else ""
    return text.event if text else place.event, path, at, at + 1


def _part(said: str, body: bytes, value: _Value) -> tuple[int, int]:
    """The bytes of what is meant of a value: a part of a text, if it is found, or the whole member."""
    for written in (said, json.dumps(said)[1:-1], json.dumps(said, ensure_ascii=False)[1:-1]):
        wanted = written.encode("utf-8", "replace")
        at = body.find(wanted, value.start, value.end) if said else -1
        if at >= 0:
            return at, at + len(wanted)
    return value.key_start, value.end


def _mark(exchange: str, body: bytes, event: int | None, path: str, start: int, end: int) -> Mark:
    end = min(end, start + LONGEST)
    while end < len(body) and body[end] & 0xC0 == 0x80:
        end += 1
    first, last = max(start - AROUND, 0), min(end + AROUND, len(body))
    while first < start and body[first] & 0xC0 == 0x80:
        first += 1
    while last > end and last < len(body) and body[last] & 0xC0 == 0x80:
        last -= 1
    before, text, after = decoded(body[first:start]), decoded(body[start:end]), decoded(body[end:last])
    return Mark(exchange, event, path, start, end - start, before, text, after)


def _texts(attempt: Attempt, body: bytes, *, streamed: bool) -> Iterator[_Text]:
    """The JSON texts of the answer: the body, or of a stream what each event says."""
    if not streamed and "text/event-stream" not in (attempt.header("content-type") or "").lower():
        yield _Text(None, 0, len(body))
        return
    for event in sse.read(attempt.chunks).events:
        said = event.data.encode("utf-8", "replace") if len(event.lines) == 1 else b""
        at = body.find(said, event.offset)
        if said and at >= 0:
            yield _Text(event.number, at, at + len(said))


def _values(body: bytes, text: _Text) -> Iterator[_Value]:
    """The values of a JSON text, each when it ends. Of a text that is no JSON, what was read until then."""
    opened: list[_Open] = []

    def ended(start: int, key_start: int, end: int) -> _Value:
        return _Value(json_path(one.step for one in opened), key_start, start, end)

    key_start: int | None = None
    for match in _TOKEN.finditer(body, text.start, text.end):
        token, at = match[0], match.start()
        inside = opened[-1] if opened else None
        begins = at if key_start is None else key_start
        if token in (b"{", b"["):
            if len(opened) > _DEEPEST:
                return
            is_object = token == b"{"
            opened.append(_Open(at, begins, is_object, "" if is_object else 0, expects_key=is_object))
            key_start = None
        elif token in (b"}", b"]"):
            if inside is None:
                return
            opened.pop()
            yield ended(inside.start, inside.key_start, match.end())
            key_start = None
        elif token == b",":
            if inside is None:
                return
            inside.expects_key = inside.is_object
            if isinstance(inside.step, int):
                inside.step += 1
            key_start = None
        elif token == b":":
            continue
        elif inside is not None and inside.expects_key:
            inside.step, inside.expects_key, key_start = decoded(token[1:-1])[:60], False, at
        else:
            yield ended(at, begins, match.end())
            key_start = None

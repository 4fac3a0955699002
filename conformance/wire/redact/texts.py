"""The JSON texts in a body: all of it, the events of a stream, or whatever else stands in its lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from conformance.wire import bounded
from conformance.wire.bounded import MISSING
from conformance.wire.redact.spans import Place

_LINE = re.compile(rb"[^\r\n]+")
_DATA = re.compile(rb"data:[ \t]*", re.IGNORECASE)
_BARE = re.compile(rb'[^\[{"]{0,40}(?=[\[{"])')
_ENDINGS = (b"\n", b"\r\n", b"\r")


class Text(NamedTuple):
    """A text in a body: where it stands, what it is, and its value, or MISSING."""

    start: int
    stop: int
    data: bytes
    value: Any


def texts(whole: bytes) -> Iterator[Text]:
    """The JSON texts in a body: all of it, or what stands in the lines of a stream."""
    if whole[:64].lstrip()[:1] in (b"{", b"["):
        value = value_of(whole)
        if value is not MISSING:
            yield Text(0, len(whole), whole, value)
            return
    event: list[Place] = []
    for line in _LINE.finditer(whole):
        start, stop = line.span()
        if data := _DATA.match(whole, start, stop):
            if event and whole[event[-1][1] : start] not in _ENDINGS:
                yield from _event(whole, event)
                event = []
            event.append((data.end(), stop))
        elif bare := _BARE.match(whole, start, stop):
            yield from _event(whole, [(bare.end(), stop)])
    yield from _event(whole, event)


def _event(whole: bytes, lines: Sequence[Place]) -> Iterator[Text]:
    """The lines of an event together, if they are one JSON text, or each by itself."""
    if len(lines) > 1:
        data = b"\n".join(whole[start:stop] for start, stop in lines)
        value = value_of(data)
        if value is not MISSING:
            yield Text(lines[0][0], lines[-1][1], data, value)
            return
    for start, stop in lines:
        data = whole[start:stop]
        yield Text(start, stop, data, value_of(data))


def value_of(data: bytes) -> Any:
    """The value of a JSON text, or MISSING."""
    return bounded.read(data) if data[:1] in (b"{", b"[", b'"') else MISSING


_STRING = re.compile(
    rb'"([^"\\]*(?:\\.[^"\\]*){0,1000})"?(\s{0,9}:)?|(?<![\w.-])([0-9]{1,3})(?![\w.])', re.DOTALL
)
_QUOTED = re.compile(rb"'([^'\\]*(?:\\.[^'\\]*){0,1000})'?(\s{0,9}:)?()", re.DOTALL)


def strings(data: bytes) -> Iterator[tuple[bytes, int, str]]:
    """The strings and small numbers of a text that is no JSON, or too much of it: name, kind and string."""
    yield b"", 0, data.decode("latin-1")
    for kind, pattern in ((1, _STRING), (2, _QUOTED)):
        name = b""
        for match in pattern.finditer(data):
            text, colon, number = match.groups()
            if number:
                yield name, 3, chr(int(number))
            elif colon:
                name = text
            elif text:
                yield name, kind, text.decode("latin-1")

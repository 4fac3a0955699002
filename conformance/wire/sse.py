"""Reading a recorded event stream strictly: the WHATWG algorithm (HTML, section 9.2), and OpenAI's [DONE].

Libraries hide what has to be seen: the last event without its blank line, a sentinel missing or doubled, a
byte order mark, broken UTF-8. So the recorded bytes are read here, and every irregularity is noted with its
place. The events are the same however the bytes were cut into pieces; only their times depend on it.
"""

from __future__ import annotations

import codecs
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, get_args

from conformance.wire import strict_json
from conformance.wire.excerpt import quote
from conformance.wire.scanning import means_done

DONE = "[DONE]"
"""The data of the event that ends a stream: a convention of OpenAI, not of server-sent events."""

MAX_OF_A_KIND = 20
"""How many notes of one kind are kept; Stream.counts has them all."""

_Legal = Literal[
    "comment",
    "crlf",
    "cr",
    "mixed-line-endings",
    "no-space",
    "extra-space",
    "several-data-lines",
    "extra-blank-line",
    "other-field",
]
_Broken = Literal[
    "bom",
    "invalid-utf8",
    "nul",
    "unknown-field",
    "retry-not-digits",
    "empty-data",
    "missing-blank-line",
    "json-not-one-line",
    "missing-blank-line-at-end",
]
_Sentinel = Literal["done-missing", "done-twice", "done-variant", "data-after-done"]
Kind = _Legal | _Broken | _Sentinel

LEGAL: frozenset[Kind] = frozenset(get_args(_Legal))
"""Kinds of notes that the algorithm allows, and that clients in wide use read as intended."""

SENTINEL: frozenset[Kind] = frozenset(get_args(_Sentinel))
"""Kinds of notes that are about [DONE], not about framing."""

_BOM = b"\xef\xbb\xbf"
_FIELDS = ("data", "event", "id", "retry")
_OTHER_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*", re.ASCII)
_LINE = re.compile(rb"([^\r\n]*+)(\r\n|\n|\r|\Z)")
_ENDING = re.compile(rb"\r\n|\n|\r")
_ENDING_NAMES = {b"\n": "LF", b"\r": "CR", b"\r\n": "CR LF"}
_OTHER_ENDING = {b"\n": rb"\r\n?", b"\r": rb"\r?\n", b"\r\n": rb"\r(?!\n)|(?<!\r)\n"}
_NOT_JSON = {"empty", "not-json", "trailing-data", "too-deep", "too-many", "control-character"}

# What was plainly meant as the sentinel. The repetitions are bounded, and with them the longest match.


@dataclass(frozen=True, slots=True)
class Note:
    """An irregularity. `event` is the number of the event it is in, or would be; `offset` counts bytes.

    `legal` means that its kind is in LEGAL, and that it should not count against a provider.
    """

    kind: Kind
    message: str
    offset: int
    event: int | None = None
    legal: bool = False

    @property
    def where(self) -> str:
        """The place, for people."""
        return f"byte {self.offset}" if self.event is None else f"event {self.event}, byte {self.offset}"

    def __str__(self) -> str:
        return f"{self.message} ({self.where})"


@dataclass(frozen=True, slots=True)
class Event:
    """A dispatched event.

    `number` counts from 1. `time` is when the end of its blank line arrived, in the unit of the recording.
    `offset` is where its first line begins, in bytes. `id` is the last event id that was set so far, here or
    earlier. `lines` are its data lines as they stood, `line_count` also counts the others.
    """

    number: int
    time: float
    offset: int
    type: str
    data: str
    id: str
    lines: tuple[str, ...]
    line_count: int


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment line, which has no meaning but keeps a connection alive. `time` is when its end arrived."""

    time: float
    offset: int
    text: str


@dataclass(frozen=True, slots=True)
class Stream:
    """What was read. `unterminated` is the event that the end of the stream cut off, not one of `events`.

    Notes are in the order of their places, at most MAX_OF_A_KIND of a kind; `counts` says how many there are.
    """

    events: tuple[Event, ...]
    comments: tuple[Comment, ...]
    notes: tuple[Note, ...]
    counts: Mapping[Kind, int]
    unterminated: Event | None = None

    @property
    def violations(self) -> tuple[Note, ...]:
        """The notes that are not legal."""
        return tuple(note for note in self.notes if not note.legal)


def read(chunks: Iterable[tuple[float, bytes]]) -> Stream:
    """Read a recorded stream: pieces of the body, in order, with their arrival times. Never raises.

    Takes time linear in the number of bytes. An event of a type other than `message` is an event like any
    other; an event whose fields hold no data is, by the algorithm, none.
    """
    return _Parser(chunks).stream()


@dataclass(slots=True)
class _Block:
    """The lines since the last blank line."""

    offset: int
    type: str = ""
    data: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    line_count: int = 0
    comments: bool = False
    retry: bool = False
    stray: int | None = None
    """Where the first unknown field after data begins."""


class _Parser:
    def __init__(self, chunks: Iterable[tuple[float, bytes]]) -> None:
        self._times: list[float] = []
        self._ends: list[int] = []
        pieces = []
        end = 0
        for time, piece in chunks:
            if piece:
                end += len(piece)
                pieces.append(piece)
                self._times.append(time)
                self._ends.append(end)
        self._body = b"".join(pieces)
        self._events: list[Event] = []
        self._comments: list[Comment] = []
        self._notes: list[Note] = []
        self._counts: Counter[Kind] = Counter()
        self._last_id = ""
        self._block = _Block(len(_BOM) if self._body.startswith(_BOM) else 0)

    def stream(self) -> Stream:
        start = self._block.offset
        if start:
            self._note("bom", 0, "the stream begins with a byte order mark: openai-python loses an event")
        self._line_endings()
        unterminated = None
        for match in _LINE.finditer(self._body, start):
            line, ending = match.groups()
            if not ending:
                unterminated = self._end(match.start(), line)
                break
            if line:
                self._line(match.start(), match.end(), line)
            else:
                self._blank(match.start(), match.end())
        self._sentinel(unterminated)
        notes = tuple(sorted(self._notes, key=lambda note: note.offset))
        return Stream(
            tuple(self._events),
            tuple(self._comments),
            notes,
            MappingProxyType(dict(self._counts)),
            unterminated,
        )

    def _time(self, end: int) -> float:
        """When the byte before `end` arrived."""
        return self._times[bisect_right(self._ends, end - 1)]

    def _line_endings(self) -> None:
        first = _ENDING.search(self._body)
        if first is None:
            return
        name = _ENDING_NAMES[first[0]]
        if other := re.compile(_OTHER_ENDING[first[0]]).search(self._body, first.end()):
            message = f"lines end with {name}, but here with {_ENDING_NAMES[other[0]]}"
            self._note("mixed-line-endings", other.start(), message)
        elif first[0] != b"\n":
            self._note("cr" if first[0] == b"\r" else "crlf", first.start(), f"lines end with {name}")

    def _text(self, start: int, raw: bytes) -> str:
        if b"\0" in raw:
            self._here("nul", start + raw.index(b"\0"), "there is a NUL")
        try:
            return raw.decode()
        except UnicodeDecodeError as error:
            wrong = raw[error.start : error.end].hex()
            self._here("invalid-utf8", start + error.start, f"0x{wrong} is not UTF-8")
            return raw.decode("utf-8", "replace")

    def _line(self, start: int, end: int, raw: bytes) -> None:
        block = self._block
        line = self._text(start, raw)
        if line[0] == ":":
            block.comments = True
            self._comments.append(Comment(self._time(end), start, line[1:].removeprefix(" ")))
            self._here("comment", start, f"comment {quote(line[1:].strip())}")
        else:
            block.line_count += 1
            self._field(start, line)

    def _field(self, start: int, line: str) -> None:
        block = self._block
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name not in _FIELDS:
            message = f"{quote(line)} has none of the field names {', '.join(_FIELDS)}: clients ignore it"
            # A name of its own loses nothing. One that was meant as a known one does, and so does bare JSON.
            own = _OTHER_FIELD.fullmatch(name) and name.lower() not in _FIELDS
            self._here("other-field" if own else "unknown-field", start, message)
            if block.data and block.stray is None:
                block.stray = start
            return
        if name == "data":
            block.data.append(value)
            block.lines.append(line)
            if value and line[5] != " ":
                self._here("no-space", start, "there is no space after data:")
            elif value.startswith(" "):
                self._here("extra-space", start, "there is more than one space after data:")
        elif name == "event":
            block.type = value
        elif name == "id":
            self._last_id = self._last_id if "\0" in value else value
        elif value.isascii() and value.isdigit():
            block.retry = True
        else:
            self._here("retry-not-digits", start, f"retry: {quote(value)} is not a number of milliseconds")

    def _blank(self, start: int, end: int) -> None:
        """Dispatch what the block holds."""
        block, self._block = self._block, _Block(end)
        if block.data:
            event = self._event(block, end)
            self._shape(block, event)
            self._events.append(event)
        elif block.type or block.retry or self._last_id:
            # The algorithm drops the event; openai-python dispatches it as soon as any of these is set, and
            # then fails, for its data is not JSON. An id stays set until the end of the stream.
            self._here("empty-data", block.offset, "an event without data, on which openai-python fails")
        elif not block.comments and not block.line_count:
            self._here("extra-blank-line", start, "a blank line that ends no event")

    def _event(self, block: _Block, end: int) -> Event:
        return Event(
            number=len(self._events) + 1,
            time=self._time(end),
            offset=block.offset,
            type=block.type or "message",
            data="\n".join(block.data),
            id=self._last_id,
            lines=tuple(block.lines),
            line_count=block.line_count,
        )

    def _shape(self, block: _Block, event: Event) -> None:
        """Whether the data lines of an event are one JSON text on one line."""
        if not event.data:
            self._here("empty-data", block.offset, "an event with empty data, on which openai-python fails")
        elif len(block.data) > 1:
            count = f"the event has {len(block.data)} data lines"
            if _is_json(event.data):
                self._here("several-data-lines", block.offset, f"{count}, which are one JSON text")
            elif all(means_done(line) or _is_json(line) for line in block.data):
                message = f"{count}, each of them a JSON text: the blank line between events is missing"
                self._here("missing-blank-line", block.offset, message)
            else:
                self._here("json-not-one-line", block.offset, f"{count}, which are not a JSON text")
        elif block.stray is not None and not _is_json(event.data):
            message = (
                "the data is no JSON text, and a line without a field name follows: an unescaped newline?"
            )
            self._here("json-not-one-line", block.stray, message)

    def _end(self, start: int, rest: bytes) -> Event | None:
        """The end of the stream, after `rest`, a line that has no end. Returns the event that it cuts off."""
        block = self._block
        # A character that is cut off is no fault of its own.
        whole = codecs.utf_8_decode(rest, "replace", False)[1]
        line = self._text(start, rest[:whole])
        name, colon, value = line.partition(":")
        begun = name in _FIELDS or (name and not colon and any(known.startswith(name) for known in _FIELDS))
        if begun:
            block.line_count += 1
            if name == "data" and colon:
                block.data.append(value.removeprefix(" "))
                block.lines.append(line)
        elif name:
            self._field(start, line)
        if not (block.data or begun):
            return None
        event = self._event(block, len(self._body))
        what = "in the middle of a line" if rest else "without the blank line that ends an event"
        message = f"the stream ends {what}: clients discard {quote(event.data)}"
        self._here("missing-blank-line-at-end", block.offset, message)
        return event

    def _sentinel(self, unterminated: Event | None) -> None:
        """Whether the stream ends with exactly one [DONE]."""
        done = False
        for event in (*self._events, *([unterminated] if unterminated else [])):
            if event.data == DONE or any(means_done(line) for line in event.data.split("\n")):
                if event.data != DONE:
                    message = f"{quote(event.data)} is not exactly {DONE} in an event of its own"
                    self._note("done-variant", event.offset, message, event.number)
                if done:
                    self._note("done-twice", event.offset, f"another {DONE}", event.number)
                done = True
            elif done:
                message = f"{quote(event.data)} comes after {DONE}"
                self._note("data-after-done", event.offset, message, event.number)
        if not done:
            self._note("done-missing", len(self._body), f"the stream ends without {DONE}")

    def _here(self, kind: Kind, offset: int, message: str) -> None:
        """Note an irregularity in the event that is being read."""
        self._note(kind, offset, message, len(self._events) + 1)

    def _note(self, kind: Kind, offset: int, message: str, event: int | None = None) -> None:
        self._counts[kind] += 1
        if self._counts[kind] <= MAX_OF_A_KIND:
            self._notes.append(Note(kind, message, offset, event, kind in LEGAL))


def _is_json(text: str) -> bool:
    """Whether a text is one JSON value, whatever else may be wrong with it."""
    document = strict_json.read(text.encode())
    return not any(fault.kind in _NOT_JSON for fault in document.faults)

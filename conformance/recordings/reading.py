"""Opens what the user names, tells the formats apart by their contents, and reads one entry at a time."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, cast

from conformance import CONTRACTS
from conformance.contracts import named
from conformance.recordings import looks, sequence
from conformance.recordings.arrays import Elements
from conformance.recordings.entry import (
    MAX_ENTRY,
    Entry,
    Journalled,
    MalformedError,
    Other,
    Unreadable,
    json_value,
)
from conformance.recordings.formats import format_of, httprr, mitmproxy
from conformance.recordings.journals import Journal, is_header
from conformance.recordings.lines import BOM, bounded, too_long

SUFFIXES = (".har", ".json", ".jsonl", ".ndjson", ".yaml", ".yml", ".httprr", ".mitm", ".flow", ".flows")
"""Names of files that a folder is searched for; each may be followed by .gz."""

Read = Entry | Journalled | Unreadable | Other

_ENDPOINTS = (b"/models", *(f"/{named(name).endpoint.rpartition('/')[2]}".encode() for name in CONTRACTS))
"""What an entry has that is worth parsing: the end of an endpoint, for JSON may escape its slashes."""

_ANSWERS = (*_ENDPOINTS, b'"custom_id"', b"scope")
_HEAD = 2**16
_KEPT = 100
"""Entries without an exchange that are remembered until there is one: only then is it a recording."""

_MOST_UNPACKED = 2**30
"""Bytes of a compressed file that are unpacked at most."""


def files(named: Path) -> list[Path]:
    """The files that a name stands for: itself, or those of a folder that may be recordings."""
    if not named.is_dir():
        return [named]
    found = [
        Path(folder, name)
        for folder, _, names in os.walk(named)
        for name in names
        if name.lower().removesuffix(".gz").endswith(SUFFIXES)
    ]
    return sorted(found)


def read(path: Path, label: str) -> Iterator[Read]:
    """Every entry of a file; a file of no format that is read is one Unreadable. `label` stands in places."""
    try:
        with _opened(path) as file:
            yield from _entries(file, label, path)
    except (OSError, EOFError, zlib.error) as error:
        why = getattr(error, "strerror", None) or "its compression is damaged"
        yield Unreadable(label, f"cannot be read: {why}")


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        if not packed:
            yield file
            return
        with gzip.GzipFile(fileobj=file) as unpacked:
            yield cast(BinaryIO, _Bounded(unpacked))


class _Bounded:
    """A compressed file that ends where it has become too large, as an error of its compression."""

    def __init__(self, file: gzip.GzipFile) -> None:
        self._file = file

    def read(self, size: int = -1) -> bytes:
        """Reads on."""
        return self._within(self._file.read(size))

    def readline(self, size: int = -1) -> bytes:
        """Reads a line, or a piece of it."""
        return self._within(self._file.readline(size))

    def seek(self, place: int) -> int:
        """Goes to a place."""
        return self._file.seek(place)

    def tell(self) -> int:
        """Where it stands."""
        return self._file.tell()

    def _within(self, found: bytes) -> bytes:
        if self._file.tell() > _MOST_UNPACKED:
            raise OSError(0, f"unpacked it is more than {_MOST_UNPACKED // 2**30} GiB")
        return found


def _entries(file: BinaryIO, label: str, path: Path) -> Iterator[Read]:
    head = file.read(_HEAD)
    file.seek(0)
    start = head.removeprefix(BOM).lstrip()
    if not start:
        yield Unreadable(label, "the file is empty", foreign=True, chat=False)
    elif head.startswith(httprr.BEGIN):
        yield from httprr.read(file, label)
    elif mitmproxy.begins(head):
        yield from mitmproxy.read(file, label)
    elif start.startswith(b"{") and b"\n" in start and _is_line(start.split(b"\n", 1)[0]):
        yield from _lines(file, label, head)
    elif start.startswith((b"{", b"[")):
        yield from _json(file, label, path, head)
    else:
        yield from _yaml(file, label, path, head)


def _is_line(line: bytes) -> bool:
    try:
        value = json_value(line)
    except (ValueError, RecursionError):
        return False
    return format_of(value) is not None or is_header(value)


def _foreign(label: str, head: bytes, value: Any = None) -> Unreadable:
    """A file of no format: what it looks like, and whether it has to do with any of this."""
    why = f"not read: {looks.hint(head, value)}"
    return Unreadable(label, why, foreign=True, chat=looks.speaks_of_chat(head))


def _json(file: BinaryIO, label: str, path: Path, head: bytes) -> Iterator[Read]:
    elements, found = Elements(file), False
    waiting: list[Read] = []
    for element in elements:
        place = f"{label} entry {element.number}"
        if not element.whole:
            one: list[Read] = [Unreadable(place, "the file ends within it")]
        elif element.raw is None:
            one = [too_long(place)]
        else:
            one = list(_parsed(element.raw, place, json_value, path))
            # Nothing but an array: it is one of recordings where one of its elements is.
            found = found or elements.named or any(isinstance(each, Entry) for each in one)
        if found or elements.named:
            yield from waiting
            waiting = []
            yield from one
        else:
            waiting = [*waiting, *one][-_KEPT:]
    if elements.named or found:
        return
    file.seek(0)
    yield from _whole_json(file, label, path, head)


def _whole_json(file: BinaryIO, label: str, path: Path, head: bytes) -> Iterator[Read]:
    """A file that is one object, or else lines."""
    raw = file.read(MAX_ENTRY + 1)
    file.seek(0)
    try:
        value = json_value(raw.removeprefix(BOM)) if len(raw) <= MAX_ENTRY else None
    except (ValueError, RecursionError):
        yield from _lines(file, label, head)
        return
    if format_of(value) is None:
        yield _foreign(label, head, value)
        return
    yield from _parsed(raw, label, lambda _: value, path)


def _lines(file: BinaryIO, label: str, head: bytes) -> Iterator[Read]:
    """Pairs, or a journal. Where not one line is either, the file is no recording."""
    journal = Journal.begun(file)
    if journal is not None:
        yield from journal.entries(file, label)
        return
    strange: list[Unreadable] = []
    first: Any = None
    found = False
    for number, line in bounded(file):
        place = f"{label}:{number}"
        if line is None:
            yield too_long(place)
            continue
        if not line.strip():
            continue
        value, one = _line(place, line)
        first = value if first is None else first
        found = found or not all(isinstance(each, Unreadable) for each in one)
        if not found:
            strange = [*strange, *(each for each in one if isinstance(each, Unreadable))][:20]
            continue
        yield from strange
        strange = []
        yield from one
    if not found:
        yield _foreign(label, head, first)


def _line(place: str, line: bytes) -> tuple[Any, list[Read]]:
    try:
        value = json_value(line.removeprefix(BOM))
    except (ValueError, RecursionError):
        return None, [Unreadable(place, "not one whole JSON object")]
    if format_of(value) is None:
        return value, [Unreadable(place, f"not read: {looks.hint(line, value)}")]
    return value, list(_parsed(line, place, lambda _: value, None))


def _yaml(file: BinaryIO, label: str, path: Path, head: bytes) -> Iterator[Read]:
    named, found = sequence.is_named(head), False
    waiting: list[Read] = []
    for one in _items(file, label, path):
        # Nothing but a sequence: it is one of recordings where one of its items is.
        found = found or named or isinstance(one, Entry)
        waiting = [*waiting, one][-_KEPT:]
        if found:
            yield from waiting
            waiting = []
    if not found:
        file.seek(0)
        yield from _documents(file, label, path, head)


def _items(file: BinaryIO, label: str, path: Path) -> Iterator[Read]:
    whole: list[Any] | None = None
    for item in sequence.items(file):
        place = f"{label}:{item.line}"
        if item.raw is None:
            yield too_long(place)
            continue
        try:
            yield from list(_parsed(item.raw, place, _first_item, path))
        except sequence.SharedError:
            whole = _whole(file) if whole is None else whole
            number = item.number
            if number <= len(whole):
                yield from _parsed(item.raw, place, partial(_item, whole, number), path)
            else:
                yield Unreadable(place, "it refers to another interaction, and the file is not whole")


def _first_item(raw: bytes) -> Any:
    return sequence.parsed(raw)[0]


def _item(whole: list[Any], number: int, _: bytes) -> Any:
    return whole[number - 1]


def _documents(file: BinaryIO, label: str, path: Path, head: bytes) -> Iterator[Read]:
    """A file of YAML documents, each an exchange."""
    raw = file.read(MAX_ENTRY + 1)
    try:
        likely = len(raw) <= MAX_ENTRY and any(one in raw for one in _ANSWERS)
        values = sequence.documents(raw) if likely else []
    except MalformedError:
        values = []
    if not any(format_of(value) for value in values):
        yield _foreign(label, head, values[0] if values else None)
        return
    for number, value in enumerate(values, 1):
        place = label if len(values) == 1 else f"{label} document {number}"
        if value is not None:
            yield from _parsed(raw, place, partial(_item, values, number), path)


def _whole(file: BinaryIO) -> list[Any]:
    """All interactions at once, for a cassette in which they share parts; none where that is too much."""
    here = file.tell()
    file.seek(0)
    raw = file.read(MAX_ENTRY + 1)
    file.seek(here)
    if len(raw) > MAX_ENTRY:
        return []
    try:
        value = sequence.parsed(raw)
    except MalformedError:
        return []
    found: Any = value
    if isinstance(value, Mapping):
        log = value.get("log")
        inner = log.get("entries") if isinstance(log, Mapping) else None
        found = value.get("interactions", value.get("http_interactions", inner))
    return found if isinstance(found, list) else []


def _parsed(raw: bytes, place: str, parse: Callable[[bytes], Any], path: Path | None) -> Iterable[Read]:
    """What an entry holds, which may be more than one exchange."""
    if not any(one in raw for one in _ANSWERS):
        return (Other(),)
    try:
        value = parse(raw)
        found = format_of(value)
        if found is None:
            return (Unreadable(place, f"not read: {looks.hint(raw[:_HEAD], value)}"),)
        return list(found.entries(place, value, path))
    except sequence.SharedError:
        raise
    except MalformedError as error:
        return (Unreadable(place, str(error)),)
    except (ValueError, RecursionError, IndexError, TypeError, AttributeError, OverflowError, OSError):
        return (Unreadable(place, "it does not have the shape of an exchange"),)

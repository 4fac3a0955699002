"""Opens what the user names, tells the formats apart by their contents, and reads one entry at a time."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from conformance import CONTRACTS
from conformance.contracts import named
from conformance.recordings import cassette, har, jsonl, sequence
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
from conformance.wire import journal
from conformance.wire.record import TargetId

SUFFIXES = (".har", ".json", ".jsonl", ".ndjson", ".yaml", ".yml")
"""Names of files that a folder is searched for; each may be followed by .gz."""

Read = Entry | Journalled | Unreadable | Other

Bases = Mapping[TargetId, str]
"""The base URL of each target of a journal."""

FORMATS = "a HAR file, a VCR cassette, a journal, or pairs in JSON Lines"

_ENDPOINTS = (b"/models", *(f"/{named(name).endpoint.rpartition('/')[2]}".encode() for name in CONTRACTS))
"""What an entry has that is worth parsing: the end of an endpoint, for JSON may escape its slashes."""

_HEAD = 2**16
_BOM = b"\xef\xbb\xbf"


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
    """Every entry of a file; a file that is none of FORMATS is one Unreadable. `label` stands in places."""
    try:
        with _opened(path) as file:
            yield from _entries(file, label)
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
            yield cast(BinaryIO, unpacked)


def _entries(file: BinaryIO, label: str) -> Iterator[Read]:
    head = file.read(_HEAD)
    file.seek(0)
    start = head.removeprefix(_BOM).lstrip()
    if not start:
        yield Unreadable(label, "the file is empty", foreign=True)
    elif not start.startswith(b"{"):
        yield from _yaml(file, label)
    elif b"\n" in start and _is_line(start.split(b"\n", 1)[0]):
        yield from _lines(file, label)
    else:
        yield from _json(file, label)


def _is_line(line: bytes) -> bool:
    try:
        value = json_value(line)
    except (ValueError, RecursionError):
        return False
    return jsonl.is_pair(value) or _is_journal(value)


def _is_journal(value: Any) -> bool:
    return isinstance(value, dict) and str(value.get("format")).startswith("openai-conformance-journal/")


def _json(file: BinaryIO, label: str) -> Iterator[Read]:
    elements = Elements(file)
    for element in elements:
        place = f"{label} entry {element.number}"
        if not element.whole:
            yield Unreadable(place, "the file ends within it")
        elif element.raw is None:
            yield _too_long(place)
        else:
            yield _parsed(element.raw, lambda raw: _recorded(place, json_value(raw)), place)  # noqa: B023
    if not elements.seen:
        file.seek(0)
        yield from _lines(file, label)


def _recorded(place: str, value: Any) -> Entry:
    """An element of a HAR's or a cassette's array: only a HAR's `content` is an object."""
    response = value.get("response") if isinstance(value, dict) else None
    if isinstance(response, dict) and isinstance(response.get("content"), dict):
        return har.entry(place, value)
    return cassette.entry(place, value)


def _lines(file: BinaryIO, label: str) -> Iterator[Read]:
    """Pairs, or a journal. Where not one line is either, the file is no recording."""
    strange: list[Unreadable] = []
    bases: Bases | None = None
    found = False
    gone: frozenset[int] = frozenset()
    for number, line in _bounded_lines(file):
        place = f"{label}:{number}"
        if line is None:
            yield _too_long(place)
            continue
        if not line.strip() or number in gone or (bases is not None and journal.is_header(line)):
            continue
        if number == 1:
            bases = _bases(line)
            if bases is not None:
                bases, gone = _gone_on_with(file, bases)
                found = True
                continue
        one = _line(place, line, bases)
        found = found or not isinstance(one, Unreadable)
        if not found and isinstance(one, Unreadable):
            strange = [*strange, one][:20]
            continue
        yield from strange
        strange = []
        yield one
    if not found:
        yield Unreadable(label, f"not {FORMATS}", foreign=True)


def _bases(line: bytes) -> Bases | None:
    """Whom a journal asked, and where, if this is the first line of one."""
    try:
        value = json_value(line.removeprefix(_BOM))
        return dict(journal.targets_of(value)) if _is_journal(value) else None
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def _gone_on_with(file: BinaryIO, bases: Bases) -> tuple[Bases, frozenset[int]]:
    """Where a journal asked at last, and the lines in it that others take the place of."""
    here = file.tell()
    headers = [line for _, line in _bounded_lines(file) if line and journal.is_header(line)]
    gone: frozenset[int] = frozenset()
    if headers:
        file.seek(0)
        gone = journal.superseded(line or b"" for _, line in _bounded_lines(file))
    file.seek(here)
    return (_bases(headers[-1]) if headers else None) or bases, gone


def _line(place: str, line: bytes, bases: Bases | None) -> Read:
    try:
        if bases is None:
            value = json_value(line.removeprefix(_BOM))
        else:
            one = journal.exchange(line)
            return Journalled(place, one, bases.get(one.at, one.request.url))
    except (ValueError, RecursionError):
        return Unreadable(place, "not a whole exchange" if bases else "not one whole JSON object")
    if not jsonl.is_pair(value):
        return Unreadable(place, "not a pair, which has at least `url` and `status`")
    return _parsed(line, lambda _: jsonl.entry(place, value), place)


def _bounded_lines(file: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Lines by number; None for one that is longer than an entry may be."""
    number = 0
    while line := file.readline(MAX_ENTRY):
        number += 1
        if len(line) == MAX_ENTRY and not line.endswith(b"\n"):
            while piece := file.readline(MAX_ENTRY):
                if piece.endswith(b"\n"):
                    break
            yield number, None
        else:
            yield number, line


def _yaml(file: BinaryIO, label: str) -> Iterator[Read]:
    whole: list[Any] | None = None
    found = False
    for item in sequence.items(file):
        found = True
        place = f"{label}:{item.line}"
        if item.raw is None:
            yield _too_long(place)
            continue
        try:
            yield _parsed(item.raw, lambda raw: cassette.entry(place, sequence.parsed(raw)[0]), place)  # noqa: B023
        except sequence.SharedError:
            whole = _whole(file) if whole is None else whole
            number = item.number
            yield (
                _parsed(item.raw, lambda _: cassette.entry(place, whole[number - 1]), place)  # noqa: B023
                if number <= len(whole)
                else Unreadable(place, "it refers to another interaction, and the file is not whole")
            )
    if not found:
        yield Unreadable(label, f"not {FORMATS}", foreign=True)


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
    found = value.get("interactions", value.get("http_interactions")) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []


def _parsed(raw: bytes, parse: Callable[[bytes], Entry], place: str) -> Entry | Unreadable | Other:
    if not any(endpoint in raw for endpoint in _ENDPOINTS):
        return Other()
    try:
        return parse(raw)
    except sequence.SharedError:
        raise
    except MalformedError as error:
        return Unreadable(place, str(error))
    except (ValueError, RecursionError, IndexError, TypeError, AttributeError, OverflowError):
        return Unreadable(place, "it does not have the shape of an exchange")


def _too_long(place: str) -> Unreadable:
    return Unreadable(place, f"longer than {MAX_ENTRY // 2**20} MiB")

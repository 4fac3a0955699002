"""YAML as plain data that still knows where each value stood.

Only the plain part of YAML 1.2 is read: mappings with text as keys, lists and scalars of the core schema, in
one UTF-8 document. Anchors, aliases and tags are refused, so that a small file cannot become a large value,
and size and depth are bounded.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import yaml

from conformance.provider.mistakes import Mistake, ProvidersError, shown
from conformance.wire.own_yaml import LOADER

MAX_BYTES = 256 * 1024
MAX_DEPTH = 24

Path = tuple[str | int, ...]
"""The way to a value: keys of mappings and positions in lists, from the top."""

Place = tuple[int, int]
"""Line and column, counted from 1."""

_NULL = frozenset(("", "~", "null", "Null", "NULL"))
_BOOLEAN = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_NUMBER = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]{0,400})(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,4})?")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_QUOTED = re.compile(r"""(['"])(?!<[a-z -]+>\1)((?!\1).)*\1""")


@dataclass(frozen=True, slots=True)
class Located:
    """The data of a file, the places of its keys and values, and what was wrong short of being unreadable.

    `doubtful` holds the paths of values that were replaced by nothing because of such a fault.
    """

    file: str
    data: Any
    faults: tuple[Mistake, ...]
    keys: Mapping[Path, Place]
    values: Mapping[Path, Place]
    doubtful: frozenset[Path]

    def at_value(self, path: Path, message: str) -> Mistake:
        """A fault at the value."""
        return Mistake(self.file, *self.values[path], message)

    def at_key(self, path: Path, message: str) -> Mistake:
        """A fault at the key that introduces the value, or at the value where it has none."""
        return Mistake(self.file, *self.keys.get(path, self.values[path]), message)

    def where(self, path: Path) -> str:
        """`file:line:column` of the key that introduces the value, or of the value where it has none."""
        line, column = self.keys.get(path, self.values[path])
        return f"{self.file}:{line}:{column}"

    def texts(self) -> Iterator[tuple[Path, str]]:
        """Every value that is text, with its path."""
        return _texts((), self.data)

    def is_doubtful(self, path: Path) -> bool:
        """Whether the value, or one that it is part of, was replaced."""
        return any(path[:length] in self.doubtful for length in range(len(path) + 1))


def read(data: bytes, file: str, *, ours: bool = False) -> Located:
    """Read YAML. `file` is how messages name it; `ours`: it comes with the suite.

    Raises ProvidersError where the text is too large, not UTF-8, not YAML, or nested too deeply.
    """
    if len(data) > MAX_BYTES:
        raise ProvidersError([Mistake(file, 0, 0, f"is larger than {MAX_BYTES // 1024} KiB")])
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        good = data[: error.start].decode("utf-8")
        raise ProvidersError(
            [Mistake(file, *_place_after(good), "not UTF-8; save the file as UTF-8")]
        ) from None
    if ours:
        with suppress(yaml.YAMLError, ProvidersError):
            document = _Reader(file).result(text, LOADER)
            if not document.faults:
                return document
    reader = _Reader(file)
    try:
        return reader.result(text, yaml.SafeLoader)
    except yaml.reader.ReaderError as error:
        place = _place_after(text[: error.position])
        message = f"the character U+{ord(text[error.position]):04X} is not allowed in YAML"
        raise ProvidersError([*reader.faults, Mistake(file, *place, message)]) from None
    except yaml.MarkedYAMLError as error:
        raise ProvidersError([*reader.faults, reader.syntax_fault(error)]) from None


def _texts(path: Path, value: Any) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict | list):
        for step, member in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _texts((*path, step), member)


def _place_after(text: str) -> Place:
    lines = re.split(r"\r\n|[\r\n]", text)
    return len(lines), len(lines[-1]) + 1


class _Reader:
    """Builds a value from the events of the YAML parser, and notes places and faults on the way."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[Mistake] = []
        self.keys: dict[Path, Place] = {}
        self.values: dict[Path, Place] = {}
        self.doubtful: set[Path] = set()
        self._aside = 0

    def result(self, text: str, loader: Any) -> Located:
        """What the text says, by the events of that loader."""
        value = self._document(text, loader)
        return Located(
            self.file,
            value,
            tuple(self.faults),
            MappingProxyType(self.keys),
            MappingProxyType(self.values),
            frozenset(self.doubtful),
        )

    def _document(self, text: str, loader: Any) -> Any:
        """The value of the one document in the text; None where there is none."""
        self._loader = loader(text)
        self._event: Callable[[], yaml.Event] = self._loader.get_event
        try:
            self._next()
            event = self._next()
            if isinstance(event, yaml.StreamEndEvent):
                self.values[()] = (1, 1)
                return None
            value = self._value(self._next(), ())
            self._next()
            event = self._next()
            if not isinstance(event, yaml.StreamEndEvent):
                self._fault(event, "a second document begins here; everything belongs into one")
            return value
        finally:
            self._loader.dispose()

    def syntax_fault(self, error: yaml.MarkedYAMLError) -> Mistake:
        """What the YAML parser complains of, without text of the file, which may be a key."""
        mark = error.problem_mark or error.context_mark or self._loader.get_mark()
        problem = " ".join(filter(None, (error.problem, error.context)))
        return Mistake(
            self.file, mark.line + 1, mark.column + 1, f"not YAML: {_QUOTED.sub(_masked, problem)}"
        )

    def _next(self) -> yaml.Event:
        try:
            return self._event()
        except (ValueError, OverflowError):  # an escape such as "\UFFFFFFFF" names no character
            raise yaml.MarkedYAMLError(
                problem="an escape names no character", problem_mark=self._loader.get_mark()
            ) from None

    def _fault(self, event: yaml.Event, message: str) -> None:
        self.faults.append(Mistake(self.file, *_place(event), message))

    def _value(self, event: yaml.Event, path: Path) -> Any:
        self.values[path] = _place(event)
        if len(path) > MAX_DEPTH:
            self._fault(event, f"nested more than {MAX_DEPTH} levels deep")
            raise ProvidersError(self.faults)
        if not isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent):
            self._fault(event, "aliases (*name) are not supported; write the value out")
            self.doubtful.add(path)
            return None
        if event.anchor is not None:
            self._fault(event, "anchors (&name) are not supported; write the value out where it is needed")
        if event.tag is not None:
            self._fault(event, "tags (!name) are not supported; leave the tag out")
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        if not isinstance(event, yaml.ScalarEvent):
            return self._list(path)
        value = _scalar(event)
        if isinstance(value, str) and (bad := _UNPRINTABLE.search(value)):
            self._fault(event, f"the text contains the control character U+{ord(bad.group()):04X}")
            self.doubtful.add(path)
            return None
        return value

    def _list(self, path: Path) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            items.append(self._value(event, (*path, len(items))))
        return items

    def _mapping(self, path: Path) -> dict[str, Any]:
        members: dict[str, Any] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._key(event, path)
            if key is None:
                self._value(self._next(), self._put_aside(path))
            elif key in members:
                first = self.keys[(*path, key)][0]
                self._fault(event, f"duplicate key {shown(key)}, first on line {first}")
                self._value(self._next(), self._put_aside(path))
            else:
                self.keys[(*path, key)] = _place(event)
                members[key] = self._value(self._next(), (*path, key))
        return members

    def _key(self, event: yaml.Event, path: Path) -> str | None:
        """The key of a member, or None (and a fault) where it is not text."""
        known = len(self.faults)
        key = self._value(event, self._put_aside(path))
        if isinstance(key, str):
            return key
        if len(self.faults) == known:
            hint = "; write it in quotes" if isinstance(key, bool | int | float) else ""
            self._fault(event, f"a key must be text, not {shown(key)}{hint}")
        return None

    def _put_aside(self, path: Path) -> Path:
        """A path that nothing else has, for what is read only to get past it."""
        self._aside += 1
        return (*path, -self._aside)


def _masked(quoted: re.Match[str]) -> str:
    """A quotation of the YAML parser, unless it is more than one character, perhaps escaped."""
    return quoted[0] if len(quoted[0]) <= 4 else "'…'"


def _place(event: yaml.Event) -> Place:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _scalar(event: yaml.ScalarEvent) -> str | int | float | bool | None:
    """The value of a scalar by the core schema of YAML 1.2; what is quoted is text."""
    text: str = event.value
    if not event.implicit[0]:
        return text
    if text in _NULL:
        return None
    if text in _BOOLEAN:
        return _BOOLEAN[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _NUMBER.fullmatch(text) and math.isfinite(number := float(text)):
        return number
    return text

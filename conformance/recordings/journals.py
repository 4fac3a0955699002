"""Journals of this suite, read as recordings: also those of resumed runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from conformance.recordings.entry import Journalled, Unreadable, json_value
from conformance.recordings.lines import BOM, bounded, too_long
from conformance.wire import journal
from conformance.wire.record import TargetId

Bases = Mapping[TargetId, str]
"""The base URL of each target of a journal."""


def is_header(value: Any) -> bool:
    """Whether a line is the first one of a journal."""
    return isinstance(value, dict) and str(value.get("format")).startswith("openai-conformance-journal/")


@dataclass(frozen=True, slots=True)
class Journal:
    """Where a journal asked at last, and the lines in it that others take the place of."""

    bases: Bases
    gone: frozenset[int]

    @classmethod
    def begun(cls, file: BinaryIO) -> Journal | None:
        """The journal that the file is, if it is one; the file is left where it begins."""
        first = next((line for _, line in bounded(file)), None)
        bases = _bases(first) if first else None
        if bases is None:
            file.seek(0)
            return None
        headers = [line for _, line in bounded(file) if line and journal.is_header(line)]
        gone: frozenset[int] = frozenset()
        file.seek(0)
        if headers:
            gone = journal.superseded(line or b"" for _, line in bounded(file))
            file.seek(0)
        return cls((_bases(headers[-1]) if headers else None) or bases, gone)

    def entries(self, file: BinaryIO, label: str) -> Iterator[Journalled | Unreadable]:
        """Its exchanges."""
        for number, line in bounded(file):
            place = f"{label}:{number}"
            if line is None:
                yield too_long(place)
            elif number > 1 and line.strip() and number not in self.gone and not journal.is_header(line):
                yield self._exchange(place, line)

    def _exchange(self, place: str, line: bytes) -> Journalled | Unreadable:
        try:
            one = journal.exchange(line)
        except (ValueError, RecursionError):
            return Unreadable(place, "not a whole exchange")
        return Journalled(place, one, self.bases.get(one.at, one.request.url))


def _bases(line: bytes) -> Bases | None:
    """Whom a journal asked, and where, if this is the first line of one."""
    try:
        value = json_value(line.removeprefix(BOM))
        return dict(journal.targets_of(value)) if is_header(value) else None
    except (ValueError, TypeError, KeyError, RecursionError):
        return None

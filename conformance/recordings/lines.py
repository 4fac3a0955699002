"""Lines of a file, none of which is read further than an entry may be long."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from conformance.recordings.entry import MAX_ENTRY, Unreadable

BOM = b"\xef\xbb\xbf"


def bounded(file: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
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


def too_long(place: str) -> Unreadable:
    """An entry that is longer than is read."""
    return Unreadable(place, f"longer than {MAX_ENTRY // 2**20} MiB")

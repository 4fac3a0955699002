"""The elements of a large JSON array, one at a time: memory is bounded by one element, not by the file.

A parser that builds values would stop at the first fault and lose what follows. This one only finds where
each object begins and ends, so a damaged one costs itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from conformance.recordings.entry import MAX_ENTRY

PATHS = frozenset(
    {
        ("{", "log", "entries"),
        ("{", "interactions"),
        ("{", "http_interactions"),
        ("{", "Entries"),
        ("{", "data", "pairs"),
        ("{", "mappings"),
        ("[",),
    }
)
"""Where HAR, the VCRs, the Azure SDK, Hoverfly and WireMock keep their arrays: the way there from the top.

nock and others write nothing but an array.
"""

_BLOCK = 2**20
_INSIDE = re.compile(rb'[^"\[\]{}]*+')
_STRING = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*', re.DOTALL)
_LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class Element:
    """An element: its number, from 1, and its bytes; None where they are more than MAX_ENTRY.

    `whole` is False for one that the end of the file cuts off.
    """

    number: int
    raw: bytes | None
    whole: bool = True


class Elements:
    """The objects in the arrays at PATHS, in order. `seen` tells whether there was such an array."""

    def __init__(self, file: BinaryIO) -> None:
        self.seen = self._named = False
        self._file = file
        self._buffer = b""
        self._at = 0
        self._begin: int | None = None
        """Where the element begins in the buffer, while one is open and not too long."""
        self._depth = 0
        """How many containers of the element are open; 0 outside."""
        self._names: list[str] = []
        """The name under which each container outside of elements stands; of the first its sign."""
        self._name = ""

    @property
    def named(self) -> bool:
        """Whether there was such an array that has a name, which few other files have."""
        return self._named

    def __iter__(self) -> Iterator[Element]:
        number = 0
        while True:
            self._at = self._skip(_INSIDE)
            if self._at >= len(self._buffer):
                if self._more():
                    continue
                break
            byte = self._buffer[self._at : self._at + 1]
            if byte == b'"':
                if not self._string():
                    break
                continue
            if self._depth == 0 and byte == b"{" and tuple(self._names) in PATHS:
                number += 1
                self._begin, self._depth = self._at, 1
                self._at += 1
                continue
            self._at += 1
            if self._depth == 0:
                self._outside(byte)
                continue
            self._depth += 1 if byte in b"[{" else -1
            if self._depth == 0:
                yield self._element(number)
        if self._depth:
            yield Element(number, self._since_begin(), whole=False)

    def _element(self, number: int) -> Element:
        element = Element(number, self._since_begin())
        self._begin = None
        return element

    def _since_begin(self) -> bytes | None:
        return None if self._begin is None else self._buffer[self._begin : self._at]

    def _outside(self, byte: bytes) -> None:
        if byte in b"[{":
            self._names.append(self._name if self._names else byte.decode())
            if tuple(self._names) in PATHS:
                self.seen, self._named = True, self._named or len(self._names) > 1
            self._name = ""
        elif self._names:
            self._names.pop()

    def _string(self) -> bool:
        """Goes past a string; False where the file ends within it."""
        self._at += 1
        name = b""
        while True:
            start = self._at
            self._at = self._skip(_STRING)
            if self._depth == 0:
                name = (name + self._buffer[start : min(self._at, start + _LONGEST_NAME)])[:_LONGEST_NAME]
            if self._buffer[self._at : self._at + 1] == b'"':
                self._at += 1
                self._name = name.decode("utf-8", "replace") if self._depth == 0 else ""
                return True
            if not self._more():
                self._at = len(self._buffer)
                return False

    def _skip(self, what: re.Pattern[bytes]) -> int:
        match = what.match(self._buffer, self._at)
        return match.end() if match else self._at

    def _more(self) -> bool:
        """Reads on, and forgets what is not needed any more."""
        if self._begin is not None and len(self._buffer) - self._begin > MAX_ENTRY:
            self._begin = None
        kept = self._at if self._begin is None else self._begin
        block = self._file.read(_BLOCK)
        self._buffer = self._buffer[kept:] + block
        self._at -= kept
        if self._begin is not None:
            self._begin = 0
        return bool(block)

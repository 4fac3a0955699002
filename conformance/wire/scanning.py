"""What is looked for in a stream while its bytes arrive, before it is read."""

from __future__ import annotations

import re

_DATA = b"data:"

_MEANT = r"[ \t]{0,8}[\"']?[ \t]{0,8}\[?done\]?[ \t]{0,8}[\"']?[ \t]{0,8}"
_MEANT_DATA = re.compile(_MEANT, re.IGNORECASE | re.ASCII)
_MEANT_LINE = re.compile(b"data:" + _MEANT.encode(), re.IGNORECASE)
_LONGEST_MEANT = 64


def means_done(data: str) -> bool:
    """Whether the data of an event was meant as the sentinel, also where it is not exactly [DONE]."""
    return _MEANT_DATA.fullmatch(data) is not None


class DoneScanner:
    """Tells, while bytes arrive, whether a line with the sentinel was complete: the stream is then over.

    A line that was plainly meant as the sentinel counts too, for no client waits for more after it.
    """

    __slots__ = ("_rest", "done")

    def __init__(self) -> None:
        self.done = False
        self._rest = b""

    def feed(self, data: bytes) -> bool:
        """Take the next bytes, in whatever pieces they come; returns `done`."""
        if not self.done:
            *lines, rest = re.split(rb"[\r\n]", self._rest + data)
            self.done = any(_MEANT_LINE.fullmatch(line) for line in lines)
            # A line that is longer than any sentinel is none, whatever follows: keep no more of it than that.
            self._rest = rest[:_LONGEST_MEANT]
        return self.done


class EventCounter:
    """Counts the data lines of a stream while its bytes arrive, in whatever pieces they come."""

    __slots__ = ("_rest", "count")

    def __init__(self) -> None:
        self.count = 0
        self._rest = b""

    def feed(self, data: bytes) -> int:
        """Take the next bytes; returns how many data lines have begun so far."""
        seen = self._rest + data
        self.count += seen.count(_DATA)
        self._rest = seen[-len(_DATA) + 1 :]
        return self.count

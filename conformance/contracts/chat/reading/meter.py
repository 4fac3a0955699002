"""How much a model has written while its answer still arrives: an estimate that needs no usage object.

It is what a server that ignores limits is stopped by, and what an answer without usage is charged at.
"""

from __future__ import annotations

import json
from typing import Any

from conformance.asking import tokens
from conformance.wire.record import Failure

_LONGEST = 2**16
"""Bytes of an event that are looked at; beyond, four bytes are a token."""

_HEAD = 2**10
"""Bytes in which an event shows what it is."""

_NO_TEXT = frozenset({"role", "id", "type", "name", "finish_reason", "object"})
_THOUGHTS = frozenset({"reasoning", "reasoning_content"})

VISIBLE_SLACK = 1024
THOUGHT_SLACK = 4096
"""Tokens beyond four times the limit that are waited for: what is written, and what is only thought.

A defect is better seen to its end: where each delta repeats the whole text, 20 numbers are 700 tokens.
"""


class Meter:
    """Counts the tokens of a stream in whatever pieces it comes: in `visible` text, and in `thoughts`."""

    __slots__ = ("_rest", "thoughts", "visible")

    def __init__(self) -> None:
        self.visible = 0
        self.thoughts = 0
        self._rest = b""

    @property
    def written(self) -> int:
        """All tokens."""
        return self.visible + self.thoughts

    def feed(self, data: bytes) -> None:
        """Takes the next bytes."""
        *lines, rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._line(line)
        if len(rest) > _LONGEST:
            # What is no delta, and never comes to an end, is bounded by its bytes.
            self.visible += len(rest) // 4 if b'"delta"' in rest[:_HEAD] else 0
            rest = rest[:_HEAD]
        self._rest = rest

    def runaway(self, allowed: int) -> Failure | None:
        """Why a stream is not read to its end that was allowed so many tokens, or None."""
        if self.visible <= 4 * allowed + VISIBLE_SLACK and self.thoughts <= 4 * allowed + THOUGHT_SLACK:
            return None
        return Failure("runaway", f"cut after about {self.written} tokens, where {allowed} were allowed")

    def _line(self, line: bytes) -> None:
        if line.startswith(b"data:") and b'"delta"' in line:
            self._count(line[5:], "delta")

    def whole(self, body: bytes) -> None:
        """Takes an answer that was not streamed."""
        if len(body) > _LONGEST:
            self.visible += len(body) // 4
        else:
            self._count(body, "message")

    def _count(self, text: bytes, member: str) -> None:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return
        choices = value.get("choices") if isinstance(value, dict) else None
        for choice in choices if isinstance(choices, list) else ():
            said = choice.get(member) if isinstance(choice, dict) else None
            if isinstance(said, dict):
                thoughts = {name: value for name, value in said.items() if name in _THOUGHTS}
                visible = {name: value for name, value in said.items() if name not in _THOUGHTS}
                self.thoughts += tokens.about(_texts(thoughts))
                self.visible += tokens.about(_texts(visible))


def _texts(value: Any) -> str:
    """Every text in there that a model has written."""
    found, left = [], [value]
    while left:
        one = left.pop()
        if isinstance(one, str):
            found.append(one)
        elif isinstance(one, dict):
            left += [value for name, value in one.items() if name not in _NO_TEXT]
        elif isinstance(one, list):
            left += one
    return " ".join(found)

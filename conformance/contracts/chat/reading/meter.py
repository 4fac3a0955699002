"""How much a model has written while its answer still arrives: an estimate that needs no usage object.

It is what a server that ignores limits is stopped by, and what an answer is charged at whose own statement is
missing, or cannot be true of what it holds. All text counts, in whatever member it comes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from conformance.asking import tokens
from conformance.asking.tokens import BYTES_A_TOKEN
from conformance.contracts.chat.reading.statement import NOTHING, stated
from conformance.wire import bounded
from conformance.wire.record import Failure

_LONGEST_LINE = 2**16
"""Bytes of a line that is waited for to its end."""

_HEAD = 2**10
"""Bytes in which an event shows what it is."""

_LABELS = frozenset(
    {
        *(
            "role",
            "id",
            "tool_call_id",
            "type",
            "object",
            "format",
            "model",
            "provider",
            "system_fingerprint",
        ),
        *("service_tier", "finish_reason", "native_finish_reason", "stop_reason", "severity", "obfuscation"),
    }
)
"""Members whose texts no model has written, where they are not longer than _LONGEST_LABEL."""

_LONGEST_LABEL = 128

_PACKED = frozenset({"data", "url", "signature", "thought_signature", "encrypted_content", "b64_json"})
"""Members that hold addresses, or bytes in a coding: sounds, and what thoughts are sealed with."""

_CODED = re.compile(r"[\w+/=.:,;?&#%~-]*", re.ASCII)

_SAID = ("delta", "message", "text")
"""Members of a choice in which a model speaks: in events or whole answers, of chats or completions."""

_THOUGHTS = ("reasoning", "thinking", "thought")
"""How the names of members begin in which it thinks. Some services say the same in two of them."""

_FIELD = re.compile(rb"(?:event|id|retry)?:|data$")

VISIBLE_SLACK = 1024
THOUGHT_SLACK = 4096
"""Tokens beyond four times the limit that are waited for: what is written, and what is only thought, or
stands outside of the choices.

A defect is better seen to its end: where each delta repeats the whole text, 20 numbers are 700 tokens.
"""


_TELLING = (str, dict, list)
"""Kinds of values in which there may be text."""


class Meter:
    """Counts the tokens of an answer, whole or in whatever pieces it comes, and finds what it states of them.

    `visible` text, `thoughts`, text `aside` from the choices, and what is `unread`, because it is no JSON, or
    too much of it.
    """

    __slots__ = (
        *("_aside", "_data", "_kept", "_lasts", "_rest"),
        *("aside", "statement", "thoughts", "unread", "visible"),
    )

    def __init__(self) -> None:
        self.visible = 0
        self.thoughts = 0
        self.aside = 0
        self.unread = 0
        self.statement = NOTHING
        self._rest = b""
        self._data: list[bytes] = []
        self._kept = 0
        self._aside: dict[str, int] = {}
        self._lasts: dict[tuple[str, str], str] = {}

    @property
    def said(self) -> int:
        """All tokens of the choices."""
        return self.visible + self.thoughts

    @property
    def written(self) -> int:
        """All tokens."""
        return self.said + self.aside + self.unread

    def runaway(self, allowed: int) -> Failure | None:
        """Why a stream is not read to its end that was allowed so many tokens, or None."""
        aside = self.thoughts + self.aside
        if self.visible <= 4 * allowed + VISIBLE_SLACK and aside <= 4 * allowed + THOUGHT_SLACK:
            return None
        written = self.visible + aside
        return Failure("runaway", f"cut after about {written} tokens, where {allowed} were allowed")

    def whole(self, body: bytes) -> None:
        """Takes an answer that was not streamed."""
        self._json(body)

    def feed(self, data: bytes) -> None:
        """Takes the next bytes of a stream."""
        *lines, rest = re.split(rb"\r\n|\n|\r(?!\Z)", self._rest + data)
        for line in lines:
            self._line(line)
        if len(rest) > _LONGEST_LINE:
            # What never comes to an end is bounded by its bytes.
            self._too_long(rest)
            rest = rest[:_HEAD]
        self._rest = rest

    def end(self) -> None:
        """No more bytes come."""
        self.feed(b"\n\n")

    def _line(self, line: bytes) -> None:
        if line.startswith(b"data:"):
            # Some leave the blank line out between events.
            if len(self._data) == 1 and bounded.read(self._data[0]) is not bounded.MISSING:
                self._event()
            self._data.append(line[5:])
            self._kept += len(line)
            if self._kept > bounded.LONGEST:
                self._too_long(b"".join(self._data))
                self._data, self._kept = [], 0
        elif not line:
            self._event()
        elif not _FIELD.match(line):
            self.unread += len(line) // BYTES_A_TOKEN

    def _event(self) -> None:
        data, self._data, self._kept = self._data, [], 0
        if len(data) == 1 or (data and bounded.read(b"\n".join(data)) is not bounded.MISSING):
            self._json(b"\n".join(data))
        else:
            for one in data:
                self._json(one)

    def _too_long(self, data: bytes) -> None:
        speaks = any(b'"%s"' % name.encode() in data[:_HEAD] for name in _SAID)
        if speaks:
            self.visible += len(data) // BYTES_A_TOKEN
        else:
            self.unread += len(data) // BYTES_A_TOKEN

    def _json(self, text: bytes) -> None:
        value = bounded.read(text)
        if value is bounded.MISSING:
            self.unread += 0 if text.strip() == b"[DONE]" else len(text) // BYTES_A_TOKEN
            return
        said = self.said
        members = value if isinstance(value, dict) else {"": value}
        choices = members.get("choices")
        for number, choice in enumerate(choices if isinstance(choices, list) else ()):
            self._choice(str(number), choice)
        for name, member in members.items():
            if name != "choices" or not isinstance(member, list):
                # A long id is no text beside a delta without any either, as one comes while a model is busy.
                self._beside(name, member, repeats=self.said > said or (name == "id" and bool(choices)))

    def _choice(self, number: str, choice: Any) -> None:
        members = choice if isinstance(choice, dict) else {"text": choice}
        number = str(members.get("index", number))[:_LONGEST_LABEL]
        visible, thoughts = self._said(number, members)
        # Each token of the text stands there again, and sometimes no text does.
        probabilities = members.get("logprobs")
        probed = "".join(self._texts(probabilities, "logprobs", ("top_logprobs",))) if probabilities else ""
        self.visible += max(visible, tokens.about(probed))
        self.thoughts += thoughts
        for name, member in members.items():
            if name not in (*_SAID, "logprobs"):
                self._beside(f"choices.{name}", member, repeats=bool(visible or thoughts))

    def _said(self, number: str, choice: dict[str, Any]) -> tuple[int, int]:
        """How many tokens more the visible text of a choice has, and its thoughts."""
        visible = 0
        thoughts: dict[str, str] = {}
        for said in (choice.get(name) for name in _SAID):
            for name, member in (said if isinstance(said, dict) else {"": said}).items():
                if not isinstance(member, _TELLING):
                    continue
                texts = self._texts(member, name)
                if name.startswith(_THOUGHTS):
                    thoughts = dict.fromkeys(texts, name) | thoughts
                else:
                    visible += sum(self._more(number, name, text) for text in texts)
        return visible, sum(self._more(number, name, text) for text, name in thoughts.items())

    def _more(self, number: str, name: str, text: str) -> int:
        """How many tokens more a text has than what it goes on from: some are sent letter by letter."""
        member = (number, name)
        last = self._lasts.get(member, "")
        if len(self._lasts) < _HEAD or last:
            self._lasts[member] = tokens.last(last + text)[-_LONGEST_LABEL:]
        return tokens.about(last + text) - tokens.about(last)

    def _beside(self, name: str, member: Any, *, repeats: bool) -> None:
        """Counts what stands beside the text, once where each event that says something repeats it."""
        if not isinstance(member, _TELLING):
            return
        text = " ".join(self._texts(member, name.rpartition(".")[2]))
        if text and not (repeats and self._aside.get(name) == hash(text)):
            self.aside += tokens.about(text)
            if len(self._aside) < _HEAD:
                self._aside[name] = hash(text)

    def _texts(self, value: Any, name: str, skipped: Iterable[str] = ()) -> Iterator[str]:
        """Every text in there that a model may have written, in order. Takes note of any `usage` in there."""
        left = [(name, value)]
        while left:
            name, one = left.pop()
            if isinstance(one, str):
                label = name in _LABELS and len(one) <= _LONGEST_LABEL
                if not label and not (name in _PACKED and _CODED.fullmatch(one)):
                    yield one
            elif name == "usage" and isinstance(one, dict):
                self.statement |= stated(one)
            elif isinstance(one, dict):
                left += [pair for pair in reversed(one.items()) if pair[0] not in skipped]
            elif isinstance(one, list):
                left += [(name, each) for each in reversed(one)]

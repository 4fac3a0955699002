"""What the suite says, as a value: a sentence with gaps, and what fills them.

As in gettext, the English sentence is the key by which a catalogue finds the same sentence in another
language, with the same gaps in an order of its own. `{name}` stands for a value as it is, `{name!r}` for one
as Python writes it: a text between quotes, with everything escaped that a terminal might obey. Numbers may
have a sign (`{more:+d}`) or so many decimals (`{seconds:.2f}`). A message may stand in a gap of another, or
several may, one after the other.

What fills a gap may come from a provider, and is bounded; a sentence may come from a file, so nothing is ever
looked up in a value but the value itself.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

Sentences = Mapping[str, str]
"""Sentences in another language, by the English ones."""

LONGEST = 400
"""Characters of a text that fills a gap."""

QUOTED = 90
"""Characters of a value that is written as Python writes it."""

MOST = 10
"""Elements of a list that fills a gap."""

_DEEPEST = 3
"""How deep sentences may stand in each other's gaps."""

_GAP = re.compile(r"\{(?P<name>[a-z_][a-z0-9_]*)(?:!(?P<quoted>r)|:(?P<form>\+d|\.[0-4]f|g))?\}")


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence, and what fills its gaps, in the order of being named."""

    id: str = ""
    parameters: tuple[tuple[str, Any], ...] = ()

    @classmethod
    def of(cls, sentence: str, /, **parameters: Any) -> Message:
        """The message with these parameters, bounded."""
        return cls(sentence, tuple((name, _bounded(value)) for name, value in parameters.items()))

    def __str__(self) -> str:
        return self.told()

    def __bool__(self) -> bool:
        return bool(self.id)

    def told(self, sentences: Sentences = MappingProxyType({})) -> str:
        """The words, in the language of these sentences; in English where they lack this one.

        A gap that nothing fills stays as it is. A sentence that leaves out a gap of the English one would
        keep what was found from the reader, so the English one is told instead.
        """
        sentence = sentences[self.id] if self._has(sentences) else self.id
        values = dict(self.parameters)

        def fill(gap: re.Match[str]) -> str:
            if gap["name"] not in values:
                return gap[0]
            return _written(values[gap["name"]], gap["quoted"] is not None, gap["form"], sentences)

        return _GAP.sub(fill, sentence)

    def _has(self, sentences: Sentences) -> bool:
        return gaps(sentences.get(self.id, "")) == gaps(self.id) and self.id in sentences

    def known(self, sentences: Sentences) -> bool:
        """Whether these sentences have this one, and all that stand in its gaps."""
        inside = (one for _, value in self.parameters for one in _messages(value))
        return self._has(sentences) and all(one.known(sentences) for one in inside)


def _messages(value: Any) -> Iterator[Message]:
    if isinstance(value, Message):
        yield value
    for one in value if isinstance(value, tuple) else ():
        yield from _messages(one)


def gaps(sentence: str) -> frozenset[str]:
    """The names of the gaps of a sentence."""
    return frozenset(gap["name"] for gap in _GAP.finditer(sentence))


def to_json(message: Message) -> dict[str, Any]:
    """The message as plain values."""
    return {
        "id": message.id,
        "parameters": {name: _plain(value) for name, value in message.parameters},
    }


def from_json(value: Mapping[str, Any]) -> Message:
    """The message that was made into these values; whatever else they have is taken for text."""
    return _message(value, 0)


def _message(value: Mapping[str, Any], depth: int) -> Message:
    parameters = ((name, _read(one, depth + 1)) for name, one in value["parameters"].items())
    return Message(value["id"], tuple(parameters))


def _plain(value: Any) -> Any:
    if isinstance(value, Message):
        return to_json(value)
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def _read(value: Any, depth: int) -> Any:
    if depth <= _DEEPEST and isinstance(value, list):
        return tuple(_read(one, depth + 1) for one in value)
    if depth <= _DEEPEST and isinstance(value, dict) and _is_message(value):
        return _message(value, depth)
    return _bounded(str(value) if isinstance(value, list | dict) else value)


def _is_message(value: dict[str, Any]) -> bool:
    return isinstance(value.get("id"), str) and isinstance(value.get("parameters"), dict)


def _bounded(value: Any) -> Any:
    """The value, if it is short and one that JSON has; else as much of it as a message can hold."""
    if isinstance(value, str):
        return str(value) if len(value) <= LONGEST else f"{value[:LONGEST]}…"
    if value is None or isinstance(value, bool | Message):
        return value
    if isinstance(value, int):
        # str() takes quadratic time, and refuses beyond a few thousand digits.
        return value if value.bit_length() <= 200 else Message("a very large integer")
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, list | tuple):
        whole = tuple(map(_bounded, value[:MOST]))
        return whole if len(value) <= MOST else (*whole, Message("…"))
    return Message("{text}", (("text", f"{value!r:.{QUOTED}}"),))


def _written(value: Any, quoted: bool, form: str | None, sentences: Sentences) -> str:
    if isinstance(value, Message):
        return value.told(sentences)
    if value and isinstance(value, tuple) and not quoted and all(isinstance(one, Message) for one in value):
        text = ", ".join(one.told(sentences) for one in value)
    elif isinstance(value, tuple):
        text = f"[{', '.join(_written(one, True, None, sentences) for one in value)}]"
    elif form is not None and isinstance(value, int | float) and not isinstance(value, bool):
        return format(value, form)
    else:
        text = repr(value) if quoted else str(value)
    return text if not quoted or len(text) <= QUOTED else f"{text[:QUOTED]}…"

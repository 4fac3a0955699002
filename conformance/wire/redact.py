"""Secrets are replaced before anything is recorded, so that no later step can leak them.

A server may send a secret back as it is, escaped or encoded, compressed or in pieces. All that programs do of
themselves is undone here; what somebody does on purpose who has the secret already is not.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from html.entities import codepoint2name
from itertools import accumulate
from typing import Any

MARK = "[REDACTED KEY]"
"""Stands where a key stood; `errors.key-never-echoed` looks for it in what the provider sent."""

_GZIP = b"\x1f\x8b"
_LONGEST = 2**22
"""Bytes that are looked at within what is compressed."""

_EVENT = re.compile(rb"(?m)^(data: ?)(\{[^\r\n]*\})[ \t]*$")

Chunks = tuple[tuple[float, bytes], ...]
Span = tuple[int, int, bytes]
"""Where a piece begins and ends, and what is to stand there instead."""

Path = tuple[str | int, ...]
"""A place in a JSON value."""


class Redactor:
    """Replaces secrets by MARK, also escaped as in a URL, in JSON or in HTML, and in base64 or hex."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {form for secret in filter(None, secrets) for form in _forms(secret)}
        # The longest first, so that a form that contains another is replaced as a whole.
        ordered = sorted(forms, key=lambda form: (-len(form), form))
        self._text = re.compile("|".join(ordered) or r"(?!)")
        self._bytes = re.compile(self._text.pattern.encode())
        self._knows_any = bool(forms)

    def text(self, text: str) -> str:
        """The text without secrets."""
        return self._text.sub(MARK, text)

    def chunks(self, chunks: Chunks) -> Chunks:
        """The chunks without secrets, also where one spans several of them: it is marked in the first."""
        if not self._knows_any:
            return chunks
        whole = _joined(chunks)
        if whole.startswith(_GZIP) and self._bytes.search(_unpacked(whole)):
            return ((chunks[0][0], MARK.encode()),)
        clean = _with(chunks, [(*match.span(), MARK.encode()) for match in self._bytes.finditer(whole)])
        return _with(clean, list(self._in_pieces(_joined(clean))))

    def _in_pieces(self, whole: bytes) -> Iterator[Span]:
        """Events of a stream that hold a secret only together, as text does that is sent word by word."""
        events = [(match, _read(match[2])) for match in _EVENT.finditer(whole)]
        pieces: dict[Path, list[tuple[int, str]]] = {}
        for number, (_, value) in enumerate(events):
            for path, text in _strings(value):
                pieces.setdefault(path, []).append((number, text))
        marked: dict[int, list[Path]] = {}
        for path, texts in pieces.items():
            ends = list(accumulate(len(text) for _, text in texts))
            for secret in self._text.finditer("".join(text for _, text in texts)):
                first, last = bisect_right(ends, secret.start()), bisect_left(ends, secret.end())
                for number, _ in texts[first : last + 1]:
                    marked.setdefault(number, []).append(path)
        for number, paths in sorted(marked.items()):
            match, value = events[number]
            yield match.start(2), match.end(2), json.dumps(_marked(value, paths)).encode()


def _joined(chunks: Chunks) -> bytes:
    return b"".join(data for _, data in chunks)


def _with(chunks: Chunks, spans: list[Span]) -> Chunks:
    """The chunks with something else in place of these spans of the whole."""
    if not spans:
        return chunks
    whole = _joined(chunks)
    parts = []
    done = end = number = 0
    for at, data in chunks:
        end += len(data)
        part = b""
        while number < len(spans) and spans[number][0] < end:
            start, stop, instead = spans[number]
            part += whole[done:start] + instead
            done, number = stop, number + 1
        part += whole[done:end]
        done = max(done, end)
        parts.append((at, part))
    return tuple(parts)


def _unpacked(data: bytes) -> bytes:
    try:
        return zlib.decompressobj(wbits=47).decompress(data, _LONGEST)
    except zlib.error:
        return b""


def _read(text: bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _strings(value: Any) -> Iterator[tuple[Path, str]]:
    """Every string in a JSON value, with its place."""
    todo: list[tuple[Path, Any]] = [((), value)]
    while todo:
        path, value = todo.pop()
        if isinstance(value, str):
            yield path, value
        elif isinstance(value, dict):
            todo += [((*path, name), member) for name, member in value.items()]
        elif isinstance(value, list):
            todo += [((*path, index), member) for index, member in enumerate(value)]


def _marked(value: Any, paths: Iterable[Path]) -> Any:
    """The value with the mark in these places."""
    for path in paths:
        parent = value
        for step in path[:-1]:
            parent = parent[step]
        parent[path[-1]] = MARK
    return value


def _forms(secret: str) -> Iterator[str]:
    """Patterns for what echoes make of a secret."""
    yield "".join(map(_escapable, secret))
    yield f"(?i:{secret.encode().hex()})"
    for before in range(3):  # bytes that stand before it in what was encoded, as in "Bearer KEY"
        data = bytes(before) + secret.encode()
        encoded = base64.b64encode(data).decode()
        # Only the characters that nothing but the secret decides.
        own = encoded[-(-before * 8 // 6) : len(data) * 8 // 6]
        for form in (encoded, own) if before == 0 else (own,):
            yield re.escape(form)
            yield re.escape(form.translate(_URL_SAFE))


def _escapable(character: str) -> str:
    """A pattern for the character, plain or escaped, once or twice; no encoder touches letters and digits."""
    if character.isalnum():
        return character
    code = ord(character)
    name = codepoint2name.get(code, f"#{code}")
    return (
        rf"(?:\\{{0,4}}{re.escape(character)}|(?i:%(?:25){{0,2}}{code:02x}|\\{{1,4}}(?:u00|x){code:02x}"
        rf"|&(?:amp;){{0,2}}(?:{name}|#0{{0,4}}{code}|#x0{{0,4}}{code:x});))"
    )


_URL_SAFE = str.maketrans("+/", "-_")

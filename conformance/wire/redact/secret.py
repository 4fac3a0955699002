"""What is looked for of a secret: all of it, and of its random part whatever is long enough to tell.

The words that it begins with, as in `sk-proj-…`, are in every manual. What else looks like words, such as the
name of a model, or counts up, as `0123456789` does, is found in ordinary answers: alone it shows no secret.
"""

from __future__ import annotations

import itertools
import re
from base64 import b64decode
from collections.abc import Iterator
from functools import lru_cache
from html.entities import html5

from conformance.wire.redact.layers import LOWER, WHITE, unescaped

_FEW, _SOME, _MANY = 9, 12, 16
"""Characters of the random part that are taken for the secret: few that look random, and many that do not.

Fewer are left, as in `sk-****abcd`; of a long secret, fewer than an eighth.
"""

_LONGEST_FEW = 24

SHORTEST = 6
"""A shorter secret could not be told from ordinary text where it has to be removed."""

_NO_WORD = 8

_WORDS = re.compile(rb"(?:(?:[a-z]{1,10}|[A-Z]{1,10})[0-9]{0,2}[-_])+")
_LONGEST_WORDS = 13
_RUN = re.compile(rb"[0-9A-Za-z]+")
_PLAIN_RUN = re.compile(rb"(?:[A-Za-z]?[a-z]*|[A-Z]*)[0-9]{0,4}")


def is_word(text: str) -> bool:
    """Whether it is a word of a few letters, and no secret: servers that take any key are given `EMPTY`."""
    return len(text) < _NO_WORD and text.isalpha()


def parts(value: str) -> Iterator[str]:
    """What in a value is secret by itself: the token of `Bearer TOKEN`, the password of Basic credentials."""
    yield value
    words = re.split(r"[\s,;]+", value.strip())
    if len(words) > 1:
        yield value.strip().split(maxsplit=1)[1]
    for word in words:
        for one in {word, re.sub(r"^[A-Za-z_-]+=", "", word).strip("\"'")} if len(words) > 1 else {word}:
            if surprise(one.encode("utf-8", "surrogatepass")) > 1:
                yield one
            yield from credentials(one)


def credentials(word: str) -> Iterator[str]:
    """The user and the password, and the password alone, that a word in base64 may be."""
    try:
        user, colon, password = b64decode(word, validate=True).decode().partition(":")
    except ValueError:
        return
    if colon and f"{user}{password}".isprintable():
        yield f"{user}:{password}"
        yield password


def surprise(text: bytes) -> int:
    """How often a character does not follow from the one before it, as in words and in numbers that count."""
    return sum(
        _surprises(before, after)
        for run in _RUN.findall(text)
        if not _PLAIN_RUN.fullmatch(run)
        for before, after in itertools.pairwise(run)
    )


def _surprises(before: int, after: int) -> bool:
    if after < 0x3A:  # a digit
        return before >= 0x3A or after not in (before, before + 1)
    if before < 0x3A:
        return (before, after) not in ((0x39, 0x41), (0x39, 0x61))  # 9 and a: hexadecimal digits in a row
    return before >= 0x61 > after  # a small letter and a capital


class Secret:
    """One text that must not be recorded, in whatever case its letters come.

    `telling`: it is random enough to be known also where spaces and line breaks have come into it.
    """

    def __init__(self, value: str) -> None:
        exact = unescaped(value.encode("utf-8", "surrogatepass"))
        words = _WORDS.match(exact, 0, _LONGEST_WORDS)
        self._core = words.end() if words and len(exact) - words.end() >= _MANY else 0
        self.telling = surprise(exact[self._core :]) > 1
        self._exact = exact.translate(None, WHITE) if self.telling else exact
        self._text = self._exact.translate(LOWER)
        random = len(self._text) - self._core
        self._few = min(max(_FEW, random // 8), _LONGEST_FEW) if self.telling else _MANY
        # Wherever so many characters begin, a whole block of half as many is among them.
        self._block = block = (self._few + 1) // 2
        self._blocks = [
            (at, self._text[at : at + block]) for at in range(self._core, len(self._text) - block + 1, block)
        ]
        if random < self._few:
            self._blocks = [(0, self._text)]

    def within(self, view: bytes) -> bool:
        """Whether enough of it is in an unescaped text in small letters (if `telling`, without spaces)."""
        return any(self._around(view, at, block) for at, block in self._blocks if block in view)

    def __len__(self) -> int:
        return len(self._text)

    def _around(self, view: bytes, at: int, block: bytes) -> bool:
        """Whether enough of it stands around a block of it, in an unescaped text in small letters."""
        where = view.find(block)
        while where >= 0:
            if self._believed(*self._extended(view, where, at, len(block))):
                return True
            where = view.find(block, where + 1)
        return False

    def _extended(self, view: bytes, where: int, at: int, length: int) -> tuple[int, int]:
        """How much of the secret stands around a block of it."""
        text = self._text
        start, left, end, right = at, where, at + length, where + length
        while start and left and text[start - 1] == view[left - 1]:
            start, left = start - 1, left - 1
        while end < len(text) and right < len(view) and text[end] == view[right]:
            end, right = end + 1, right + 1
        return start, end

    def _believed(self, start: int, end: int) -> bool:
        if start == 0 and end == len(self._text):
            return True
        start = max(start, self._core)
        length = end - start
        if length < self._few:
            return False
        surprises = surprise(self._exact[start:end])
        return surprises > 1 or (length >= _SOME and surprises > 0) or length >= _MANY

    def spans(self, data: bytes) -> Iterator[tuple[int, int]]:
        """Where it stands in a text as it came, plain or escaped."""
        for at, block in self._blocks:
            for match in self._pattern(at, len(block)).finditer(data):
                start = at - sum(one is not None for one in match.groups())
                end, stop = at + len(block), match.end()
                while end < len(self._text) and (further := self._one(end).match(data, stop)):
                    end, stop = end + 1, further.end()
                if self._believed(start, end):
                    yield match.start(), stop

    def _pattern(self, at: int, length: int) -> re.Pattern[bytes]:
        """A block, with as much before it as an earlier block does not find."""
        gap = _GAP if self.telling else _NUL
        before = b""
        for code in self._text[0 if at == self._core else at - self._block + 1 : at]:
            before = b"(" + before + _escapable(code) + gap + b")?"
        return _compiled(before + gap.join(map(_escapable, self._text[at : at + length])))

    def _one(self, at: int) -> re.Pattern[bytes]:
        return _compiled((_GAP if self.telling else _NUL) + _escapable(self._text[at]))


_GAP = rb"(?:[\0 \t\r\n]|\\{1,8}[nrt]){0,16}"
_NUL = rb"\0{0,3}"
_CODES = {
    ord(character): name for name, character in html5.items() if len(character) == 1 and name[-1] == ";"
}


@lru_cache(maxsize=512)
def _compiled(pattern: bytes) -> re.Pattern[bytes]:
    return re.compile(pattern, re.IGNORECASE)


@lru_cache(maxsize=256)
def _escapable(code: int) -> bytes:
    """A pattern for the character, plain or escaped, once or more often."""
    plain = re.escape(bytes((code,)))
    name = b"|" + _CODES[code].encode() if code in _CODES else b""
    return (
        rb"(?:\\{0,8}%b|%%(?:25){0,4}%02x|\\{1,8}(?:u00|x)%02x|&(?:amp;){0,4}(?:#0{0,6}%d;|#x0{0,6}%x;%b))"
        % (plain, code, code, code, code, name)
    )

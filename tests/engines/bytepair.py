"""A byte-level BPE vocabulary: learnt from text, applied to text.

It follows the pre-tokenizer that GGUF files call `gpt-2`, so that llama.cpp splits every text into the same
tokens as the training did. Every byte is a token, so every text has an encoding.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import pairwise

Pair = tuple[bytes, bytes]


@cache
def _splitter() -> re.Pattern[str]:
    """The `gpt-2` pre-tokenizer.

    Python's regular expressions have no classes for letters and numbers: they are spelt out, in ranges.
    """
    members: dict[str, list[str]] = {"L": [], "N": []}
    for code in range(sys.maxunicode + 1):
        major = unicodedata.category(chr(code))[0]
        if major in members:
            members[major].append(chr(code))
    letter, number = (_ranges(members[major]) for major in "LN")
    return re.compile(
        rf"'(?:[sdmt]|re|ve|ll)| ?[{letter}]+| ?[{number}]+| ?[^\s{letter}{number}]+|\s+(?!\S)|\s+"
    )


def _ranges(characters: Sequence[str]) -> str:
    """Ascending characters as the inside of a regular expression's class."""
    spans: list[list[int]] = []
    for code in map(ord, characters):
        if spans and spans[-1][1] == code - 1:
            spans[-1][1] = code
        else:
            spans.append([code, code])
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in spans)


def words(text: str) -> list[str]:
    """The pieces of a text across which no token reaches."""
    return _splitter().findall(text)


def learn(texts: Iterable[str], merges: int) -> list[Pair]:
    """The most frequent merges of neighbouring tokens, best first.

    Only ASCII is merged. Other characters stay single bytes, so that a server has to put them together again.
    """
    counts = Counter(word for text in texts for word in words(text) if word.isascii())
    pieces = {word: _bytes(word) for word in counts}
    found: list[Pair] = []
    pairs: Counter[Pair] = Counter()
    holders: dict[Pair, set[str]] = {}
    for word, tokens in pieces.items():
        for pair in pairwise(tokens):
            pairs[pair] += counts[word]
            holders.setdefault(pair, set()).add(word)
    while len(found) < merges:
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        found.append(best)
        for word in holders.pop(best):
            for pair in pairwise(pieces[word]):
                pairs[pair] -= counts[word]
            pieces[word] = _merged(pieces[word], best)
            for pair in pairwise(pieces[word]):
                pairs[pair] += counts[word]
                holders.setdefault(pair, set()).add(word)
        del pairs[best]
    return found


def _bytes(word: str) -> list[bytes]:
    return [bytes([byte]) for byte in word.encode()]


def _merged(tokens: Sequence[bytes], pair: Pair) -> list[bytes]:
    merged: list[bytes] = []
    position = 0
    while position < len(tokens):
        if tuple(tokens[position : position + 2]) == pair:
            merged.append(pair[0] + pair[1])
            position += 2
        else:
            merged.append(tokens[position])
            position += 1
    return merged


class Vocabulary:
    """Numbered tokens: the special ones, every byte, then what the merges make."""

    def __init__(self, special: Sequence[str], merges: Sequence[Pair]) -> None:
        self.special = tuple(special)
        self.merges = tuple(merges)
        self.tokens: tuple[bytes, ...] = (
            *(text.encode() for text in special),
            *dict.fromkeys(
                [*(bytes([byte]) for byte in range(256)), *(left + right for left, right in merges)]
            ),
        )
        self._ids: Mapping[bytes, int] = {
            token: number for number, token in enumerate(self.tokens) if number >= len(special)
        }
        self._ranks: Mapping[Pair, int] = {pair: rank for rank, pair in enumerate(merges)}
        self._known: dict[str, list[int]] = {}
        self._special_splitter = re.compile("(" + "|".join(map(re.escape, special)) + ")")

    def encode(self, text: str) -> list[int]:
        """The numbers of the tokens of a text; special tokens are recognised in it."""
        numbers: list[int] = []
        for part in self._special_splitter.split(text):
            if part in self.special:
                numbers.append(self.special.index(part))
            else:
                for word in words(part):
                    numbers.extend(self._word(word))
        return numbers

    def decode(self, numbers: Iterable[int]) -> str:
        """The text of tokens; bytes that are not UTF-8 become U+FFFD."""
        return b"".join(self.tokens[number] for number in numbers).decode(errors="replace")

    def _word(self, word: str) -> list[int]:
        known = self._known.get(word)
        if known is None:
            tokens = _bytes(word)
            while candidates := [pair for pair in pairwise(tokens) if pair in self._ranks]:
                tokens = _merged(tokens, min(candidates, key=self._ranks.__getitem__))
            known = [self._ids[token] for token in tokens]
            self._known[word] = known
        return known


def printable(token: bytes) -> str:
    """A token the way GGUF stores it: printable Latin-1 stands for itself, other bytes from U+0100 on."""
    return "".join(_alphabet()[byte] for byte in token)


@cache
def _alphabet() -> tuple[str, ...]:
    shown = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    hidden = [byte for byte in range(256) if byte not in shown]
    return tuple(chr(byte) if byte in shown else chr(0x100 + hidden.index(byte)) for byte in range(256))

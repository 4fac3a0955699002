"""The tokenizer of the embedded model: a fixed rule instead of a trained vocabulary.

A piece is a word of up to six letters with the space before it, up to three digits, up to three marks, one
ideograph, or white space. Pieces always concatenate to the text, so a repeated text costs the same each time,
and counts can be checked by hand.

A rare emoji is three pieces of bytes, as in the byte-level vocabularies in use: its first two bytes, and each
of the others. Bytes that are no character by themselves are lone surrogates in a piece (PEP 383).
"""

from __future__ import annotations

import codecs
import re
import zlib
from collections.abc import Iterable, Iterator

_IDEOGRAPH = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
_COMBINING = "\u0300-\u036f\ufe0e\ufe0f\u20e3\U0001f3fb-\U0001f3ff"
_LETTER = rf"[^\W\d_{_IDEOGRAPH}][{_COMBINING}]*"
_MARK = rf"[^\w\s{_COMBINING}](?:[{_COMBINING}]|\u200d[^\w\s])*"

_SPLIT = "\U0001fa70-\U0001faff"
"""The emoji of the newest block, whose bytes no vocabulary has as one token."""

_RARE = re.compile(r"<(\d{1,5})>")

_PIECE = re.compile(
    rf"[{_IDEOGRAPH}{_SPLIT}]"
    rf"| ?(?:{_LETTER}){{1,6}}"
    r"|[^\W_]{1,3}"  # digits, and what counts as alphanumeric without being a letter: ½, ²
    rf"| ?(?:(?![{_SPLIT}]){_MARK}){{1,3}}"
    r"|_{1,3}"
    r"|\n"
    r"|[^\S\n]{1,8}"
    r"|."  # a stray combining mark
)

_SPLITS = re.compile(f"[{_SPLIT}]")


def tokenize(text: str) -> list[str]:
    """The pieces of the text, in order; `readable` makes the text of them again."""
    found: list[str] = []
    for piece in _PIECE.findall(text):
        found += _bytes_of(piece) if _SPLITS.match(piece) else (piece,)
    return found


def encoded(piece: str) -> bytes:
    """The bytes of a piece."""
    return piece.encode("utf-8", "surrogateescape")


def shown(piece: str) -> str:
    """A piece by itself; bytes that are no character, as OpenAI writes them in log probabilities."""
    return encoded(piece).decode("utf-8", "backslashreplace")


class Reader:
    """Reads piece by piece, as a server does that sends an answer while it is made.

    A character is read once it is whole. What is left of one at the end is not, nor are bytes that make none.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("ignore")

    def read(self, piece: str) -> str:
        """What can be read with this piece."""
        return self._decoder.decode(encoded(piece))


def readable(pieces: Iterable[str]) -> Iterator[str]:
    """What can be read with each of the pieces; together it is the text."""
    return map(Reader().read, pieces)


def count(text: str) -> int:
    """How many tokens the text costs."""
    return len(tokenize(text))


def token_id(piece: str) -> int:
    """The number that `logit_bias` knows the piece by: a checksum, since there is no vocabulary."""
    rare = _RARE.fullmatch(piece)
    return int(rare[1]) if rare else zlib.crc32(encoded(piece)) & 0x7FFFFFFF


def rare_piece(number: int) -> str:
    """The piece that has a low number: one that no text contains, as there are in every real vocabulary."""
    return f"<{number}>"


def _bytes_of(character: str) -> tuple[str, ...]:
    first, *others = (bytes([one]).decode("utf-8", "surrogateescape") for one in character.encode())
    return (first + others[0], *others[1:])

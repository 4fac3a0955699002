"""The tokenizer of the embedded model: a fixed rule instead of a trained vocabulary.

A piece is a word of up to six letters with the space before it, up to three digits, up to three marks, one
ideograph, or white space. Pieces always concatenate to the text and never split a character, so a repeated
text costs the same each time, and counts can be checked by hand.
"""

from __future__ import annotations

import re
import zlib

_IDEOGRAPH = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
_COMBINING = "\u0300-\u036f\ufe0e\ufe0f\u20e3\U0001f3fb-\U0001f3ff"
_LETTER = rf"[^\W\d_{_IDEOGRAPH}][{_COMBINING}]*"
_MARK = rf"[^\w\s{_COMBINING}](?:[{_COMBINING}]|\u200d[^\w\s])*"

_RARE = re.compile(r"<(\d{1,5})>")

_PIECE = re.compile(
    rf"[{_IDEOGRAPH}]"
    rf"| ?(?:{_LETTER}){{1,6}}"
    r"|[^\W_]{1,3}"  # digits, and what counts as alphanumeric without being a letter: ½, ²
    rf"| ?(?:{_MARK}){{1,3}}"
    r"|_{1,3}"
    r"|\n"
    r"|[^\S\n]{1,8}"
    r"|."  # a stray combining mark
)


def tokenize(text: str) -> list[str]:
    """The pieces of the text, in order; together they are the text."""
    return _PIECE.findall(text)


def count(text: str) -> int:
    """How many tokens the text costs."""
    return len(tokenize(text))


def token_id(piece: str) -> int:
    """The number that `logit_bias` knows the piece by: a checksum, since there is no vocabulary."""
    rare = _RARE.fullmatch(piece)
    return int(rare[1]) if rare else zlib.crc32(piece.encode()) & 0x7FFFFFFF


def rare_piece(number: int) -> str:
    """The piece that has a low number: one that no text contains, as there are in every real vocabulary."""
    return f"<{number}>"

"""How many tokens a text costs, about and at most, before any tokenizer has counted it.

Nobody's tokenizer is known beforehand, so this is a rule of thumb: a common English word is one token with
the space before it, a long one two, three digits one, an ideograph one. It is for plans and ceilings only; no
verdict rests on it.
"""

from __future__ import annotations

import re

_IDEOGRAPH = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
_PIECE = re.compile(
    rf"[{_IDEOGRAPH}]| ?[^\W\d_{_IDEOGRAPH}]{{1,7}}|\d{{1,3}}| ?[^\w\s]{{1,3}}|_{{1,16}}|\n|[^\S\n]{{1,8}}"
)

BYTES_A_TOKEN = 4
"""Of a text that is not read."""


def about(text: str) -> int:
    """The tokens of a text, roughly."""
    return len(_PIECE.findall(text))


def last(text: str) -> str:
    """The last of its tokens, roughly: what comes next may belong to it."""
    pieces = _PIECE.findall(text)
    return pieces[-1] if pieces else ""


def at_most(text: str) -> int:
    """The tokens of a text with the worst tokenizer there is: one for each byte."""
    return len(text.encode("utf-8", "surrogatepass"))

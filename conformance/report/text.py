"""Text that a provider sent, made safe to look at: bounded, and with nothing invisible in it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

MESSAGE = 600
"""Characters of a judgement's message, wherever it is written."""

_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
"""Control, format and bidirectional characters, and lone surrogates. The joiners that scripts and emoji need
(U+200C, U+200D), newline and tab are left alone."""

_MARKUP = re.compile(r"[\\`*_\[\]|<>~$&]")
_FIRST = re.compile(r"[#+=:-]|[0-9]+(?=[.)](?: |$))")
"""What makes a heading, a list, a definition or a rule of a line that begins with it."""

_LINK = re.compile(r"(?i)(?::(?=//)|(?<=www)\.)")

_REFERENCE = re.compile(r"@|[#!%&$~^](?=[0-9])|\b(?:(?i:gh)|[A-Z][A-Z0-9_]*)-(?=[0-9])", re.ASCII)
"""The beginning of what GitHub and GitLab make a link of, or tell somebody about: @name, #1, owner/name#1,
GH-1, PROJECT-1, !1. That is looked for when markup has been read, so a backslash before it is no help."""

_HASH = re.compile(r"\b[0-9a-fA-F]{7,}\b", re.ASCII)
"""What can be the hash of a commit."""

_APART = "\u200b"

_BREAKS = str.maketrans({"\n": "\\n", "\t": "\\t"})


def visible(text: str) -> str:
    r"""The text with invisible characters written out: `\x1b` below U+0080, `\u{202e}` above.

    Neither form is an escape of JSON, so that it cannot be taken for one that the provider sent.
    """
    return _INVISIBLE.sub(_written_out, text)


def line(text: str, limit: int) -> str:
    """The text on one line of at most `limit` characters, with its full length where it is cut."""
    return _cut(visible(text[:limit]).translate(_BREAKS), limit, len(text))


def clip(text: str, limit: int) -> str:
    """At most `limit` characters of the text, made visible, with its full length where it is cut."""
    return _cut(visible(text[:limit]), limit, len(text))


def _cut(shown: str, limit: int, length: int) -> str:
    if length <= limit and len(shown) <= limit:
        return shown
    return f"{shown[:limit]}… ({length:,} characters)"


def wrapped(text: str, width: int, indent: str) -> Iterator[str]:
    """The text in lines of at most `width` columns of a terminal, all but the first one indented.

    Breaks between words, and within a word that is longer than a line.
    """
    full = max(width - len(indent), 2)
    begun, room = "", max(width, 2)
    for word in text.split(" "):
        rest = f" {word}" if begun else word
        if _columns(rest) > room and begun:
            yield begun
            begun, room, rest = indent, full, word
        for one in rest:
            if _columns(one) > room:
                yield begun
                begun, room = indent, full
            begun += one
            room -= _columns(one)
    yield begun


def _columns(text: str) -> int:
    """How many columns of a terminal the text takes: Chinese characters take two, accents none."""
    return sum(
        2 if unicodedata.east_asian_width(one) in "WF" else not unicodedata.combining(one) for one in text
    )


def plain(text: str, limit: int = 400) -> str:
    """Text that is only text in Markdown: no markup, no table cell, no link, and nobody is told of it."""
    shown = _HASH.sub(_in_pieces, clip(text, limit).replace("\n", " ").strip())
    shown = _MARKUP.sub(r"\\\g<0>", _REFERENCE.sub(rf"\g<0>{_APART}", shown))
    if (first := _FIRST.match(shown)) is not None:
        end = first.end() if first[0].isdigit() else 0
        shown = f"{shown[:end]}\\{shown[end:]}"
    # An address becomes a link without any markup.
    return _LINK.sub(lambda match: f"&#{ord(match[0])};", shown)


def code(text: str) -> str:
    """A name as code, in which Markdown finds nothing."""
    return f"`{line(text, 100).replace('`', '')}`"


def _in_pieces(match: re.Match[str]) -> str:
    """Too short for hashes, each of them."""
    return _APART.join(match[0][at : at + 6] for at in range(0, len(match[0]), 6))


def decoded(data: bytes) -> str:
    r"""The bytes as UTF-8, made visible; a byte that is not UTF-8 is shown as `\xNN`."""
    return visible(data.decode("utf-8", "backslashreplace"))


def excerpt(data: bytes, head: int, tail: int = 0) -> str:
    """The first `head` and the last `tail` bytes as text; where some are left out, how many."""
    if len(data) <= head + tail:
        return decoded(data)
    begin, end = head, len(data) - tail
    # A character of several bytes is not cut in two: it would look like bytes that are not UTF-8.
    for _ in range(3):
        begin -= _continues(data, begin)
        end += _continues(data, end)
    left_out = f"[… {end - begin:,} bytes left out …]"
    return "\n".join(filter(None, (decoded(data[:begin]), left_out, decoded(data[end:]))))


def _continues(data: bytes, at: int) -> bool:
    """Whether the byte at that place continues a UTF-8 character."""
    return 0 < at < len(data) and data[at] & 0xC0 == 0x80


def _written_out(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x80 else f"\\u{{{code:x}}}"

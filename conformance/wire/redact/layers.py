"""What bytes hold beneath what programs do to text: escapes, base64 and hex, compression.

Nothing here takes more than linear time, or makes more of a text than BOUND bytes.
"""

from __future__ import annotations

import re
import zlib
from binascii import a2b_base64, unhexlify
from collections.abc import Iterator
from html.entities import html5
from itertools import chain

BOUND = 2**22
"""Bytes that are looked at within what is compressed."""

WHITE = b" \t\r\n"
SKIPPED = b"\0" + WHITE
LOWER = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", b"abcdefghijklmnopqrstuvwxyz")


class UnreadError(Exception):
    """There is more in the bytes than is looked at."""


_NAMES = {
    name.lower().encode(): character.encode()
    for name, character in html5.items()
    if name.endswith(";") and " " < character < "\x7f"
}
"""What HTML has names for, each with its semicolon."""

_ESCAPE = re.compile(
    rb"\\+(?:u00([0-9a-fA-F]{2})|x([0-9a-fA-F]{2})|([nrt]))?|%(?:25)*([0-9a-fA-F]{2})"
    rb"|&(?:amp;)*(?:#0*([0-9]{1,3});|#[xX]0*([0-9a-fA-F]{1,2});|([A-Za-z]{2,9};))"
)
_TIMES = 4
"""How often a text is unescaped that was escaped again and again."""


def unescaped(data: bytes) -> bytes:
    """The bytes as they were before they were escaped for JSON, a URL or HTML, or written as UTF-16.

    What is left has no backslash: the same is to be done to whatever is looked for in it.
    """
    if b"\0" in data:
        data = data.replace(b"\0", b"")
    for _ in range(_TIMES):
        if b"\\" not in data and b"%" not in data and b"&" not in data:
            break
        plain, done = bytearray(), 0
        for match in _ESCAPE.finditer(data):  # sub() would hold a piece of memory for each
            plain += data[done : match.start()]
            plain += _plain(match)
            done = match.end()
        if not done:
            break
        data = bytes(plain + data[done:])
    return data


def _plain(match: re.Match[bytes]) -> bytes:
    json, python, control, url, decimal, hexadecimal, name = match.groups()
    if control:
        return b"\n"
    if digits := json or python or url or hexadecimal:
        return bytes((int(digits, 16),))
    if decimal:
        return bytes((int(decimal),)) if int(decimal) < 256 else match[0]
    return _NAMES.get(name.lower(), match[0]) if name else b""


_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_HEX = b"0123456789abcdefABCDEF"
_NO_BASE64 = bytes(set(range(256)) - {*_BASE64, *b"-_"})
_NO_HEX = bytes(set(range(256)) - {*_HEX})
_STANDARD = bytes.maketrans(b"-_", b"+/")
_WORDS = bytes(ord("x") if code in {*_BASE64, *b"-_"} else ord(" ") for code in range(256))

PART = 2**14
"""Bytes of a text whose readings are looked at together; those of a longer one take too much memory."""


def decoded(plain: bytes, *, itself: bool = False) -> Iterator[bytes]:
    """A text read as base64 and as hex, wherever that begins and whatever interrupts it; and `itself`."""
    parts = chain((plain,), _decoded(plain)) if itself else _decoded(plain)
    if len(plain) < PART:
        yield b"\n".join(parts)
    else:
        yield from parts


def _decoded(plain: bytes) -> Iterator[bytes]:
    base64 = plain.translate(_STANDARD, _NO_BASE64)
    size = len(base64) // 4 * 4 + 4
    base64 += b"AAAAAAA"  # so that each of the four ways to read it is whole, and nothing is left out
    for at in range(4):
        yield a2b_base64(base64[at : at + size])
    digits = plain.translate(None, _NO_HEX)
    for at in range(2):
        yield unhexlify(digits[at : at + (len(digits) - at) // 2 * 2])


def long_words(plain: bytes, least: int) -> bytes:
    """The words of a text that are long enough to have been encoded twice, or compressed and encoded."""
    if b"x" * least not in plain.translate(_WORDS):
        return b""
    words = re.findall(rb"[A-Za-z0-9+/_-]{%d,}" % least, plain)
    # Without a capital it is an id, or hex: one in a hundred million words in base64 has none.
    return b" ".join(
        word for word in words if not word.islower() or re.search(rb"[0-9a-f]{%d}" % least, word)
    )


_COMPRESSED = re.compile(
    rb"\x1f\x8b\x08|x[\x01\x5e\x9c\xda](?=[\x00-\xff]{0,15}[\x00-\x08\x0e-\x1f\x7f-\xff])"
)
_TRIES = 1000
_PIECE = 1024


def inflated(data: bytes) -> Iterator[bytes]:
    """What is compressed in there by gzip or zlib, wherever it begins, and by deflate alone after that.

    Raises UnreadError where that is too much.
    """
    if data.isascii():
        return  # nothing that is compressed is
    budget = BOUND
    starts = [match.start() for match in _COMPRESSED.finditer(data)]
    if len(starts) > _TRIES:
        raise UnreadError
    for start in starts:
        found, rest = _inflated(data[start:], 47, budget)
        budget -= len(found)
        yield found
        if rest and not _COMPRESSED.match(rest):
            yield _inflated(rest, -15, budget)[0]


def deflated(data: bytes) -> Iterator[bytes]:
    """What is compressed by deflate alone, if it is no text. Raises UnreadError where that is too much."""
    if not _is_text(data):
        yield _inflated(data, -15, BOUND)[0]


def _inflated(data: bytes, bits: int, budget: int) -> tuple[bytes, bytes]:
    """As much as there is before a fault, and what follows the end."""
    engine = zlib.decompressobj(bits)
    found = []
    try:
        for start in range(0, len(data), _PIECE):
            found.append(engine.decompress(data[start : start + _PIECE], budget + 1))
            budget -= len(found[-1])
            if budget < 0:
                raise UnreadError
            if engine.eof:
                return b"".join(found), engine.unused_data + data[start + _PIECE :]
    except zlib.error:
        pass
    return b"".join(found), b""


def _is_text(data: bytes) -> bool:
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return error.end == len(data)  # cut off within a character
    return True

"""What of a key can still be read, by whoever tries."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from string import ascii_letters, digits

ALPHABETS = {
    "sk-": ascii_letters + digits,
    "sk-proj-": ascii_letters + digits + "-_",
    "sk-ant-api03-": ascii_letters + digits + "-_",
    "": "0123456789abcdef",
    "gw.": ascii_letters + digits + "+/=",
}
"""What keys of services begin with, and what follows at random."""


def left(key: str, *bodies: bytes) -> list[str]:
    """Which parts of the random characters of a key can still be read, of those that no word looks like."""
    random = key[max(len(words) for words in ALPHABETS if key.startswith(words)) :]
    parts = {random[at : at + 9] for at in range(len(random) - 8)}
    parts = {part for part in parts if looks_random(part)} | {
        random[at : at + 16] for at in range(len(random) - 15)
    }
    there = ["".join(body.decode("latin-1").replace("\0", "").lower().split()) for body in bodies]
    return [part for part in parts if any(part.lower() in text for text in there)]


def looks_random(text: str) -> bool:
    kinds = re.sub("[A-Z]", "A", re.sub("[a-z]", "a", re.sub("[0-9]", "0", text)))
    return kinds.isalnum() and len(re.findall(r"(.)(?!\1|$)", kinds)) > 3


def read_as_a_whole(body: bytes) -> list[bytes]:
    """The body and what can be read in it: in base64 and hex, wherever that begins."""
    text = body.translate(bytes.maketrans(b"-_", b"+/"), b" \r\n\t")
    words = re.findall(rb"[A-Za-z0-9+/]{8,}", text)
    read = [base64.b64decode(word[at:] + b"A" * (-len(word[at:]) % 4)) for word in words for at in range(4)]
    digits = re.findall(rb"[0-9a-fA-F]{12,}", text)
    return [
        body,
        *read,
        *(
            bytes.fromhex(one[at : at + (len(one) - at) // 2 * 2].decode())
            for one in digits
            for at in range(2)
        ),
    ]


def put_together(body: str) -> Iterator[str]:
    """What readers make of it, each in its way: by the names of strings, by choices in turn, or by lines."""
    yield body
    lines = [re.sub(r"^(data:)?\s*", "", line) for line in re.split(r"[\r\n]+", body)]
    yield "".join(line.strip('"') for line in lines)
    yield "".join(map(chr, map(int, re.findall(r"(?<=[\[ ,])\d{1,3}(?=[\],])", body))))
    for name in ("content", "arguments", "delta", "token", "text"):
        strings = re.findall(rf"""["']{name}["']: ["']([^"']*)["']""", body)
        yield "".join(strings)
        yield from ("".join(strings[at::2]) for at in range(2))

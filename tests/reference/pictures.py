"""Small PNG images."""

from __future__ import annotations

import base64
import struct
import zlib


def chunk(kind: bytes, body: bytes) -> bytes:
    """A chunk of a PNG file."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(pixel: bytes, *, colour: int = 2, side: int = 8, depth: int = 8, filtered: int = 0) -> bytes:
    """A square of one colour, its rows stored with the given filter."""
    row = pixel * side
    rows = []
    for y in range(side):
        above = row if y else bytes(len(row))
        left = bytes(len(pixel)) + row[: -len(pixel)]
        corner = left if y else bytes(len(row))
        guess = {
            0: bytes(len(row)),
            1: left,
            2: above,
            3: bytes((a + b) // 2 for a, b in zip(left, above, strict=True)),
            4: bytes(paeth(a, b, c) for a, b, c in zip(left, above, corner, strict=True)),
        }[filtered]
        rows.append(bytes([filtered]) + bytes((a - b) & 255 for a, b in zip(row, guess, strict=True)))
    header = struct.pack(">IIBBBBB", side, side, depth, colour, 0, 0, 0)
    data = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"".join(rows))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + data


def paeth(left: int, above: int, corner: int) -> int:
    """The Paeth predictor of the PNG specification."""
    estimate = left + above - corner
    distances = (abs(estimate - left), abs(estimate - above), abs(estimate - corner))
    return (left, above, corner)[distances.index(min(distances))]


def uri(data: bytes) -> str:
    """The data URI of a PNG file."""
    return "data:image/png;base64," + base64.b64encode(data).decode()

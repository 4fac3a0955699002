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
    left = bytes(len(pixel)) + row[: -len(pixel)]
    for y in range(side):
        above, corner = (row, left) if y else (bytes(len(row)), bytes(len(row)))
        guess = _guess(filtered, left, above, corner) if filtered else bytes(len(row))
        rows.append(bytes([filtered]) + _less(row, guess))
    header = struct.pack(">IIBBBBB", side, side, depth, colour, 0, 0, 0)
    data = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"".join(rows))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + data


def _guess(filtered: int, left: bytes, above: bytes, corner: bytes) -> bytes:
    match filtered:
        case 1:
            return left
        case 2:
            return above
        case 3:
            return bytes((a + b) // 2 for a, b in zip(left, above, strict=True))
        case _:
            return bytes(paeth(a, b, c) for a, b, c in zip(left, above, corner, strict=True))


def _less(row: bytes, guess: bytes) -> bytes:
    return row if not any(guess) else bytes((a - b) & 255 for a, b in zip(row, guess, strict=True))


def paeth(left: int, above: int, corner: int) -> int:
    """The Paeth predictor of the PNG specification."""
    estimate = left + above - corner
    distances = (abs(estimate - left), abs(estimate - above), abs(estimate - corner))
    return (left, above, corner)[distances.index(min(distances))]


def uri(data: bytes) -> str:
    """The data URI of a PNG file."""
    return "data:image/png;base64," + base64.b64encode(data).decode()

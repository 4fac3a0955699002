"""The eyes of the embedded model: small PNG images in data URIs, and their dominant colour."""

from __future__ import annotations

import base64
import binascii
import struct
import zlib
from collections import Counter
from dataclasses import dataclass

LARGEST_SIDE = 512
"""Pixels. A larger image is refused: it would take too long to decode in Python."""

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {0: 1, 2: 3, 4: 2, 6: 4}  # PNG colour type -> bytes per pixel at 8 bits

_COLOURS = {
    "red": (220, 20, 20),
    "green": (20, 160, 40),
    "blue": (20, 40, 220),
    "yellow": (250, 230, 30),
    "orange": (255, 140, 0),
    "purple": (130, 20, 160),
    "pink": (255, 150, 190),
    "cyan": (0, 230, 230),
    "brown": (120, 70, 20),
    "black": (0, 0, 0),
    "white": (255, 255, 255),
    "grey": (128, 128, 128),
}


class BadImage(ValueError):
    """What is not an image that the model can see; the message says why."""


@dataclass(frozen=True, slots=True)
class Picture:
    """An image as the model sees it: its size in pixels and its dominant colour in English."""

    width: int
    height: int
    colour: str
    detail: str = "auto"

    @property
    def tokens(self) -> int:
        """What the image adds to prompt_tokens: a base, and a price per tile unless the detail is low."""
        tiles = -(-self.width // LARGEST_SIDE) * -(-self.height // LARGEST_SIDE)
        return 85 if self.detail == "low" else 85 + 170 * tiles


def see(url: str, detail: str = "auto") -> Picture:
    """The picture in a data URI. Raises BadImage for anything else; nothing is ever fetched."""
    head, comma, payload = url.partition(",")
    if not comma or not head.startswith("data:"):
        raise BadImage("only data URIs are understood, nothing is downloaded")
    if head != "data:image/png;base64":
        raise BadImage("only base64-encoded PNG images are understood")
    try:
        data = base64.b64decode(payload, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadImage("the base64 text is malformed") from error
    return _decode(data, detail)


def _decode(data: bytes, detail: str) -> Picture:
    if not data.startswith(_SIGNATURE):
        raise BadImage("the data is not a PNG image")
    header, compressed = b"", b""
    position = len(_SIGNATURE)
    while position + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, position)
        kind = data[position + 4 : position + 8]
        body = data[position + 8 : position + 8 + length]
        if data[position + 8 + length : position + 12 + length] != struct.pack(">I", zlib.crc32(kind + body)):
            raise BadImage("a part of the PNG image is damaged")
        if kind == b"IHDR":
            header = body
        elif kind == b"IDAT":
            compressed += body
        position += 12 + length
    if len(header) != 13:
        raise BadImage("the PNG image has no header")
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", header)
    if depth != 8 or colour not in _CHANNELS or interlaced:
        raise BadImage("only 8-bit PNG images without palette and interlacing are understood")
    if not (1 <= width <= LARGEST_SIDE and 1 <= height <= LARGEST_SIDE):
        raise BadImage(f"an image may measure at most {LARGEST_SIDE} by {LARGEST_SIDE} pixels")
    size = height * (1 + width * _CHANNELS[colour])
    try:
        raster = zlib.decompressobj().decompress(compressed, size)
    except zlib.error as error:
        raise BadImage("the PNG image cannot be decompressed") from error
    if len(raster) != size:
        raise BadImage("the PNG image is cut short")
    return Picture(width, height, _dominant(_unfilter(raster, width, _CHANNELS[colour]), colour), detail)


def _unfilter(raster: bytes, width: int, channels: int) -> bytes:
    """The pixels without the per-row filters of PNG (RFC 2083 section 6)."""
    stride = width * channels
    previous = bytes(stride)
    rows = []
    for start in range(0, len(raster), stride + 1):
        kind, row = raster[start], bytearray(raster[start + 1 : start + 1 + stride])
        if kind > 4:
            raise BadImage("a row of the PNG image has an unknown filter")
        if kind:
            for i in range(stride):
                left = row[i - channels] if i >= channels else 0
                corner = previous[i - channels] if i >= channels else 0
                row[i] = (row[i] + _predicted(kind, left, previous[i], corner)) & 0xFF
        previous = bytes(row)
        rows.append(previous)
    return b"".join(rows)


def _predicted(kind: int, left: int, above: int, corner: int) -> int:
    if kind == 1:
        return left
    if kind == 2:
        return above
    if kind == 3:
        return (left + above) // 2
    estimate = left + above - corner
    return min((left, above, corner), key=lambda value: abs(estimate - value))


def _dominant(pixels: bytes, colour: int) -> str:
    channels = _CHANNELS[colour]
    commonest = Counter(pixels[i : i + channels] for i in range(0, len(pixels), channels)).most_common(1)[0][
        0
    ]
    rgb = tuple(commonest[:3]) if colour in (2, 6) else (commonest[0],) * 3
    return min(_COLOURS, key=lambda name: sum((a - b) ** 2 for a, b in zip(_COLOURS[name], rgb, strict=True)))

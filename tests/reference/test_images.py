"""The eyes of the model."""

from __future__ import annotations

import struct
import zlib

import pytest

from conformance.reference.chat.images import LARGEST_SIDE, BadImage, see
from tests.ids import by_value
from tests.reference.pictures import chunk, png, uri


@pytest.mark.parametrize(
    ("rgb", "name"),
    [
        ((255, 0, 0), "red"),
        ((0, 128, 0), "green"),
        ((0, 0, 255), "blue"),
        ((255, 255, 0), "yellow"),
        ((255, 255, 255), "white"),
        ((0, 0, 0), "black"),
        ((128, 128, 128), "grey"),
    ],
    ids=by_value,
)
def test_colours(rgb: tuple[int, int, int], name: str) -> None:
    assert see(uri(png(bytes(rgb)))).colour == name


@pytest.mark.parametrize("filtered", range(5))
@pytest.mark.parametrize(
    ("pixel", "colour"), [(b"\xff\x80\x01", 2), (b"\xff\x80\x01\xff", 6), (b"\x80\x10", 4)]
)
def test_every_row_filter(filtered: int, pixel: bytes, colour: int) -> None:
    expected = "grey" if colour == 4 else "orange"
    assert see(uri(png(pixel, colour=colour, filtered=filtered))).colour == expected


def test_tokens_grow_with_size_and_detail() -> None:
    data = uri(png(b"\0", colour=0))
    assert see(data, "low").tokens < see(data).tokens == see(data, "high").tokens


WHOLE = png(b"\xff\0\0")


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/red.png",
        "file:///etc/passwd",
        "data:image/jpeg;base64,/9j/",
        "data:image/png;base64,!!!",
        "data:image/png;base64,",
        "data:image/png;base64",
        uri(b"not an image"),
        uri(WHOLE[:40]),
        uri(WHOLE.replace(b"IDAT", b"IDAX")),
        uri(WHOLE[:45] + b"\0" + WHOLE[46:]),
        uri(png(b"\0\0\0", depth=16)),
        uri(png(b"\0", colour=3)),
        uri(png(b"\0", colour=0, side=LARGEST_SIDE + 1)),
        uri(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", b"short") + chunk(b"IDAT", b"")),
        uri(
            b"\x89PNG\r\n\x1a\n"
            + chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 4, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", b"x")
        ),
    ],
    ids=lambda url: url[:40],
)
def test_what_is_no_image_is_refused(url: str) -> None:
    with pytest.raises(BadImage):
        see(url)


def test_a_bomb_is_not_unpacked() -> None:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    bomb = chunk(b"IDAT", zlib.compress(bytes(50_000_000)))
    assert see(uri(b"\x89PNG\r\n\x1a\n" + header + bomb)).colour == "black"

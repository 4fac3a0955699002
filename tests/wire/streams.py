"""Streams that are made of what matters in them, and cut where it likes them least."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import strategies as st

A = b'data: {"a": 1}\n\n'
END = b"data: [DONE]\n\n"

FRAGMENTS = st.lists(
    st.sampled_from(
        [
            *(b"data", b"data:", b"data: ", b"event: x", b"id: ", b"id: 1", b"retry: 1", b":", b" ", b"\0"),
            *(b"\n", b"\r", b"\r\n", b"\n\n", b"\xef\xbb\xbf", b"\xff", "é".encode(), "😀".encode()),
            *(b"[DONE]", b"[done]", b'"', b'{"a": 1}', b"x" * 70, END),
        ]
    ),
    max_size=20,
).map(b"".join)


def cut(body: bytes, places: list[int]) -> list[tuple[float, bytes]]:
    """The pieces of the body, one second after the other; a place beyond its end is one within."""
    ends = sorted({0, len(body), *(place % (len(body) + 1) for place in places)})
    return [(float(start), body[start:end]) for start, end in pairwise(ends)]

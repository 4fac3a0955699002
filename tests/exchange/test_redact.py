"""A key is gone from everything before it is recorded."""

from __future__ import annotations

import base64
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from conformance.exchange.redact import MARK, Redactor

KEY = "sk-live/abc+123="


def test_text_in_every_form() -> None:
    encoded = base64.b64encode(KEY.encode()).decode()
    text = f"{KEY} sk-live%2Fabc%2B123%3D {encoded}"
    assert Redactor([KEY]).text(text) == f"{MARK} {MARK} {MARK}"


def test_no_secret_changes_nothing() -> None:
    chunks = ((0.0, b"a"), (1.0, b"b"))
    assert Redactor([]).chunks(chunks) is chunks
    assert Redactor([""]).text("a") == "a"


@given(st.lists(st.integers(0, 60), max_size=6))
def test_a_key_that_spans_chunks_is_gone(cuts: list[int]) -> None:
    body = f"before {KEY} between {KEY}{KEY} after".encode()
    edges = [0, *sorted(cuts), len(body)]
    chunks = tuple((float(number), body[start:end]) for number, (start, end) in enumerate(pairwise(edges)))
    clean = Redactor([KEY]).chunks(chunks)
    assert b"".join(data for _, data in clean) == body.replace(KEY.encode(), MARK.encode())
    assert [at for at, _ in clean] == [at for at, _ in chunks]


@given(st.binary(max_size=5), st.binary(max_size=5))
def test_a_key_within_something_in_base64_is_gone(before: bytes, after: bytes) -> None:
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        clean = Redactor([KEY]).text(encode(before + KEY.encode() + after).decode())
        assert MARK in clean
        left, right = clean.split(MARK)
        assert len(left) <= 8
        assert len(right) <= 10


def test_a_key_that_is_escaped_in_part_is_gone() -> None:
    for echo in (r"sk-live\/abc+123=", "sk%2dlive/abc%2B123%3D", r"sk-live\u002fabc\u002B123="):
        assert Redactor([KEY]).text(f"a {echo} b") == f"a {MARK} b"

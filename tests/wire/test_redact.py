"""A key is gone from everything before it is recorded."""

from __future__ import annotations

import base64
import gzip
import html
import json
import time
from itertools import pairwise
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.wire.redact import MARK, Redactor

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


@pytest.mark.parametrize(
    "echo",
    [
        KEY.encode().hex(),
        KEY.encode().hex().upper(),
        html.escape(KEY),
        "sk-live&#x2F;abc&#43;123&#61;",
        "sk-live&amp;#x2f;abc+123=",
        quote(quote(KEY, safe=""), safe=""),
        json.dumps(json.dumps(KEY).replace("/", "\\/"))[3:-3],
        repr(KEY.encode())[2:-1],
    ],
)
def test_what_programs_make_of_a_key_is_gone(echo: str) -> None:
    assert Redactor([KEY]).text(f"a {echo} b") == f"a {MARK} b"


def test_a_key_that_is_compressed_is_gone() -> None:
    plain, hidden = gzip.compress(b"nothing"), gzip.compress(f"who sent {KEY}?".encode())
    assert Redactor([KEY]).chunks(((1.0, plain),)) == ((1.0, plain),)
    assert Redactor([KEY]).chunks(((1.0, hidden[:9]), (2.0, hidden[9:]))) == ((1.0, MARK.encode()),)
    assert Redactor([KEY]).chunks(((1.0, b"\x1f\x8b\x08garbage"),)) == ((1.0, b"\x1f\x8b\x08garbage"),)


def event(text: str) -> bytes:
    return b"data: " + json.dumps({"choices": [{"delta": {"content": text}, "index": 0}]}).encode() + b"\n\n"


@given(st.lists(st.integers(1, 40), max_size=20), st.booleans())
def test_a_key_that_is_sent_word_by_word_is_gone(cuts: list[int], at_once: bool) -> None:
    said = f"You sent {KEY}, did you? {KEY}{KEY}"
    edges = [0, *sorted(cuts), len(said)]
    events = [event(said[start:end]) for start, end in pairwise(edges)]
    chunks = ((0.0, b"".join(events)),) if at_once else tuple((1.0, one) for one in events)
    clean = Redactor([KEY]).chunks(chunks)
    body = b"".join(data for _, data in clean)
    text = "".join(
        json.loads(line[5:])["choices"][0]["delta"]["content"] for line in body.decode().split("\n\n")[:-1]
    )
    assert KEY not in text
    assert MARK in text
    assert KEY.encode() not in body
    assert len(clean) == len(chunks)


def test_a_stream_without_a_key_stays_as_it_is() -> None:
    chunks = tuple((float(number), event(f"word {number} ")) for number in range(5))
    assert Redactor([KEY]).chunks(chunks) is chunks


@pytest.mark.parametrize("secret", ["-/+=-/+=", KEY])
@pytest.mark.parametrize(
    "data", [b"\\" * 2**20, b"%25" * 2**18, b"&amp;" * 2**18, b"&#0" * 2**18, b"s" * 2**20]
)
def test_nothing_takes_for_ever(secret: str, data: bytes) -> None:
    chunks = ((0.0, data),)
    began = time.process_time()
    assert Redactor([secret]).chunks(chunks) is chunks
    assert time.process_time() - began < 10

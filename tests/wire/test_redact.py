"""A key is gone from everything before it is recorded."""

from __future__ import annotations

import base64
import gzip
import html
import json
import time
import tracemalloc
import zlib
from collections.abc import Callable
from functools import reduce
from itertools import accumulate, pairwise
from random import Random
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.wire.redact import MARK, UNREAD, Redactor
from tests.ids import by_value
from tests.wire.layouts import LAYOUTS, TEXTUAL, WHOLE
from tests.wire.surviving import ALPHABETS, left, put_together, read_as_a_whole

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
    ids=by_value,
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
    "data", [b"\\" * 2**20, b"%25" * 2**18, b"&amp;" * 2**18, b"&#0" * 2**18, b"s" * 2**20], ids=by_value
)
def test_nothing_takes_for_ever(secret: str, data: bytes) -> None:
    chunks = ((0.0, data),)
    began = time.process_time()
    assert Redactor([secret]).chunks(chunks) is chunks
    assert time.process_time() - began < 10


@st.composite
def keys(draw: st.DrawFn) -> str:
    """A key as services make them: a few words, and then at random."""
    words = draw(st.sampled_from(sorted(ALPHABETS)))
    chance = Random(draw(st.integers(0, 2**32)))
    return words + "".join(chance.choices(ALPHABETS[words], k=draw(st.integers(20, 60))))


@given(
    keys(), st.sampled_from(sorted(TEXTUAL)), st.text("ab c:é\n", max_size=9), st.integers(0, 99), st.data()
)
def test_no_part_of_a_key_that_is_handed_on_is_left(
    key: str, how: str, around: str, dropped: int, data: st.DataObject
) -> None:
    encoded = TEXTUAL[how](key)
    compressed = how.startswith("compressed")
    said = around.encode() + b" " + encoded + b" " + around.encode()
    # A server that cuts what it repeats, and a connection that breaks.
    body = said if compressed else said[: len(said) - dropped * len(said) // 150]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=4)))
    edges = [0, *cuts, len(body)]
    chunks = tuple((float(number), body[start:end]) for number, (start, end) in enumerate(pairwise(edges)))
    clean = b"".join(data for _, data in Redactor([key]).chunks(chunks))
    assert left(key, *read_as_a_whole(clean)) == []
    if dropped == 0:
        assert MARK.encode() in clean
        assert MARK in Redactor([key]).text(body.decode())


@given(keys(), st.sampled_from(sorted(WHOLE)))
def test_no_part_of_a_key_is_left_in_a_body_that_is_no_text(key: str, how: str) -> None:
    body = WHOLE[how](key)
    clean = Redactor([key]).chunks(((1.0, body[:9]), (2.0, body[9:])))
    assert MARK.encode() in clean[0][1] + clean[-1][1]
    assert left(key, b"".join(data for _, data in clean)) == []


@given(
    keys(),
    st.sampled_from(sorted(LAYOUTS)),
    st.sampled_from(["as it is", "in base64", "in hex", "for a URL"]),
    st.integers(1, 6),
    st.booleans(),
)
def test_no_part_of_a_key_that_is_sent_in_pieces_is_left(
    key: str, layout: str, how: str, longest: int, broken: bool
) -> None:
    said = f"You sent {TEXTUAL[how](key).decode()}, did you?"
    sizes = [1 + (ord(one) + number) % longest for number, one in enumerate(said)]
    ends = list(accumulate(sizes))
    pieces = [said[end - size : end] for size, end in zip(sizes, ends, strict=True) if end - size < len(said)]
    pieces = pieces[: len(pieces) // 2] if broken else pieces
    body = LAYOUTS[layout](pieces)
    clean = b"".join(data for _, data in Redactor([key]).chunks(((1.0, body),)))
    assert broken or MARK.encode() in clean
    read = [one for text in put_together(clean.decode()) for one in read_as_a_whole(text.encode())]
    assert left(key, *read) == []


@pytest.mark.parametrize(
    ("value", "token"),
    [
        ("Bearer tok_9fA3kQ77wLz2", "tok_9fA3kQ77wLz2"),
        ("Token token=9fA3kQ77wLz2", "9fA3kQ77wLz2"),
        ("hmac 9fA3kQ77wLz2, ts 1700000001", "9fA3kQ77wLz2"),
        ("Basic c29tZWJvZHk6cGE1NXdvcmQh", "pa55word!"),
        ("session=9fA3kQ77wLz2; theme=dark", "9fA3kQ77wLz2"),
    ],
    ids=["Bearer", "a named parameter", "a list", "Basic", "a cookie"],
)
def test_what_is_secret_in_a_value_is_gone_without_the_rest(value: str, token: str) -> None:
    assert Redactor([value]).text(f"Invalid token {token}.") == f"Invalid token {MARK}."


@pytest.mark.parametrize("word", ["EMPTY", "none", "ollama", "local"], ids=by_value)
def test_a_word_that_is_given_for_a_key_is_no_secret(word: str) -> None:
    text = f"The list is {word}."
    assert Redactor([word]).text(text) == text


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("sk-ant-api03-9fA3kQ77wLz2xT5vW7yQ", "A key begins with sk-ant-api03-, as all do."),
        ("sk-proj-9fA3kQ77wLz2xT5vW7yQ", "Incorrect API key provided: sk-proj-********W7yQ."),
        ("gateway-gpt-4o-mini-team", "The model gpt-4o-mini is served by a gateway of the team."),
        ("sk-test-0123456789abcdef", "Digits: 0123456789, and 1 2 3 4 5 6 7 8 9."),
        ("team 12345678", "1\n2\n3\n4\n5\n6\n7\n8\n9"),
    ],
    ids=["public prefix", "masked", "words", "digits in order", "a count"],
)
def test_what_is_ordinary_in_a_key_is_no_key(key: str, text: str) -> None:
    assert Redactor([key]).text(text) == text


def test_what_is_left_of_a_stream_can_still_be_read() -> None:
    pieces = [*"You sent ", *KEY, *", did you?"]
    clean = Redactor([KEY]).chunks(tuple((float(number), event(one)) for number, one in enumerate(pieces)))
    said = [json.loads(data[5:])["choices"][0]["delta"]["content"] for _, data in clean]
    assert "".join(said) == f"You sent {MARK}, did you?"
    assert [at for at, _ in clean] == [float(number) for number in range(len(pieces))]


def test_a_token_is_gone_with_all_that_is_said_of_it() -> None:
    body = json.loads(LAYOUTS["tokens"]([*"ok ", *KEY]))
    clean = json.loads(Redactor([KEY]).chunks(((1.0, json.dumps(body).encode()),))[0][1])
    before, after = (one["choices"][0]["logprobs"]["content"] for one in (body, clean))
    assert after[:3] == before[:3]
    assert "".join(one["token"] for one in after) == f"ok {MARK}"
    assert all((one["bytes"], one["top_logprobs"]) == (None, None) for one in after[3:])


HEAVY: dict[str, Callable[[int], bytes]] = {
    "deep and wide": lambda size: (
        b'data: {"a":' + b"[" * 850 + b'"",' * (size // 3) + b'""' + b"]" * 850 + b"}\n\n"
    ),
    "small numbers": lambda size: b'data: {"a":[' + b"1," * (size // 2) + b"1]}\n\n",
    "events of many strings": lambda size: (
        (b'data: {"a":[' + b'"ab",' * 9000 + b'""]}\n\n') * (size // 45_000)
    ),
    "many names": lambda size: b"".join(b'data: {"%x":["b","c"]}\n\n' % one for one in range(size // 26)),
    "quotation marks": lambda size: b'"' * size,
    "escaped quotation marks": lambda size: b'"\\' * (size // 2),
    "escapes": lambda size: b"\\u0041" * (size // 6),
    "percent signs": lambda size: b"%25" * (size // 3),
    "one long word": lambda size: b"A" * size,
    "base64 of base64": lambda size: reduce(
        lambda data, _: base64.b64encode(data), range(6), b"x" * (size // 6)
    ),
    "lines": lambda size: b"a\n" * (size // 2),
    "parts of the key": lambda size: b"live/" * (size // 5),
    "the key": lambda size: KEY.encode() * (size // 16),
    "the key in base64": lambda size: (base64.b64encode(KEY.encode()) + b" ") * (size // 25),
    "the key word by word": lambda size: b"".join(map(event, KEY * (size // 1200))),
}


@pytest.mark.parametrize("body", HEAVY.values(), ids=HEAVY)
def test_what_is_hostile_takes_memory_by_its_size(body: Callable[[int], bytes]) -> None:
    data = body(2**18)
    tracemalloc.start()
    try:
        clean = Redactor([KEY]).chunks(((0.0, data),))
        assert tracemalloc.get_traced_memory()[1] < 2**23 + 30 * len(data)
    finally:
        tracemalloc.stop()
    assert KEY.encode() not in clean[0][1]


@pytest.mark.parametrize("body", HEAVY.values(), ids=HEAVY)
def test_what_is_hostile_takes_no_more_than_linear_time(body: Callable[[int], bytes]) -> None:
    data, began = body(2**20), time.process_time()
    Redactor([KEY]).chunks(((0.0, data),))
    assert time.process_time() - began < 15  # many times what they take


@pytest.mark.parametrize(
    "body",
    [gzip.compress(bytes(2**23)), b"\x1f\x8b\x08" * 2000, zlib.compress(bytes(2**23))],
    ids=["gzip", "beginnings", "zlib"],
)
def test_what_is_too_much_to_be_searched_is_not_kept(body: bytes) -> None:
    assert Redactor([KEY]).chunks(((1.0, body),)) == ((1.0, UNREAD.encode()),)

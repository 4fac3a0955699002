"""The sentinel and the events of a stream while its bytes arrive."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conformance.wire.scanning import DoneScanner, EventCounter, means_done
from tests.ids import by_value
from tests.wire.streams import END, FRAGMENTS, A, cut


def scan(body: bytes, places: list[int]) -> bool:
    scanner = DoneScanner()
    for _, part in cut(body, places):
        assert scanner.feed(part) == scanner.done
    return scanner.done


@pytest.mark.parametrize(
    "body",
    [
        A + b"data: [DONE]\n",
        A + b"data: [DONE]\r",
        b"data:[DONE]\n",
        b"data:  [DONE]\n",
        b"data: [done] \n",
        b'data: "[DONE]"\n',
        b"x" * 1000 + b"\ndata: [DONE]\n",
    ],
    ids=by_value,
)
def test_the_scanner_sees_the_sentinel_at_the_end_of_its_line(body: bytes) -> None:
    for places in ([], list(range(len(body)))):
        assert scan(body, places)
        assert not scan(body[:-1], places)


@pytest.mark.parametrize(
    "body",
    [
        b'data: {"a": "[DONE]"}\n\n',
        b": data: [DONE]\n\n",
        b" data: [DONE]\n\n",
        b"event: [DONE]\n\n",
        b"[DONE]\n\n",
        b"data: [DONE] and more\n\n",
        b"data:" + b" " * 100 + b"[DONE]\n\n",
        b"x" * 1000 + b"data: [DONE]\n\n",
    ],
    ids=by_value,
)
def test_the_scanner_takes_nothing_else_for_the_sentinel(body: bytes) -> None:
    for places in ([], list(range(len(body)))):
        assert not scan(body, places)


def test_the_scanner_stays_done() -> None:
    scanner = DoneScanner()
    assert scanner.feed(END)
    assert scanner.feed(A)


@settings(max_examples=300)
@given(FRAGMENTS, st.lists(st.integers(0, 500)))
@example(b"data:" + b" " * 59 + b"x[DONE]\n", [65])
def test_the_scanner_says_the_same_however_the_bytes_are_cut(body: bytes, places: list[int]) -> None:
    *lines, _ = re.split(rb"[\r\n]", body)
    values = [line.removeprefix(b"data:").decode("latin-1") for line in lines if line.startswith(b"data:")]
    assert scan(body, places) == any(map(means_done, values))


@given(FRAGMENTS, st.lists(st.integers(0, 500)))
@example(b"data: 1\n\ndata: 2\n\n", [1, 2, 3, 4, 5, 11, 14])
def test_data_lines_are_counted_however_the_bytes_are_cut(body: bytes, places: list[int]) -> None:
    counter = EventCounter()
    for _, part in cut(body, places):
        counter.feed(part)
    assert counter.feed(b"") == counter.count == body.count(b"data:")

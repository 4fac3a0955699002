"""Spans of time as people write and read them."""

from __future__ import annotations

import pytest

from conformance.asking.duration import said, seconds
from tests.ids import by_value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("45m", 2700),
        ("45", 2700),
        ("1.5", 90),
        ("90s", 90),
        ("1h30m", 5400),
        ("1h", 3600),
        ("0.5h", 1800),
        ("2H", 7200),
        (" 45 min ", 2700),
        ("90 seconds", 90),
        ("1 hour 30 minutes", 5400),
        ("1h1m1s", 3661),
        ("0", 0),
    ],
    ids=repr,
)
def test_a_span_is_written_as_one_likes(text: str, expected: float) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "h", "45x", "1m1h", "-3", "+3", "1e3", "inf", "nan", "5d", "1:30", "9" * 9, "٣", "45 m s"],
    ids=by_value,
)
def test_what_is_no_span(text: str) -> None:
    assert seconds(text) is None


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (0.25, "0.25 s"),
        (59.6, "1 min"),
        (61, "1 min 1 s"),
        (2700, "45 min"),
        (3600, "1 h"),
        (3661, "1 h 1 min"),
        (5400, "1 h 30 min"),
        (86399, "24 h"),
    ],
    ids=repr,
)
def test_a_span_is_said_in_few_words(span: float, words: str) -> None:
    assert said(span) == words

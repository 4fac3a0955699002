from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.wire.excerpt import LIMIT, describe, json_path, quote
from tests.ids import by_value


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "null"),
        (True, "true"),
        (13, "the integer 13"),
        (13.0, "the number 13.0"),
        ("13", 'the string "13"'),
        ([], "an empty array"),
        ([1, 2], "an array of length 2"),
        ({}, "an empty object"),
        ({"a": 1}, "an object of size 1"),
    ],
    ids=by_value,
)
def test_a_value_is_described_by_its_type_and_what_fits(value: Any, words: str) -> None:
    assert describe(value) == words


def test_an_integer_that_str_refuses_is_described_too() -> None:
    assert describe(10**5000) == "a very large integer"
    assert describe(float("-inf")) == "a number that no double can hold"


def test_a_quotation_shows_what_does_not_print() -> None:
    assert quote("a\x1b[31m\n\u202e\ud83d") == '"a\\x1b[31m\\n\\u202e\\ud83d"'


def test_a_long_quotation_is_cut_and_says_so() -> None:
    assert quote("x" * LIMIT) == f'"{"x" * LIMIT}"'
    assert quote("x" * (LIMIT + 1)) == f'"{"x" * (LIMIT - 1)}…"'


@given(st.text(max_size=200))
def test_a_quotation_is_bounded_and_printable(text: str) -> None:
    assert len(quote(text)) <= LIMIT + 2
    assert quote(text).isprintable()


def test_a_path_quotes_unusual_names() -> None:
    assert json_path(["choices", 0, "a b", ""]) == '$.choices[0]["a b"][""]'


def test_a_long_path_loses_its_middle() -> None:
    path = json_path(["first", *range(100), "last"])
    assert path.startswith("$.first[0]")
    assert path.endswith("[99].last")
    assert len(path) <= 201

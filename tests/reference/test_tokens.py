"""The tokenizer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.contracts.chat.probes.prompts import COUNTED, UNICODE, UNIT
from conformance.reference.tokens import count, encoded, rare_piece, readable, shown, token_id, tokenize
from tests.ids import by_value


@given(st.text())
def test_the_pieces_are_the_text(text: str) -> None:
    assert "".join(readable(tokenize(text))) == text


@given(st.text(min_size=1))
def test_no_piece_is_empty(text: str) -> None:
    assert all(tokenize(text))


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Say OK", ["Say", " OK"]),
        ("1 20 1234", ["1", " ", "20", " ", "123", "4"]),
        ("introduction to", ["introd", "uction", " to"]),
        ("Echo\nFoxtrot", ["Echo", "\n", "Foxtro", "t"]),
        ("你好 ab", ["你", "好", " ab"]),
        ("cafe\u0301s", ["cafe\u0301s"]),
        ("a  b\t", ["a", "  ", "b", "\t"]),
        ("👩‍🚀", ["👩‍🚀"]),
        ("½ a_b", ["½", " a", "_", "b"]),
        ("?!?!", ["?!?", "!"]),
        ("", []),
    ],
    ids=by_value,
)
def test_pieces(text: str, pieces: list[str]) -> None:
    assert tokenize(text) == pieces


def test_a_repeated_text_costs_the_same_each_time() -> None:
    counts = [count(UNIT * times) for times in (1, 2, 3, 4, 20)]
    step = counts[1] - counts[0]
    assert step == 10
    assert counts == [counts[0] + step * (times - 1) for times in (1, 2, 3, 4, 20)]


def test_counting_to_twenty_costs_thirty_nine_tokens() -> None:
    assert count(COUNTED) == 39


def test_a_grapheme_is_never_split() -> None:
    assert not any(piece[0] in "\u0301\u200d" or piece[-1] == "\u200d" for piece in tokenize(UNICODE))


def test_ids_are_distinct_and_steady() -> None:
    pieces = tokenize("The quick brown fox jumps over the lazy dog. 0 1 2 3 4 5 OK ok Ok")
    assert len({token_id(piece) for piece in pieces}) == len(set(pieces))
    assert token_id("OK") == 1_463_212_333
    assert [token_id(rare_piece(number)) for number in (0, 900, 99_999)] == [0, 900, 99_999]


def test_a_rare_emoji_is_three_pieces_and_is_read_with_the_last_of_them() -> None:
    pieces = tokenize("a🪿b")
    assert [encoded(piece) for piece in pieces] == [b"a", b"\xf0\x9f", b"\xaa", b"\xbf", b"b"]
    assert list(readable(pieces)) == ["a", "", "", "🪿", "b"]
    assert list(readable(pieces[:3])) == ["a", "", ""]
    assert [shown(piece) for piece in pieces[:3]] == ["a", "\\xf0\\x9f", "\\xaa"]


def test_bytes_that_are_no_character_are_not_read() -> None:
    assert list(readable([tokenize("🪿")[0], " the"])) == ["", " the"]

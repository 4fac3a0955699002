from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.report.text import clip, decoded, excerpt, line, visible, wrapped
from tests.ids import by_value


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("a\x00b\x1bc\r", "a\\x00b\\x1bc\\x0d"),
        ("\x85", "\\u{85}"),
        ("abc\u202edcba", "abc\\u{202e}dcba"),
        ("\u2066x\u2069", "\\u{2066}x\\u{2069}"),
        ("\ufeffBOM", "\\u{feff}BOM"),
        ("zero\u200bwidth", "zero\\u{200b}width"),
        ("\ud800 alone", "\\u{d800} alone"),
        ("\U000e0041 tag", "\\u{e0041} tag"),
        ("你好 👩\u200d🚀 e\u0301 שלום", "你好 👩\u200d🚀 e\u0301 שלום"),
    ],
    ids=by_value,
)
def test_what_is_invisible_is_written_out_and_nothing_else(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_a_cut_text_states_its_full_length() -> None:
    assert clip("abcdef", 6) == "abcdef"
    assert clip("abcdef", 3) == "abc… (6 characters)"
    assert clip("x" * 5_000_000, 3) == "xxx… (5,000,000 characters)"


def test_the_limit_holds_for_what_is_shown() -> None:
    assert clip("\x00" * 10, 12) == "\\x00\\x00\\x00… (10 characters)"
    assert line("\n" * 10, 12) == "\\n\\n\\n\\n\\n\\n… (10 characters)"


def test_a_line_has_no_breaks_and_counts_the_whole_text() -> None:
    assert line("a\nb\tc", 10) == "a\\nb\\tc"
    assert line("ab\n" * 1000, 4) == "ab\\n… (3,000 characters)"


def test_bytes_that_are_not_utf8_are_shown_as_bytes() -> None:
    assert decoded(b"caf\xc3\xa9 \xff\xfe") == "café \\xff\\xfe"


def test_a_short_body_is_shown_whole() -> None:
    assert excerpt(b"0123456789", 5, 5) == "0123456789"


def test_a_long_body_is_shown_from_both_ends() -> None:
    assert excerpt(b"a" * 5000 + b"z", 3, 1) == "aaa\n[… 4,997 bytes left out …]\nz"


def test_a_character_at_the_cut_is_left_out_whole() -> None:
    body = "aé你😀b".encode() * 3
    for head in range(1, len(body)):
        for tail in range(len(body) - head):
            assert "\\x" not in excerpt(body, head, tail)


@given(st.binary(max_size=200), st.integers(0, 40), st.integers(0, 40))
def test_an_excerpt_is_bounded_and_printable(body: bytes, head: int, tail: int) -> None:
    shown = excerpt(body, head, tail)
    assert visible(shown) == shown
    assert len(shown) <= 8 * (head + tail + 6) + 40
    shown.encode()


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("a few words", ["a few", "  words"]),
        ("a  gap", ["a  gap"]),
        ("nine nine nine", ["nine nine", "  nine"]),
        ("unbreakableword", ["unbreakab", "  leword"]),
        ("a unbreakableword", ["a", "  unbreak", "  ableword"[:9], "  d"]),
        ("\u6a21\u578b" * 4, ["\u6a21\u578b" * 2, "  \u6a21\u578b\u6a21", "  \u578b"]),
        ("e\u0301" * 9 + " x", ["e\u0301" * 9, "  x"]),
    ],
    ids=["nothing", "words", "spaces", "full", "long", "long after short", "wide", "accents"],
)
def test_what_is_longer_than_a_line_is_wrapped(text: str, lines: list[str]) -> None:
    assert list(wrapped(text, 9, "  ")) == lines


@given(st.text(max_size=200), st.integers(-5, 40))
def test_wrapping_loses_nothing_and_keeps_to_the_width(text: str, width: int) -> None:
    lines = list(wrapped(text, width, "    "))
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    for one in lines:
        wide = sum(unicodedata.east_asian_width(character) in "WF" for character in one)
        combining = sum(unicodedata.combining(character) > 0 for character in one)
        assert len(one) + wide - combining <= max(width, 6)

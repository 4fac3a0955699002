"""What the suite says is a sentence with gaps and what fills them, in any language, whatever fills them."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from conformance.wire.message import LONGEST, MOST, QUOTED, Message, from_json, gaps, to_json

CUT = Message.of("{got} of {all} words before {word!r} were returned", got=3, all=5, word="Foxtrot")


def test_a_message_reads_as_its_sentence_with_the_gaps_filled() -> None:
    assert str(CUT) == "3 of 5 words before 'Foxtrot' were returned"
    assert CUT.id == "{got} of {all} words before {word!r} were returned"
    assert dict(CUT.parameters) == {"got": 3, "all": 5, "word": "Foxtrot"}
    assert CUT
    assert not Message()


def test_a_catalogue_has_the_sentence_in_another_language_with_the_gaps_in_its_own_order() -> None:
    german = {CUT.id: "Von {all} Wörtern vor {word!r} kamen {got}", "no": "nein"}
    assert CUT.told(german) == "Von 5 Wörtern vor 'Foxtrot' kamen 3"
    assert Message.of("because: {why}", why=Message("no")).told(german) == "because: nein"


@pytest.mark.parametrize(
    "translation",
    ["zu wenige", "{got} von {all} vor {word!r} in {seconds} s", ""],
    ids=["lacks gaps", "has another gap", "is empty"],
)
def test_what_a_catalogue_lacks_or_has_wrong_is_told_in_english(translation: str) -> None:
    assert CUT.told({CUT.id: translation}) == str(CUT)
    assert CUT.told({"another": "anders"}) == str(CUT)


@pytest.mark.parametrize(
    ("sentence", "value", "told"),
    [
        ("{x}", "a'b\n", "a'b\n"),
        ("{x!r}", "a'b\n\x1b\u202e", '"a\'b\\n\\x1b\\u202e"'),
        ("{x!r}", None, "None"),
        ("{x!r}", True, "True"),
        ("{x}", 5, "5"),
        ("{x:+d}", 5, "+5"),
        ("{x:+d}", -5, "-5"),
        ("{x:.2f} s", 0.5, "0.50 s"),
        ("{x:.0f}", 5.4, "5"),
        ("{x:g}", 1e-9, "1e-09"),
        ("{x:g}", "much", "much"),
        ("{x}", ("a", 1, None), "['a', 1, None]"),
        ("{x!r}", [], "[]"),
        ("{x!r}", [{"a": 1}], "[{'a': 1}]"),
        ("{x}", math.nan, "nan"),
        ("{x}", 10**100, "a very large integer"),
        ("{x!r}", {"a": 1}, "{'a': 1}"),
        ("{x}", Message.of("{n} of them", n=2), "2 of them"),
        ("{x}", [Message.of("{n} of them", n=2), Message("none")], "2 of them, none"),
        ("{y} and {x}", 1, "{y} and 1"),
        ("{x.__class__}{x[0]}{x!s}{x:>9}{0}{}", "no", "{x.__class__}{x[0]}{x!s}{x:>9}{0}{}"),
    ],
    ids=range(21),
)
def test_how_a_gap_is_filled(sentence: str, value: Any, told: str) -> None:
    assert str(Message.of(sentence, x=value)) == told


def test_a_sentence_without_parameters_is_told_as_it_is() -> None:
    assert str(Message('no events, but {"a": {b}}')) == 'no events, but {"a": {b}}'


def test_a_value_is_never_taken_for_a_sentence() -> None:
    assert str(Message.of("{x} {y}", x="{y}", y=1)) == "{y} 1"


@pytest.mark.parametrize(
    "value",
    ["x" * 5_000_000, ["x" * 5_000_000] * 1000, {"a": "x" * 5_000_000}, [[["x"] * 99] * 99] * 99, 10**5000],
    ids=["text", "list", "object", "deep", "integer"],
)
def test_whatever_fills_a_gap_is_bounded(value: Any) -> None:
    message = Message.of("it is {x}, or {x!r}", x=value)
    assert len(str(message)) < (MOST + 2) * LONGEST * 1.2 + QUOTED
    assert len(json.dumps(to_json(message))) < MOST**3 * 20 + (MOST + 2) * LONGEST


def test_a_message_survives_a_file() -> None:
    whole = Message.of(
        "{a} {b!r} {c} {d} {e} {f:g}",
        a=Message.of("{finding} (first: {probe})", finding=CUT, probe="count"),
        b="\ud800 {c}",
        c=[1, None, "x", True],
        d=None,
        e={"x": 1},
        f=1.5,
    )
    text = json.dumps(to_json(whole), allow_nan=False)
    assert from_json(json.loads(text)) == whole
    assert str(from_json(json.loads(text))) == str(whole)


@pytest.mark.parametrize(
    "value",
    [{"a": 1}, {"id": 5, "parameters": {}}, {"id": "x", "parameters": []}, [{"id": "x"}], "x" * 10_000],
    ids=range(5),
)
def test_what_is_no_message_in_a_file_is_text(value: Any) -> None:
    read = from_json({"id": "it is {x}", "parameters": {"x": value}})
    assert str(read).startswith("it is ")
    assert len(str(read)) < LONGEST + 50
    assert from_json(json.loads(json.dumps(to_json(read)))) == read


def test_sentences_in_gaps_of_sentences_end_somewhere() -> None:
    value: Any = {"id": "x", "parameters": {}}
    for _ in range(200):
        value = {"id": "{x}", "parameters": {"x": value}}
    assert len(str(from_json(value))) <= LONGEST + 10


def test_the_gaps_of_a_sentence() -> None:
    assert gaps("{a} {b!r} {c:+d} {a} {D} {e.f} {") == {"a", "b", "c"}

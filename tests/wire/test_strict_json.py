from __future__ import annotations

import inspect
import json
import math
import resource
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.wire import strict_json
from conformance.wire.strict_json import LARGEST, MAX_DEPTH, MAX_OF_A_KIND, MISSING, Parsed, read
from tests.ids import by_value

FAULTY: list[tuple[str, bytes, Any, Any]] = [
    ("empty", b"", MISSING, "byte 0"),
    ("empty", b" \n", MISSING, "byte 0"),
    ("not-json", b'{"a": [1', MISSING, "$.a[1] (byte 8)"),
    ("not-json", b'{"a": "b', MISSING, "$.a (byte 6)"),
    ("not-json", b"<html></html>", MISSING, "byte 0"),
    ("not-json", b"[1,]", MISSING, "$[1] (byte 3)"),
    ("not-json", b'{"a": 1,}', MISSING, "byte 8"),
    ("not-json", b"{'a': 1}", MISSING, "byte 1"),
    ("not-json", b'{"a" 1}', MISSING, "$.a (byte 5)"),
    ("not-json", b'{"a": 01}', MISSING, "byte 7"),
    ("not-json", b'{"a": 1.}', MISSING, "byte 7"),
    ("not-json", b'{"a": .5}', MISSING, "$.a (byte 6)"),
    ("not-json", b'{"a": +1}', MISSING, "$.a (byte 6)"),
    ("not-json", b"[True]", MISSING, "$[0] (byte 1)"),
    ("not-json", b'["\\x41"]', MISSING, "$[0] (byte 2)"),
    ("not-json", b'["\\u00g0"]', MISSING, "$[0] (byte 2)"),
    ("not-json", b'["\\u123"]', MISSING, "$[0] (byte 2)"),
    ("not-json", b"[1\x0b]", MISSING, "$[1] (byte 2)"),
    ("trailing-data", b'{"a": 1} {"a": 2}', {"a": 1}, "byte 9"),
    ("trailing-data", b'{"a": 1}\n\ndata: [DONE]\n\n', {"a": 1}, "byte 10"),
    ("trailing-data", b"{}\x00", {}, "byte 2"),
    ("bom", b'\xef\xbb\xbf{"a": 1}', {"a": 1}, "byte 0"),
    ("invalid-utf8", b'{"\xc3\xa4": "caf\xe9"}', {"ä": "caf\ufffd"}, "byte 11"),
    ("invalid-utf8", b'["\xed\xa0\xbd"]', ["\ufffd\ufffd\ufffd"], "byte 2"),
    ("duplicate-key", b'{"a": {"b": 1, "b": 2}}', {"a": {"b": 2}}, "$.a.b (byte 15)"),
    ("duplicate-key", b'[{"b": 1, "\\u0062": 2}]', [{"b": 2}], "$[0].b (byte 10)"),
    ("nan", b"[1, Infinity]", [1, math.inf], "$[1] (byte 4)"),
    ("nan", b"[-Infinity]", [-math.inf], "$[0] (byte 1)"),
    ("control-character", b'{"a": "b\nc"}', {"a": "b\nc"}, "$.a (byte 8)"),
    ("control-character", b'["\\n\t"]', ["\n\t"], "$[0] (byte 4)"),
    ("lone-surrogate", b'{"a": ["", "\\ud83d"]}', {"a": ["", "\ud83d"]}, "$.a[1] (byte 11)"),
    ("lone-surrogate", b'["\\ude00\\ud83d"]', ["\ude00\ud83d"], "$[0] (byte 1)"),
    ("too-deep", b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), MISSING, None),
    ("too-deep", b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1), MISSING, None),
]

NOTEWORTHY: list[tuple[str, bytes, Any, Any]] = [
    ("leading-whitespace", b'\n\n{"a": 1}', {"a": 1}, "byte 0"),
    ("big-integer", b'{"a": 9007199254740992}', {"a": 2**53}, "$.a (byte 6)"),
    ("big-integer", b"[-9007199254740993]", [-(2**53) - 1], "$[0] (byte 1)"),
    ("big-integer", b"[%d]" % LARGEST, [LARGEST], "$[0] (byte 1)"),
    ("big-integer", b"[%d]" % -LARGEST, [-LARGEST], "$[0] (byte 1)"),
    ("overflow", b"[1e999]", [math.inf], "$[0] (byte 1)"),
    ("overflow", b"[%d]" % (LARGEST + 1), [math.inf], "$[0] (byte 1)"),
    ("overflow", b"[-" + b"9" * 5000 + b"]", [-math.inf], "$[0] (byte 1)"),
]

SPOTLESS = [
    b"null",
    b' {"a" : [ 1 , 2 ] } \r\n'.strip(b" "),
    b'{"a": [], "b": {}}\n',
    b'{"a": {"b": 1}, "b": 1}',
    b'{"a": 1, "A": 2}',
    b'{"a": "NaN", "b": "Infinity"}',
    b'["\\u0000\\n\\t\\"\\\\\\/", "\x7f"]',
    b'["\\ud83d\\ude00", "\\\\ud83d", "\xf0\x9f\x98\x80"]',
    b'["\xef\xbb\xbf"]',
    b'["\xef\xbf\xbd"]',
    b"[9007199254740991, -9007199254740991, 0, -0, 12345678901234567.0]",
    b"[1e308, 1E+2, 1e-999, 0.5]",
    b"[" * MAX_DEPTH + b"]" * MAX_DEPTH,
    b"[" + b"[]," * MAX_DEPTH + b'"]]]]"]',
]


def numbered(rows: list[tuple[str, bytes, Any, Any]]) -> list[str]:
    return [f"{row[0]}-{number}" for number, row in enumerate(rows)]


@pytest.mark.parametrize(("kind", "data", "value", "where"), FAULTY, ids=numbered(FAULTY))
def test_a_fault_is_named_with_its_place(kind: str, data: bytes, value: object, where: str | None) -> None:
    document = read(data)
    assert [fault.kind for fault in document.violations] == [kind]
    assert document.value == value
    assert document.readable == (value is not MISSING)
    assert where in (None, document.violations[0].where)


@pytest.mark.parametrize(("kind", "data", "value", "where"), NOTEWORTHY, ids=numbered(NOTEWORTHY))
def test_what_is_legal_but_read_differently_is_noted(
    kind: str, data: bytes, value: object, where: str
) -> None:
    document = read(data)
    assert [(fault.kind, fault.where) for fault in document.faults] == [(kind, where)]
    assert document.violations == ()
    assert document.value == value


@pytest.mark.parametrize("data", SPOTLESS, ids=range(len(SPOTLESS)))
def test_a_legal_text_has_no_faults(data: bytes) -> None:
    assert read(data) == Parsed(json.loads(data), ())


@pytest.mark.parametrize(
    "data",
    [
        b"[123456789012345, -12345678901234]",
        b"[" * MAX_DEPTH + b"]" * MAX_DEPTH,
        b"[" * MAX_DEPTH + b"]" * (MAX_DEPTH - 1) + b", []]",
        b"[" + b"[]," * MAX_DEPTH + b'"]]]]"]',
        b"[" + b"0," * 998 + b"0]",
        b'{"a": [1.5, "\\u00e9", true]}\n',
    ],
    ids=by_value,
)
def test_a_text_without_any_fault_is_not_read_slowly(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    def slowly(_: bytes) -> None:
        raise AssertionError("it is read slowly")

    monkeypatch.setattr(strict_json, "_Reader", slowly)
    monkeypatch.setattr(strict_json, "MAX_VALUES", 1000)
    assert read(data).value == json.loads(data)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"[1 " + b"x" * 30, 'expected a comma or ], found "' + "x" * 20 + '"'),
        (b"{}"[:1], "expected the name of a member, found the end of the text"),
        (b'{"a"', "expected a colon, found the end of the text"),
        (b"[", "expected a value, found the end of the text"),
        (b'{"a": 1', "expected a comma or }, found the end of the text"),
        (b"[?", 'expected a value, found "?"'),
    ],
    ids=by_value,
)
def test_what_was_expected_and_what_was_found_is_said(data: bytes, message: str) -> None:
    assert [fault.message for fault in read(data).faults] == [message]


def test_nan_is_read_as_nan() -> None:
    document = read(b'{"a": NaN}')
    assert [fault.where for fault in document.violations] == ["$.a (byte 6)"]
    assert math.isnan(document.value["a"])


def test_integers_and_other_numbers_can_be_told_apart() -> None:
    value = read(b'[13, 13.0, 1.3e1, "13", true]').value
    assert [type(each) for each in value] == [int, float, float, str, bool]


def test_null_is_a_value() -> None:
    assert read(b"null").readable
    assert read(b"null").value is None


def test_several_faults_are_reported_in_the_order_of_their_places() -> None:
    document = read(b'\xef\xbb\xbf\n{"a": NaN, "a": "\xff\x01", "b": "\\ud800"} x')
    assert [fault.kind for fault in document.faults] == [
        "bom",
        "leading-whitespace",
        "nan",
        "duplicate-key",
        "invalid-utf8",
        "control-character",
        "lone-surrogate",
        "trailing-data",
    ]
    assert document.value == {"a": "\ufffd\x01", "b": "\ud800"}


def test_an_offset_counts_bytes_not_characters() -> None:
    data = '{"é😀": NaN}'.encode()
    assert data[read(data).faults[0].offset :] == b"NaN}"


def test_the_faults_of_a_kind_are_bounded_and_hide_no_other_kind() -> None:
    document = read(b"[" + b"9007199254740993," * 50 + b"NaN]")
    assert [fault.kind for fault in document.faults] == ["big-integer"] * MAX_OF_A_KIND + ["nan"]
    assert len(document.value) == 51


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 1_000_000,
        b'{"a":' * 300_000,
        b"9" * 1_000_000,
        b"1e" + b"9" * 1_000_000,
        b"[0." + b"1" * 1_000_000,
        b'"' + b"\\" * 1_000_001,
        b"[" * (MAX_DEPTH + 1) + b'"' + b'\\"' * 500_000,
        b'["' + b"\xff" * 1_000_000,
        b" " * 1_000_000,
        b"\xff\xfe" + '{"a": 1}'.encode("utf-16-le"),
    ],
    ids=[
        *(
            "arrays",
            "objects",
            "integer",
            "exponent",
            "fraction",
            "backslashes",
            "quotes",
            "not-utf8",
            "blank",
        ),
        "utf-16",
    ],
)
def test_a_hostile_text_is_read_in_linear_time_with_bounded_wording(data: bytes) -> None:
    document = read(data)
    assert document.faults
    assert all(len(fault.message) < 200 and len(fault.where) < 300 for fault in document.faults)


@pytest.mark.parametrize(
    "data",
    [
        b'["' + b'\\"' * 2**19 + b'",]',
        b' ["' + b'\\",' * 2**19 + b'"]',
        b"[" * 300 + b'"' + b'\\"' * 2**19 + b'"' + b"]" * 300,
    ],
    ids=["not JSON", "white space first", "too deep"],
)
def test_a_string_of_escapes_takes_memory_by_its_size(data: bytes) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    read(data)
    # In kilobytes; where each escape was kept, 63 times as much as the text.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30 * len(data) // 1024


def test_strings_of_more_escapes_than_are_read_at_once_are_whole() -> None:
    text = '"\\' * 5000 + "é"
    assert read(b" [" + json.dumps(text).encode() + b"]").value == [text]
    (fault,) = read(b' ["' + b"\\n" * 1500 + b'\\q"]').violations
    assert (fault.message, fault.offset) == ("a backslash begins no known escape", 3 + 3000)


def test_a_deep_text_is_read_alike_however_deep_the_caller_stands() -> None:
    data = b"[" * 190 + b"]" * 190

    def from_below(frames: int) -> Parsed:
        return from_below(frames - 1) if frames else read(data)

    room = sys.getrecursionlimit() - len(inspect.stack(0))
    assert from_below(room - 120) == read(data) == Parsed(json.loads(data), ())


def values() -> st.SearchStrategy[Any]:
    scalars = (
        st.none()
        | st.booleans()
        | st.integers(-(2**53) + 1, 2**53 - 1)
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text()
    )
    return st.recursive(
        scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
    )


@given(values(), st.booleans(), st.sampled_from([None, 1]))
def test_a_legal_text_is_read_as_by_the_standard_library(
    value: Any, escaped: bool, indent: int | None
) -> None:
    data = json.dumps(value, ensure_ascii=escaped, indent=indent).encode()
    document = read(data)
    assert document.faults == ()
    assert json.dumps(document.value) == json.dumps(value)
    careful = read(b"\n" + data)
    assert [fault.kind for fault in careful.faults] == ["leading-whitespace"]
    assert json.dumps(careful.value) == json.dumps(value)


PIECES = st.sampled_from(
    [*'{}[]:,"\\ ', '"a"', '"b":', "1", "-0", "0.5", "e9", "null", "NaN", "\\u00e9", "é", "\n"]
)


@settings(max_examples=300)
@given(st.lists(PIECES, max_size=12).map("".join))
def test_a_text_is_refused_where_the_standard_library_refuses_it(text: str) -> None:
    def refuse(name: str) -> None:
        raise ValueError(name)

    try:
        json.loads(text, parse_constant=refuse)
    except ValueError:
        accepted = False
    else:
        accepted = True
    faults = read(text.encode()).violations
    assert accepted == all(fault.kind == "duplicate-key" for fault in faults)


@settings(max_examples=300)
@given(
    st.binary(max_size=200)
    | st.lists(st.sampled_from([b'{"a":', b"[", b"\xff", b'"', b"\\", b"1"])).map(b"".join)
)
def test_no_bytes_make_it_raise(data: bytes) -> None:
    document = read(data)
    assert document.readable or document.violations
    assert all(0 <= fault.offset <= len(data) for fault in document.faults)
    assert list(document.faults) == sorted(document.faults, key=lambda fault: fault.offset)


@pytest.mark.parametrize(
    "text", ["[" + "0," * 300 + "0]", "[" + "[[[]]]," * 100 + "0]", '{"a":[' + "{}," * 300 + "0]}"]
)
def test_the_number_of_values_is_bounded(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    assert read(text.encode()).faults == ()
    monkeypatch.setattr(strict_json, "MAX_VALUES", 299)
    (fault,) = read(text.encode()).faults
    assert (fault.kind, fault.message) == ("too-many", strict_json.TOO_MANY)


@pytest.mark.parametrize("before", ["", " "])
@pytest.mark.parametrize(
    ("text", "count"),
    [("[" + "[]," * 50 + "0]", 52), ('{"a": ' * 30 + "0" + "}" * 30, 31), ("[" + "0," * 50 + "0]", 52)],
)
def test_as_many_values_as_the_limit_are_read_and_no_more(
    monkeypatch: pytest.MonkeyPatch, before: str, text: str, count: int
) -> None:
    data = (before + text).encode()
    monkeypatch.setattr(strict_json, "MAX_VALUES", count)
    assert read(data).violations == ()
    monkeypatch.setattr(strict_json, "MAX_VALUES", count - 1)
    assert [fault.kind for fault in read(data).violations] == ["too-many"]


def test_what_has_too_many_commas_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strict_json, "MAX_VALUES", 300)
    (fault,) = read(b"[" + b"0," * 300 + b"0]").faults
    assert (fault.kind, fault.offset) == ("too-many", 0)
    assert read(b" [1," + b'"' + b"," * 300 + b'"]').violations == ()

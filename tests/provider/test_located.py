"""YAML with places: what is read, where it stood, and what is refused."""

from __future__ import annotations

import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.provider.located import MAX_BYTES, MAX_DEPTH, Located, read
from conformance.provider.mistakes import ProvidersError
from tests.ids import by_value


def of(text: str) -> Located:
    return read(text.encode(), "f.yaml")


def faults(text: str | bytes) -> list[str]:
    """What is wrong with a text, whether or not it could be read to its end."""
    data = text if isinstance(text, bytes) else text.encode()
    try:
        return [str(fault) for fault in read(data, "f.yaml").faults]
    except ProvidersError as error:
        return str(error).splitlines()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("-12", -12),
        ("0", 0),
        ("1.5", 1.5),
        ("2.", 2.0),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("text", "text"),
        ("'1'", "1"),
        ('"true"', "true"),
        ("'~'", "~"),
    ],
    ids=by_value,
)
def test_scalars_follow_the_core_schema(text: str, value: object) -> None:
    read_value = of(f"a: {text}").data["a"]
    assert read_value == value
    assert type(read_value) is type(value)


@pytest.mark.parametrize(
    "text",
    ["yes", "no", "on", "010", "0x1F", "1:30", "1_000", "2027-01-31", ".inf", ".nan", "1e999", "9" * 5000],
    ids=by_value,
)
def test_what_other_readers_take_for_numbers_dates_or_truth_is_text(text: str) -> None:
    value = of(f"a: {text}").data["a"]
    # A huge whole number may be a float, but never infinite.
    assert value == text or (isinstance(value, float) and math.isfinite(value))
    if len(text) < 100:
        assert value == text


def test_places_of_keys_and_values_are_exact() -> None:
    document = of("# comment\nproviders:\n  a:   x\n  b:\n    - 1\n    - {c: 'é', d: [2]}\n")
    assert document.keys[("providers",)] == (2, 1)
    assert document.values[("providers",)] == (3, 3)
    assert document.keys[("providers", "a")] == (3, 3)
    assert document.values[("providers", "a")] == (3, 8)
    assert document.values[("providers", "b", 0)] == (5, 7)
    assert document.keys[("providers", "b", 1, "d")] == (6, 16)
    assert document.values[("providers", "b", 1, "d", 0)] == (6, 20)
    assert document.where(("providers", "a")) == "f.yaml:3:3"


def test_a_byte_order_mark_and_windows_line_ends_shift_nothing() -> None:
    document = read("\ufeffa: 1\r\nb: 2\r\n".encode(), "f.yaml")
    assert document.data == {"a": 1, "b": 2}
    assert document.keys[("a",)] == (1, 1)
    assert document.keys[("b",)] == (2, 1)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: 1\na: 2", "f.yaml:2:1: duplicate key 'a', first on line 1"),
        ("a: {b: 1, c: 2, b: 3}", "f.yaml:1:17: duplicate key 'b', first on line 1"),
        ("a: 1\n7: 2", "f.yaml:2:1: a key must be text, not 7; write it in quotes"),
        ("true: 2", "f.yaml:1:1: a key must be text, not true; write it in quotes"),
        ("? [a]\n: b", "f.yaml:1:3: a key must be text, not a list"),
        ("~: b", "f.yaml:1:1: a key must be text, not nothing"),
        ("a: *b", "f.yaml:1:4: aliases (*name) are not supported; write the value out"),
        ("a: &b 1", "f.yaml:1:4: anchors (&name) are not supported; write the value out where it is needed"),
        ("a: !!str 1", "f.yaml:1:4: tags (!name) are not supported; leave the tag out"),
        ("a: !!python/name:os.system x", "f.yaml:1:4: tags (!name) are not supported; leave the tag out"),
        ("a: 1\n---\nb: 2", "f.yaml:2:1: a second document begins here; everything belongs into one"),
        ('a: "x\\x07"', "f.yaml:1:4: the text contains the control character U+0007"),
        ('a: "\\ud800"', "f.yaml:1:4: the text contains the control character U+D800"),
        ("a: 1\nb: \x01", "f.yaml:2:4: the character U+0001 is not allowed in YAML"),
        (b"a: 1\nb: \xff", "f.yaml:2:4: not UTF-8; save the file as UTF-8"),
        ("a: 1".encode("utf-16"), "f.yaml:1:1: not UTF-8; save the file as UTF-8"),
        ('a: "\\UFFFFFFFF"', "f.yaml:1:7: not YAML: an escape names no character"),
        ("a: b: c", "f.yaml:1:5: not YAML: mapping values are not allowed here"),
        (
            "a: [1",
            "f.yaml:1:6: not YAML: expected ',' or ']', but got '<stream end>' while parsing a flow sequence",
        ),
        ("[" * 100, f"f.yaml:1:{MAX_DEPTH + 2}: nested more than {MAX_DEPTH} levels deep"),
        (b" " * (MAX_BYTES + 1), "f.yaml: is larger than 256 KiB"),
    ],
    ids=by_value,
)
def test_a_fault_is_named_with_its_place(text: str | bytes, fault: str) -> None:
    assert faults(text) == [fault]


def test_every_fault_is_named() -> None:
    found = faults("a: *x\nb: !!int 1\na: 2\n3: 4\n")
    assert [line.split(": ")[0] for line in found] == ["f.yaml:1:4", "f.yaml:2:4", "f.yaml:3:1", "f.yaml:4:1"]


def test_the_first_of_two_values_counts_and_keeps_its_place() -> None:
    document = of("a: 1\na: {b: 2}\n")
    assert document.data == {"a": 1}
    assert document.values[("a",)] == (1, 4)
    assert ("a", "b") not in document.values


def test_what_stands_under_a_key_that_is_no_text_is_left_out() -> None:
    assert of("7: {b: 2}\na: 1\n").data == {"a": 1}


def test_a_replaced_value_and_what_is_below_it_are_doubtful() -> None:
    document = of("a: *x\nb: 1\n")
    assert document.is_doubtful(("a",))
    assert document.is_doubtful(("a", "c", 0))
    assert not document.is_doubtful(("b",))


@pytest.mark.parametrize(
    "text",
    [
        "a: [sk-live-123456789",
        "a: 'sk-live-123456789",
        'a: "sk-live-123456789\\q"',
        "a: *sk-live-123456789",
        "a: &sk-live-123456789 &b c",
        "a: !sk-live-123456789 b",
        "a: !sk!live-123456789 b",
        "%TAG !sk-live-123456789! x\n%TAG !sk-live-123456789! x\n---\na",
        "a: sk-live-123456789: b",
        "a: |sk-live-123456789",
        "a: >\n  x\n sk-live-123456789",
        "- sk-live-123456789\nb",
    ],
    ids=by_value,
)
def test_no_message_quotes_the_text_of_the_file(text: str) -> None:
    found = faults(text)
    assert found
    assert not any("live" in line for line in found)


@pytest.mark.parametrize(
    "unit", ["[", "{a: ", "- ", "? ", "a: &x [*x, ", "'", '"', "a: 1\n", "- a\n", "&a ", "|"], ids=by_value
)
def test_a_hostile_file_is_done_with_in_seconds(unit: str) -> None:
    text = unit * (60_000 // len(unit))
    started = time.process_time()
    faults(text)
    assert time.process_time() - started < 20


@given(st.text(alphabet=st.sampled_from("ab:-{}[],'\"&*!|>%@`?# \n\t\\xuU0.~é\ufeff\x85\u2028"), max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    assert all(fault.startswith("f.yaml:") for fault in faults(text))


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    assert all(fault.startswith("f.yaml") for fault in faults(data))

"""Vectors are read within bounds, whatever an answer holds in their place."""

from __future__ import annotations

import base64
import math
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.contracts.embeddings.probes.named import BASE64
from conformance.contracts.embeddings.reading.vector import FLOAT32, NUMBERS, WIDEST, Vector, disguised, read
from conformance.contracts.hidden import Blocked, Malformed
from tests.contracts.embeddings.answers import listed, of, packed

LARGEST = struct.unpack("<f", b"\xff\xff\x7f\x7f")[0]


def wrong(value: Any) -> tuple[str, str]:
    with pytest.raises(Malformed) as found:
        read({"embedding": value})
    return found.value.requirement, str(found.value)


def test_numbers_and_base64_are_the_same_vector() -> None:
    numbers = [0.5, -0.25, 1]
    assert read({"embedding": numbers}).bits == read({"embedding": packed(numbers)}).bits
    assert (read({"embedding": numbers}).packed, read({"embedding": packed(numbers)}).packed) == (False, True)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        pytest.param(None, "`embedding` is null", id="null"),
        pytest.param({"0": 1.0}, "`embedding` is an object of size 1", id="an object"),
        pytest.param(7, "`embedding` is the integer 7", id="a number"),
        pytest.param([], "`embedding` is an empty array", id="nothing"),
        pytest.param([0.1, None], "embedding[1] is null, which is no finite 32-bit float", id="a null"),
        pytest.param([True], "embedding[0] is true, which is no finite 32-bit float", id="a boolean"),
        pytest.param(["0.1"], 'embedding[0] is the string "0.1", which is no finite', id="a text"),
        pytest.param([[0.1]], "embedding[0] is an array of length 1, which is no finite", id="a matrix"),
        pytest.param([math.nan], "embedding[0] is the number nan, which is no finite", id="NaN"),
        pytest.param([-math.inf], "embedding[0] is a number that no double can hold", id="Infinity"),
        pytest.param([LARGEST * 1.01], "embedding[0] is the number 3.43", id="beyond a float"),
        pytest.param([10**400], "embedding[0] is a very large integer", id="beyond a double"),
    ],
)
def test_what_is_no_row_of_numbers(value: Any, why: str) -> None:
    requirement, said = wrong(value)
    assert requirement == NUMBERS
    assert said.startswith(why)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("", "the base64 holds 0 bytes", id="nothing"),
        pytest.param("AAAAAA==", "", id="a float"),
        pytest.param("AAAA", "the base64 holds 3 bytes, which are no 32-bit floats", id="of odd length"),
        pytest.param("AAA", '"AAA" is not base64: Incorrect padding', id="without padding"),
        pytest.param("AAAAAA==\n", "is not base64", id="with a line break"),
        pytest.param("_-8AAA==", "is not base64", id="of the alphabet for addresses"),
        pytest.param("é" * 8, "is not base64", id="of other characters"),
        pytest.param("AADAfw==", "read as little-endian 32-bit floats, the base64 holds nan", id="of NaN"),
        pytest.param(
            "AACAfw==", "read as little-endian 32-bit floats, the base64 holds inf", id="of Infinity"
        ),
    ],
)
def test_base64_is_read_strictly(text: str, why: str) -> None:
    if not why:
        assert read({"embedding": text}).numbers == (0.0,)
        return
    requirement, said = wrong(text)
    assert requirement == FLOAT32
    assert why in said


def test_what_is_too_wide_is_not_built() -> None:
    assert wrong([0.0] * (WIDEST + 1)) == (
        NUMBERS,
        "`embedding` has 65537 numbers; no model has more than 65536",
    )
    text = base64.b64encode(bytes(4 * (WIDEST + 1))).decode()
    assert wrong(text) == (FLOAT32, f"the base64 has {len(text)} characters; no vector takes so many")
    assert len(read({"embedding": base64.b64encode(bytes(4 * WIDEST)).decode()})) == WIDEST


def test_a_million_numbers_are_not_read_at_all() -> None:
    view = of(b'{"object":"list","data":[{"embedding":[' + b"0," * 1_000_000 + b"0]}]}")
    with pytest.raises(Blocked, match="too-many"):
        view.vectors  # noqa: B018 - to look at it is what is tried


@given(st.one_of(st.text(), st.lists(st.one_of(st.none(), st.floats(), st.integers(), st.text()))))
def test_nothing_but_a_reason_comes_of_what_is_no_vector(value: Any) -> None:
    reason = None
    try:
        vector = read({"embedding": value})
    except Malformed as error:
        reason = error
    if reason is None:
        assert all(map(math.isfinite, vector.numbers))
    else:
        assert reason.requirement in (NUMBERS, FLOAT32)
        assert len(str(reason)) < 400


def test_where_a_wrong_number_is() -> None:
    with pytest.raises(Blocked) as found:
        of(listed([0.5, None])).vectors  # noqa: B018
    assert [place.path for place in found.value.places] == ["$.data[0].embedding[1]"]


def test_how_alike_vectors_are() -> None:
    one = Vector((1.0, 0.0))
    assert one.cosine(Vector((5.0, 0.0))) == 1
    assert one.cosine(Vector((0.0, 1e-30))) == 0
    assert one.cosine(Vector((-1e30, 0.0))) == -1
    with pytest.raises(Blocked, match="2 numbers, and another 3"):
        one.cosine(Vector((1.0, 0.0, 0.0)))
    with pytest.raises(Blocked, match="nothing but zeros"):
        one.cosine(Vector((0.0, 0.0)))


@pytest.mark.parametrize(
    ("form", "name"),
    [
        pytest.param(">f", "32-bit floats with the highest byte first", id="big-endian"),
        pytest.param("<d", "64-bit floats", id="doubles"),
        pytest.param("<e", "16-bit floats", id="halves"),
        pytest.param("<f", "", id="as it should be"),
    ],
)
def test_other_floats_are_recognised(form: str, name: str) -> None:
    numbers = (0.5, -0.25, 0.125)
    assert disguised(packed(numbers, form), numbers) == name
    assert disguised(packed((0.0,) * 3, form), (0.0,) * 3) == "", "zeros look alike in every form"


def test_a_string_that_was_not_asked_for_is_not_decoded() -> None:
    with pytest.raises(Blocked) as found:
        of(listed(packed([0.5]))).vectors  # noqa: B018
    assert found.value.requirement == "encoding.float-unless-asked"
    assert of(listed(packed([0.5])), BASE64).vector.numbers == (0.5,)

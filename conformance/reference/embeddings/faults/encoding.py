"""Faults in encoding_format and dimensions."""

from __future__ import annotations

import base64
import random

from conformance.reference.call import Call, JsonObject
from conformance.reference.change import without
from conformance.reference.embeddings.answer import packed
from conformance.reference.embeddings.faults.change import each_embedding, each_packed
from conformance.reference.embeddings.faults.fault import on_answer, on_body, on_vectors
from conformance.reference.embeddings.faults.listing import READ, VALID
from conformance.reference.embeddings.mind import Vector, single
from conformance.reference.fault import on_refusal
from conformance.reference.refusal import Refusal

HONOURED, FLOAT32, EQUAL = (
    "encoding.base64-honoured",
    "encoding.base64-is-float32",
    "encoding.base64-equals-float",
)


def _bytes(vector: list[float]) -> bytes:
    """The numbers as 32-bit floats."""
    return base64.b64decode(packed(tuple(vector)))


@on_body(HONOURED)
def base64_ignored(body: JsonObject, _: Call) -> JsonObject:
    """Vectors are arrays of numbers, whatever encoding was asked for."""
    return without(body, "encoding_format")


@on_body(HONOURED)
def base64_refused(body: JsonObject, _: Call) -> JsonObject:
    """base64 is refused."""
    if body.get("encoding_format") == "base64":
        raise Refusal("Only 'float' is supported.", param="encoding_format", code="unsupported_value")
    return body


@on_body("encoding.float-unless-asked", VALID)
def base64_by_default(body: JsonObject, _: Call) -> JsonObject:
    """Vectors are base64 where no encoding was asked for."""
    return body if "encoding_format" in body else {**body, "encoding_format": "base64"}


@on_answer("encoding.float-unless-asked", READ, VALID)
def vectors_as_json_text(answer: JsonObject, call: Call) -> JsonObject:
    """The array of a vector is written as a text."""
    if call.json().get("encoding_format") == "base64":
        return answer
    return each_embedding(answer, lambda value: str(value[:3]))


@on_answer(FLOAT32)
def base64_of_doubles(answer: JsonObject, _: Call) -> JsonObject:
    """The base64 holds 64-bit floats."""
    return each_packed(answer, lambda vector: packed(tuple(vector), "<d"))


@on_answer(FLOAT32)
def base64_of_halves(answer: JsonObject, _: Call) -> JsonObject:
    """The base64 holds 16-bit floats."""
    return each_packed(answer, lambda vector: packed(tuple(vector), "<e"))


@on_answer(FLOAT32, READ)
def base64_cut(answer: JsonObject, _: Call) -> JsonObject:
    """The last bytes of the base64 are missing."""
    return each_packed(answer, lambda vector: base64.b64encode(_bytes(vector)[:-2]).decode())


@on_answer(FLOAT32)
def base64_in_lines(answer: JsonObject, _: Call) -> JsonObject:
    """The base64 has a line break after every 76 characters."""
    return each_packed(answer, lambda vector: base64.encodebytes(_bytes(vector)).decode())


@on_answer(FLOAT32, READ)
def base64_as_hex(answer: JsonObject, _: Call) -> JsonObject:
    """The bytes of a vector are written in hexadecimal digits."""
    return each_packed(answer, lambda vector: f"0x{_bytes(vector).hex()}!")


@on_answer(FLOAT32)
def base64_big_endian(answer: JsonObject, _: Call) -> JsonObject:
    """The base64 holds the highest byte of each float first."""
    return each_packed(answer, lambda vector: packed(tuple(vector), ">f"))


@on_answer(EQUAL)
def base64_of_another_vector(answer: JsonObject, _: Call) -> JsonObject:
    """In base64 the numbers of a vector are in another order."""
    return each_packed(answer, lambda vector: packed(tuple(reversed(vector))))


@on_answer(EQUAL)
def numbers_rounded(answer: JsonObject, _: Call) -> JsonObject:
    """Numbers are written with four digits, and base64 has all of them."""

    def rounded(value: object) -> object:
        return [float(f"{one:.4g}") for one in value] if isinstance(value, list) else value

    return each_embedding(answer, rounded)


@on_vectors(EQUAL)
def vectors_jitter_in_base64_only(vectors: tuple[Vector, ...], call: Call) -> tuple[Vector, ...]:
    """In base64 the last digits are drawn anew."""
    if call.json().get("encoding_format") != "base64":
        return vectors
    return tuple(jittered(vector, call.chance) for vector in vectors)


def jittered(vector: Vector, chance: random.Random) -> Vector:
    """The vector with other last digits."""
    return single([value + 1e-6 * (chance.random() - 0.5) for value in vector])


@on_refusal("encoding.unknown-refused")
def unknown_encoding_served(refusal: Refusal, _: Call) -> Refusal | None:
    """An encoding that does not exist is taken for the default."""
    return None if refusal.param == "encoding_format" else refusal


@on_body("dimensions.honoured")
def dimensions_ignored(body: JsonObject, _: Call) -> JsonObject:
    """Vectors have their own width, whatever was asked for."""
    return without(body, "dimensions")


@on_vectors("dimensions.honoured")
def dimensions_padded(vectors: tuple[Vector, ...], call: Call) -> tuple[Vector, ...]:
    """A shortened vector keeps its width, with zeros at the end."""
    if "dimensions" not in call.json():
        return vectors
    return tuple((*vector, *(0.0,) * 128) for vector in vectors)


@on_vectors("dimensions.shortened-is-unit")
def shortened_without_scaling(vectors: tuple[Vector, ...], call: Call) -> tuple[Vector, ...]:
    """A vector is shortened by leaving out its last numbers, and no more."""
    if "dimensions" not in call.json():
        return vectors
    return tuple(single([0.8 * value for value in vector]) for vector in vectors)


@on_refusal("dimensions.invalid-refused")
def wrong_dimensions_served(refusal: Refusal, _: Call) -> Refusal | None:
    """A width that no vector can have is answered with the model's own."""
    return None if refusal.param == "dimensions" else refusal

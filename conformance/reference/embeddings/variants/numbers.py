"""Variants in the vectors, and in how their numbers are written."""

from __future__ import annotations

import random
import struct

from conformance.contracts.embeddings.sources import METHOD, OPENAI, RFC
from conformance.reference.call import Call, JsonObject
from conformance.reference.embeddings.faults.change import each_embedding
from conformance.reference.embeddings.faults.encoding import jittered
from conformance.reference.embeddings.faults.fault import on_answer, on_vectors
from conformance.reference.embeddings.mind import Vector, embedded, single, unit
from conformance.reference.variant import legal


@legal(RFC.json_numbers, aspect="digits")
@on_answer()
def numbers_with_all_digits(answer: JsonObject, _: Call) -> JsonObject:
    """Numbers are written with the seventeen digits of the double that a 32-bit float makes."""

    def written(value: object) -> object:
        return list(single([float(one) for one in value])) if isinstance(value, list) else value

    return each_embedding(answer, written)


@legal(RFC.json_numbers)
@on_vectors()
def whole_numbers_among_others(vectors: tuple[Vector, ...], _: Call) -> tuple[Vector, ...]:
    """Some numbers of a vector are exactly 0."""
    return tuple(unit([0.0, *vector[1:-1], 0.0]) for vector in vectors)


@legal(METHOD.practice, aspect="noise", notes=("encoding.base64-equals-float",))
@on_vectors()
def last_digits_vary(vectors: tuple[Vector, ...], call: Call) -> tuple[Vector, ...]:
    """From request to request the last digits differ, as they do with batches and on graphics cards."""
    return tuple(jittered(vector, call.chance) for vector in vectors)


@legal(METHOD.practice, aspect="noise", notes=("encoding.base64-equals-float",))
@on_vectors()
def half_precision(vectors: tuple[Vector, ...], call: Call) -> tuple[Vector, ...]:
    """The model computes with 16-bit floats, a little differently each time."""
    return tuple(_halved(vector, call.chance) for vector in vectors)


def _halved(vector: Vector, chance: random.Random) -> Vector:
    noisy = [value * (1 + 2e-3 * (chance.random() - 0.5)) for value in vector]
    form = f"<{len(vector)}e"
    return struct.unpack(form, struct.pack(form, *noisy))


@legal(OPENAI.measure, aspect="model")
@on_vectors()
def all_texts_alike(vectors: tuple[Vector, ...], _: Call) -> tuple[Vector, ...]:
    """The model is a weak one, to which all texts are nearly the same: their cosines are above 0.999."""
    common = embedded(["everything"], len(vectors[0]))
    return tuple(unit([a + 50 * b for a, b in zip(one, common, strict=True)]) for one in vectors)


@legal(
    OPENAI.embedding,
    documents={"unit-length": None},
    notes=("vectors.unit-length",),
    unseen=("dimensions.shortened-is-unit",),
)
@on_vectors()
def vectors_as_the_model_gives_them(vectors: tuple[Vector, ...], _: Call) -> tuple[Vector, ...]:
    """Vectors are not scaled, and no document says that they are."""
    return tuple(single([(9 + place) * value for value in one]) for place, one in _by_text(vectors))


def _by_text(vectors: tuple[Vector, ...]) -> list[tuple[int, Vector]]:
    """Each vector with a small number that is the same for the same text."""
    return [(int(abs(one[0]) * 1e4) % 7, one) for one in vectors]

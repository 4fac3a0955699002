"""Faults in the vectors: what is no number, no direction, or that of another text."""

from __future__ import annotations

import math
from dataclasses import replace

from conformance.reference.call import Call, Frame, JsonObject, Reply
from conformance.reference.change import times
from conformance.reference.embeddings.faults.change import each_embedding, in_tokens, inputs, is_embeddings
from conformance.reference.embeddings.faults.fault import on_answer, on_vectors
from conformance.reference.embeddings.faults.listing import READ, VALID
from conformance.reference.embeddings.mind import Vector, embedded, pieces_of, single, unit
from conformance.reference.fault import on_reply

FINITE = "vectors.finite-numbers"


def _is_packed(call: Call) -> bool:
    return call.json().get("encoding_format") == "base64"


@on_reply(FINITE, "envelope.json-strict")
def vectors_with_nan(reply: Reply, call: Call) -> Reply:
    """One number of each vector is NaN."""
    return _with_first(reply, call, b"NaN")


@on_reply(FINITE)
def vectors_with_infinity(reply: Reply, call: Call) -> Reply:
    """One number of each vector is too large for any float."""
    return _with_first(reply, call, b"1e999")


def _with_first(reply: Reply, call: Call, word: bytes) -> Reply:
    """The reply with another word for the first number of each vector that is an array."""
    mark = b'"embedding":['
    if not is_embeddings(call) or reply.status != 200 or mark not in reply.body:
        return reply
    head, *rest = reply.body.split(mark)
    body = mark.join([head, *(word + one[one.index(b",") :] for one in rest)])
    return replace(reply, frames=(Frame(body),))


@on_answer(FINITE, READ, VALID)
def vectors_with_null(answer: JsonObject, _: Call) -> JsonObject:
    """One number of each vector is null."""
    return each_embedding(answer, lambda value: [None, *value[1:]] if isinstance(value, list) else value)


@on_answer(FINITE, READ)
def vectors_of_text(answer: JsonObject, _: Call) -> JsonObject:
    """The numbers of a vector are strings."""
    return each_embedding(answer, lambda value: [*map(str, value)] if isinstance(value, list) else value)


@on_answer(FINITE, READ)
def vectors_empty(answer: JsonObject, call: Call) -> JsonObject:
    """The vectors of a batch are empty."""
    return each_embedding(answer, lambda _: []) if inputs(call) > 1 else answer


@on_answer(FINITE, READ, VALID)
def vectors_nested(answer: JsonObject, _: Call) -> JsonObject:
    """Each vector is in an array of its own, as models of a vector for each token give it."""
    return each_embedding(answer, lambda value: [value] if isinstance(value, list) else value)


@on_vectors("vectors.not-zero")
def vectors_zero(vectors: tuple[Vector, ...], _: Call) -> tuple[Vector, ...]:
    """Every vector is all zeros."""
    return tuple((0.0,) * len(vector) for vector in vectors)


@on_vectors("vectors.one-width")
def widths_differ(vectors: tuple[Vector, ...], call: Call) -> tuple[Vector, ...]:
    """The vectors of a batch are half as wide."""
    return tuple(unit(vector[: len(vector) // 2]) for vector in vectors) if inputs(call) > 1 else vectors


@on_vectors("vectors.unit-length")
def vectors_not_normalized(vectors: tuple[Vector, ...], call: Call) -> tuple[Vector, ...]:
    """The vectors have another length than 1."""
    return vectors if "dimensions" in call.json() else tuple(_scaled(vector, 17.3) for vector in vectors)


def _scaled(vector: Vector, factor: float) -> Vector:
    return single([factor * one for one in vector])


@on_vectors("vectors.same-input-same-vector")
def vectors_drift(vectors: tuple[Vector, ...], call: Call) -> tuple[Vector, ...]:
    """From request to request the vectors turn by some degrees."""
    turned = 0.1 * times(call, "embedded")
    return tuple(_turned(vector, turned) for vector in vectors)


def _turned(vector: Vector, angle: float) -> Vector:
    """The vector, turned in the planes of neighbouring numbers."""
    cosine, sine = math.cos(angle), math.sin(angle)
    pairs = zip(vector[::2], vector[1::2], strict=True)
    return single([value for a, b in pairs for value in (cosine * a - sine * b, sine * a + cosine * b)])


@on_vectors("vectors.same-input-same-vector")
def place_in_batch_embedded(vectors: tuple[Vector, ...], _: Call) -> tuple[Vector, ...]:
    """The later a text stands in a batch, the more its vector is turned."""
    turned = (0.1 * place if place > 1 else 0.0 for place in range(len(vectors)))
    return tuple(map(_turned, vectors, turned))


@on_vectors("vectors.different-inputs-differ")
def one_vector_for_all(vectors: tuple[Vector, ...], call: Call) -> tuple[Vector, ...]:
    """Every text has the same vector."""
    return vectors if in_tokens(call) else tuple(_of("the", len(vector)) for vector in vectors)


@on_vectors("vectors.different-inputs-differ")
def one_vector_for_a_batch(vectors: tuple[Vector, ...], _: Call) -> tuple[Vector, ...]:
    """Every text of a batch has the vector of the first."""
    return vectors[:1] * len(vectors)


@on_vectors("vectors.batch-equals-single")
def padding_embedded(vectors: tuple[Vector, ...], call: Call) -> tuple[Vector, ...]:
    """In a batch the padding is embedded too."""
    if inputs(call) < 2:
        return vectors
    pad = _of("pad", len(vectors[0]))
    return tuple(unit([a + 0.5 * b for a, b in zip(one, pad, strict=True)]) for one in vectors)


def _of(text: str, width: int) -> Vector:
    return embedded(pieces_of(text), width)

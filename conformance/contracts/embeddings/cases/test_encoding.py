"""encoding_format: vectors as numbers, or as base64 of their bytes."""

from __future__ import annotations

from typing import Any

from conformance.contracts.embeddings.cases.comparing import RELATED, steady
from conformance.contracts.embeddings.cases.refusing import all_refused
from conformance.contracts.embeddings.probes.invalid import UNKNOWN_ENCODING
from conformance.contracts.embeddings.probes.named import BASE64, BATCH, TEXT, TEXT_AGAIN
from conformance.contracts.embeddings.reading.vector import disguised
from conformance.contracts.embeddings.reading.view import View
from conformance.contracts.embeddings.sources import CLIENTS, METHOD, OPENAI
from conformance.judging.requirement import MUST, SHOULD, controls, probes, requirement
from conformance.judging.saying import concerns, needs, note, visible, warn, wrong


def written(view: View) -> Any:
    """The first vector as it was written."""
    return view.entries[0].get("embedding") if view.entries else None


def in_base64(view: View) -> None:
    """Gives up where base64 was refused or ignored."""
    concerns(not view.refused, "base64 is refused")
    ignored = isinstance(written(view), list)
    needs("encoding.base64-honoured", not ignored, "base64 was asked for, and numbers came")


@requirement(
    "encoding.float-unless-asked",
    MUST,
    source=(OPENAI.embedding, OPENAI.float_by_default),
    hurts="Programs that read numbers get a string.",
)
@probes(text=TEXT, batch=BATCH)
def test_vectors_are_numbers_unless_base64_is_asked_for(text: View, batch: View) -> None:
    """Without encoding_format, and with `float`, a vector is an array of numbers."""
    visible(text.vector, batch.vectors)


@requirement(
    "encoding.base64-honoured",
    SHOULD,
    claim="encoding_format",
    claimed=MUST,
    source=(OPENAI.encoding_format, CLIENTS.openai_python, CLIENTS.openai_node),
    hurts=(
        "The official SDK for Node asks for base64 unless told otherwise, and takes numbers for bytes: its "
        "users get vectors of a quarter of the width, silently."
    ),
)
@controls(text=TEXT)
@probes(encoded=BASE64)
def test_base64_is_honoured(text: View, encoded: View) -> None:
    """With encoding_format `base64` a vector is a string, not an array of numbers."""
    visible(text.entries)
    ignored = isinstance(written(encoded), list)
    assert not ignored, wrong("base64 was asked for, and numbers came", encoded.at("data[0].embedding"))


@requirement(
    "encoding.base64-is-float32",
    MUST,
    source=(OPENAI.encoding_format, CLIENTS.openai_python),
    hurts="Clients that decode the string fail, or compute with noise.",
)
@controls(text=TEXT)
@probes(encoded=BASE64)
def test_base64_holds_32_bit_floats(text: View, encoded: View) -> None:
    """The string is valid base64 of as many little-endian 32-bit floats as the vector has numbers."""
    in_base64(encoded)
    where, form = encoded.at("data[0].embedding"), disguised(written(encoded), text.vector.numbers)
    assert not form, wrong("the base64 holds {form}", where, form=form)
    wide, narrow = len(encoded.vector), len(text.vector)
    many = "the base64 holds {count} 32-bit floats, and as numbers there are {numbers}"
    assert wide == narrow, wrong(many, where, count=wide, numbers=narrow)


@requirement(
    "encoding.base64-equals-float",
    MUST,
    source=(METHOD.metamorphic, CLIENTS.openai_python),
    hurts="One text has two vectors, by the SDK that asks for it.",
)
@controls(text=TEXT, again=TEXT_AGAIN)
@probes(encoded=BASE64)
def test_base64_equals_the_numbers(text: View, again: View, encoded: View) -> None:
    """In base64 a vector has the same numbers as without, to the last bit of a 32-bit float."""
    in_base64(encoded)
    form = disguised(written(encoded), text.vector.numbers)
    needs("encoding.base64-is-float32", not form, "the base64 holds {form}", form=form)
    steady(text, again)
    one, other = text.vector, encoded.vector
    needs("encoding.base64-is-float32", len(one) == len(other), "the base64 holds another number of floats")
    if one.bits == other.bits:
        return
    alike, where = one.cosine(other), encoded.at("data[0].embedding")
    if alike < RELATED:
        wrong("in base64 the vector is another: the cosine is {cosine:.4f}", where, cosine=alike)
    if one.bits != again.vector.bits:
        note("in base64 the last digits differ, as they do from request to request", where)
    warn("in base64 the last digits differ, though each request for numbers gives the same", where)


@requirement(
    "encoding.unknown-refused",
    SHOULD,
    claim="encoding_format",
    claimed=MUST,
    basis="encoding.base64-honoured",
    source=OPENAI.encoding_format,
    hurts="A client that misspells the encoding reads the vectors in the wrong one.",
)
@controls(encoded=BASE64)
@probes(unknown=UNKNOWN_ENCODING)
def test_unknown_encodings_are_refused(encoded: View, unknown: View) -> None:
    """An encoding_format that does not exist is refused with 4xx."""
    in_base64(encoded)
    all_refused(unknown)

"""dimensions: shorter vectors, for whoever stores many."""

from __future__ import annotations

from conformance.contracts.embeddings.cases.refusing import all_refused
from conformance.contracts.embeddings.cases.test_vectors import LENGTH_TOLERANCE
from conformance.contracts.embeddings.probes.invalid import (
    HUGE_DIMENSIONS,
    NEGATIVE_DIMENSIONS,
    NO_DIMENSIONS,
)
from conformance.contracts.embeddings.probes.named import TEXT, shorter
from conformance.contracts.embeddings.reading.view import View
from conformance.contracts.embeddings.sources import OPENAI
from conformance.judging.requirement import (
    MAY,
    MUST,
    SHOULD,
    controls,
    controls_for,
    probes,
    probes_for,
    requirement,
)
from conformance.judging.saying import assume, concerns, needs, note, wrong
from conformance.provider.model import Claims


def honoured(short: View) -> View:
    """The shortened vector; where `dimensions` was ignored there is none."""
    wanted = short.request["dimensions"]
    needs("dimensions.honoured", len(short.vector) == wanted, "`dimensions` was ignored")
    return short


@requirement(
    "dimensions.honoured",
    SHOULD,
    claim="dimensions",
    claimed=MUST,
    source=OPENAI.dimensions,
    hurts="An index made for the width that was asked for refuses the vectors, or grows with longer ones.",
)
@controls(text=TEXT)
@probes_for(lambda claims: {"short": shorter(claims)})
def test_dimensions_are_honoured(text: View, short: View) -> None:
    """With `dimensions` a vector has that many numbers, or the request is refused; it is never ignored."""
    wanted, got = short.request["dimensions"], len(short.vector)
    assert got == wanted, wrong(
        "{wanted} dimensions were asked for, and {got} came",
        short.at("data[0].embedding"),
        wanted=wanted,
        got=got,
    )
    assume(len(text.vector) != wanted, "the model's own width is {width}", width=wanted)


@requirement(
    "dimensions.shortened-is-unit",
    MAY,
    claim="unit-length",
    claimed=MUST,
    source=(OPENAI.normalized, OPENAI.shortened),
    hurts="Short vectors are compared by dot product as if they had the length 1, and rank wrongly.",
)
@controls(text=TEXT)
@probes_for(lambda claims: {"short": shorter(claims)})
def test_shortened_vectors_have_unit_length(text: View, short: View, claims: Claims) -> None:
    """A vector that was shortened by `dimensions` has the Euclidean length 1 too."""
    concerns(not short.refused, "the model's vectors cannot be shortened")
    length = honoured(short).vector.length
    whole = abs(text.vector.length - 1) <= LENGTH_TOLERANCE
    other = "vectors that are not shortened have another length"
    concerns(whole or claims.documents("unit-length"), other)
    needs("vectors.unit-length", whole, other)
    if abs(length - 1) > LENGTH_TOLERANCE:
        say = wrong if claims.documents("unit-length") else note
        say("the shortened vector has the length {length:.3f}", short.at("data[0].embedding"), length=length)


@requirement(
    "dimensions.invalid-refused",
    SHOULD,
    claim="dimensions",
    claimed=MUST,
    basis="dimensions.honoured",
    source=(OPENAI.dimensions, OPENAI.dimensions_minimum),
    hurts="A mistaken width is answered, and billed, with vectors of another.",
)
@controls_for(lambda claims: {"short": shorter(claims)})
@probes(none=NO_DIMENSIONS, negative=NEGATIVE_DIMENSIONS, huge=HUGE_DIMENSIONS)
def test_invalid_dimensions_are_refused(short: View, none: View, negative: View, huge: View) -> None:
    """`dimensions` of 0, -1 and 1,000,000 are refused with 4xx."""
    concerns(not short.refused, "`dimensions` is refused whatever it is")
    honoured(short)
    all_refused(none, negative, huge)

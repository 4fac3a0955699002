"""The vectors: one for each input, of numbers that mean something."""

from __future__ import annotations

from conformance.contracts.embeddings.cases.comparing import EQUAL, SAME, apart, mixed_up, same, steady
from conformance.contracts.embeddings.probes.named import BATCH, OTHER, TEXT, TEXT_AGAIN
from conformance.contracts.embeddings.reading.view import View
from conformance.contracts.embeddings.selecting import all_answers, every_answer
from conformance.contracts.embeddings.sources import METHOD, OPENAI
from conformance.contracts.hidden import CannotSee
from conformance.judging.requirement import MAY, MUST, controls, probes, requirement
from conformance.judging.saying import assume, concerns, needs, note, visible, wrong
from conformance.provider.model import Claims

LENGTH_TOLERANCE = 0.01
"""How far from 1 a unit vector may be: rounding to half precision moves it by less than 0.001."""


@requirement(
    "vectors.one-for-each-input",
    MUST,
    source=(OPENAI.input, OPENAI.data),
    hurts="Texts are left without a vector, or get that of another.",
)
@every_answer
def test_there_is_one_vector_for_each_input(answer: View) -> None:
    """There are as many embeddings as inputs: one for a text, and one for each text of an array."""
    concerns("token-input" not in answer.exchange.claims, "its inputs are tokens")
    visible(answer.vectors)


@requirement(
    "vectors.finite-numbers",
    MUST,
    source=OPENAI.embedding,
    hurts="Vector stores refuse the vector, or keep one that is equally far from everything.",
)
@every_answer
def test_vectors_are_finite_numbers(answer: View) -> None:
    """Each vector is a row of finite numbers, at least one and no more than models have."""
    visible(answer.vectors)


@requirement(
    "vectors.not-zero",
    MUST,
    source=OPENAI.measure,
    hurts="Every search finds the text, or none does: a vector of zeros has no direction.",
)
@every_answer
def test_vectors_are_not_zero(answer: View) -> None:
    """No vector of a text is all zeros."""
    concerns(answer.encoding != "base64", "encoding.* judges what is in base64")
    zero = [place for place, vector in enumerate(answer.vectors) if not vector.length]
    assert not zero, wrong(
        "the embedding of input {place} is all zeros", answer.at(f"data[{zero[0]}].embedding"), place=zero[0]
    )


@requirement(
    "vectors.one-width",
    MUST,
    source=OPENAI.width,
    hurts="A vector store has one width, and refuses the rest.",
)
@all_answers
def test_all_vectors_have_one_width(answers: tuple[View, ...]) -> None:
    """All vectors of a model have the same width, unless another is asked for."""
    found: dict[int, View] = {}
    for answer in answers:
        if "dimensions" in answer.request or answer.encoding == "base64":
            continue
        try:
            for vector in answer.vectors:
                found.setdefault(len(vector), answer)
        except CannotSee:
            continue  # what keeps it from sight says so itself
    assume(found, "no vector can be read")
    assert len(found) == 1, wrong(
        "there are vectors of {widths} numbers", *found.values(), widths=sorted(found)
    )


@requirement(
    "vectors.unit-length",
    MAY,
    claim="unit-length",
    claimed=MUST,
    source=OPENAI.normalized,
    hurts="Searches by dot product, which the length of 1 allows, rank long vectors first.",
)
@every_answer
def test_vectors_have_unit_length(answer: View, claims: Claims) -> None:
    """Each vector has the Euclidean length 1."""
    concerns("dimensions" not in answer.request, "the vector was shortened")
    concerns(answer.encoding != "base64", "encoding.* judges what is in base64")
    for place, vector in enumerate(answer.vectors):
        needs("vectors.not-zero", vector.length, "a vector has nothing but zeros")
        if abs(vector.length - 1) > LENGTH_TOLERANCE:
            say = wrong if claims.documents("unit-length") else note
            where = answer.at(f"data[{place}].embedding")
            say("a vector has the length {length:.3f}", where, length=vector.length)


@requirement(
    "vectors.same-input-same-vector",
    MUST,
    source=METHOD.metamorphic,
    hurts="Texts that are stored and searched for alike are not found.",
)
@controls(text=TEXT, other=OTHER)
@probes(again=TEXT_AGAIN, batch=BATCH)
def test_same_input_has_the_same_vector(text: View, other: View, again: View, batch: View) -> None:
    """The same text has the same vector, in two requests and twice in one, but for the last digits."""
    same(text.vector, again.vector, "two requests for one text give different vectors", text, again)
    mixed = mixed_up(batch, text, other)
    needs("vectors.batch-equals-single", not mixed, "texts of a batch have one another's vectors")
    first, _, third = batch.vectors
    same(first, third, "one text twice in a batch has different vectors", batch.at("data"))


@requirement(
    "vectors.different-inputs-differ",
    MUST,
    source=OPENAI.measure,
    hurts="Everything is equally near to everything: no search finds anything.",
)
@controls(again=TEXT_AGAIN)
@probes(text=TEXT, other=OTHER, batch=BATCH)
def test_different_inputs_have_different_vectors(again: View, text: View, other: View, batch: View) -> None:
    """Texts that have nothing in common have different vectors."""
    first, second, _ = batch.vectors
    singly, together = apart(text.vector, other.vector), apart(first, second)
    assert singly > EQUAL, wrong("two texts have one vector", text, other)
    assert together > EQUAL, wrong("two texts of a batch have one vector", batch.at("data"))
    jitter = apart(text.vector, again.vector)
    assume(min(singly, together) > 2 * jitter, "one text in two requests differs as much as two texts")


@requirement(
    "vectors.batch-equals-single",
    MUST,
    source=(OPENAI.input, OPENAI.index, METHOD.metamorphic),
    hurts="What was stored in batches is not found by what is searched for one by one.",
)
@controls(text=TEXT, again=TEXT_AGAIN, other=OTHER)
@probes(batch=BATCH)
def test_a_batch_equals_single_requests(text: View, again: View, other: View, batch: View) -> None:
    """Each text of a batch has the vector that it has by itself, but for the last digits."""
    steady(text, again)
    first, second, third = batch.vectors
    differ = min(apart(text.vector, other.vector), apart(first, second)) > EQUAL
    needs("vectors.different-inputs-differ", differ, "two texts have one vector: nothing tells whose it is")
    repeated = first.cosine(third) >= SAME or mixed_up(batch, text, other)
    needs("vectors.same-input-same-vector", repeated, "one text twice in a batch has different vectors")
    for place, alone in enumerate((text.vector, other.vector)):
        what, where = (
            "input {place} of a batch has another vector by itself",
            batch.at(f"data[{place}].embedding"),
        )
        same(batch.vectors[place], alone, what, where, place=place)

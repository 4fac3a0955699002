"""What can be embedded, and what cannot."""

from __future__ import annotations

from conformance.contracts.embeddings.cases.comparing import EQUAL, apart, same, sound, steady
from conformance.contracts.embeddings.cases.refusing import all_refused
from conformance.contracts.embeddings.probes.invalid import (
    EMPTY_ARRAY,
    EMPTY_TEXT,
    NESTED_INPUT,
    NULL_INPUT,
    NUMBER_INPUT,
    OBJECT_INPUT,
    too_many,
)
from conformance.contracts.embeddings.probes.named import BATCH, OTHER, TEXT, TEXT_AGAIN, TOKEN_ARRAYS, TOKENS
from conformance.contracts.embeddings.reading.view import View
from conformance.contracts.embeddings.sources import OPENAI, RFC
from conformance.judging.requirement import MAY, MUST, SHOULD, controls, probes, probes_for, requirement
from conformance.judging.saying import assume, concerns, needs, note, visible, wrong


@requirement(
    "inputs.tokens",
    MAY,
    claim="token-input",
    claimed=MUST,
    source=OPENAI.input,
    hurts="Clients that tokenize first, as LangChain does, get nothing, or a vector for each token.",
)
@controls(text=TEXT)
@probes(tokens=TOKENS)
def test_an_array_of_tokens_is_one_input(text: View, tokens: View) -> None:
    """An array of tokens is one input, and has one vector."""
    visible(text.vector)
    count = len(tokens.entries)
    assert count == 1, wrong("an array of three tokens has {count} vectors", tokens.at("data"), count=count)


@requirement(
    "inputs.token-arrays",
    MAY,
    claim="token-input",
    claimed=MUST,
    basis="inputs.tokens",
    source=OPENAI.input,
    hurts="Clients that tokenize first cannot embed in batches.",
)
@controls(tokens=TOKENS, text=TEXT, again=TEXT_AGAIN, other=OTHER, batch=BATCH)
@probes(arrays=TOKEN_ARRAYS)
def test_arrays_of_tokens_are_inputs(
    tokens: View, text: View, again: View, other: View, batch: View, arrays: View
) -> None:
    """Each array in an array of arrays of tokens has the vector that it has by itself."""
    needs("inputs.tokens", len(tokens.entries) == 1, "an array of tokens is not taken for one input")
    count = len(arrays.entries)
    assert count == 2, wrong("two arrays of tokens have {count} vectors", arrays.at("data"), count=count)
    steady(text, again)
    sound(batch, text, other)
    first, second = arrays.vectors
    assert apart(first, second) > EQUAL, wrong("different tokens have one vector", arrays.at("data"))
    same(first, tokens.vector, "tokens have another vector by themselves", arrays.at("data[0].embedding"))


@requirement(
    "inputs.user-accepted",
    MAY,
    claim="user",
    claimed=MUST,
    source=OPENAI.user,
    hurts="Programs that name their users, as the reference asks for, are refused.",
)
@controls(text=TEXT)
@probes(named=OTHER)
def test_user_is_accepted(text: View, named: View) -> None:
    """A request that names its `user` is served."""
    visible(text.entries, named.entries)


@requirement(
    "inputs.empty-refused",
    SHOULD,
    source=(OPENAI.input_limits, RFC.bad_request),
    hurts="A bug in a client is answered, and billed, with a vector of nothing.",
)
@probes(text=EMPTY_TEXT, array=EMPTY_ARRAY)
def test_empty_inputs_are_refused(text: View, array: View) -> None:
    """An empty text, and an empty array, are refused with 4xx."""
    all_refused(text, array)


@requirement(
    "inputs.mistyped-refused",
    MUST,
    source=(OPENAI.input, RFC.bad_request),
    hurts="A bug in a client is answered, and billed, instead of being noticed.",
)
@probes(object=OBJECT_INPUT, number=NUMBER_INPUT, null=NULL_INPUT, nested=NESTED_INPUT)
def test_mistyped_inputs_are_refused(object: View, number: View, null: View, nested: View) -> None:
    """An `input` that is an object, a number, null, or an array of arrays of text is refused with 4xx."""
    all_refused(object, number, null, nested)


@requirement(
    "inputs.too-many-refused",
    MUST,
    source=(OPENAI.input_limits, RFC.bad_request),
    hurts="Texts beyond the limit are left without a vector.",
)
@probes_for(lambda claims: {"many": too_many(claims)})
def test_too_many_inputs_are_refused(many: tuple[View, ...]) -> None:
    """One input more than the documents allow is refused with 4xx: none is cut off silently."""
    concerns(many, "the documents state no limit that could be passed cheaply")
    one = many[0]
    if not one.response.succeeded:
        all_refused(one)
        return
    assume(one.last.failure is None and one.document.readable, "the answer is too large to be read")
    inputs, count = one.inputs, len(one.entries)
    assert count == inputs, wrong(
        "{inputs} inputs got {count} embeddings", one.at("data"), inputs=inputs, count=count
    )
    note("more inputs than the documents allow are served, all of them", one.at_status())

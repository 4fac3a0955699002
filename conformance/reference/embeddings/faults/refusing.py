"""Faults in what is taken as input, and what is refused."""

from __future__ import annotations

from conformance.reference.call import Call, JsonObject, Reply
from conformance.reference.change import crash, instead
from conformance.reference.embeddings.answer import listed, usage
from conformance.reference.embeddings.faults.change import in_tokens, is_embeddings
from conformance.reference.embeddings.faults.fault import on_body, on_vectors
from conformance.reference.embeddings.mind import Vector, embedded
from conformance.reference.embeddings.request import MOST_INPUTS, EmbeddingsRequest
from conformance.reference.fault import on_refusal, on_reply
from conformance.reference.refusal import Refusal

CRASHED = "errors.client-mistake-never-5xx"


def _given(call: Call) -> object:
    return call.json().get("input")


@on_body("inputs.tokens")
def tokens_refused(body: JsonObject, call: Call) -> JsonObject:
    """Inputs of tokens are refused."""
    if in_tokens(call):
        raise Refusal("Input should be a valid string.", status=422, param="input")
    return body


@on_vectors("inputs.tokens")
def each_token_embedded(vectors: tuple[Vector, ...], call: Call) -> tuple[Vector, ...]:
    """Each token of an array is taken for an input."""
    given = _given(call)
    if not isinstance(given, list) or not isinstance(given[0], int):
        return vectors
    return tuple(embedded([token]) for token in given)


@on_body("inputs.token-arrays")
def token_arrays_refused(body: JsonObject, call: Call) -> JsonObject:
    """Arrays of arrays of tokens are refused."""
    given = _given(call)
    if isinstance(given, list) and given and isinstance(given[0], list) and isinstance(given[0][0], int):
        raise Refusal("Input should be a valid string.", status=422, param="input")
    return body


@on_vectors("inputs.token-arrays")
def token_arrays_joined(vectors: tuple[Vector, ...], call: Call) -> tuple[Vector, ...]:
    """Arrays of arrays of tokens are taken for one input."""
    given = _given(call)
    if not isinstance(given, list) or not isinstance(given[0], list):
        return vectors
    return (embedded([token for one in given for token in one]),)


@on_body("inputs.user-accepted")
def embeddings_user_refused(body: JsonObject, _: Call) -> JsonObject:
    """A request that names its user is refused."""
    if "user" in body:
        raise Refusal("Unrecognized request argument supplied: user", param="user", code="unknown_parameter")
    return body


def _of_the_input(refusal: Refusal, call: Call) -> bool:
    return is_embeddings(call) and refusal.param == "input"


@on_refusal("inputs.empty-refused")
def empty_inputs_served(refusal: Refusal, call: Call) -> Refusal | None:
    """An empty input is embedded."""
    return None if _of_the_input(refusal, call) and _given(call) in ("", []) else refusal


@on_refusal("inputs.mistyped-refused")
def mistyped_inputs_served(refusal: Refusal, call: Call) -> Refusal | None:
    """An input that is no text is taken for one."""
    given = _given(call)
    mistyped = given is None or isinstance(given, int | dict) or given == [["a"]]
    return None if _of_the_input(refusal, call) and mistyped else refusal


@on_refusal("inputs.empty-refused", CRASHED)
def empty_inputs_crash(refusal: Refusal, call: Call) -> Refusal:
    """An empty input is a crash."""
    return crash() if _of_the_input(refusal, call) and _given(call) in ("", []) else refusal


@on_refusal("inputs.mistyped-refused", CRASHED)
def mistyped_inputs_crash(refusal: Refusal, call: Call) -> Refusal:
    """An input that is no text is a crash."""
    mistyped = isinstance(_given(call), int | dict)
    return crash() if _of_the_input(refusal, call) and mistyped else refusal


@on_body("inputs.too-many-refused")
def too_many_inputs_cut_off(body: JsonObject, _: Call) -> JsonObject:
    """Of too many inputs only the first are embedded."""
    given = body.get("input")
    if not isinstance(given, list) or len(given) <= MOST_INPUTS:
        return body
    # Narrow vectors, or the answer would be too large for anybody to look at.
    return {**body, "input": given[:MOST_INPUTS], "dimensions": 4}


@on_reply("inputs.too-many-refused")
def too_many_inputs_served(reply: Reply, call: Call) -> Reply:
    """There is no limit to the inputs of a request."""
    given = _given(call)
    if not is_embeddings(call) or not isinstance(given, list) or len(given) <= MOST_INPUTS:
        return reply
    request = EmbeddingsRequest("reference", (("a",),) * len(given), 4)
    return instead(
        reply, listed(request, "reference", [embedded(["a"], 4)] * len(given), usage(request)), 200
    )


@on_body("inputs.too-many-refused", CRASHED)
def too_many_inputs_crash(body: JsonObject, _: Call) -> JsonObject:
    """Too many inputs are a crash."""
    given = body.get("input")
    if isinstance(given, list) and len(given) > MOST_INPUTS:
        raise crash()
    return body

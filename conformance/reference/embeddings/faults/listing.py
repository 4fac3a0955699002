"""Faults in the list that carries embeddings: its members, its entries, their order."""

from __future__ import annotations

import json
from dataclasses import replace

from conformance.reference.call import Call, Frame, JsonObject, Reply
from conformance.reference.change import instead, without
from conformance.reference.embeddings.faults.change import each_entry, inputs, is_embeddings
from conformance.reference.embeddings.faults.fault import on_answer, on_vectors
from conformance.reference.embeddings.mind import Vector
from conformance.reference.fault import on_reply

READ, VALID = "sdk.embeddings-read", "sdk.embeddings-validate"


def _served(reply: Reply, call: Call) -> bool:
    return is_embeddings(call) and reply.status == 200


@on_reply("embeddings.one-json-object", READ, VALID)
def embeddings_in_an_array(reply: Reply, call: Call) -> Reply:
    """The list of embeddings is a bare array."""
    return instead(reply, json.loads(reply.body)["data"], 200) if _served(reply, call) else reply


@on_reply("embeddings.one-json-object", READ, VALID)
def embeddings_and_a_line(reply: Reply, call: Call) -> Reply:
    """After the list of embeddings comes a line about the time it took."""
    more = (*reply.frames, Frame(b'\n{"seconds":0.02}'))
    return replace(reply, frames=more) if _served(reply, call) else reply


@on_reply("embeddings.one-json-object")
def embeddings_created(reply: Reply, call: Call) -> Reply:
    """The status of an answer is 201."""
    return Reply(201, reply.headers, reply.frames) if _served(reply, call) else reply


@on_reply("embeddings.one-json-object", READ, VALID)
def embeddings_error_with_status_200(reply: Reply, call: Call) -> Reply:
    """That there is no such model loaded is said with status 200."""
    error = {"error": {"message": "The model is not loaded.", "type": "server_error"}}
    return instead(reply, error, 200) if _served(reply, call) else reply


@on_answer("embeddings.matches-schema", VALID)
def list_object_missing(answer: JsonObject, _: Call) -> JsonObject:
    """The list has no `object`."""
    return without(answer, "object")


@on_answer("embeddings.matches-schema", VALID)
def list_object_of_the_entries(answer: JsonObject, _: Call) -> JsonObject:
    """`object` of the list is that of its entries."""
    return {**answer, "object": "embedding"}


@on_answer("embeddings.matches-schema", VALID)
def entry_object_missing(answer: JsonObject, _: Call) -> JsonObject:
    """The entries have no `object`."""
    return each_entry(answer, lambda entry: without(entry, "object"))


@on_answer("embeddings.matches-schema", READ, VALID)
def embeddings_under_another_name(answer: JsonObject, _: Call) -> JsonObject:
    """The entries are in `embeddings`, not in `data`."""
    return {**without(answer, "data"), "embeddings": answer["data"]}


@on_answer("embeddings.matches-schema", READ, VALID)
def embeddings_without_entries(answer: JsonObject, _: Call) -> JsonObject:
    """`data` holds the vectors themselves."""
    return {**answer, "data": [entry["embedding"] for entry in answer["data"]]}


@on_answer("embeddings.matches-schema", VALID)
def embedding_model_missing(answer: JsonObject, _: Call) -> JsonObject:
    """The list does not say which model was used."""
    return without(answer, "model")


@on_answer("embeddings.model-named")
def another_embedding_model(answer: JsonObject, _: Call) -> JsonObject:
    """The answer names another model than was asked for."""
    return {**answer, "model": "lantern-embed"}


@on_answer("embeddings.model-named")
def larger_embedding_model(answer: JsonObject, _: Call) -> JsonObject:
    """The answer names a larger model than was asked for."""
    return {**answer, "model": f"{answer['model']}-large"}


@on_answer("embeddings.index-complete", VALID)
def embeddings_index_missing(answer: JsonObject, _: Call) -> JsonObject:
    """The entries have no index."""
    return each_entry(answer, lambda entry: without(entry, "index"))


@on_answer("embeddings.index-complete")
def embeddings_index_always_zero(answer: JsonObject, _: Call) -> JsonObject:
    """The index of every entry is 0."""
    return each_entry(answer, lambda entry: {**entry, "index": 0})


@on_answer("embeddings.index-complete")
def embeddings_index_from_one(answer: JsonObject, _: Call) -> JsonObject:
    """The indexes begin with 1."""
    return each_entry(answer, lambda entry: {**entry, "index": entry["index"] + 1})


@on_answer("embeddings.index-complete")
def embeddings_index_as_text(answer: JsonObject, _: Call) -> JsonObject:
    """The indexes are strings."""
    return each_entry(answer, lambda entry: {**entry, "index": str(entry["index"])})


@on_answer("embeddings.in-order")
def entries_out_of_order(answer: JsonObject, _: Call) -> JsonObject:
    """The entries of a batch stand in the order in which they were done, with the right indexes."""
    return {**answer, "data": [*answer["data"][1:], *answer["data"][:1]]}


@on_vectors("vectors.batch-equals-single")
def vectors_mixed_up(vectors: tuple[Vector, ...], _: Call) -> tuple[Vector, ...]:
    """The vectors of a batch are given to other texts, with indexes as if nothing were."""
    return (*vectors[1:], *vectors[:1])


@on_vectors("vectors.one-for-each-input")
def first_input_only(vectors: tuple[Vector, ...], call: Call) -> tuple[Vector, ...]:
    """Of a batch only the first text is embedded."""
    return vectors[:1] if inputs(call) else vectors


@on_vectors("vectors.one-for-each-input")
def same_inputs_joined(vectors: tuple[Vector, ...], call: Call) -> tuple[Vector, ...]:
    """Texts that stand twice in a batch are embedded once."""
    return tuple(dict.fromkeys(vectors)) if inputs(call) else vectors


@on_vectors("vectors.one-for-each-input", READ)
def nothing_embedded(vectors: tuple[Vector, ...], call: Call) -> tuple[Vector, ...]:
    """An array of one text is answered with an empty list."""
    return () if inputs(call) == 1 else vectors

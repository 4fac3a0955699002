"""Variants in the list that carries embeddings, and in how it is written."""

from __future__ import annotations

import json
from dataclasses import replace

from conformance.contracts.embeddings.sources import METHOD, OPENAI, RFC
from conformance.reference.call import Call, Frame, JsonObject, Reply, encode
from conformance.reference.embeddings.faults.change import each_entry, is_embeddings
from conformance.reference.embeddings.faults.fault import on_answer, on_usage
from conformance.reference.fault import on_reply
from conformance.reference.variant import legal


def _rewritten(reply: Reply, call: Call, body: bytes) -> Reply:
    """A good answer with embeddings with another body."""
    return replace(reply, frames=(Frame(body),)) if is_embeddings(call) and reply.status == 200 else reply


@legal(METHOD.practice)
@on_answer()
def list_with_further_members(answer: JsonObject, call: Call) -> JsonObject:
    """The list has an id, a date and the provider's name, and each entry its text's length."""
    more = each_entry(answer, lambda entry: {**entry, "tokens": None, "meta": {"truncated": False}})
    return {"id": f"embd-{call.fresh_id()}", "created": int(call.at), **more, "provider": "reference"}


@legal(RFC.json_order)
@on_reply()
def list_members_reversed(reply: Reply, call: Call) -> Reply:
    """The members of the list and of its entries come in another order."""
    if not is_embeddings(call):
        return reply
    turned = json.loads(reply.body, object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    return _rewritten(reply, call, encode(turned))


@legal(OPENAI.model, aspect="model")
@on_answer()
def embedding_model_with_a_version(answer: JsonObject, _: Call) -> JsonObject:
    """The answer names the version of the model that an alias stands for."""
    return {**answer, "model": f"{answer['model']}-2026-01-31"}


@legal(OPENAI.model, aspect="model")
@on_answer()
def embedding_model_with_its_vendor(answer: JsonObject, _: Call) -> JsonObject:
    """The answer names the model with its vendor before it."""
    return {**answer, "model": f"acme/{answer['model']}"}


@legal(RFC.json_whitespace, aspect="writing")
@on_reply()
def list_indented(reply: Reply, call: Call) -> Reply:
    """The JSON of the list is indented, each number on a line of its own."""
    if not is_embeddings(call):
        return reply
    return _rewritten(reply, call, json.dumps(json.loads(reply.body), indent=2).encode())


@legal(RFC.json_strings, aspect="writing")
@on_reply()
def slashes_escaped(reply: Reply, call: Call) -> Reply:
    """Every slash in the JSON, as base64 has them, is escaped."""
    return _rewritten(reply, call, reply.body.replace(b"/", b"\\/"))


@legal(OPENAI.usage, aspect="template")
@on_usage()
def instruction_counted(usage: JsonObject, call: Call) -> JsonObject:
    """The service writes an instruction of nine tokens before each input, and counts it."""
    given = call.json()["input"]
    one = isinstance(given, str) or isinstance(given[0], int)
    prompt = usage["prompt_tokens"] + 9 * (1 if one else len(given))
    return {"prompt_tokens": prompt, "total_tokens": prompt}


@legal(METHOD.practice)
@on_usage()
def embeddings_usage_with_further_members(usage: JsonObject, _: Call) -> JsonObject:
    """Usage has completion_tokens, which are 0, details, and the cost."""
    return {**usage, "completion_tokens": 0, "prompt_tokens_details": None, "cost": 2.1e-7}

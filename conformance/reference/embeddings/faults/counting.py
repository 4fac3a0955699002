"""Faults in the token counts of embeddings."""

from __future__ import annotations

from conformance.reference.call import Call, JsonObject
from conformance.reference.change import without
from conformance.reference.embeddings.faults.change import inputs
from conformance.reference.embeddings.faults.fault import on_answer, on_usage
from conformance.reference.embeddings.faults.listing import VALID


def counted(tokens: int) -> JsonObject:
    """A usage of so many tokens."""
    return {"prompt_tokens": tokens, "total_tokens": tokens}


@on_answer("counts.present-and-integer", VALID)
def embeddings_usage_missing(answer: JsonObject, _: Call) -> JsonObject:
    """There is no usage."""
    return without(answer, "usage")


@on_usage("counts.present-and-integer")
def embeddings_usage_as_text(usage: JsonObject, _: Call) -> JsonObject:
    """The counts are strings."""
    return {name: str(count) for name, count in usage.items()}


@on_usage("counts.positive")
def embeddings_usage_zero(_: JsonObject, __: Call) -> JsonObject:
    """The counts are 0."""
    return counted(0)


@on_usage("counts.total-is-prompt")
def embeddings_total_off_by_one(usage: JsonObject, _: Call) -> JsonObject:
    """total_tokens is one more than prompt_tokens."""
    return {**usage, "total_tokens": usage["total_tokens"] + 1}


@on_usage("counts.same-input-same-count")
def base64_costs_more(usage: JsonObject, call: Call) -> JsonObject:
    """A vector in base64 costs two tokens more."""
    packed = call.json().get("encoding_format") == "base64"
    return counted(usage["prompt_tokens"] + 2) if packed else usage


@on_usage("counts.additive")
def first_input_counted(usage: JsonObject, call: Call) -> JsonObject:
    """Of a batch only the first text is counted."""
    return counted(usage["prompt_tokens"] // 3) if inputs(call) > 1 else usage


@on_usage("counts.additive")
def padding_counted(usage: JsonObject, call: Call) -> JsonObject:
    """In a batch every text is counted at the same length, with its padding."""
    return counted(inputs(call) * 16) if inputs(call) > 1 else usage

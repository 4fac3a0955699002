"""Variants in what is not offered, where the documents leave it open or do not promise it."""

from __future__ import annotations

from conformance.contracts.embeddings.sources import METHOD, OPENAI, RFC
from conformance.reference.call import Call, JsonObject
from conformance.reference.change import rewritten
from conformance.reference.embeddings.faults.change import in_tokens, is_embeddings
from conformance.reference.embeddings.faults.fault import on_body
from conformance.reference.fault import on_refusal
from conformance.reference.refusal import Refusal
from conformance.reference.variant import legal

SHORT = ("dimensions.shortened-is-unit", "dimensions.invalid-refused")
"""What nothing is said of where vectors cannot be shortened."""

PACKED = (
    "encoding.base64-is-float32",
    "encoding.base64-equals-float",
    "encoding.unknown-refused",
)
"""What nothing is said of where there is no base64."""

LISTED = (64, 128, 320)


@legal(OPENAI.dimensions, aspect="dimensions", unsupported=("dimensions.honoured",), unseen=SHORT)
@on_body()
def width_fixed(body: JsonObject, _: Call) -> JsonObject:
    """The model's vectors cannot be shortened, as those of text-embedding-ada-002 cannot."""
    if "dimensions" in body:
        raise Refusal("This model does not support specifying dimensions.", param="dimensions")
    return body


@legal(METHOD.practice, aspect="dimensions", documents={"dimensions": {"values": list(LISTED)}})
@on_body()
def some_widths_only(body: JsonObject, _: Call) -> JsonObject:
    """Vectors have one of the widths that the documents list."""
    if body.get("dimensions", LISTED[0]) not in LISTED:
        raise Refusal(f"dimensions must be one of {LISTED}.", param="dimensions", code="invalid_value")
    return body


@legal(
    METHOD.practice,
    documents={"encoding_format": None},
    unsupported=("encoding.base64-honoured",),
    unseen=PACKED,
)
@on_body()
def floats_only(body: JsonObject, _: Call) -> JsonObject:
    """base64 is refused, and no document mentions it."""
    if body.get("encoding_format", "float") != "float":
        raise Refusal("Only 'float' is supported.", param="encoding_format", code="unsupported_value")
    return body


@legal(METHOD.practice, documents={"token-input": None}, unsupported=("inputs.tokens", "inputs.token-arrays"))
@on_body()
def texts_only(body: JsonObject, call: Call) -> JsonObject:
    """Inputs of tokens are refused, and no document mentions them."""
    if in_tokens(call):
        raise Refusal("Input should be a valid string.", status=422, param="input")
    return body


@legal(RFC.unprocessable)
@on_refusal()
def mistakes_in_embeddings_unprocessable(refusal: Refusal, call: Call) -> Refusal:
    """A mistake in a request gets 422."""
    return rewritten(refusal, status=422) if is_embeddings(call) and refusal.status == 400 else refusal

"""The objects that carry embeddings: the list, its entries, its usage."""

from __future__ import annotations

import base64
import struct
from collections.abc import Sequence

from conformance.reference.call import JsonObject
from conformance.reference.embeddings.mind import Vector
from conformance.reference.embeddings.request import EmbeddingsRequest


def usage(request: EmbeddingsRequest) -> JsonObject:
    """What the inputs cost."""
    return {"prompt_tokens": request.tokens, "total_tokens": request.tokens}


def listed(
    request: EmbeddingsRequest, model: str, vectors: Sequence[Vector], spent: JsonObject
) -> JsonObject:
    """The answer. `model` is the id as it was asked for."""
    encode = packed if request.base64 else written
    data = [
        {"object": "embedding", "index": index, "embedding": encode(vector)}
        for index, vector in enumerate(vectors)
    ]
    return {"object": "list", "data": data, "model": model, "usage": spent}


def written(vector: Vector) -> list[float]:
    """The numbers, with as many digits as 32-bit floats need to be read back."""
    return [float(f"{one:.9g}") for one in vector]


def packed(vector: Vector, form: str = "<f") -> str:
    """Base64 of the numbers as bytes, by default little-endian 32-bit floats."""
    return base64.b64encode(struct.pack(f"{form[0]}{len(vector)}{form[1]}", *vector)).decode()

"""The words in which faults of embeddings are written: what was asked, and how to change what is sent."""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable
from typing import Any

from conformance.reference.call import Call, JsonObject
from conformance.reference.change import Edit
from conformance.reference.embeddings.serving import PATH


def is_embeddings(call: Call) -> bool:
    """Whether it asks for embeddings."""
    return call.method == "POST" and call.path.endswith(PATH)


def inputs(call: Call) -> int:
    """How many inputs were given as an array of texts; 0 where there is no such array."""
    given = call.json().get("input")
    return len(given) if isinstance(given, list) and all(isinstance(one, str) for one in given) else 0


def in_tokens(call: Call) -> bool:
    """Whether the inputs are tokens."""
    given = call.json().get("input")
    return isinstance(given, list) and bool(given) and not isinstance(given[0], str)


def each_entry(answer: JsonObject, edit: Edit) -> JsonObject:
    """The answer with every entry of the list edited."""
    return {**answer, "data": [edit(entry) for entry in answer["data"]]}


def each_embedding(answer: JsonObject, edit: Callable[[Any], Any]) -> JsonObject:
    """The answer with every vector edited, as it is written."""
    return each_entry(answer, lambda entry: {**entry, "embedding": edit(entry["embedding"])})


def each_packed(answer: JsonObject, edit: Callable[[list[float]], str]) -> JsonObject:
    """The answer with every vector that is in base64 written in another way."""

    def written(value: Any) -> Any:
        return edit(floats(value)) if isinstance(value, str) else value

    return each_embedding(answer, written)


def floats(text: str) -> list[float]:
    """The numbers in base64."""
    data = base64.b64decode(text)
    return list(struct.unpack(f"<{len(data) // 4}f", data))

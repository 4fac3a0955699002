"""What several checks of schemas ask, and look at: references as libraries write them, and what departs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from conformance.contracts.chat.reading import given_schema
from conformance.contracts.chat.reading.view import View
from conformance.judging.saying import wrong
from conformance.wire.message import Message


def record(**properties: Any) -> dict[str, Any]:
    """An object with these members, all of them required, and no others: what strict schemas consist of."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def referred(name: str) -> dict[str, str]:
    """A reference to a definition."""
    return {"$ref": f"#/$defs/{name}"}


def departures(schema: Mapping[str, Any], value: Mapping[str, Any]) -> Iterator[str]:
    """What does not match: the members that are wrong, missing, or too many."""
    definitions = {"$defs": schema.get("$defs", {})}
    for name, one in schema["properties"].items():
        if name not in value:
            yield f"{name} is missing"
        elif not given_schema.fits({**definitions, **one}, value[name]):
            yield f"{name} is {json.dumps(value[name])[:40]}"
    yield from (f"{name[:40]} is not in the schema" for name in value.keys() - schema["properties"].keys())


def is_taken(answer: View, what: str) -> None:
    """The request is not refused, where others with a schema are served."""
    assert answer.served, wrong(
        "{what} is refused, though others are served: {refusal}",
        answer.at_status(),
        what=Message(what),
        refusal=answer.refusal_in_words,
    )

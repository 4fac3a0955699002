"""Schemas as libraries write them: with references, bounds, arrays and null; with tools, and in streams.

Pydantic and Zod write a model within a model as `$defs` and `$ref`, and what is optional as `anyOf` with
null. The prompts ask for something else, and the values are few and unlikely ones: so a model that is weak
comes to an end all the same, and one that was only asked nicely does not hit them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.asking.change import stream
from conformance.asking.probe import Probe
from conformance.contracts.chat.cases.schemas import departures, is_taken, record, referred
from conformance.contracts.chat.cases.test_structured import (
    AGAINST_THE_PROMPT,
    CAPITAL,
    JSON_OBJECT,
    JSON_SCHEMA,
    OBJECT,
    PERSON,
    SCHEMA,
    complete,
    formatted,
    keeps_to,
    members,
    schema_requirement,
)
from conformance.contracts.chat.cases.twins import sound
from conformance.contracts.chat.probes import prompts
from conformance.contracts.chat.probes.named import COUNT, COUNT_STREAM
from conformance.contracts.chat.reading import given_schema
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.sources import OPENAI
from conformance.judging.requirement import MUST, SHOULD, controls, probes, requirement
from conformance.judging.saying import assume, needs, wrong
from conformance.wire.message import Message

CODES = ("teal-41", "plum-87")


def strictly(name: str, schema: Mapping[str, Any]) -> Probe:
    """A question that asks for a sentence, and whose answer has to match a schema."""
    wrapper = {"name": "answer", "strict": True, "schema": schema}
    return formatted(name, prompts.NO_JSON, "json-schema", type="json_schema", json_schema=wrapper)


CODE = {"type": "string", "enum": CODES}

REFERRING = {
    "$defs": {"Code": {**CODE, "title": "Code"}, "Verdict": record(code=referred("Code"))},
    **record(verdict=referred("Verdict"), reserve=referred("Code")),
}
"""A model within a model, as Pydantic writes it."""

TYPED = record(
    rank={"type": "integer", "minimum": 41, "maximum": 47},
    codes={"type": "array", "items": CODE, "minItems": 2, "maxItems": 2},
    remark={"anyOf": [CODE, {"type": "null"}]},
    detail=record(certain={"type": "boolean"}, mood=CODE),
)
"""Bounds, an array, what is optional, and an object within an object."""

REFERENCES = strictly("schema with references, no JSON wanted", REFERRING)

TYPES = strictly("schema of many types, no JSON wanted", TYPED)

TYPES_STREAMED = TYPES | stream

JSON_OBJECT_STREAMED = JSON_OBJECT | stream


def fits(schema: Mapping[str, Any], text: str) -> bool:
    """The text is one JSON object that matches the schema."""
    value = members(text)
    return value is not None and given_schema.fits(schema, value) is True


def holds(schema: Mapping[str, Any], able: View, enforced: View, answer: View, what: str) -> None:
    """A schema is served and enforced, as those of strings are that are asked for, or against the prompt."""
    needs(SCHEMA, able.served and keeps_to(PERSON, able.text), "the schema is not kept even where asked for")
    is_taken(answer, what)
    simple = enforced.served and keeps_to(CAPITAL, enforced.text)
    needs("structured.schema-enforced-against-the-prompt", simple, "the prompt gets round simpler schemas")
    text = complete(answer)
    assume(not answer.choices[0].message.get("refusal"), "the model refused to answer, as it may")
    value = members(text)
    assert value is not None, wrong(
        "{what} is not enforced: the text is {text!r}", answer.at_text(), what=Message(what), text=text[:60]
    )
    assert given_schema.fits(schema, value), wrong(
        "{what} is not kept: {departures}",
        answer.at_text(),
        what=Message(what),
        departures="; ".join(departures(schema, value)) or text[:60],
    )


@schema_requirement(
    "structured.references-resolved",
    SHOULD,
    claimed=MUST,
    basis=SCHEMA,
    hurts="Schemas of models within models, as Pydantic and Zod write them, cannot be used.",
)
@controls(able=JSON_SCHEMA, enforced=AGAINST_THE_PROMPT)
@probes(answer=REFERENCES)
def test_references_are_resolved(able: View, enforced: View, answer: View) -> None:
    """A strict schema may have `$defs` and `$ref`, and holds through them."""
    holds(REFERRING, able, enforced, answer, "a schema with `$defs` and `$ref`")


@schema_requirement(
    "structured.types-kept",
    SHOULD,
    claimed=MUST,
    basis=SCHEMA,
    hurts="Numbers out of range, and lists of any length, get into programs that rely on the schema.",
)
@controls(able=JSON_SCHEMA, enforced=AGAINST_THE_PROMPT)
@probes(answer=TYPES)
def test_types_and_bounds_are_kept(able: View, enforced: View, answer: View) -> None:
    """A strict schema holds for integers and arrays with bounds, null, and objects in objects, too."""
    holds(TYPED, able, enforced, answer, "a schema with integers, arrays, null and an object in an object")


@schema_requirement(
    "structured.schema-kept-when-streamed",
    SHOULD,
    claimed=MUST,
    basis=SCHEMA,
    hurts="Programs that stream get prose where they asked for JSON.",
)
@controls(whole=COUNT, flowing=COUNT_STREAM, plain=TYPES)
@probes(streamed=TYPES_STREAMED)
def test_schema_is_kept_in_a_stream(whole: View, flowing: View, plain: View, streamed: View) -> None:
    """A strict schema holds in a stream as it does in a plain answer."""
    sound(whole, flowing)
    needs(
        "structured.types-kept", plain.served and members(plain.text) is not None, "plain, it does not hold"
    )
    text = complete(streamed)
    found = members(text)
    assert found is not None, wrong(
        "the schema holds in a plain answer, and not in a stream: the text is {text!r}",
        streamed.at_text(),
        text=text[:60],
    )
    needs("structured.types-kept", fits(TYPED, plain.text), "plain, it does not hold either")
    assert fits(TYPED, text), wrong(
        "the schema holds in a plain answer, and not in a stream: {departures}",
        streamed.at_text(),
        departures="; ".join(departures(TYPED, found)) or text[:60],
    )


@requirement(
    "structured.json-object-when-streamed",
    SHOULD,
    claimed=MUST,
    source=OPENAI.json_object,
    claim="json-mode",
    basis=OBJECT,
    hurts="Programs that stream get a sentence or a code fence around the JSON they asked for.",
)
@controls(whole=COUNT, flowing=COUNT_STREAM, plain=JSON_OBJECT)
@probes(streamed=JSON_OBJECT_STREAMED)
def test_json_mode_holds_in_a_stream(whole: View, flowing: View, plain: View, streamed: View) -> None:
    """With response_format `json_object` a streamed text is one JSON object, as a plain one is."""
    sound(whole, flowing)
    needs(
        OBJECT, plain.served and members(plain.text) is not None, "plain, the text is no JSON object either"
    )
    text = complete(streamed)
    assert members(text) is not None, wrong(
        "the text of a stream is not one JSON object, that of a plain answer is: {text!r}",
        streamed.at_text(),
        text=text[:60],
    )

"""Structured output: the format is enforced, not just suggested to the model.

The values of the schemas are few and unlikely ones. So even a model that knows nothing comes to an end, and
one that was only asked nicely does not hit them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from conformance.asking.change import optional, setting, to_be_refused
from conformance.asking.probe import Probe
from conformance.contracts.chat.probes import prompts
from conformance.contracts.chat.probes.ask import ask
from conformance.contracts.chat.probes.named import OK
from conformance.contracts.chat.reading.asked import held_to_a_schema, schema_of
from conformance.contracts.chat.reading.given_schema import fits as fits_schema
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.sources import OPENAI
from conformance.contracts.host.refusing import are_refused
from conformance.judging.requirement import MAY, MUST, controls, probes, proven_alone, requirement
from conformance.judging.saying import assume, needs, wrong
from conformance.wire import strict_json

OBJECT = "structured.json-object"
SCHEMA = "structured.json-schema"

schema_requirement = partial(requirement, source=OPENAI.json_schema, claim="json-schema")


def formatted(name: str, prompt: str, feature: str, **response_format: Any) -> Probe:
    """A question whose answer has to have a format; the limit leaves room for models that think first."""
    asked = ask(name, prompt, temperature=0, max_tokens=400, completion_tokens=12)
    return asked | setting(response_format=response_format) | optional(feature)


def constrained(name: str, prompt: str, values: Mapping[str, tuple[str, ...]]) -> Probe:
    """A question whose answer has to have these members, each with one of these values."""
    schema = {
        "type": "object",
        "properties": {key: {"type": "string", "enum": allowed} for key, allowed in values.items()},
        "required": list(values),
        "additionalProperties": False,
    }
    wrapper = {"name": "answer", "strict": True, "schema": schema}
    return formatted(name, prompt, "json-schema", type="json_schema", json_schema=wrapper)


PERSON = {"name": ("Alice", "Bob"), "age": ("thirty-30", "forty-40")}
CAPITAL = {"verdict": ("teal-41", "plum-87")}

JSON_OBJECT = formatted("person as JSON", prompts.PERSON_JSON, "json-mode", type="json_object")
JSON_SCHEMA = constrained("person by schema", prompts.PERSON_JSON, PERSON)
AGAINST_THE_PROMPT = constrained("capital by schema, no JSON wanted", prompts.NO_JSON, CAPITAL)
UNKNOWN = OK | setting(response_format={"type": "poem"}) | to_be_refused


def complete(view: View) -> str:
    """The text of an answer that was not cut."""
    assume(view.finish_reason != "length", "the answer was cut before the JSON ended")
    assume(view.text.strip(), "there is no visible text")
    return view.text.strip()


def members(text: str) -> Mapping[str, Any] | None:
    """The members of a text that is one JSON object; None where it is anything else."""
    document = strict_json.read(text.encode("utf-8", "surrogatepass"))
    whole = isinstance(document.value, dict) and not document.violations
    return document.value if whole else None


def keeps_to(values: Mapping[str, tuple[str, ...]], text: str) -> bool:
    """The text is an object with exactly these members and values."""
    found = members(text)
    return (
        found is not None
        and found.keys() == values.keys()
        and all(found[key] in allowed for key, allowed in values.items())
    )


@requirement(
    OBJECT,
    MAY,
    claimed=MUST,
    source=OPENAI.json_object,
    claim="json-mode",
    hurts="Programs that parse the answer fail on a sentence or a code fence around it.",
)
@probes(answer=JSON_OBJECT)
def test_json_mode_gives_an_object(answer: View) -> None:
    """With response_format `json_object` the text is one JSON object and nothing else."""
    text = complete(answer)
    assert members(text) is not None, wrong(
        "the text is not one JSON object: {text!r}", answer.at_text(), text=text[:60]
    )


def keeps_to_its_schema(answer: View) -> None:
    """The text is JSON that matches the schema of its request."""
    text, schema = complete(answer), schema_of(answer) or {}
    document = strict_json.read(text.encode("utf-8", "surrogatepass"))
    right = not document.violations and (isinstance(document.value, dict) or schema.get("type") != "object")
    assert right, wrong("the text is not one JSON object: {text!r}", answer.at_text(), text=text[:60])
    assert not faults(schema, document.value), wrong(
        "the JSON does not match the schema: {text!r}", answer.at_text(), text=text[:80]
    )


def faults(schema: Mapping[str, Any], value: Any) -> bool:
    """Whether the value departs from the schema; what cannot be told is no fault."""
    fitting = fits_schema(schema, value)
    assume(fitting is not None, "the schema of the request cannot be evaluated")
    return not fitting


@proven_alone(held_to_a_schema, keeps_to_its_schema)
@schema_requirement(
    SCHEMA, MAY, claimed=MUST, hurts="Typed programs get JSON with other members than they declared."
)
@probes(answer=JSON_SCHEMA)
def test_text_matches_the_schema(answer: View) -> None:
    """With response_format `json_schema` and `strict: true` the text is JSON that matches the schema."""
    keeps_to_its_schema(answer)


@schema_requirement(
    "structured.schema-enforced-against-the-prompt",
    MAY,
    claimed=MUST,
    basis=SCHEMA,
    hurts="A sentence in the user's text gets round the schema.",
)
@controls(able=JSON_SCHEMA)
@probes(answer=AGAINST_THE_PROMPT)
def test_schema_holds_against_the_prompt(able: View, answer: View) -> None:
    """A strict schema is enforced even where the prompt asks for a plain sentence."""
    needs(SCHEMA, able.served and keeps_to(PERSON, able.text), "the schema is not kept even where asked for")
    text = complete(answer)
    refused = answer.choices[0].message.get("refusal")
    assume(not refused, "the model refused to answer, as it may")
    assert keeps_to(CAPITAL, text), wrong(
        "the prompt got round the schema: {text!r}", answer.at_text(), text=text[:80]
    )


@requirement("structured.unknown-type-refused", MAY, source=OPENAI.json_object, claim="response_format")
@controls(able=JSON_OBJECT)
@probes(unknown=UNKNOWN)
def test_unknown_format_is_refused(able: View, unknown: View) -> None:
    """A response_format of a type that does not exist is refused."""
    needs(OBJECT, members(able.text) is not None, "no response_format has an effect")
    are_refused(unknown)

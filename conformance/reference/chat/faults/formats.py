"""Faults in structured output and log probabilities."""

from __future__ import annotations

from conformance.reference.call import Call, JsonObject
from conformance.reference.change import Edit, crash, without
from conformance.reference.chat.faults.change import each_choice, prompt, saying
from conformance.reference.chat.faults.fault import on_answer, on_body, on_choice
from conformance.reference.chat.mind.answering import Choice
from conformance.reference.fault import on_refusal
from conformance.reference.refusal import Refusal


@on_body("structured.json-object")
def json_mode_ignored(body: JsonObject, _: Call) -> JsonObject:
    """response_format json_object is ignored."""
    wanted = body.get("response_format")
    return without(body, "response_format") if wanted == {"type": "json_object"} else body


@on_choice("structured.json-object", "structured.json-schema")
def json_in_a_fence(choice: Choice, call: Call) -> Choice:
    """JSON comes in a code fence."""
    wanted = call.json().get("response_format")
    return saying(choice, f"```json\n{choice.text}\n```") if wanted else choice


@on_body("structured.json-schema")
def schema_ignored(body: JsonObject, _: Call) -> JsonObject:
    """response_format json_schema gives some JSON, but not of that schema."""
    wanted = body.get("response_format")
    if not isinstance(wanted, dict) or wanted.get("type") != "json_schema":
        return body
    other = {"name": "other", "schema": {"type": "object", "properties": {"x": {}}, "required": ["x"]}}
    return {**body, "response_format": {"type": "json_schema", "json_schema": other}}


@on_body("structured.schema-enforced-against-the-prompt")
def schema_yields_to_the_prompt(body: JsonObject, call: Call) -> JsonObject:
    """A schema is a hint: a prompt that asks for no JSON comes before it."""
    return without(body, "response_format") if "do not use JSON" in prompt(call) else body


@on_refusal("structured.unknown-type-refused")
def unknown_format_ignored(refusal: Refusal, _: Call) -> Refusal | None:
    """A response_format of unknown type is ignored."""
    return None if refusal.param == "response_format.type" else refusal


@on_body("logprobs.shape")
def logprobs_ignored(body: JsonObject, _: Call) -> JsonObject:
    """`logprobs` is ignored."""
    return without(body, "logprobs", "top_logprobs") if body.get("logprobs") is True else body


@on_body("logprobs.shape", "errors.client-mistake-never-5xx")  # as too many alternatives are one
def logprobs_crash(body: JsonObject, _: Call) -> JsonObject:
    """`logprobs` is a crash."""
    if body.get("logprobs") is True:
        raise crash()
    return body


@on_answer("logprobs.shape")
def logprobs_positive(answer: JsonObject, _: Call) -> JsonObject:
    """Log probabilities have the wrong sign."""
    return _each_entry(answer, lambda entry: {**entry, "logprob": 0.5 - entry["logprob"]})


@on_answer("logprobs.shape", "sdk.response-validates")
def logprobs_without_alternatives(answer: JsonObject, _: Call) -> JsonObject:
    """`top_logprobs` is null."""
    return _each_entry(answer, lambda entry: {**entry, "top_logprobs": None})


@on_answer("logprobs.as-many-as-asked")
def logprobs_with_too_many_alternatives(answer: JsonObject, _: Call) -> JsonObject:
    """There are more alternatives than were asked for."""
    return _each_entry(answer, lambda entry: {**entry, "top_logprobs": 6 * entry["top_logprobs"]})


@on_answer("logprobs.as-many-as-asked")
def logprobs_with_one_alternative(answer: JsonObject, _: Call) -> JsonObject:
    """However many alternatives are asked for, there is one."""
    return _each_entry(answer, lambda entry: {**entry, "top_logprobs": entry["top_logprobs"][:1]})


@on_answer("logprobs.chosen-is-the-likeliest")
def logprobs_of_another_token(answer: JsonObject, _: Call) -> JsonObject:
    """The log probability of the chosen token is that of the least likely alternative."""
    return _each_entry(answer, lambda entry: {**entry, "logprob": entry["top_logprobs"][-1]["logprob"]})


@on_answer("logprobs.shape")
def logprobs_of_old(answer: JsonObject, _: Call) -> JsonObject:
    """Log probabilities come in the shape of legacy completions."""

    def edit(choice: JsonObject) -> JsonObject:
        if not choice["logprobs"]:
            return choice
        entries = choice["logprobs"]["content"]
        old = {"tokens": [e["token"] for e in entries], "token_logprobs": [e["logprob"] for e in entries]}
        return {**choice, "logprobs": old}

    return each_choice(answer, edit)


@on_answer("logprobs.agree-with-usage")
def logprobs_of_other_tokens(answer: JsonObject, _: Call) -> JsonObject:
    """The tokens carry the marks of the model's vocabulary."""
    return _each_entry(answer, lambda entry: {**entry, "token": "\u2581" + entry["token"].strip()})


@on_answer("logprobs.agree-with-usage")
def logprobs_incomplete(answer: JsonObject, _: Call) -> JsonObject:
    """The log probabilities of the last tokens are missing."""

    def edit(choice: JsonObject) -> JsonObject:
        shown = choice["logprobs"]
        return {**choice, "logprobs": {**shown, "content": shown["content"][:-2]}} if shown else choice

    return each_choice(answer, edit)


def _each_entry(answer: JsonObject, edit: Edit) -> JsonObject:
    def edit_choice(choice: JsonObject) -> JsonObject:
        shown = choice["logprobs"]
        return (
            {**choice, "logprobs": {**shown, "content": list(map(edit, shown["content"]))}}
            if shown
            else choice
        )

    return each_choice(answer, edit_choice)

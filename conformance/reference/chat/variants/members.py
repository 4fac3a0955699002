"""Variants in the members of an object that the contract does not name."""

from __future__ import annotations

from typing import Any

from conformance.contracts.chat.sources import AZURE, METHOD, OPENAI
from conformance.reference.call import Call, JsonObject
from conformance.reference.chat.faults.change import each_choice, each_message
from conformance.reference.chat.faults.fault import on_answer, on_usage
from conformance.reference.chat.variants.variant import on_choices, on_messages, on_objects
from conformance.reference.fault import on_error, on_models
from conformance.reference.models import RELEASED
from conformance.reference.variant import legal

LISTED = ("envelope.extra-members-listed",)
MORE: JsonObject = {"x_members": {"nested": [1, 2.5, None, True, {"deep": []}]}, "x-Größe": "ünïcode"}
IN_DELTAS: JsonObject = {"x_members": {"nested": {"deep": None}}, "x-Größe": "ünïcode"}
"""openai-python's stream helper puts together what it does not know, and fails on an array of numbers."""


@legal(METHOD.practice, notes=LISTED)
@on_objects
def members_beside_choices(answer: JsonObject, _: Call) -> JsonObject:
    """The answer and each chunk have further members."""
    return {"provider": "acme", **answer, **MORE, "timings": {"prompt_ms": 1.25}}


@legal(METHOD.practice, notes=LISTED)
@on_choices
def members_in_choices(choice: JsonObject, _: Call) -> JsonObject:
    """Choices have further members."""
    return {"native_finish_reason": "completed", "stop_reason": None, **choice, **MORE}


@legal(METHOD.practice, notes=LISTED)
@on_messages
def members_in_messages(message: JsonObject, _: Call) -> JsonObject:
    """Messages and deltas have further members."""
    return {"name": None, **message, **IN_DELTAS}


@legal(METHOD.practice)
@on_messages
def members_in_calls(message: JsonObject, _: Call) -> JsonObject:
    """Tool calls, and their fragments, have further members."""
    if not message.get("tool_calls"):
        return message
    calls = [{**one, **IN_DELTAS, "extra_content": {}} for one in message["tool_calls"]]
    return {**message, "tool_calls": calls}


@legal(METHOD.practice)
@on_choices
def members_in_logprobs(choice: JsonObject, _: Call) -> JsonObject:
    """Each token of the log probabilities has further members."""
    found = choice.get("logprobs")
    if not found:
        return choice
    return {**choice, "logprobs": {**found, "content": [{**one, "token_id": 17} for one in found["content"]]}}


@legal(METHOD.practice, aspect="details")
@on_usage()
def members_in_details(usage: JsonObject, _: Call) -> JsonObject:
    """The details of usage have further members."""
    return {
        name: {**value, "video_tokens": 0, "by": "acme"} if isinstance(value, dict) else value
        for name, value in usage.items()
    }


@legal(METHOD.practice)
@on_error()
def members_in_errors(error: JsonObject, _: Call) -> JsonObject:
    """Errors have further members, inside the object and beside it."""
    return {"request_id": "req_1", "error": {**error["error"], "metadata": {"provider": None}, "inner": []}}


@legal(METHOD.practice)
@on_models()
def members_in_models(value: Any, _: Call) -> Any:
    """Models, and the list of them, have further members."""
    more = {"context_length": 8192, "pricing": {"prompt": "0.000001"}, "permission": [], "parent": None}
    if "data" not in value:
        return {**value, **more}
    cards = [{**card, **more} for card in value["data"]]
    return {"has_more": False, "first_id": cards[0]["id"], **value, "data": cards}


@legal(OPENAI.models_list, aspect="models")
@on_models()
def three_hundred_models(value: Any, _: Call) -> Any:
    """The list has three hundred models, of all sorts of owners."""
    if "data" not in value:
        return value
    owners = ("system", "openai-internal", "Acme, Inc.", "用户", "user-9f3")
    others = [
        {
            "id": f"acme/model-{number}:free@2026",
            "object": "model",
            "created": RELEASED + number,
            "owned_by": owners[number % len(owners)],
        }
        for number in range(298)
    ]
    return {**value, "data": [*others, *value["data"]]}


@legal(OPENAI.models_list, aspect="models")
@on_models()
def one_model(value: Any, _: Call) -> Any:
    """The list has one model."""
    return {**value, "data": value["data"][:1]} if "data" in value else value


@legal(OPENAI.models_list)
@on_models()
def models_created_at_zero(value: Any, _: Call) -> Any:
    """When a model was created is not known, and given as 0."""
    if "data" not in value:
        return {**value, "created": 0}
    return {**value, "data": [{**card, "created": 0} for card in value["data"]]}


@legal(AZURE.content_filter, notes=LISTED)
@on_answer()
def prompt_filter_results(answer: JsonObject, _: Call) -> JsonObject:
    """An answer says what a content filter makes of the prompt and of each choice."""
    safe = {"violence": {"filtered": False, "severity": "safe"}}
    marked = each_choice(answer, lambda choice: {**choice, "content_filter_results": safe})
    return {**marked, "prompt_filter_results": [{"prompt_index": 0, "content_filter_results": safe}]}


@legal(OPENAI.annotations)
@on_answer()
def annotations_present(answer: JsonObject, _: Call) -> JsonObject:
    """A message is annotated with the pages that it cites."""
    page = {"url": "https://example.org/", "title": "A page", "start_index": 0, "end_index": 1}
    cited = [{"type": "url_citation", "url_citation": page}]
    return each_message(answer, lambda message: {**message, "annotations": cited})

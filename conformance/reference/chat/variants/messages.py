"""Variants in what a message says, and in the members that it has beside its text."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from conformance.contracts.chat.sources import CLIENTS, METHOD, OPENAI
from conformance.reference.call import Call, JsonObject
from conformance.reference.change import without
from conformance.reference.chat.faults.change import saying
from conformance.reference.chat.faults.cutting import left_of_a_character
from conformance.reference.chat.faults.fault import on_choice
from conformance.reference.chat.mind.answering import Choice
from conformance.reference.chat.mind.sampling import Token
from conformance.reference.chat.variants.variant import on_choices, on_messages
from conformance.reference.variant import legal

NULLABLE = ("envelope.nullable-members-present",)


def with_newline(choice: Choice, call: Call) -> Choice:
    """The choice with a newline at its end, if it ended because all was said, and a token more is allowed."""
    body = call.json()
    limit = body.get("max_completion_tokens") or body.get("max_tokens") or choice.spent + 1
    by_itself = choice.tokens and choice.finish_reason == "stop" and not choice.stopped_by
    if not by_itself or choice.spent >= limit or body.get("logprobs"):
        return choice
    return replace(choice, tokens=(*choice.tokens, Token("\n")), spent=choice.spent + 1)


@legal(OPENAI.content, aspect="text")
@on_choice()
def text_ends_with_a_newline(choice: Choice, call: Call) -> Choice:
    """A text that ends by itself ends with a newline."""
    return with_newline(choice, call)


@legal(OPENAI.seed, aspect="text")
@on_choice()
def text_wavers(choice: Choice, call: Call) -> Choice:
    """The same request is not always answered with the same text, not even at temperature 0."""
    return with_newline(choice, call) if call.chance.random() < 0.5 else choice


@legal(OPENAI.content, notes=("limits.cut-within-a-character",))
@on_choice()
def part_of_a_character_shown(choice: Choice, call: Call) -> Choice:
    """What the limit leaves of a character is shown as U+FFFD, as decoders do."""
    if not left_of_a_character(call) or choice.finish_reason != "length":
        return choice
    return replace(choice, tokens=(*choice.tokens[:-1], Token("\ufffd")))


@legal(OPENAI.json_schema, aspect="JSON")
@on_choice()
def json_over_several_lines(choice: Choice, call: Call) -> Choice:
    """JSON that was asked for is indented, and ends with a newline."""
    return _rewritten(choice, call, lambda value: json.dumps(value, indent=2) + "\n")


@legal(OPENAI.json_schema, aspect="JSON")
@on_choice()
def json_in_another_order(choice: Choice, call: Call) -> Choice:
    """JSON that was asked for has its members in another order than the schema."""
    return _rewritten(choice, call, lambda value: json.dumps(dict(reversed(value.items()))))


@legal(OPENAI.json_schema, aspect="JSON")
@on_choice()
def json_with_null(choice: Choice, call: Call) -> Choice:
    """What may be null is null in JSON that was asked for, and a number is the largest there may be."""
    known = {"remark": None, "rank": 47}
    return _rewritten(
        choice, call, lambda value: json.dumps({name: known.get(name, one) for name, one in value.items()})
    )


@legal(OPENAI.refusal, aspect="refusal", notes=NULLABLE)
@on_messages
def refusal_absent(message: JsonObject, _: Call) -> JsonObject:
    """Messages and deltas have no refusal."""
    return without(message, "refusal")


@legal(OPENAI.refusal, aspect="refusal")
@on_messages
def refusal_null_in_every_delta(message: JsonObject, _: Call) -> JsonObject:
    """Every delta has a refusal, which is null."""
    return {**message, "refusal": None}


@legal(OPENAI.completion)
@on_messages
def annotations_absent(message: JsonObject, _: Call) -> JsonObject:
    """Messages have no annotations."""
    return without(message, "annotations")


@legal(CLIENTS.openai_python, aspect="audio")
@on_messages
def audio_and_function_null(message: JsonObject, _: Call) -> JsonObject:
    """Messages and deltas have the members audio and function_call, which are null."""
    return {"audio": None, "function_call": None, **message}


@legal(OPENAI.token_logprobs, notes=NULLABLE)
@on_choices
def logprobs_absent(choice: JsonObject, _: Call) -> JsonObject:
    """Choices have no logprobs unless they were asked for."""
    return choice if choice["logprobs"] else without(choice, "logprobs")


@legal(METHOD.practice, aspect="reasoning", notes=("envelope.extra-members-listed",))
@on_messages
def reasoning_null(message: JsonObject, _: Call) -> JsonObject:
    """A model that does not think says so: reasoning_content is null."""
    return {"reasoning_content": None, **message}


@legal(METHOD.practice, aspect="reasoning", notes=("envelope.extra-members-listed",))
@on_messages
def reasoning_empty(message: JsonObject, _: Call) -> JsonObject:
    """A model that does not think says so: reasoning is empty."""
    return {"reasoning": "", **message}


def _rewritten(choice: Choice, call: Call, write: Callable[[JsonObject], str]) -> Choice:
    """The choice with its JSON written otherwise, where a format asked for it."""
    wanted = call.json().get("response_format") or {}
    whole = wanted.get("type") in ("json_object", "json_schema") and choice.finish_reason == "stop"
    return saying(choice, write(json.loads(choice.text))) if whole and not choice.calls else choice

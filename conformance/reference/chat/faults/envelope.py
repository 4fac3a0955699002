"""Faults in the members around an answer: id, object, created, model, choices, message."""

from __future__ import annotations

import re
from dataclasses import replace

from conformance.reference.call import Call, JsonObject, Reply
from conformance.reference.change import other_header, times, without
from conformance.reference.chat.faults.change import (
    each_choice,
    each_chunk,
    each_message,
    is_whole_answer,
    saying,
)
from conformance.reference.chat.faults.fault import on_answer, on_body, on_bytes, on_choice, on_events
from conformance.reference.chat.mind.answering import Choice
from conformance.reference.chat.stream import Event
from conformance.reference.fault import on_reply


@on_choice("envelope.no-markup-of-the-model")
def end_token_shown(choice: Choice, _: Call) -> Choice:
    """A short answer ends with the token that the model ends with."""
    return saying(choice, "OK<|im_end|>") if choice.text == "OK" else choice


@on_choice("envelope.no-markup-of-the-model")
def thoughts_shown(choice: Choice, _: Call) -> Choice:
    """A colour is thought about in the text."""
    text = f"<think>It is yellow.</think>{choice.text}"
    return saying(choice, text) if choice.text == "Yellow" else choice


@on_choice("envelope.no-markup-of-the-model")
def thoughts_in_other_tags(choice: Choice, _: Call) -> Choice:
    """A colour is thought about in the text, in tags of another family of models."""
    text = f"[THINK]It is yellow.[/THINK]{choice.text}"
    return saying(choice, text) if choice.text == "Yellow" else choice


@on_answer("envelope.id-present", "sdk.response-validates")
def id_missing(answer: JsonObject, _: Call) -> JsonObject:
    """The answer has no id."""
    return without(answer, "id")


@on_answer("envelope.id-present")
def id_empty(answer: JsonObject, _: Call) -> JsonObject:
    """The id of the answer is the empty string."""
    return {**answer, "id": ""}


@on_answer("envelope.id-unique")
def id_repeated(answer: JsonObject, _: Call) -> JsonObject:
    """Every answer has the same id."""
    return {**answer, "id": "chatcmpl-0"}


@on_answer("envelope.id-prefix")
def id_without_prefix(answer: JsonObject, _: Call) -> JsonObject:
    """The id does not begin with chatcmpl-."""
    return {**answer, "id": answer["id"].removeprefix("chatcmpl-")}


@on_answer("envelope.object-constant", "sdk.response-validates")
def object_of_text_completions(answer: JsonObject, _: Call) -> JsonObject:
    """`object` is text_completion."""
    return {**answer, "object": "text_completion"}


@on_answer("envelope.object-constant", "sdk.response-validates")
def object_missing(answer: JsonObject, _: Call) -> JsonObject:
    """The answer has no `object`."""
    return without(answer, "object")


@on_answer("envelope.created-now-in-seconds")
def created_in_milliseconds(answer: JsonObject, _: Call) -> JsonObject:
    """`created` counts milliseconds."""
    return {**answer, "created": answer["created"] * 1000}


@on_answer("envelope.created-now-in-seconds")
def created_long_ago(answer: JsonObject, _: Call) -> JsonObject:
    """`created` is always the same moment, years ago."""
    return {**answer, "created": 1_677_652_288}


@on_answer("envelope.created-integer", "sdk.response-validates")
def created_with_fraction(answer: JsonObject, _: Call) -> JsonObject:
    """`created` is a number with a fraction."""
    return {**answer, "created": answer["created"] + 0.25}


@on_answer("envelope.created-integer")
def created_as_string(answer: JsonObject, _: Call) -> JsonObject:
    """`created` is a string of digits."""
    return {**answer, "created": str(answer["created"])}


@on_answer("envelope.created-monotone")
def created_jumps_back(answer: JsonObject, call: Call) -> JsonObject:
    """Every other answer is dated half a minute back."""
    return {**answer, "created": answer["created"] - 30 * (times(call, "dated") % 2)}


@on_answer("envelope.model-names-the-requested", "sdk.response-validates")
def model_missing(answer: JsonObject, _: Call) -> JsonObject:
    """The answer names no model."""
    return without(answer, "model")


@on_answer("envelope.model-names-the-requested")
def model_of_another_family(answer: JsonObject, _: Call) -> JsonObject:
    """The answer names a model that was not asked for."""
    return {**answer, "model": "lantern-7b-instruct"}


@on_events("envelope.model-same-when-streamed")
def model_other_when_streamed(events: list[Event], _: Call) -> list[Event]:
    """The chunks name a dated version of the model, whole answers do not."""
    return each_chunk(events, lambda chunk: {**chunk, "model": f"{chunk['model']}-2025-01-01"})


@on_answer("envelope.one-choice-by-default")
def two_choices_unasked(answer: JsonObject, call: Call) -> JsonObject:
    """Without n there are two choices."""
    choices = answer["choices"]
    return answer if "n" in call.json() else {**answer, "choices": [*choices, {**choices[0], "index": 1}]}


@on_answer("envelope.one-choice-by-default", "sdk.create-reads-the-answer")
def choices_null(answer: JsonObject, _: Call) -> JsonObject:
    """`choices` is null."""
    return {**answer, "choices": None}


@on_answer("envelope.one-choice-by-default", "sdk.create-reads-the-answer")
def choices_empty(answer: JsonObject, _: Call) -> JsonObject:
    """There are no choices."""
    return {**answer, "choices": []}


@on_answer("envelope.index-is-position")
def index_from_one(answer: JsonObject, _: Call) -> JsonObject:
    """Choices are numbered from 1."""
    return each_choice(answer, lambda choice: {**choice, "index": choice["index"] + 1})


@on_answer("envelope.index-is-position")
def index_as_string(answer: JsonObject, _: Call) -> JsonObject:
    """The index of a choice is a string."""
    return each_choice(answer, lambda choice: {**choice, "index": str(choice["index"])})


@on_answer("envelope.role-assistant", "sdk.response-validates")
def role_missing(answer: JsonObject, _: Call) -> JsonObject:
    """The message has no role."""
    return each_message(answer, lambda message: without(message, "role"))


@on_answer("envelope.role-assistant", "sdk.response-validates")
def role_of_another_dialect(answer: JsonObject, _: Call) -> JsonObject:
    """The role is model."""
    return each_message(answer, lambda message: {**message, "role": "model"})


@on_answer("envelope.content-text", "sdk.create-reads-the-answer")
def content_as_parts(answer: JsonObject, _: Call) -> JsonObject:
    """The content is an array of text parts."""
    return each_message(answer, lambda m: {**m, "content": [{"type": "text", "text": m["content"]}]})


@on_answer("envelope.content-text")
def content_null(answer: JsonObject, _: Call) -> JsonObject:
    """The content is null though the model said something."""
    return each_message(answer, lambda message: {**message, "content": None})


@on_answer("envelope.content-text", "envelope.extra-members-listed")
def content_under_another_name(answer: JsonObject, _: Call) -> JsonObject:
    """The text is in `reasoning_content`, and `content` is missing."""
    return each_message(answer, lambda m: {**without(m, "content"), "reasoning_content": m["content"]})


@on_answer("envelope.finish-reason-known", "sdk.response-validates")
def finish_reason_of_another_dialect(answer: JsonObject, _: Call) -> JsonObject:
    """The finish reason is end_turn."""
    return each_choice(answer, lambda choice: {**choice, "finish_reason": "end_turn"})


@on_answer("envelope.finish-reason-known", "sdk.response-validates")
def finish_reason_null(answer: JsonObject, _: Call) -> JsonObject:
    """The finish reason of a whole answer is null."""
    return each_choice(answer, lambda choice: {**choice, "finish_reason": None})


@on_answer("envelope.finish-reason-known", "sdk.response-validates")
def finish_reason_missing(answer: JsonObject, _: Call) -> JsonObject:
    """A choice has no finish reason."""
    return each_choice(answer, lambda choice: without(choice, "finish_reason"))


@on_answer("envelope.nullable-members-present")
def nullable_members_missing(answer: JsonObject, _: Call) -> JsonObject:
    """`logprobs` and `refusal` are left out where they would be null."""
    bare = each_message(answer, lambda message: without(message, "refusal"))
    return each_choice(bare, lambda choice: choice if choice["logprobs"] else without(choice, "logprobs"))


@on_answer("envelope.no-error-in-success")
def error_beside_the_answer(answer: JsonObject, _: Call) -> JsonObject:
    """An answer carries an error member too."""
    return {**answer, "error": {"message": "upstream timed out", "type": "server_error"}}


@on_answer("envelope.no-error-in-success", "sdk.create-reads-the-answer")
def error_with_status_200(_: JsonObject, __: Call) -> JsonObject:
    """Every answer is an error object under status 200."""
    return {"error": {"message": "upstream timed out", "type": "server_error", "param": None, "code": None}}


@on_answer("envelope.extra-members-listed")
def extra_members(answer: JsonObject, _: Call) -> JsonObject:
    """The answer has members of the provider's own."""
    return {**answer, "provider": "Lantern", "cost": 0.0001}


@on_answer("envelope.extra-members-listed")
def choices_filtered(answer: JsonObject, _: Call) -> JsonObject:
    """A choice says what a content filter makes of it."""
    return each_choice(answer, lambda choice: {**choice, "content_filter_results": {}})


@on_answer("sdk.response-validates", "envelope.matches-schema")
def annotations_as_text(answer: JsonObject, _: Call) -> JsonObject:
    """`annotations` is a string, which strict clients cannot read."""
    return each_message(answer, lambda message: {**message, "annotations": "none"})


@on_answer("envelope.id-present", "sdk.response-validates")
def id_as_number(answer: JsonObject, _: Call) -> JsonObject:
    """The id is a number."""
    return {**answer, "id": int(answer["id"].removeprefix("chatcmpl-"), 16)}


@on_bytes("envelope.json-strict")
def duplicate_member(body: bytes, _: Call) -> bytes:
    """The answer has its id twice."""
    return b'{"id":"chatcmpl-x",' + body[1:]


@on_bytes("envelope.json-strict", "envelope.extra-members-listed")
def not_a_number(body: bytes, _: Call) -> bytes:
    """The answer holds NaN, which JSON does not know."""
    return b'{"score":NaN,' + body[1:]


@on_bytes("envelope.json-strict")
def byte_order_mark(body: bytes, _: Call) -> bytes:
    """The answer begins with a byte order mark."""
    return b"\xef\xbb\xbf" + body


@on_bytes("envelope.json-strict", "envelope.extra-members-listed", "sdk.create-reads-the-answer")
def control_character(body: bytes, _: Call) -> bytes:
    """A string of the answer holds a raw tab."""
    return b'{"note":"a\tb",' + body[1:]


@on_bytes("envelope.one-json-object", "sdk.create-reads-the-answer")
def two_documents(body: bytes, _: Call) -> bytes:
    """The answer comes twice in one body."""
    return body + b"\n" + body


@on_bytes("envelope.one-json-object", "sdk.create-reads-the-answer")
def sentinel_after_the_answer(body: bytes, _: Call) -> bytes:
    """A whole answer is followed by the sentinel of streams."""
    return body + b"\n\ndata: [DONE]\n\n"


@on_bytes("envelope.one-json-object", "sdk.create-reads-the-answer")
def answer_in_an_array(body: bytes, _: Call) -> bytes:
    """The answer is wrapped in an array."""
    return b"[" + body + b"]"


@on_body("envelope.one-json-object", "sdk.create-reads-the-answer")
def stream_unasked(body: JsonObject, _: Call) -> JsonObject:
    """Where `stream` is not set, the answer is streamed."""
    return {"stream": True, **body}


@on_reply("transport.json-utf8")
def answer_as_plain_text(reply: Reply, call: Call) -> Reply:
    """Whole answers are labelled text/plain."""
    headers = other_header(reply.headers, "content-type", "text/plain")
    return replace(reply, headers=headers) if is_whole_answer(reply, call) else reply


@on_bytes("transport.json-utf8", "sdk.create-reads-the-answer")
def half_a_character(body: bytes, _: Call) -> bytes:
    """In whole answers the last byte of each character of several bytes is missing."""
    return re.sub(rb"[\x80-\xbf](?![\x80-\xbf])", b"", body)


@on_answer("envelope.content-text")
def content_missing_beside_calls(answer: JsonObject, _: Call) -> JsonObject:
    """A message that calls tools has no content, not even null."""
    return each_message(answer, lambda m: without(m, "content") if m.get("tool_calls") else m)

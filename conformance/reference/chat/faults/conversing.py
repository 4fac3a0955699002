"""Faults in understanding a conversation: history, roles, parts, characters, images."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from conformance.reference.call import Call, JsonObject
from conformance.reference.change import crash
from conformance.reference.chat.faults.accounting import recounted
from conformance.reference.chat.faults.change import prompt, saying
from conformance.reference.chat.faults.fault import on_body, on_choice, on_usage
from conformance.reference.chat.mind.answering import Choice
from conformance.reference.check import invalid
from conformance.reference.fault import on_refusal
from conformance.reference.refusal import Refusal

Turn = dict[str, Any]


def turns(body: JsonObject) -> list[Turn]:
    """The messages of a body, as far as they are objects."""
    messages = body.get("messages")
    return [turn for turn in messages if isinstance(turn, dict)] if isinstance(messages, list) else []


def is_text_parts(turn: Turn) -> bool:
    """Whether the content of a message is an array of text parts and nothing else."""
    return bool(parts(turn)) and all(
        isinstance(p, dict) and isinstance(p.get("text"), str) for p in parts(turn)
    )


def parts(turn: Turn) -> list[Any]:
    """The content parts of a message that has an array of them."""
    content = turn.get("content")
    return content if isinstance(content, list) else []


def keeping(body: JsonObject, kept: Callable[[Turn], bool]) -> JsonObject:
    """The body with those messages only; unchanged if none would be left."""
    left = [turn for turn in turns(body) if kept(turn)]
    return {**body, "messages": left} if left else body


def images(body: JsonObject) -> list[Any]:
    """The image parts of a body."""
    return [
        p for turn in turns(body) for p in parts(turn) if isinstance(p, dict) and p.get("type") == "image_url"
    ]


def blind(body: JsonObject) -> JsonObject:
    """The body without its images."""
    seen = images(body)
    if not seen:
        return body
    cleared = [
        {**turn, "content": [p for p in parts(turn) if p not in seen]} if parts(turn) else turn
        for turn in turns(body)
    ]
    return {**body, "messages": cleared}


@on_body("messages.history-used")
def history_forgotten(body: JsonObject, _: Call) -> JsonObject:
    """Of the conversation only the last message and the instructions count."""
    told = turns(body)
    if len(told) < 2 or any(turn.get("role") == "tool" for turn in told):
        return body
    return keeping(body, lambda turn: turn is told[-1] or turn.get("role") in ("system", "developer"))


@on_body("messages.same-role-twice")
def roles_have_to_alternate(body: JsonObject, _: Call) -> JsonObject:
    """Two messages of the same role in succession are refused."""
    roles = [turn.get("role") for turn in turns(body)]
    if any(a == b != "tool" for a, b in pairwise(roles)):
        raise invalid("messages", "roles must alternate")
    return body


@on_body("messages.same-role-twice")
def first_of_two_messages_lost(body: JsonObject, _: Call) -> JsonObject:
    """Of two messages of the same role in succession only the second is read."""
    told = turns(body)
    lost = [a for a, b in pairwise(told) if a.get("role") == b.get("role") != "tool"]
    return keeping(body, lambda turn: not any(turn is one for one in lost))


@on_body("messages.order-kept")
def history_reversed(body: JsonObject, _: Call) -> JsonObject:
    """The messages before the last one are read backwards."""
    told = turns(body)
    if len(told) < 4 or any(turn.get("role") == "tool" for turn in told):
        return body
    return {**body, "messages": [*reversed(told[:-1]), told[-1]]}


@on_body("messages.assistant-turn-is-context")
def own_words_forgotten(body: JsonObject, _: Call) -> JsonObject:
    """What the assistant said before is dropped."""
    return keeping(body, lambda turn: turn.get("role") != "assistant" or bool(turn.get("tool_calls")))


@on_body("messages.system-obeyed", "usage.system-message-counted")
def system_ignored(body: JsonObject, _: Call) -> JsonObject:
    """System messages are dropped."""
    return keeping(body, lambda turn: turn.get("role") != "system")


@on_body("messages.system-obeyed")
def system_refused(body: JsonObject, _: Call) -> JsonObject:
    """The role system is refused."""
    if any(turn.get("role") == "system" for turn in turns(body)):
        raise invalid("messages[0].role", "it must be one of user and assistant")
    return body


@on_body("messages.system-obeyed")
def system_crashes(body: JsonObject, _: Call) -> JsonObject:
    """The role system is a crash."""
    if any(turn.get("role") == "system" for turn in turns(body)):
        raise crash()
    return body


@on_body("messages.developer-role")
def developer_ignored(body: JsonObject, _: Call) -> JsonObject:
    """Developer messages are dropped."""
    return keeping(body, lambda turn: turn.get("role") != "developer")


@on_body("messages.developer-role")
def developer_refused(body: JsonObject, _: Call) -> JsonObject:
    """The role developer is refused."""
    if any(turn.get("role") == "developer" for turn in turns(body)):
        raise invalid("messages[0].role", "it must be one of system, user, assistant and tool")
    return body


@on_body("messages.developer-role")
def developer_crashes(body: JsonObject, _: Call) -> JsonObject:
    """The role developer is a crash."""
    if any(turn.get("role") == "developer" for turn in turns(body)):
        raise crash()
    return body


@on_body("messages.text-parts-equal-string")
def parts_refused(body: JsonObject, _: Call) -> JsonObject:
    """Content must be a string."""
    for i, turn in enumerate(turns(body)):
        if is_text_parts(turn):
            raise invalid(f"messages[{i}].content", "expected a string")
    return body


@on_body("messages.text-parts-equal-string")
def parts_unread(body: JsonObject, _: Call) -> JsonObject:
    """Of an array of text parts nothing is read."""
    if not any(map(is_text_parts, turns(body))):
        return body
    return {**body, "messages": [{**t, "content": ""} if is_text_parts(t) else t for t in turns(body)]}


@on_usage("messages.text-parts-equal-string")
def parts_cost_more(usage: JsonObject, call: Call) -> JsonObject:
    """An array of text parts costs ten tokens more than the string."""
    some = any(map(is_text_parts, turns(call.json())))
    return recounted(usage, prompt=usage["prompt_tokens"] + 10) if some else usage


@on_body("messages.name-accepted")
def names_refused(body: JsonObject, _: Call) -> JsonObject:
    """Messages may not have a name."""
    for i, turn in enumerate(turns(body)):
        if "name" in turn:
            raise Refusal("Extra inputs are not permitted.", param=f"messages[{i}].name")
    return body


@on_choice("messages.unicode-round-trip")
def text_decoded_twice(choice: Choice, _: Call) -> Choice:
    """Text outside ASCII is decoded with the wrong character set."""
    return saying(choice, choice.text.encode().decode("latin-1")) if not choice.text.isascii() else choice


@on_choice("messages.unicode-round-trip")
def emoji_lost(choice: Choice, _: Call) -> Choice:
    """Characters beyond the basic plane become question marks."""
    text = "".join(c if ord(c) <= 0xFFFF else "?" for c in choice.text)
    return saying(choice, text) if text != choice.text else choice


@on_choice("messages.unicode-round-trip")
def text_normalised(choice: Choice, _: Call) -> Choice:
    """Combining marks are merged with their letters."""
    text = unicodedata.normalize("NFC", choice.text)
    return saying(choice, text) if text != choice.text else choice


@on_choice("messages.unicode-round-trip")
def backslashes_lost(choice: Choice, _: Call) -> Choice:
    """Backslashes are taken as escapes, and lost."""
    return saying(choice, choice.text.replace("\\", "")) if "\\" in choice.text else choice


@on_choice("examples.documented-answer")
def wrong_capital(choice: Choice, _: Call) -> Choice:
    """The model takes Lyon for the capital of France."""
    return (
        saying(choice, choice.text.replace("Paris", "Lyon")) if "capital of France" in choice.text else choice
    )


@on_refusal("vision.refused-by-text-model")
def images_overlooked_by_text_model(refusal: Refusal, _: Call) -> Refusal | None:
    """The text-only model answers as if there were no image."""
    return None if "image_url parts" in refusal.message else refusal


@on_refusal("vision.refused-by-text-model", "errors.client-mistake-never-5xx")
def images_crash_text_model(refusal: Refusal, _: Call) -> Refusal | None:
    """An image is a crash of the text-only model."""
    return crash() if "image_url parts" in refusal.message else refusal


@on_choice("vision.image-understood")
def colours_confused(choice: Choice, call: Call) -> Choice:
    """Whatever is in the image, it is turquoise."""
    return saying(choice, "Turquoise") if images(call.json()) else choice


@on_body("vision.image-understood")
def images_overlooked(body: JsonObject, _: Call) -> JsonObject:
    """Images are dropped, by every model."""
    return blind(body)


@on_usage("vision.image-counted")
def images_not_counted(usage: JsonObject, call: Call) -> JsonObject:
    """An image costs nothing."""
    return recounted(usage, prompt=usage["prompt_tokens"] - 255 * len(images(call.json())))


@on_refusal("errors.client-mistake-never-5xx")
def malformed_image_crashes(refusal: Refusal, _: Call) -> Refusal | None:
    """An image that cannot be decoded is a crash."""
    return crash() if refusal.code == "invalid_image" else refusal


@on_refusal("vision.malformed-image-refused")
def malformed_image_overlooked(refusal: Refusal, _: Call) -> Refusal | None:
    """An image that cannot be decoded is ignored."""
    return None if refusal.code == "invalid_image" else refusal


@on_choice("transport.no-cross-talk")
def echoes_mixed_up(choice: Choice, call: Call) -> Choice:
    """Texts to repeat are remembered by their length: the first of each length is given to all."""
    if not prompt(call).startswith("Repeat the following text"):
        return choice
    first = call.memory.setdefault(f"echo {len(choice.text)}", choice.text)
    return saying(choice, first) if first != choice.text else choice

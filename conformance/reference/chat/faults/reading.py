"""Faults in taking what is long, odd, or more than one: a long text, several system messages, two images."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformance.reference.call import Call, JsonObject, Reply
from conformance.reference.change import crash, instead
from conformance.reference.chat.faults.change import each_message, saying
from conformance.reference.chat.faults.conversing import keeping, parts, turns
from conformance.reference.chat.faults.fault import on_answer, on_body, on_choice
from conformance.reference.chat.mind.answering import Choice
from conformance.reference.check import invalid
from conformance.reference.fault import on_refusal, on_reply
from conformance.reference.refusal import Refusal

Turn = dict[str, Any]

MOST = 2000
"""Characters of a message that are kept."""

MASKS = (
    ("jane.roe@example.com", "<EMAIL_ADDRESS>"),
    ("212-555-0142", "<PHONE_NUMBER>"),
    ("987-65-4321", "<US_SSN>"),
    ("Jane Roe", "<PERSON>"),
)


def each_text(body: JsonObject, edit: Callable[[str], str]) -> JsonObject:
    """The body with the content of each message edited that is a string."""
    return {
        **body,
        "messages": [
            {**turn, "content": edit(turn["content"])} if isinstance(turn.get("content"), str) else turn
            for turn in turns(body)
        ],
    }


def is_system(turn: Turn) -> bool:
    """Whether a message is one of the system's."""
    return turn.get("role") == "system"


@on_body("messages.long-text-whole", "usage.long-prompt-counted")
def long_messages_cut(body: JsonObject, _: Call) -> JsonObject:
    """Of a message no more than 2,000 characters are read."""
    long = any(len(turn["content"]) > MOST for turn in turns(body) if isinstance(turn.get("content"), str))
    return each_text(body, lambda text: text[:MOST]) if long else body


@on_body("messages.long-text-whole", "usage.long-prompt-counted")
def long_messages_begin_late(body: JsonObject, _: Call) -> JsonObject:
    """Of a message the last 2,000 characters are read."""
    long = any(len(turn["content"]) > MOST for turn in turns(body) if isinstance(turn.get("content"), str))
    return each_text(body, lambda text: text[-MOST:]) if long else body


@on_choice("messages.long-text-whole")
def end_of_a_long_message_unread(choice: Choice, call: Call) -> Choice:
    """What stands at the end of a long message is counted, and not read."""
    long = any(len(str(turn.get("content"))) > MOST for turn in turns(call.json()))
    return saying(choice, choice.text.split()[0]) if long and len(choice.text.split()) == 2 else choice


@on_body("messages.every-system-message-read")
def last_system_only(body: JsonObject, _: Call) -> JsonObject:
    """Of several system messages only the last is read."""
    system = [turn for turn in turns(body) if is_system(turn)]
    return keeping(body, lambda turn: not is_system(turn) or turn is system[-1]) if len(system) > 1 else body


@on_body("messages.every-system-message-read")
def first_system_only(body: JsonObject, _: Call) -> JsonObject:
    """Of several system messages only the first is read."""
    system = [turn for turn in turns(body) if is_system(turn)]
    return keeping(body, lambda turn: not is_system(turn) or turn is system[0]) if len(system) > 1 else body


@on_body("messages.every-system-message-read")
def system_parts_dropped(body: JsonObject, _: Call) -> JsonObject:
    """Of a system message whose content is an array of parts nothing is read."""
    return keeping(body, lambda turn: not (is_system(turn) and isinstance(turn.get("content"), list)))


@on_body("messages.every-system-message-read")
def late_system_refused(body: JsonObject, _: Call) -> JsonObject:
    """A system message anywhere but at the beginning is refused."""
    if any(map(is_system, turns(body)[1:])):
        raise invalid("messages", "the system message must be at the beginning")
    return body


@on_body("messages.every-system-message-read")
def late_system_crashes(body: JsonObject, _: Call) -> JsonObject:
    """A system message anywhere but at the beginning is a crash."""
    if any(map(is_system, turns(body)[1:])):
        raise crash()
    return body


@on_body("messages.every-system-message-read")
def early_turns_forgotten(body: JsonObject, _: Call) -> JsonObject:
    """Of a conversation the last eight turns are read, and what the system says."""
    told = [turn for turn in turns(body) if not is_system(turn)]
    if len(told) <= 8:
        return body
    return keeping(body, lambda turn: is_system(turn) or any(turn is one for one in told[-8:]))


@on_body("messages.empty-turn-accepted")
def empty_turns_refused(body: JsonObject, _: Call) -> JsonObject:
    """A message whose content is the empty string is refused."""
    if any(turn.get("content") == "" for turn in turns(body)):
        raise invalid("messages", "the content of a message must not be empty")
    return body


@on_body("messages.empty-turn-accepted")
def nothing_before_an_empty_turn(body: JsonObject, _: Call) -> JsonObject:
    """What stands before a message without text is dropped."""
    empty = [number for number, turn in enumerate(turns(body)) if turn.get("content") == ""]
    return {**body, "messages": turns(body)[empty[-1] + 1 :]} if empty else body


@on_body("messages.prefill-no-crash")
def prefill_crashes(body: JsonObject, _: Call) -> JsonObject:
    """A conversation that ends with a turn of the assistant is a crash."""
    if turns(body) and turns(body)[-1].get("role") == "assistant":
        raise crash()
    return body


@on_body("messages.prefill-no-crash")
def prefill_refused(body: JsonObject, _: Call) -> JsonObject:
    """A conversation that ends with a turn of the assistant is refused."""
    if turns(body) and turns(body)[-1].get("role") == "assistant":
        raise invalid("messages", "the last message must be the user's")
    return body


@on_body("messages.private-looking-unmasked")
def private_looking_masked(body: JsonObject, _: Call) -> JsonObject:
    """Names, addresses and numbers are replaced by marks before the model sees them."""
    return each_text(body, masked)


def masked(text: str) -> str:
    """The text with marks in place of what looks private."""
    for private, mark in MASKS:
        text = text.replace(private, mark)
    return text


@on_answer("messages.private-looking-unmasked")
def private_looking_replaced(answer: JsonObject, _: Call) -> JsonObject:
    """Answers that are not streamed have other numbers in place of those that look private."""

    def edit(message: JsonObject) -> JsonObject:
        text = message.get("content") or ""
        told = text.replace("212-555-0142", "303-555-0199").replace("987-65-4321", "123-45-6789")
        return {**message, "content": told} if told != text else message

    return each_message(answer, edit)


@on_body("messages.private-looking-unmasked")
def private_looking_masked_when_streamed(body: JsonObject, _: Call) -> JsonObject:
    """In streams, names, addresses and numbers are starred out."""

    def starred(text: str) -> str:
        for private, mark in MASKS:
            text = text.replace(private, "*" * len(mark))
        return text

    return each_text(body, starred) if body.get("stream") is True else body


def kinds(body: JsonObject) -> set[str]:
    """The kinds of parts that the messages have."""
    return {str(part.get("type")) for turn in turns(body) for part in parts(turn) if isinstance(part, dict)}


def dropping(body: JsonObject, kind: str) -> JsonObject:
    """The body without parts of that kind."""

    def kept(turn: Turn) -> Turn:
        left = [part for part in parts(turn) if not isinstance(part, dict) or part.get("type") != kind]
        return {**turn, "content": left} if parts(turn) else turn

    return {**body, "messages": [kept(turn) for turn in turns(body)]} if kind in kinds(body) else body


@on_body("messages.parts-not-dropped")
def files_dropped(body: JsonObject, _: Call) -> JsonObject:
    """A file is accepted, and dropped."""
    return dropping(body, "file")


@on_body("messages.parts-not-dropped")
def sound_dropped(body: JsonObject, _: Call) -> JsonObject:
    """Sound is accepted, and dropped."""
    return dropping(body, "input_audio")


@on_body("messages.parts-not-dropped")
def files_crash(body: JsonObject, _: Call) -> JsonObject:
    """A file is a crash."""
    if "file" in kinds(body):
        raise crash()
    return body


@on_body("vision.every-image-seen")
def second_image_dropped(body: JsonObject, _: Call) -> JsonObject:
    """Of several images in a message only the first is seen."""
    return (
        {**body, "messages": [one_image(turn, 0) for turn in turns(body)]}
        if "image_url" in kinds(body)
        else body
    )


@on_body("vision.every-image-seen")
def first_image_dropped(body: JsonObject, _: Call) -> JsonObject:
    """Of several images in a message only the last is seen."""
    return (
        {**body, "messages": [one_image(turn, -1) for turn in turns(body)]}
        if "image_url" in kinds(body)
        else body
    )


def one_image_each(body: JsonObject, which: int) -> JsonObject:
    """The body with one image in each message that has several."""
    if "image_url" not in kinds(body):
        return body
    return {**body, "messages": [one_image(turn, which) for turn in turns(body)]}


def one_image(turn: Turn, which: int) -> Turn:
    """The message with one of its images."""
    images = [part for part in parts(turn) if isinstance(part, dict) and part.get("type") == "image_url"]
    if len(images) < 2:
        return turn
    return {**turn, "content": [part for part in parts(turn) if part not in images or part is images[which]]}


@on_choice("vision.every-image-seen")
def one_colour_told(choice: Choice, call: Call) -> Choice:
    """Of several images one is described, and all are counted."""
    return saying(choice, choice.text.partition(" and ")[0]) if "image_url" in kinds(call.json()) else choice


@on_refusal("messages.half-character-no-crash")
def half_a_pair_crashes(refusal: Refusal, call: Call) -> Refusal | None:
    """Half a surrogate pair in the request is a crash."""
    return crash() if b'\\ud83d"' in call.body else refusal


@on_reply("messages.half-character-no-crash", "errors.json-error-object")
def half_a_pair_is_a_page(reply: Reply, call: Call) -> Reply:
    """Half a surrogate pair in the request gets status 500 and a text."""
    return instead(reply, "Internal Server Error", 500) if b'\\ud83d"' in call.body else reply


@on_reply("messages.large-body-accepted")
def large_bodies_refused(reply: Reply, call: Call) -> Reply:
    """A body of more than 100 kB is refused with 413."""
    error = Refusal("request entity too large", status=413).body()
    return instead(reply, error, 413) if len(call.body) > 100_000 else reply


@on_reply("messages.large-body-accepted")
def large_bodies_crash(reply: Reply, call: Call) -> Reply:
    """A body of more than 100 kB is a crash."""
    return instead(reply, crash().body(), 500) if len(call.body) > 100_000 else reply

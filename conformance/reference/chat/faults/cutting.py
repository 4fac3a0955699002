"""Faults in answers that the limit cuts: within a character, or with a token that is billed and not there."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from conformance.contracts.chat.probes.prompts import ECHO
from conformance.reference.call import Call, Frame, JsonObject
from conformance.reference.change import crash
from conformance.reference.chat.faults.change import is_done, prompt, reason, saying, says
from conformance.reference.chat.faults.fault import on_body, on_bytes, on_choice, on_events, on_frames
from conformance.reference.chat.mind.answering import Choice
from conformance.reference.chat.request import PER_MESSAGE, PRIMING
from conformance.reference.chat.stream import Event
from conformance.reference.tokens import count, encoded, readable, tokenize


def left_of_a_character(call: Call) -> bytes:
    """The bytes of a character of which the limit leaves a part; none where it falls between two."""
    body, text = call.json(), prompt(call)
    limit = body.get("max_completion_tokens") or body.get("max_tokens")
    if not isinstance(limit, int) or not text.startswith(ECHO):
        return b""
    pieces = tokenize(text.removeprefix(ECHO))[:limit]
    return b"".join(map(encoded, pieces))[len("".join(readable(pieces)).encode()) :]


def _with_the_rest(data: bytes, call: Call, written: bytes) -> bytes:
    """The text of the content ends with these bytes as well."""
    text = json.dumps("".join(readable(tokenize(prompt(call).removeprefix(ECHO)))), ensure_ascii=False)
    head = data.partition(b'"content":"')
    shown = head[2].partition(b'"')
    whole = text.encode().startswith(b'"' + shown[0]) and shown[0]
    return head[0] + head[1] + shown[0] + written + shown[1] + shown[2] if whole else data


@on_bytes("transport.json-utf8", "sdk.create-reads-the-answer")
def character_cut_in_two(body: bytes, call: Call) -> bytes:
    """Where the limit falls within a character, the text ends with the bytes that are left of it."""
    rest = left_of_a_character(call)
    return _with_the_rest(body, call, rest) if rest else body


@on_frames("stream.framing", "sdk.stream-iterates")
def character_cut_in_two_when_streamed(frames: Sequence[Frame], call: Call) -> Sequence[Frame]:
    """Where the limit falls within a character, the last text of a stream ends with what is left of it."""
    return _in_the_last_text(frames, left_of_a_character(call))


@on_bytes("limits.cut-within-a-character")
def half_a_pair_where_cut(body: bytes, call: Call) -> bytes:
    """Where the limit falls within a character, the text ends with the first half of its surrogate pair."""
    return _with_the_rest(body, call, b"\\ud83e") if left_of_a_character(call) else body


@on_frames("limits.cut-within-a-character")
def half_a_pair_where_cut_when_streamed(frames: Sequence[Frame], call: Call) -> Sequence[Frame]:
    """The same, in streams."""
    return _in_the_last_text(frames, b"\\ud83e" if left_of_a_character(call) else b"")


@on_choice("limits.cut-within-a-character")
def character_in_letters_where_cut(choice: Choice, call: Call) -> Choice:
    """Where the limit falls within a character, its bytes are shown as letters."""
    rest = left_of_a_character(call)
    return saying(choice, choice.text + rest.decode("latin-1")) if rest else choice


@on_choice("limits.cut-within-a-character")
def character_cut_crashes(choice: Choice, call: Call) -> Choice:
    """A limit that falls within a character is a crash."""
    if left_of_a_character(call):
        raise crash()
    return choice


@on_choice("limits.cut-within-a-character")
def character_cut_crashes_when_streamed(choice: Choice, call: Call) -> Choice:
    """A limit that falls within a character is a crash in streams."""
    if left_of_a_character(call) and call.json().get("stream") is True:
        raise crash()
    return choice


@on_events("limits.cut-within-a-character")
def bytes_of_characters_lost_when_streamed(events: list[Event], call: Call) -> list[Event]:
    """In streams that are cut each token is read by itself, and what is no character becomes U+FFFD."""
    if not left_of_a_character(call):
        return events
    texts = iter(tokenize(prompt(call).removeprefix(ECHO)))

    def shown(event: Event) -> Event:
        if not says(event) or isinstance(event.data, str):
            return event
        text = "".join(encoded(next(texts)).decode("utf-8", "replace") for _ in range(3))
        parts = [{**one, "delta": {**one["delta"], "content": text}} for one in event.data["choices"]]
        return replace(event, data={**event.data, "choices": parts})

    return list(map(shown, events))


@on_choice("limits.billed-is-delivered")
def last_token_swallowed(choice: Choice, _: Call) -> Choice:
    """Where the limit cuts an answer, the last token is billed and not delivered."""
    cut = choice.finish_reason == "length"
    return replace(choice, tokens=choice.tokens[:-1]) if cut and len(choice.tokens) > 1 else choice


@on_events("limits.cut-text-same-when-streamed")
def last_token_swallowed_when_streamed(events: list[Event], _: Call) -> list[Event]:
    """Where the limit cuts a stream, its last piece of text is billed and not sent."""
    if not any(reason(event) == "length" for event in events):
        return events
    last = max((place for place, event in enumerate(events) if says(event).strip()), default=-1)
    return [event for place, event in enumerate(events) if place != last or is_done(event)]


@on_body("limits.max-completion-tokens")
def newer_limit_counts_the_prompt(body: JsonObject, call: Call) -> JsonObject:
    """max_completion_tokens bounds prompt and answer together."""
    limit = body.get("max_completion_tokens")
    if not isinstance(limit, int) or limit < 1:
        return body
    return {**body, "max_completion_tokens": max(1, limit - _asked(call))}


@on_choice("limits.max-completion-tokens")
def newer_limit_leaves_nothing(choice: Choice, call: Call) -> Choice:
    """What max_completion_tokens leaves beside the prompt is nothing: the answer is empty."""
    limit = call.json().get("max_completion_tokens")
    short = isinstance(limit, int) and limit <= _asked(call)
    return replace(choice, tokens=(), finish_reason="length", spent=0) if short else choice


def _asked(call: Call) -> int:
    return PRIMING + PER_MESSAGE + count(prompt(call))


def _in_the_last_text(frames: Sequence[Frame], written: bytes) -> Sequence[Frame]:
    if not written:
        return frames
    texts = [place for place, frame in enumerate(frames) if b'"content":"' in frame.data]
    spot = max(texts, default=0)
    data = frames[spot].data
    head, mark, tail = data.partition(b'"content":"')
    text, quote, rest = tail.partition(b'"')
    changed = replace(frames[spot], data=head + mark + text + written + quote + rest)
    return [*frames[:spot], changed, *frames[spot + 1 :]]

"""A streamed answer: the chunks in the order and at the pace in which they are sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from conformance.reference.call import JsonObject
from conformance.reference.chat.answer import Envelope, call_ids, call_object, logprobs, reasoning
from conformance.reference.chat.mind.answering import Choice
from conformance.reference.chat.mind.calling import FunctionCall
from conformance.reference.chat.request import ChatRequest
from conformance.reference.tokens import readable

DONE = "[DONE]"

_FIRST = 2.5
"""How many token times pass before the first chunk: reading the prompt takes a while."""

_EVENT_LENGTH = 64
"""With `include_obfuscation` the visible part of a delta is padded to a multiple of so many characters."""


@dataclass(frozen=True, slots=True)
class Event:
    """One server-sent event: a JSON object, or a text such as `[DONE]`; `delay` seconds pass before it."""

    data: JsonObject | str
    delay: float = 0.0


def events(
    envelope: Envelope, request: ChatRequest, choices: Sequence[Choice], spent: JsonObject, pace: float
) -> list[Event]:
    """The events of an answer: role, text or calls, finish reason, usage when asked for, `[DONE]`.

    `pace` is seconds per token. Several choices take turns, a token each.
    """
    common = envelope.members("chat.completion.chunk")
    usage = {"usage": None} if request.include_usage else {}
    sent: list[Event] = []

    def chunk(choice: JsonObject, delay: float) -> None:
        padding = {"obfuscation": _padding(choice)} if request.include_obfuscation else {}
        sent.append(Event({**common, "choices": [choice], **usage, **padding}, delay))

    for choice in choices:
        delta = {
            "role": "assistant",
            "content": None if choice.calls and not choice.tokens else "",
            "refusal": None,
        }
        chunk(_part(choice.index, delta), 0.0 if sent else _FIRST * pace)
    for round_ in zip_longest(*(_parts(choice, request, envelope) for choice in choices)):
        for part in round_:
            if part is not None:
                chunk(part, 0.0 if part["finish_reason"] else pace)
    if request.include_usage:
        sent.append(Event({**common, "choices": [], "usage": spent}))
    return [*sent, Event(DONE)]


def _part(index: int, delta: JsonObject, **more: object) -> JsonObject:
    return {"index": index, "delta": delta, "logprobs": None, "finish_reason": None, **more}


def _parts(choice: Choice, request: ChatRequest, envelope: Envelope) -> Iterator[JsonObject]:
    for piece in choice.thoughts:
        yield _part(choice.index, {"content": None, **reasoning(piece)})
    for token in choice.tokens:
        if token.piece and not token.text and not request.logprobs:
            continue
        shown = logprobs([token]) if request.logprobs else None
        yield _part(choice.index, {"content": token.text}, logprobs=shown)
    if request.legacy_functions:
        yield from _function_parts(choice)
    else:
        yield from _call_parts(choice, envelope)
    yield _part(choice.index, {}, finish_reason=choice.finish_reason)


def _call_parts(choice: Choice, envelope: Envelope) -> Iterator[JsonObject]:
    for number, (call, identity) in enumerate(zip(choice.calls, call_ids(choice, envelope), strict=True)):
        opening = {"index": number, **call_object(call, identity, "")}
        yield _part(choice.index, {"tool_calls": [opening]})
        for piece in _legible(call):
            inner = {"custom": {"input": piece}} if call.custom else {"function": {"arguments": piece}}
            yield _part(choice.index, {"tool_calls": [{"index": number, **inner}]})


def _function_parts(choice: Choice) -> Iterator[JsonObject]:
    for call in choice.calls:
        yield _part(choice.index, {"function_call": {"name": call.name, "arguments": ""}})
        for piece in _legible(call):
            yield _part(choice.index, {"function_call": {"arguments": piece}})


def _legible(call: FunctionCall) -> Iterator[str]:
    """The pieces of the arguments; what is no whole character yet comes with the next."""
    read = zip(call.pieces, readable(call.pieces), strict=True)
    return (text for piece, text in read if text or not piece)


def _padding(choice: JsonObject) -> str:
    return "x" * (-len(str(choice["delta"])) % _EVENT_LENGTH)

"""The words in which faults of chat completions are written: what was asked, and how to change an answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from conformance.reference.call import Call, JsonObject, Reply
from conformance.reference.change import Edit
from conformance.reference.chat.mind.answering import Choice
from conformance.reference.chat.mind.sampling import Token
from conformance.reference.chat.stream import DONE, Event
from conformance.reference.tokens import readable, tokenize


def prompt(call: Call) -> str:
    """The text of the last message of a request, if it is a string."""
    messages = call.json().get("messages")
    last = messages[-1] if isinstance(messages, list) and messages else {}
    content = last.get("content") if isinstance(last, dict) else ""
    return content if isinstance(content, str) else ""


def stops(call: Call) -> list[str]:
    """The stop sequences of a request."""
    stop = call.json().get("stop") or []
    return [stop] if isinstance(stop, str) else list(stop)


def saying(choice: Choice, text: str) -> Choice:
    """The choice with another text."""
    return replace(choice, tokens=tuple(map(Token, readable(tokenize(text)))))


def each_choice(answer: JsonObject, edit: Edit) -> JsonObject:
    """The answer with every choice edited."""
    return {**answer, "choices": [edit(choice) for choice in answer["choices"]]}


def each_message(answer: JsonObject, edit: Edit) -> JsonObject:
    """The answer with every message edited."""
    return each_choice(answer, lambda choice: {**choice, "message": edit(choice["message"])})


def each_chunk(events: Iterable[Event], edit: Edit) -> list[Event]:
    """The events with every chunk edited; `[DONE]` stays."""
    return [replace(e, data=edit(e.data)) if isinstance(e.data, dict) else e for e in events]


def each_part(events: Iterable[Event], edit: Edit) -> list[Event]:
    """The events with every choice of every chunk edited."""
    return each_chunk(events, lambda chunk: each_choice(chunk, edit))


def each_delta(events: Iterable[Event], edit: Edit) -> list[Event]:
    """The events with every delta edited."""
    return each_part(events, lambda part: {**part, "delta": edit(part["delta"])})


def reason(event: Event) -> Any:
    """The finish reason of a chunk with one choice; None for other events."""
    choices = event.data["choices"] if isinstance(event.data, dict) else ()
    return choices[0]["finish_reason"] if choices else None


def says(event: Event) -> str:
    """The text that a chunk adds."""
    choices = event.data["choices"] if isinstance(event.data, dict) else ()
    return str(choices[0]["delta"].get("content") or "") if choices else ""


def is_done(event: Event) -> bool:
    """Whether it is the sentinel."""
    return event.data == DONE


def done_as(events: Sequence[Event], *last: Event) -> list[Event]:
    """The events with other ones in place of `[DONE]`."""
    return [*(event for event in events if not is_done(event)), *last]


def is_whole_answer(reply: Reply, call: Call) -> bool:
    """Whether it is a good answer to a chat request that is not streamed."""
    return call.is_chat and reply.status == 200 and not reply.streamed

"""Variants in the chunks of a stream: what each of them has, and how a text is divided among them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import takewhile

from conformance.contracts.chat.sources import AZURE, METHOD, OPENAI
from conformance.reference.call import Call, JsonObject
from conformance.reference.change import without
from conformance.reference.chat.faults.change import each_chunk, each_delta, each_part, reason, says
from conformance.reference.chat.faults.fault import on_events
from conformance.reference.chat.stream import Event
from conformance.reference.variant import legal

MODERATION = {
    side: {"type": "error", "code": "unavailable", "message": "not moderated"} for side in ("input", "output")
}


def part(event: Event) -> JsonObject | None:
    """The choice of a chunk that has exactly one."""
    choices = event.data["choices"] if isinstance(event.data, dict) else []
    return choices[0] if len(choices) == 1 else None


def with_part(event: Event, choice: JsonObject) -> Event:
    """The event with another choice in place of its one."""
    (changed,) = each_part([event], lambda _: choice)
    return changed


def merged(events: list[Event], together: Callable[[JsonObject, JsonObject], bool]) -> list[Event]:
    """The events with those in one whose choices belong together, and follow one another in their choice."""
    kept: list[Event] = []
    latest: dict[int, int] = {}
    for event in events:
        later = part(event)
        place = latest.get(later["index"]) if later else None
        earlier = part(kept[place]) if place is not None else None
        if later and earlier and place is not None and together(earlier, later):
            text = (earlier["delta"].get("content") or "") + (later["delta"].get("content") or "")
            delta = {**earlier["delta"], **later["delta"], **({"content": text} if text else {})}
            both = {**later, "delta": delta, "logprobs": joined(earlier, later)}
            kept[place] = with_part(replace(kept[place], delay=kept[place].delay + event.delay), both)
            continue
        if later:
            latest[later["index"]] = len(kept)
        kept.append(event)
    return kept


def joined(earlier: JsonObject, later: JsonObject) -> JsonObject | None:
    """The log probabilities of two choices in succession."""
    tokens = [token for one in (earlier, later) for token in (one.get("logprobs") or {}).get("content", ())]
    return {"content": tokens, "refusal": None} if tokens else None


def says_something(choice: JsonObject) -> bool:
    """Whether a choice adds any text."""
    return bool(choice["delta"].get("content"))


def text_only(choice: JsonObject) -> bool:
    """Whether a choice adds nothing but text."""
    more = any(choice["delta"].get(name) for name in ("role", "tool_calls", "function_call"))
    return says_something(choice) and not more


@legal(OPENAI.chunk_delta, aspect="role")
@on_events()
def role_alone(events: list[Event], _: Call) -> list[Event]:
    """The first delta has the role and nothing else."""
    return each_delta(events, lambda delta: {"role": delta["role"]} if "role" in delta else delta)


@legal(OPENAI.chunk_delta, aspect="role")
@on_events()
def role_with_the_first_text(events: list[Event], _: Call) -> list[Event]:
    """The role comes with the first text."""

    def together(earlier: JsonObject, later: JsonObject) -> bool:
        return "role" in earlier["delta"] and not says_something(earlier) and text_only(later)

    return merged(events, together)


@legal(OPENAI.chunk_finish_reason, aspect="finish")
@on_events()
def finish_with_the_last_text(events: list[Event], _: Call) -> list[Event]:
    """The finish reason comes with the last text."""
    return merged(events, lambda earlier, later: bool(later["finish_reason"]) and text_only(earlier))


@legal(OPENAI.chunk_delta, aspect="finish")
@on_events()
def finish_with_empty_content(events: list[Event], _: Call) -> list[Event]:
    """The delta that comes with the finish reason has an empty content."""
    return each_part(events, lambda one: {**one, "delta": {"content": ""}} if one["finish_reason"] else one)


@legal(OPENAI.chunk_delta, aspect="finish")
@on_events()
def finish_with_null_content(events: list[Event], _: Call) -> list[Event]:
    """The delta that comes with the finish reason has a content that is null."""
    return each_part(
        events,
        lambda one: {**one, "delta": {"content": None, "refusal": None}} if one["finish_reason"] else one,
    )


@legal(OPENAI.chunk_delta, aspect="deltas", notes=("stream.deltas-agree-with-usage",))
@on_events()
def deltas_of_one_character(events: list[Event], _: Call) -> list[Event]:
    """Each delta has one character."""
    changed: list[Event] = []
    for event in events:
        text = says(event)
        choice = part(event)
        if not choice or not text_only(choice) or len(text) < 2:
            changed.append(event)
            continue
        *earlier, last = ({**choice, "delta": {**choice["delta"], "content": one}} for one in text)
        first, *others = [*({**one, "finish_reason": None} for one in earlier), last]
        changed.append(with_part(event, first))
        changed += (Event(with_part(event, {**one, "logprobs": None}).data) for one in others)
    return changed


@legal(OPENAI.chunk_delta, aspect="deltas")
@on_events()
def deltas_of_several_tokens(events: list[Event], _: Call) -> list[Event]:
    """Each delta has up to four tokens, as from a model that predicts several at once."""
    count: dict[int, int] = {}

    def together(earlier: JsonObject, later: JsonObject) -> bool:
        more = text_only(earlier) and text_only(later) and count.get(later["index"], 1) < 4
        count[later["index"]] = count.get(later["index"], 1) + 1 if more else 1
        return more

    return merged(events, together)


@legal(OPENAI.chunk_delta, aspect="deltas")
@on_events()
def deltas_of_any_length(events: list[Event], call: Call) -> list[Event]:
    """The deltas have one token or several, by chance."""

    def together(earlier: JsonObject, later: JsonObject) -> bool:
        return text_only(earlier) and text_only(later) and call.chance.random() < 0.7

    return merged(events, together)


@legal(OPENAI.chunk_delta, aspect="heartbeat")
@on_events()
def empty_deltas(events: list[Event], _: Call) -> list[Event]:
    """Every few chunks there is one whose delta is empty."""
    return _between(events, {})


@legal(OPENAI.chunk_delta, aspect="heartbeat")
@on_events()
def deltas_with_empty_content(events: list[Event], _: Call) -> list[Event]:
    """Every few chunks there is one whose content is empty."""
    return _between(events, {"content": ""})


@legal(OPENAI.chunk_delta)
@on_events()
def delta_members_null(events: list[Event], _: Call) -> list[Event]:
    """A delta that has no text has a content that is null."""
    return each_delta(events, lambda delta: {"content": None, **delta})


@legal(OPENAI.chunk_usage, aspect="usage in chunks")
@on_events()
def usage_null_in_every_chunk(events: list[Event], _: Call) -> list[Event]:
    """Every chunk has a usage, which is null, though usage was not asked for."""
    return each_chunk(events, lambda chunk: {"usage": None, **chunk})


@legal(METHOD.recorded, aspect="usage in chunks", notes=("stream.usage-null-before-the-last",))
@on_events()
def usage_only_in_its_chunk(events: list[Event], _: Call) -> list[Event]:
    """Where usage was asked for, the other chunks have no member usage."""
    return each_chunk(events, lambda chunk: chunk if chunk.get("usage") else without(chunk, "usage"))


@legal(AZURE.content_filter, aspect="opening chunk", notes=("stream.choices-present", "sdk.chunks-validate"))
@on_events()
def prompt_filter_results_first(events: list[Event], _: Call) -> list[Event]:
    """The first chunk reports on the prompt: its choices are empty, and so are its id, model and object."""
    opening: JsonObject = {
        "choices": [],
        "created": 0,
        "id": "",
        "model": "",
        "object": "",
        "prompt_filter_results": [{"prompt_index": 0, "content_filter_results": {}}],
    }
    return [Event(opening, events[0].delay), replace(events[0], delay=0), *events[1:]]


@legal(METHOD.recorded, aspect="opening chunk")
@on_events()
def moderation_in_a_chunk_of_its_own(events: list[Event], _: Call) -> list[Event]:
    """Before the last chunk of a choice there is one without choices, which reports on moderation."""
    place = next((number for number, event in enumerate(events) if reason(event)), 0)
    data = events[place].data
    report = {**data, "choices": [], "moderation": MODERATION} if isinstance(data, dict) else {}
    return [*events[:place], Event(report), *events[place:]]


@legal(AZURE.content_filter)
@on_events()
def content_filter_results_in_chunks(events: list[Event], _: Call) -> list[Event]:
    """Each choice of a chunk says what a content filter makes of it."""
    safe = {"hate": {"filtered": False, "severity": "safe"}}
    return each_part(
        events, lambda one: {**one, "content_filter_results": safe, "content_filter_offsets": None}
    )


@legal(OPENAI.obfuscation)
@on_events()
def obfuscation_unasked(events: list[Event], _: Call) -> list[Event]:
    """Chunks are padded against eavesdroppers, though nobody asked for it."""
    return each_chunk(events, lambda chunk: {**chunk, "obfuscation": "xK4q"[: len(str(chunk)) % 5]})


@legal(OPENAI.chunk_choices, aspect="several choices")
@on_events()
def choices_one_after_another(events: list[Event], _: Call) -> list[Event]:
    """Of several choices, one is streamed after the other."""
    indices = sorted({choice["index"] for event in events if (choice := part(event))})
    ordered = [
        event for index in indices for event in events if (choice := part(event)) and choice["index"] == index
    ]
    opening = list(takewhile(lambda event: part(event) is None, events))
    return [*opening, *ordered, *(event for event in events[len(opening) :] if part(event) is None)]


@legal(OPENAI.chunk_choices, aspect="several choices")
@on_events()
def choices_in_one_chunk(events: list[Event], _: Call) -> list[Event]:
    """Of several choices, each chunk has as many as there are tokens for."""
    kept: list[Event] = []
    for event in events:
        choice = part(event)
        before = kept[-1].data if kept else None
        if choice and isinstance(before, dict) and _precede(before["choices"], choice):
            kept[-1] = replace(kept[-1], data={**before, "choices": [*before["choices"], choice]})
        else:
            kept.append(event)
    return kept


def _precede(choices: list[JsonObject], choice: JsonObject) -> bool:
    """Whether all of these choices, of which there are some, stand before another one."""
    return bool(choices) and all(one["index"] < choice["index"] for one in choices)


def _between(events: list[Event], delta: JsonObject) -> list[Event]:
    """The events with a chunk of this delta after every third one that has text."""
    changed: list[Event] = []
    for number, event in enumerate(events):
        changed.append(event)
        choice = part(event)
        if choice and text_only(choice) and number % 3 == 0 and not choice["finish_reason"]:
            idle = {**choice, "delta": delta, "logprobs": None}
            changed.append(Event(with_part(event, idle).data))
    return changed

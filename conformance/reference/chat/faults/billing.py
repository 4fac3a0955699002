"""Faults in what a prompt, a call and a thought are billed as."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from conformance.contracts.chat.probes.prompts import COLOUR
from conformance.reference.call import Call, JsonObject
from conformance.reference.chat.faults.accounting import recounted, with_usage
from conformance.reference.chat.faults.change import each_message, prompt
from conformance.reference.chat.faults.fault import on_answer, on_events, on_usage
from conformance.reference.chat.faults.guessing import texts_in
from conformance.reference.chat.request import PER_MESSAGE
from conformance.reference.chat.stream import Event
from conformance.reference.tokens import count

THOUGHT = "The image is of one colour. Let me look at it once more before I name the colour."

LONGEST = 500
"""Tokens of a prompt that are looked at."""


def texts(call: Call, *roles: str) -> list[str]:
    """The texts of the messages of these roles, or of all."""
    turns = [one for one in call.json().get("messages", ()) if isinstance(one, dict)]
    return [str(one.get("content")) for one in turns if not roles or one.get("role") in roles]


def all_texts(call: Call) -> list[str]:
    """Every text in the messages and in the tools."""
    body = call.json()
    return [*texts_in(body.get("messages")), *texts_in(body.get("tools"))]


def tools(call: Call) -> list[JsonObject]:
    """The functions that are offered."""
    return [one["function"] for one in call.json().get("tools") or () if "function" in one]


def _costs(tool: Mapping[str, Any]) -> int:
    """What the definition of a tool costs."""
    described = (str(tool.get(name) or "") for name in ("name", "description", "parameters"))
    return PER_MESSAGE + sum(map(count, described))


def _more(usage: JsonObject, tokens: int) -> JsonObject:
    return recounted(usage, prompt=usage["prompt_tokens"] + tokens)


@on_usage("usage.no-hidden-prompt", "examples.prompt-tokens-plausible")
def hidden_prompt_of_sixty_tokens(usage: JsonObject, _: Call) -> JsonObject:
    """A hidden prompt of 60 tokens is counted."""
    return _more(usage, 60)


@on_usage("usage.system-message-counted")
def system_message_counted_twice(usage: JsonObject, call: Call) -> JsonObject:
    """System messages count twice in prompt_tokens."""
    return _more(usage, sum(map(count, texts(call, "system"))))


@on_usage("usage.system-message-counted")
def system_text_not_counted(usage: JsonObject, call: Call) -> JsonObject:
    """Of a system message only what stands around its text is counted."""
    return _more(usage, -sum(map(count, texts(call, "system"))))


@on_usage("usage.system-message-counted")
def system_text_estimated(usage: JsonObject, call: Call) -> JsonObject:
    """A system message is counted as a quarter of its characters."""
    said = texts(call, "system")
    return _more(usage, sum(math.ceil(len(text) / 4) - count(text) for text in said))


@on_usage("usage.system-message-counted")
def system_message_costs_extra(usage: JsonObject, call: Call) -> JsonObject:
    """A system message costs 60 tokens beside its text."""
    return _more(usage, 60 * len(texts(call, "system")))


@on_usage("usage.tools-counted")
def tools_not_counted(usage: JsonObject, call: Call) -> JsonObject:
    """Tools are missing in prompt_tokens."""
    return _more(usage, -sum(map(_costs, tools(call))))


@on_usage("usage.tools-counted")
def tools_counted_by_name(usage: JsonObject, call: Call) -> JsonObject:
    """Of a tool its name and its parameters are counted, and its description is not."""
    return _more(usage, -sum(count(str(tool.get("description") or "")) for tool in tools(call)))


@on_usage("usage.tools-counted")
def tools_counted_by_their_json(usage: JsonObject, call: Call) -> JsonObject:
    """Tools are counted as a quarter of the characters of their JSON."""
    estimated = math.ceil(len(json.dumps(call.json().get("tools") or [])) / 4)
    return _more(usage, estimated - sum(map(_costs, tools(call)))) if tools(call) else usage


@on_usage("usage.tools-counted")
def tools_counted_twice(usage: JsonObject, call: Call) -> JsonObject:
    """Tools are counted twice."""
    return _more(usage, sum(map(_costs, tools(call))))


@on_usage("usage.same-with-tools-when-streamed")
def tools_not_counted_when_streamed(usage: JsonObject, call: Call) -> JsonObject:
    """In streams tools are missing in prompt_tokens."""
    return _more(usage, -sum(map(_costs, tools(call)))) if call.json().get("stream") is True else usage


@on_usage("usage.long-prompt-counted")
def long_prompt_counted_to_a_limit(usage: JsonObject, _: Call) -> JsonObject:
    """A prompt counts as 500 tokens at most."""
    return recounted(usage, prompt=min(usage["prompt_tokens"], LONGEST))


@on_usage("usage.long-prompt-counted")
def long_prompt_estimated(usage: JsonObject, call: Call) -> JsonObject:
    """A message of more than 1,000 characters is counted as a quarter of them."""
    long = [text for text in texts(call) if len(text) > 1000]
    return _more(usage, sum(math.ceil(len(text) / 4) - count(text) for text in long))


@on_usage("usage.prompt-not-estimated")
def prompt_is_words(usage: JsonObject, call: Call) -> JsonObject:
    """prompt_tokens is the number of words of the messages."""
    return recounted(usage, prompt=sum(len(text.split()) for text in all_texts(call)) or 1)


@on_usage("usage.prompt-not-estimated")
def prompt_is_utf16_by_four(usage: JsonObject, call: Call) -> JsonObject:
    """prompt_tokens is a quarter of the messages' length as JavaScript has it."""
    return recounted(usage, prompt=_by_four("".join(all_texts(call))))


@on_usage("usage.prompt-not-estimated")
def prompt_is_json_by_four(usage: JsonObject, call: Call) -> JsonObject:
    """prompt_tokens is a quarter of the length of the messages as JSON."""
    said = [{"role": "user", "content": "".join(all_texts(call))}]
    return recounted(usage, prompt=math.ceil(len(json.dumps(said)) / 4))


@on_events("stream.same-usage-as-not-streamed", "usage.same-prompt-same-count")
def prompt_inflated_when_streamed(events: list[Event], _: Call) -> list[Event]:
    """A streamed answer counts 30 percent more prompt tokens than a whole one."""
    return with_usage(events, lambda usage: recounted(usage, prompt=round(1.3 * usage["prompt_tokens"])))


@on_events("usage.counts-positive")
def prompt_zero_when_streamed(events: list[Event], _: Call) -> list[Event]:
    """A streamed answer has no prompt tokens."""
    return with_usage(events, lambda usage: recounted(usage, prompt=0))


@on_answer("usage.counts-positive")
def calls_cost_nothing(answer: JsonObject, _: Call) -> JsonObject:
    """An answer that calls tools has 0 completion_tokens."""
    return _if_called(answer, lambda _: 0)


@on_answer("usage.calls-counted", "usage.same-with-tools-when-streamed")
def calls_cost_a_token(answer: JsonObject, _: Call) -> JsonObject:
    """An answer that calls tools has as many completion_tokens as it has calls."""
    return _if_called(answer, len)


@on_answer("usage.every-call-counted", "usage.same-with-tools-when-streamed")
def first_call_counted_only(answer: JsonObject, _: Call) -> JsonObject:
    """Of several calls the first is counted."""
    return _if_called(answer, lambda calls: _written(calls[0]))


@on_events("usage.counts-positive")
def calls_cost_nothing_when_streamed(events: list[Event], _: Call) -> list[Event]:
    """A stream that calls tools has 0 completion_tokens."""
    return _if_calling(events, 0)


@on_events("usage.calls-counted", "usage.same-with-tools-when-streamed")
def calls_cost_a_token_when_streamed(events: list[Event], _: Call) -> list[Event]:
    """A stream that calls tools has 1 completion token."""
    return _if_calling(events, 1)


@on_answer("usage.reasoning-counted", "envelope.extra-members-listed")
def reasoning_not_counted(answer: JsonObject, call: Call) -> JsonObject:
    """A colour is thought about, and reasoning_tokens is 0."""
    return _thinking(answer, call, 0)


@on_answer("usage.reasoning-counted", "envelope.extra-members-listed")
def reasoning_counted_as_one(answer: JsonObject, call: Call) -> JsonObject:
    """A colour is thought about, and reasoning_tokens is 1."""
    return _thinking(answer, call, 1)


@on_events("usage.reasoning-counted")
def reasoning_not_counted_when_streamed(events: list[Event], _: Call) -> list[Event]:
    """A stream that says what it costs has thoughts, and reasoning_tokens is 0."""
    first = next((event for event in events if isinstance(event.data, dict)), None)
    called = any("tool_calls" in str(event.data) for event in events)
    if first is None or not isinstance(first.data, dict) or "usage" not in first.data or called:
        return events
    delta = {"content": None, "reasoning_content": THOUGHT}
    thought = {**first.data, "choices": [{**first.data["choices"][0], "delta": delta}]}
    return [first, Event(thought), *events[1:]]


@on_answer("usage.reasoning-counted")
def text_counted_as_reasoning(answer: JsonObject, call: Call) -> JsonObject:
    """All that is said of an alphabet is counted as reasoning."""
    usage = answer["usage"]
    if "NATO" not in prompt(call):
        return answer
    details = {**usage["completion_tokens_details"], "reasoning_tokens": usage["completion_tokens"]}
    return {**answer, "usage": {**usage, "completion_tokens_details": details}}


@on_usage("usage.details-within-parent")
def audio_more_than_said(usage: JsonObject, _: Call) -> JsonObject:
    """There are more audio tokens than completion tokens."""
    details = {**usage["completion_tokens_details"], "audio_tokens": usage["completion_tokens"] + 3}
    return {**usage, "completion_tokens_details": details}


@on_events("usage.details-within-parent")
def cached_more_than_sent_when_streamed(events: list[Event], _: Call) -> list[Event]:
    """In streams cached_tokens is larger than prompt_tokens."""

    def cached(usage: JsonObject) -> JsonObject:
        return {**usage, "prompt_tokens_details": {"cached_tokens": 2 * usage["prompt_tokens"]}}

    return with_usage(events, cached)


def _by_four(text: str) -> int:
    return math.ceil(len(text.encode("utf-16-le")) / 2 / 4)


def _written(call: Mapping[str, Any]) -> int:
    function = call.get("function") or {"name": "", "arguments": ""}
    return count(function["name"]) + count(function["arguments"])


def _if_called(answer: JsonObject, billed: Callable[[list[Any]], int]) -> JsonObject:
    made = answer["choices"][0]["message"].get("tool_calls")
    return {**answer, "usage": recounted(answer["usage"], completion=billed(made))} if made else answer


def _if_calling(events: list[Event], billed: int) -> list[Event]:
    parts = (one for event in events if isinstance(event.data, dict) for one in event.data["choices"])
    if not any(one["delta"].get("tool_calls") for one in parts):
        return events
    return with_usage(events, lambda usage: recounted(usage, completion=billed))


def _thinking(answer: JsonObject, call: Call, stated: int) -> JsonObject:
    if not _asks_for_a_colour(call):
        return answer
    usage = recounted(answer["usage"], completion=answer["usage"]["completion_tokens"] + count(THOUGHT))
    details = {**usage["completion_tokens_details"], "reasoning_tokens": stated}
    thoughtful = each_message(answer, lambda message: {**message, "reasoning_content": THOUGHT})
    return {**thoughtful, "usage": {**usage, "completion_tokens_details": details}}


def _asks_for_a_colour(call: Call) -> bool:
    return COLOUR in str(call.json().get("messages"))

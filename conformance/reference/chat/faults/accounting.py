"""Faults in the token counts."""

from __future__ import annotations

from conformance.reference.call import Call, JsonObject
from conformance.reference.change import Edit, times, without
from conformance.reference.chat.faults.change import each_chunk, stops
from conformance.reference.chat.faults.fault import on_answer, on_events, on_usage
from conformance.reference.chat.request import PER_MESSAGE
from conformance.reference.chat.stream import Event
from conformance.reference.tokens import count


def recounted(usage: JsonObject, *, prompt: int | None = None, completion: int | None = None) -> JsonObject:
    """The usage with other counts, and the total that belongs to them."""
    asked = usage["prompt_tokens"] if prompt is None else prompt
    said = usage["completion_tokens"] if completion is None else completion
    return {**usage, "prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said}


@on_answer("usage.present-and-integer")
def usage_missing(answer: JsonObject, _: Call) -> JsonObject:
    """The answer has no usage."""
    return without(answer, "usage")


@on_answer("usage.present-and-integer")
def usage_null(answer: JsonObject, _: Call) -> JsonObject:
    """The usage is null."""
    return {**answer, "usage": None}


@on_answer("usage.present-and-integer", "sdk.response-validates")
def usage_empty(answer: JsonObject, _: Call) -> JsonObject:
    """The usage is an empty object."""
    return {**answer, "usage": {}}


@on_usage("usage.present-and-integer", "stream.usage-valid")
def usage_as_strings(usage: JsonObject, _: Call) -> JsonObject:
    """The counts are strings."""
    return {name: str(value) if isinstance(value, int) else value for name, value in usage.items()}


@on_usage("usage.present-and-integer", "stream.usage-valid")
def usage_as_floats(usage: JsonObject, _: Call) -> JsonObject:
    """The counts are written with a fraction."""
    return {name: float(value) if isinstance(value, int) else value for name, value in usage.items()}


@on_usage("usage.total-is-sum")
def total_off_by_one(usage: JsonObject, _: Call) -> JsonObject:
    """total_tokens is one more than the sum."""
    return {**usage, "total_tokens": usage["total_tokens"] + 1}


@on_usage("usage.total-is-sum", "usage.details-within-parent")
def total_counts_reasoning_apart(usage: JsonObject, _: Call) -> JsonObject:
    """Reasoning tokens are in the total, but not in completion_tokens."""
    details = {**usage["completion_tokens_details"], "reasoning_tokens": 9}
    return {**usage, "completion_tokens_details": details, "total_tokens": usage["total_tokens"] + 9}


@on_usage("usage.counts-positive")
def usage_all_zero(usage: JsonObject, _: Call) -> JsonObject:
    """All counts are 0."""
    return recounted(usage, prompt=0, completion=0)


@on_usage(
    "usage.counts-positive",
    "stream.usage-valid",
    "usage.details-within-parent",
    "usage.counted-on-every-ending",
    "usage.prompt-count-affine",
    "usage.system-message-counted",
)
def usage_negative(usage: JsonObject, _: Call) -> JsonObject:
    """prompt_tokens is -1."""
    return recounted(usage, prompt=-1)


@on_usage("usage.within-limit", "stop.tail-not-billed", "usage.plausible-for-text")
def billed_beyond_the_limit(usage: JsonObject, call: Call) -> JsonObject:
    """Where max_tokens is set, two tokens more than it allows are billed."""
    limit = call.json().get("max_tokens")
    return recounted(usage, completion=limit + 2) if isinstance(limit, int) else usage


@on_usage("usage.details-within-parent")
def cached_more_than_sent(usage: JsonObject, _: Call) -> JsonObject:
    """cached_tokens is larger than prompt_tokens."""
    details = {**usage["prompt_tokens_details"], "cached_tokens": usage["prompt_tokens"] + 1}
    return {**usage, "prompt_tokens_details": details}


@on_usage("usage.details-within-parent")
def reasoned_more_than_said(usage: JsonObject, _: Call) -> JsonObject:
    """reasoning_tokens is larger than completion_tokens."""
    details = {**usage["completion_tokens_details"], "reasoning_tokens": usage["completion_tokens"] + 1}
    return {**usage, "completion_tokens_details": details}


@on_usage(
    "usage.plausible-for-text",
    "limits.max-tokens-exact",
    "stop.tail-not-billed",
    "stream.deltas-agree-with-usage",
    "usage.calls-counted",
)
def completion_always_one(usage: JsonObject, _: Call) -> JsonObject:
    """completion_tokens is 1 whatever was said."""
    return recounted(usage, completion=1)


@on_usage("usage.plausible-for-text", "stop.tail-not-billed", "choices.all-billed")
def completion_always_the_limit(usage: JsonObject, call: Call) -> JsonObject:
    """completion_tokens is what the limit allows, or 4096, whatever was said."""
    asked = call.json()
    limit = asked.get("max_tokens") or asked.get("max_completion_tokens") or 4096
    return recounted(usage, completion=limit)


@on_usage("usage.plausible-for-text", "usage.within-limit")
def completion_counted_threefold(usage: JsonObject, _: Call) -> JsonObject:
    """completion_tokens is three times what it should be."""
    return recounted(usage, completion=3 * usage["completion_tokens"])


@on_usage("limits.max-tokens-exact", "stream.deltas-agree-with-usage")
def completion_estimated(usage: JsonObject, _: Call) -> JsonObject:
    """completion_tokens is an estimate that is too low by an eighth."""
    return recounted(usage, completion=usage["completion_tokens"] - usage["completion_tokens"] // 8)


@on_answer("usage.counted-on-every-ending", "limits.max-tokens-exact", "usage.counts-positive")
def nothing_billed_when_cut(answer: JsonObject, _: Call) -> JsonObject:
    """An answer that was cut by the limit has a usage of 0."""
    cut = answer["choices"][0]["finish_reason"] == "length"
    return {**answer, "usage": recounted(answer["usage"], completion=0)} if cut else answer


@on_usage("usage.counts-positive")
def nothing_billed_when_stopped(usage: JsonObject, call: Call) -> JsonObject:
    """With stop sequences the usage is 0."""
    return recounted(usage, prompt=0, completion=0) if stops(call) else usage


@on_usage("usage.extra-members-agree")
def other_names_stay_zero(usage: JsonObject, _: Call) -> JsonObject:
    """input_tokens and output_tokens are there as well, and 0."""
    return {**usage, "input_tokens": 0, "output_tokens": 0}


@on_usage("usage.same-prompt-same-count")
def prompt_count_follows_the_limit(usage: JsonObject, call: Call) -> JsonObject:
    """prompt_tokens depends on max_tokens."""
    return recounted(usage, prompt=usage["prompt_tokens"] + (call.json().get("max_tokens") or 0) % 7)


@on_usage(
    "usage.same-prompt-same-count",
    "stream.same-usage-as-not-streamed",
    "usage.inert-parameters-free",
    "usage.escaped-text-same-count",
)
def prompt_count_without_the_cached(usage: JsonObject, call: Call) -> JsonObject:
    """Of a prompt that was sent before, only one token is counted."""
    return recounted(usage, prompt=1) if _asked_before(call) else usage


@on_usage(
    "usage.same-prompt-same-count",
    "stream.same-usage-as-not-streamed",
    "usage.escaped-text-same-count",
    "usage.inert-parameters-free",
)
def cached_counted_twice(usage: JsonObject, call: Call) -> JsonObject:
    """Of a prompt that was sent before, what is cached is counted once more."""
    if not _asked_before(call):
        return usage
    cached = {**usage["prompt_tokens_details"], "cached_tokens": usage["prompt_tokens"]}
    return {**recounted(usage, prompt=2 * usage["prompt_tokens"]), "prompt_tokens_details": cached}


@on_usage(
    "usage.same-prompt-same-count",
    "usage.prompt-count-affine",
    "usage.inert-parameters-free",
    "usage.same-with-tools-when-streamed",
)
def engines_alternate(usage: JsonObject, call: Call) -> JsonObject:
    """Every other request goes to another engine, whose template costs three tokens more."""
    return recounted(usage, prompt=usage["prompt_tokens"] + 3 * (times(call, "engine") % 2))


@on_usage("usage.prompt-count-affine")
def prompt_count_grows_too_fast(usage: JsonObject, _: Call) -> JsonObject:
    """A prompt of twice the length costs more than twice as much."""
    return recounted(usage, prompt=round(usage["prompt_tokens"] ** 1.2))


@on_usage("usage.system-message-counted")
def system_message_not_counted(usage: JsonObject, call: Call) -> JsonObject:
    """System messages are missing in prompt_tokens."""
    system = [m for m in call.json().get("messages", ()) if m.get("role") == "system"]
    free = sum(PER_MESSAGE + count(str(message.get("content"))) for message in system)
    return recounted(usage, prompt=usage["prompt_tokens"] - free)


@on_usage("usage.inert-parameters-free")
def stop_is_counted_as_prompt(usage: JsonObject, call: Call) -> JsonObject:
    """Stop sequences are written into the prompt, and counted."""
    return recounted(usage, prompt=usage["prompt_tokens"] + 9 * len(stops(call)))


@on_usage("usage.escaped-text-same-count")
def escapes_are_counted(usage: JsonObject, call: Call) -> JsonObject:
    """Each escape in the JSON of the request costs a token."""
    return recounted(usage, prompt=usage["prompt_tokens"] + call.body.count(b"\\u"))


@on_usage("examples.prompt-tokens-plausible", "usage.no-hidden-prompt")
def hidden_prompt(usage: JsonObject, _: Call) -> JsonObject:
    """A hidden prompt of 500 tokens is counted."""
    return recounted(usage, prompt=usage["prompt_tokens"] + 500)


@on_events("stream.same-usage-as-not-streamed", "usage.same-prompt-same-count")
def prompt_count_other_when_streamed(events: list[Event], _: Call) -> list[Event]:
    """A streamed answer counts 5 prompt tokens more than a whole one."""
    return with_usage(events, lambda usage: recounted(usage, prompt=usage["prompt_tokens"] + 5))


@on_events("usage.total-is-sum")
def total_wrong_when_streamed(events: list[Event], _: Call) -> list[Event]:
    """total_tokens of a streamed answer is 0."""
    return with_usage(events, lambda usage: {**usage, "total_tokens": 0})


def with_usage(events: list[Event], edit: Edit) -> list[Event]:
    """The events with the usage edited."""
    return each_chunk(events, lambda c: {**c, "usage": edit(c["usage"])} if c.get("usage") else c)


def _asked_before(call: Call) -> int:
    """How often the same messages and tools were sent before."""
    body = call.json()
    return times(call, f"counted {body.get('messages')} {body.get('tools')}")

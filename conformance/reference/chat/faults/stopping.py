"""Faults in ending an answer: stop sequences and token limits."""

from __future__ import annotations

from dataclasses import replace

from conformance.reference.call import Call, JsonObject
from conformance.reference.change import crash, without
from conformance.reference.chat.faults.accounting import recounted
from conformance.reference.chat.faults.change import each_choice, reason, saying, stops
from conformance.reference.chat.faults.fault import on_answer, on_body, on_choice, on_events, on_usage
from conformance.reference.chat.mind.answering import Choice
from conformance.reference.chat.stream import Event
from conformance.reference.check import invalid
from conformance.reference.fault import on_refusal
from conformance.reference.refusal import Refusal

LIMITS = ("max_tokens", "max_completion_tokens")


@on_body("stop.string-stops")
def stop_ignored(body: JsonObject, _: Call) -> JsonObject:
    """`stop` is ignored."""
    return without(body, "stop")


@on_body("stop.string-stops")
def stop_as_string_ignored(body: JsonObject, _: Call) -> JsonObject:
    """`stop` works as an array, and is ignored as a string."""
    return without(body, "stop") if isinstance(body.get("stop"), str) else body


@on_body("stop.string-stops")
def stop_as_string_refused(body: JsonObject, _: Call) -> JsonObject:
    """`stop` must be an array."""
    if isinstance(body.get("stop"), str):
        raise invalid("stop", "expected an array")
    return body


@on_body("stop.fourth-of-four-works")
def stop_as_array_refused(body: JsonObject, _: Call) -> JsonObject:
    """`stop` must be a string."""
    if isinstance(body.get("stop"), list):
        raise invalid("stop", "expected a string")
    return body


@on_body("stop.works-when-streamed")
def stop_ignored_when_streamed(body: JsonObject, _: Call) -> JsonObject:
    """`stop` is ignored in streams."""
    return without(body, "stop") if body.get("stream") is True else body


@on_choice("stop.not-in-output", "stop.never-leaks-in-stream")
def stop_included(choice: Choice, _: Call) -> Choice:
    """The stop sequence is part of the text."""
    return saying(choice, choice.text + choice.stopped_by) if choice.stopped_by else choice


@on_choice("stop.output-is-prefix")
def stop_takes_too_much(choice: Choice, _: Call) -> Choice:
    """The last letters before the stop sequence are lost."""
    return saying(choice, choice.text.rstrip()[:-3]) if choice.stopped_by else choice


@on_body("stop.partial-match-does-not-stop")
def stop_fires_on_a_prefix(body: JsonObject, _: Call) -> JsonObject:
    """Of several stop sequences each fires when its first half is there."""
    stop = body.get("stop")
    if not isinstance(stop, list):
        return body
    return {**body, "stop": [text[: (len(text) + 1) // 2] for text in stop]}


@on_choice("stop.finish-reason-stop")
def stopped_for_length(choice: Choice, _: Call) -> Choice:
    """The finish reason is length where a stop sequence fired."""
    return replace(choice, finish_reason="length") if choice.stopped_by else choice


@on_choice(
    "envelope.finish-reason-known",
    "stream.finish-reason-once",
    "sdk.chunks-validate",
    "sdk.response-validates",
)
def stop_sequence_as_reason(choice: Choice, _: Call) -> Choice:
    """The finish reason is stop_sequence where one fired."""
    return replace(choice, finish_reason="stop_sequence") if choice.stopped_by else choice


@on_body("stop.fourth-of-four-works")
def one_stop_only(body: JsonObject, _: Call) -> JsonObject:
    """Of several stop sequences only the first counts."""
    return {**body, "stop": body["stop"][:1]} if isinstance(body.get("stop"), list) else body


@on_body("stop.fourth-of-four-works")
def three_stops_only(body: JsonObject, _: Call) -> JsonObject:
    """The fourth stop sequence is dropped."""
    return {**body, "stop": body["stop"][:3]} if isinstance(body.get("stop"), list) else body


@on_body("stop.second-of-three-works")
def outer_stops_only(body: JsonObject, _: Call) -> JsonObject:
    """Of several stop sequences only the first and the last count."""
    stop = body.get("stop")
    if not isinstance(stop, list) or not 2 < len(stop) <= 4:
        return body
    return {**body, "stop": [stop[0], stop[-1]]}


@on_body("stop.partial-match-does-not-stop")
def stop_fires_before_its_last_character(body: JsonObject, _: Call) -> JsonObject:
    """Of several stop sequences each fires when all but its last character is there."""
    stop = body.get("stop")
    return {**body, "stop": [text[:-1] for text in stop]} if isinstance(stop, list) else body


@on_body("stop.fifth-not-dropped-silently")
def fifth_stop_dropped(body: JsonObject, _: Call) -> JsonObject:
    """More than four stop sequences are accepted, and only four are used."""
    return {**body, "stop": body["stop"][:4]} if isinstance(body.get("stop"), list) else body


@on_body("stop.fifth-not-dropped-silently")
def fifth_stop_effective(body: JsonObject, _: Call) -> JsonObject:
    """More than four stop sequences are accepted, and the last four are used."""
    return {**body, "stop": body["stop"][-4:]} if isinstance(body.get("stop"), list) else body


@on_events("stop.never-leaks-in-stream", "stop.works-when-streamed")
def stop_leaks_in_stream(events: list[Event], call: Call) -> list[Event]:
    """The beginning of the stop sequence is streamed before the end is noticed."""
    leak = "".join(stop[: len(stop) // 2] for stop in stops(call)[-1:])
    leaking = [event for event in events if reason(event) == "stop"]
    if not leak or not leaking:
        return events
    at = events.index(leaking[0])
    piece = each_choice(leaking[0].data, lambda c: {**c, "finish_reason": None, "delta": {"content": leak}})  # type: ignore[arg-type]
    return [*events[:at], Event(piece), *events[at:]]


@on_body("stop.newline-and-multi-token")
def stop_within_a_token_only(body: JsonObject, _: Call) -> JsonObject:
    """A stop sequence with a newline in it is never found."""
    stop = body.get("stop")
    return without(body, "stop") if isinstance(stop, str) and "\n" in stop else body


@on_choice("stop.at-first-token", "usage.tools-counted")  # whose answers are empty within one token
def empty_answer_crashes(choice: Choice, _: Call) -> Choice:
    """An answer of no text is a crash."""
    if not choice.text and not choice.calls:
        raise crash()
    return choice


@on_usage("stop.tail-not-billed")
def tail_is_billed(usage: JsonObject, call: Call) -> JsonObject:
    """With a stop sequence the text behind it is billed all the same."""
    return recounted(usage, completion=90) if stops(call) else usage


@on_body("stop.null-is-unset")
def stop_null_refused(body: JsonObject, _: Call) -> JsonObject:
    """`stop` may not be null."""
    if "stop" in body and body["stop"] is None:
        raise invalid("stop", "null is not allowed")
    return body


@on_body("limits.max-tokens-bounds", "limits.max-completion-tokens")
def limit_ignored(body: JsonObject, _: Call) -> JsonObject:
    """max_tokens and max_completion_tokens are ignored."""
    return _unlimited(body, *LIMITS)


@on_body("limits.bounds-stream")
def limit_ignored_when_streamed(body: JsonObject, _: Call) -> JsonObject:
    """The token limit is ignored in streams."""
    return _unlimited(body, *LIMITS) if body.get("stream") is True else body


@on_events("limits.stream-ends")
def babbles_on_when_streamed(events: list[Event], _: Call) -> list[Event]:
    """In streams, an answer that the limit cuts goes on for thousands of tokens."""
    at = next((number for number, event in enumerate(events) if reason(event) == "length"), None)
    if at is None:
        return events
    babble = each_choice(events[at].data, lambda c: {**c, "finish_reason": None, "delta": {"content": " la"}})  # type: ignore[arg-type]
    return [*events[:at], *[Event(babble)] * 3000, *events[at:]]


@on_body("limits.max-completion-tokens")
def newer_limit_ignored(body: JsonObject, _: Call) -> JsonObject:
    """max_completion_tokens is ignored."""
    return _unlimited(body, "max_completion_tokens")


@on_body("limits.max-completion-tokens")
def newer_limit_refused(body: JsonObject, _: Call) -> JsonObject:
    """max_completion_tokens is refused."""
    if "max_completion_tokens" in body:
        raise Refusal("Extra inputs are not permitted.", param="max_completion_tokens")
    return body


@on_body("usage.within-limit")
def limit_exceeded_by_one(body: JsonObject, _: Call) -> JsonObject:
    """One token more than max_tokens is generated."""
    return _moved(body, 1)


@on_body("limits.max-tokens-exact")
def limit_missed_by_one(body: JsonObject, _: Call) -> JsonObject:
    """One token less than max_tokens is generated, but at least one."""
    return _moved(body, -1)


@on_choice("limits.finish-reason-length")
def cut_reported_as_stop(choice: Choice, _: Call) -> Choice:
    """The finish reason is stop where the limit cut the answer."""
    return replace(choice, finish_reason="stop") if choice.finish_reason == "length" else choice


@on_events("limits.bounds-stream")
def cut_reported_as_stop_when_streamed(events: list[Event], _: Call) -> list[Event]:
    """In streams the finish reason is stop where the limit cut the answer."""
    return [
        replace(event, data=each_choice(event.data, lambda c: {**c, "finish_reason": "stop"}))
        if isinstance(event.data, dict) and reason(event) == "length"
        else event
        for event in events
    ]


@on_answer("limits.truncation-is-success", "limits.max-completion-tokens")
def cut_is_an_error(answer: JsonObject, _: Call) -> JsonObject:
    """An answer that the limit cuts is an error."""
    if any(choice["finish_reason"] == "length" for choice in answer["choices"]):
        raise Refusal("The answer does not fit into max_tokens.", status=422, param="max_tokens")
    return answer


@on_body("limits.truncation-is-success", "limits.max-completion-tokens")
def small_limits_refused(body: JsonObject, _: Call) -> JsonObject:
    """No limit below 16 is served, as by the interface that stands behind this one."""
    limit = body.get("max_completion_tokens") or body.get("max_tokens")
    if isinstance(limit, int) and 0 < limit < 16:
        words = f"integer below minimum value. Expected a value >= 16, but got {limit} instead."
        raise Refusal(f"Invalid 'max_output_tokens': {words}", param="max_output_tokens")
    return body


@on_body("limits.truncation-is-success")
def limit_of_one_crashes(body: JsonObject, _: Call) -> JsonObject:
    """max_tokens 1 is a crash."""
    if body.get("max_tokens") == 1:
        raise crash()
    return body


@on_choice("limits.output-grows-with-limit")
def cut_in_the_middle(choice: Choice, _: Call) -> Choice:
    """Where the limit cuts, what is in the middle is lost, and the end is there."""
    if choice.finish_reason != "length" or len(choice.tokens) < 4:
        return choice
    return replace(choice, tokens=choice.tokens[:2] + choice.tokens[-1:])


@on_body("limits.invalid-refused")
def limit_clamped(body: JsonObject, _: Call) -> JsonObject:
    """A max_tokens that is no positive integer is made one."""
    try:
        return {**body, "max_tokens": max(1, int(body["max_tokens"]))}
    except (KeyError, TypeError, ValueError):
        return body


@on_refusal("limits.invalid-refused")
def wrong_limit_ignored(refusal: Refusal, _: Call) -> Refusal | None:
    """A max_tokens that is no positive integer is ignored."""
    return None if refusal.param in LIMITS else refusal


@on_body("examples.documented-example-works")
def limit_demanded(body: JsonObject, _: Call) -> JsonObject:
    """A request without max_tokens is refused."""
    if not any(name in body for name in LIMITS):
        raise invalid("max_tokens", "it is required", code="missing_required_parameter")
    return body


@on_body("limits.default-not-tiny")
def tiny_default_limit(body: JsonObject, _: Call) -> JsonObject:
    """Without max_tokens an answer ends after 8 tokens."""
    return body if any(body.get(name) is not None for name in LIMITS) else {**body, "max_tokens": 8}


def _unlimited(body: JsonObject, *names: str) -> JsonObject:
    """The body without the limits that are valid; the others are still refused."""
    return {k: v for k, v in body.items() if k not in names or not isinstance(v, int) or v < 1}


def _moved(body: JsonObject, by: int) -> JsonObject:
    limit = body.get("max_tokens")
    valid = isinstance(limit, int) and limit >= 1
    return {**body, "max_tokens": max(1, limit + by)} if valid and isinstance(limit, int) else body

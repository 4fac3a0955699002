"""Faults in failing: what becomes of a stream that breaks off, and of an error that looks like an answer."""

from __future__ import annotations

from conformance.reference.call import Call, Reply
from conformance.reference.change import instead
from conformance.reference.chat.faults.change import each_part, reason
from conformance.reference.chat.faults.fault import on_events
from conformance.reference.chat.stream import Event
from conformance.reference.fault import on_reply


@on_events(
    "stream.failure-is-error-event",
    "stream.finish-reason-once",
    "stream.done-once-and-last",
    "sdk.stream-helper-works",
)
def stream_ends_in_silence(events: list[Event], _: Call) -> list[Event]:
    """Half way through the stream ends, with nothing to say so."""
    return events[: len(events) // 2]


@on_events("stream.finish-reason-once")
def stream_fails_half_way(events: list[Event], _: Call) -> list[Event]:
    """Half way through the stream fails, and says so as clients expect it."""
    error = {"message": "The server had an error.", "type": "server_error", "param": None, "code": None}
    return [*events[: len(events) // 2], Event({"error": error})]


@on_events(
    "stream.truncation-visible",
    "stream.chunks-are-chunks",
    "stream.finish-reason-once",
    "sdk.chunks-validate",
    "sdk.stream-helper-works",
)
def failure_in_another_shape(events: list[Event], _: Call) -> list[Event]:
    """Half way through the stream fails, and says so in a shape that clients do not know."""
    return [*events[: len(events) // 2], Event({"message": "upstream failed", "code": 500}), events[-1]]


@on_events("stream.failure-is-error-event", "stream.finish-reason-once", "stream.truncation-visible")
def failure_as_text(events: list[Event], _: Call) -> list[Event]:
    """Half way through the stream fails with an error that is only a string."""
    return [*events[: len(events) // 2], Event({"error": "upstream failed"}), events[-1]]


@on_events("stream.finish-reason-once", "stream.truncation-visible", "sdk.chunks-validate")
def failure_as_finish_reason(events: list[Event], _: Call) -> list[Event]:
    """Half way through the stream fails, and says so in a finish reason of its own."""
    half, last = events[: len(events) // 2], [event for event in events if reason(event)]
    return [*half, *each_part(last, lambda part: {**part, "finish_reason": "error"}), events[-1]]


@on_reply("errors.unknown-model-refused")
def error_as_answer(reply: Reply, call: Call) -> Reply:
    """That there is no such model is what the assistant says, with status 200."""
    if not call.is_chat or b"model_not_found" not in reply.body:
        return reply
    message = {"role": "assistant", "content": "Error: the model does not exist.", "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    counts = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    answer = {
        "id": f"chatcmpl-{call.fresh_id()}",
        "object": "chat.completion",
        "created": int(call.at),
        "model": call.json().get("model"),
        "choices": [choice],
        "usage": counts,
    }
    return instead(reply, answer, 200)

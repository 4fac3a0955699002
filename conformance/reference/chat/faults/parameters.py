"""Faults in request parameters that no other area is about."""

from __future__ import annotations

from conformance.reference.call import Call, JsonObject
from conformance.reference.change import without
from conformance.reference.chat.faults.change import each_message
from conformance.reference.chat.faults.fault import on_answer, on_body
from conformance.reference.check import invalid
from conformance.reference.fault import on_refusal
from conformance.reference.refusal import Refusal

_SAMPLERS = ("temperature", "top_p", "stop")


@on_body("parameters.defaults-accepted")
def user_refused(body: JsonObject, _: Call) -> JsonObject:
    """`user` is refused as unknown."""
    if "user" in body:
        raise Refusal("Extra inputs are not permitted.", status=422, param="user")
    return body


@on_body("parameters.defaults-accepted")
def text_format_refused(body: JsonObject, _: Call) -> JsonObject:
    """response_format may only ask for JSON; the error does not say which parameter it is about."""
    if body.get("response_format") == {"type": "text"}:
        raise Refusal("The response_format is not supported.")
    return body


@on_body("parameters.null-is-unset")
def null_refused(body: JsonObject, _: Call) -> JsonObject:
    """Null is refused, but for the parameters that clients send as null most often."""
    for name, value in body.items():
        if value is None and name not in _SAMPLERS:
            raise invalid(name, "null is not allowed")
    return body


@on_refusal("parameters.wrong-types-refused")
def wrong_type_ignored(refusal: Refusal, call: Call) -> Refusal | None:
    """A parameter of the wrong type is taken as not set."""
    value = call.json().get(refusal.param or "")
    wrong = {"stop": int, "metadata": str}.get(refusal.param or "")
    return None if wrong is not None and isinstance(value, wrong) else refusal


@on_refusal("parameters.out-of-range-refused")
def unknown_tier_ignored(refusal: Refusal, _: Call) -> Refusal | None:
    """A service_tier that does not exist is taken as not set."""
    return None if refusal.param == "service_tier" else refusal


@on_refusal("parameters.out-of-range-refused")
def bias_out_of_range_ignored(refusal: Refusal, _: Call) -> Refusal | None:
    """A logit_bias out of range is taken as not set."""
    return None if refusal.param == "logit_bias" else refusal


@on_refusal("logprobs.too-many-refused")
def top_logprobs_unbounded(refusal: Refusal, call: Call) -> Refusal | None:
    """More than 20 alternatives for each token are taken for none."""
    body = call.json()
    return None if refusal.param == "top_logprobs" and body.get("logprobs") else refusal


@on_refusal("parameters.wrong-types-refused")
def stream_as_text_served(refusal: Refusal, call: Call) -> Refusal | None:
    """`stream: "yes"` is taken as not set."""
    return None if refusal.param == "stream" and isinstance(call.json()["stream"], str) else refusal


@on_refusal("parameters.needed-ones-demanded")
def top_logprobs_alone_served(refusal: Refusal, call: Call) -> Refusal | None:
    """top_logprobs without logprobs is taken as not set."""
    return None if refusal.param == "top_logprobs" and not call.json().get("logprobs") else refusal


@on_refusal("parameters.needed-ones-demanded")
def stream_options_alone_served(refusal: Refusal, _: Call) -> Refusal | None:
    """stream_options without stream are taken as not set."""
    return None if refusal.param == "stream_options" else refusal


@on_body("parameters.service-tier-named")
def service_tier_ignored(body: JsonObject, _: Call) -> JsonObject:
    """A valid service_tier is ignored."""
    return without(body, "service_tier") if body.get("service_tier") == "auto" else body


@on_body("parameters.functions-still-work")
def functions_ignored(body: JsonObject, _: Call) -> JsonObject:
    """The deprecated `functions` are ignored."""
    return without(body, "functions", "function_call")


@on_answer("parameters.functions-still-work")
def functions_called_as_tools(answer: JsonObject, _: Call) -> JsonObject:
    """A call of the deprecated `functions` comes as a tool call."""

    def edit(message: JsonObject) -> JsonObject:
        if "function_call" not in message:
            return message
        call = {"id": "call_0", "type": "function", "function": message["function_call"]}
        return {**without(message, "function_call"), "tool_calls": [call]}

    return each_message(answer, edit)

"""Faults in refusing: what is served though it is wrong, and how an error looks."""

from __future__ import annotations

from dataclasses import replace

from conformance.reference.call import Call, Frame, JsonObject, Reply
from conformance.reference.change import crash, other_header, rewritten, without
from conformance.reference.chat.faults.change import prompt
from conformance.reference.chat.faults.fault import on_body
from conformance.reference.fault import on_error, on_refusal, on_reply
from conformance.reference.refusal import Refusal

PAGE = b"<!doctype html><title>Gateway</title><h1>Something went wrong</h1>"


def page(reply: Reply, status: int | None = None, text: bytes = PAGE) -> Reply:
    """The reply as a page for people."""
    headers = other_header(reply.headers, "content-type", "text/html; charset=utf-8")
    return Reply(reply.status if status is None else status, headers, (Frame(text),))


def is_mistake(refusal: Refusal, call: Call) -> bool:
    """Whether a chat request broke a rule, other than by its key, its address or its model."""
    return call.is_chat and refusal.status in (400, 415, 422)


@on_reply(
    "errors.json-error-object",
    "errors.unknown-path-and-method",
    "errors.unknown-parameter-handled",
    "sdk.refusals-raise",
)
def errors_as_pages(reply: Reply, _: Call) -> Reply:
    """Errors are pages of HTML."""
    return page(reply) if reply.status >= 400 else reply


@on_reply("transport.json-utf8")
def errors_as_plain_text(reply: Reply, _: Call) -> Reply:
    """The JSON of errors is labelled text/plain."""
    plain = replace(reply, headers=other_header(reply.headers, "content-type", "text/plain"))
    return plain if reply.status >= 400 else reply


@on_reply(
    "errors.json-error-object",
    "errors.unknown-path-and-method",
    "errors.unknown-parameter-handled",
    "sdk.refusals-raise",
)
def errors_without_body(reply: Reply, _: Call) -> Reply:
    """Errors have no body."""
    return replace(reply, frames=()) if reply.status >= 400 else reply


@on_error("errors.json-error-object", "sdk.refusals-raise")
def errors_as_detail(error: JsonObject, _: Call) -> JsonObject:
    """Errors have the shape {"detail": …}."""
    return {"detail": error["error"]["message"]}


@on_error("errors.json-error-object", "sdk.refusals-raise")
def errors_as_string(error: JsonObject, _: Call) -> JsonObject:
    """The error is a string."""
    return {"error": error["error"]["message"]}


@on_error("errors.json-error-object", "sdk.refusals-raise")
def errors_without_message(error: JsonObject, _: Call) -> JsonObject:
    """The message of an error is empty."""
    return {"error": {**error["error"], "message": ""}}


@on_error("errors.type-present")
def error_type_missing(error: JsonObject, _: Call) -> JsonObject:
    """Errors have no type."""
    return {"error": without(error["error"], "type")}


@on_error("errors.code-and-param-present")
def error_code_and_param_missing(error: JsonObject, _: Call) -> JsonObject:
    """Errors have neither code nor param."""
    return {"error": without(error["error"], "code", "param")}


@on_error("errors.code-and-param-present")
def error_code_as_number(error: JsonObject, _: Call) -> JsonObject:
    """The code of an error is a number."""
    return {"error": {**error["error"], "code": 400}}


@on_refusal("errors.model-missing-refused")
def model_by_default(refusal: Refusal, call: Call) -> Refusal | None:
    """A missing or senseless model is replaced by a default."""
    model = call.json().get("model")
    wrong = refusal.param == "model" and (not isinstance(model, str) or not model)
    return None if wrong and call.is_chat else refusal


@on_refusal("errors.messages-invalid-refused", "stream.refusal-is-http-error")
def messages_by_default(refusal: Refusal, _: Call) -> Refusal | None:
    """Missing or senseless messages are replaced by a greeting."""
    return None if refusal.param == "messages" else refusal


@on_refusal("errors.message-malformed-refused", "tools.orphan-results-refused")
def message_by_default(refusal: Refusal, _: Call) -> Refusal | None:
    """A message that is malformed inside is replaced by a greeting."""
    inside = (refusal.param or "").startswith("messages[")
    return (
        None if inside and (refusal.param or "").endswith((".role", ".content", ".tool_call_id")) else refusal
    )


@on_refusal("errors.malformed-json-refused", "errors.client-mistake-never-5xx")
def malformed_json_crashes(refusal: Refusal, _: Call) -> Refusal:
    """A body that is no JSON is a crash."""
    return crash() if refusal.code == "invalid_json" else refusal


@on_refusal("errors.malformed-json-refused")
def malformed_json_served(refusal: Refusal, _: Call) -> Refusal | None:
    """A body that is no JSON is answered as a greeting."""
    return None if refusal.code == "invalid_json" else refusal


@on_refusal("errors.unknown-model-refused")
def unknown_model_served(refusal: Refusal, call: Call) -> Refusal | None:
    """Whatever model is asked for, there is an answer in its name."""
    return None if refusal.code == "model_not_found" and call.is_chat else refusal


@on_refusal("errors.unknown-model-refused", "errors.client-mistake-never-5xx")
def unknown_model_unavailable(refusal: Refusal, call: Call) -> Refusal:
    """An unknown model gets 503."""
    unknown = refusal.code == "model_not_found" and call.is_chat
    return rewritten(refusal, status=503, kind="server_error") if unknown else refusal


@on_refusal(
    "errors.client-mistake-never-5xx",
    "errors.model-missing-refused",
    "errors.messages-invalid-refused",
    "errors.message-malformed-refused",
    "errors.malformed-json-refused",
    "errors.wrong-content-type",
    "errors.unknown-parameter-handled",
    "limits.invalid-refused",
    "stop.fifth-not-dropped-silently",
)
def mistakes_crash(refusal: Refusal, call: Call) -> Refusal:
    """Every mistake in a chat request is a crash."""
    return crash() if is_mistake(refusal, call) else refusal


@on_body("errors.client-mistake-never-5xx", "errors.message-malformed-refused")
def unknown_role_crashes(body: JsonObject, _: Call) -> JsonObject:
    """A message with an unknown role is a crash."""
    messages = body.get("messages")
    known = ("system", "developer", "user", "assistant", "tool", "function", None)
    if isinstance(messages, list) and any(
        isinstance(m, dict) and m.get("role") not in known for m in messages
    ):
        raise crash()
    return body


@on_refusal("errors.documented-status")
def mistakes_forbidden(refusal: Refusal, call: Call) -> Refusal:
    """Every mistake in a chat request gets 403."""
    return rewritten(refusal, status=403) if is_mistake(refusal, call) else refusal


@on_refusal("errors.documented-status")
def mistakes_not_found(refusal: Refusal, call: Call) -> Refusal:
    """Every mistake in a chat request gets 404, as if there were no such model."""
    return rewritten(refusal, status=404, code="model_not_found") if is_mistake(refusal, call) else refusal


@on_refusal("errors.wrong-content-type")
def wrong_content_type_crashes(refusal: Refusal, _: Call) -> Refusal:
    """A Content-Type other than JSON is a crash."""
    return crash() if refusal.status == 415 else refusal


@on_reply("errors.unknown-path-and-method")
def start_page_everywhere(reply: Reply, _: Call) -> Reply:
    """An unknown address gets the start page of the web site and status 200."""
    return page(reply, 200) if reply.status == 404 and b"model_not_found" not in reply.body else reply


@on_reply("errors.unknown-path-and-method")
def unknown_path_as_text(reply: Reply, _: Call) -> Reply:
    """An unknown address gets a page of text."""
    unknown = reply.status == 404 and b"model_not_found" not in reply.body
    return page(reply, text=b"404 page not found") if unknown else reply


@on_refusal("errors.unknown-path-and-method")
def allowed_methods_unsaid(refusal: Refusal, _: Call) -> Refusal:
    """405 does not say which methods are allowed."""
    return rewritten(refusal, headers=()) if refusal.status == 405 else refusal


@on_refusal("errors.unknown-parameter-handled")
def unknown_parameter_crashes(refusal: Refusal, _: Call) -> Refusal:
    """An unknown parameter is a crash."""
    return crash() if refusal.code == "unknown_parameter" else refusal


@on_refusal("errors.unknown-parameter-handled")
def unknown_parameter_ignored(refusal: Refusal, _: Call) -> Refusal | None:
    """An unknown parameter is ignored, which is allowed."""
    return None if refusal.code == "unknown_parameter" else refusal


@on_error("errors.key-never-echoed")
def key_echoed(error: JsonObject, call: Call) -> JsonObject:
    """Errors repeat the key of the request."""
    key = call.header("authorization").partition(" ")[2]
    message = f"{error['error']['message']} (request signed with {key})"
    return {"error": {**error["error"], "message": message}} if key else error


@on_error("errors.key-never-echoed")
def upstream_key_echoed(error: JsonObject, _: Call) -> JsonObject:
    """Errors show a key of the provider's own."""
    message = f"{error['error']['message']} Upstream key sk-proj-Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MA was used."
    return {"error": {**error["error"], "message": message}}


@on_body("errors.service-alive-after-refusals")
def worker_lost_by_a_mistake(body: JsonObject, call: Call) -> JsonObject:
    """After a message that is no object was refused, a question about an image is a crash."""
    if body.get("messages") == [1]:
        call.memory["mistaken"] = True
    elif "image" in prompt(call) and call.memory.get("mistaken"):
        raise crash()
    return body


@on_error("errors.not-billed")
def errors_billed(error: JsonObject, _: Call) -> JsonObject:
    """Errors come with a usage."""
    return {**error, "usage": {"prompt_tokens": 9, "completion_tokens": 0, "total_tokens": 9}}

"""Variants in refusing: the words and codes of errors, and what may be refused at all."""

from __future__ import annotations

from conformance.contracts.chat.sources import METHOD, OPENAI, RFC
from conformance.reference.call import Call, JsonObject
from conformance.reference.change import rewritten
from conformance.reference.chat.faults.refusing import is_mistake
from conformance.reference.check import invalid
from conformance.reference.fault import on_error, on_refusal
from conformance.reference.refusal import Refusal
from conformance.reference.variant import legal


def told(error: JsonObject, **changes: object) -> JsonObject:
    """The error object with other members."""
    return {**error, "error": {**error["error"], **changes}}


def unsupported(param: str) -> Refusal:
    """The refusal of a parameter that a service does not have."""
    return invalid(param, "it is not supported by this service", code="unsupported_parameter")


@legal(OPENAI.error_object, aspect="message")
@on_error()
def message_terse(error: JsonObject, _: Call) -> JsonObject:
    """The message of an error is two words."""
    param = error["error"]["param"]
    return told(error, message=f"bad {param}" if param else "not possible")


@legal(OPENAI.error_object, aspect="message")
@on_error()
def message_in_chinese(error: JsonObject, _: Call) -> JsonObject:
    """Errors are told in Chinese."""
    return told(
        error, message=f"请求无效：{error['error']['param'] or '参数'}。（请求标识：2026013112000000001）"
    )


@legal(OPENAI.error_object, aspect="message")
@on_error()
def message_in_many_lines(error: JsonObject, _: Call) -> JsonObject:
    """The message of an error goes on over many lines."""
    lines = "\n".join(f'  {number}. <field> & "value" \\ hint' for number in range(40))
    return told(error, message=f"{error['error']['message']}\nWhat to check:\n{lines}")


@legal(OPENAI.error_object, aspect="code")
@on_error()
def code_null(error: JsonObject, _: Call) -> JsonObject:
    """Errors have no code: it is null."""
    return told(error, code=None)


@legal(OPENAI.error_object, aspect="code")
@on_error()
def code_as_status_text(error: JsonObject, _: Call) -> JsonObject:
    """The code of an error is its HTTP status, written as a string."""
    return told(
        error, code={"invalid_api_key": "401", "model_not_found": "404"}.get(error["error"]["code"], "400")
    )


@legal(OPENAI.error_object, aspect="param")
@on_error()
def param_null(error: JsonObject, _: Call) -> JsonObject:
    """Errors do not say which parameter they are about: param is null."""
    return told(error, param=None)


@legal(OPENAI.error_object, aspect="param")
@on_error()
def param_as_a_path(error: JsonObject, _: Call) -> JsonObject:
    """The parameter that an error is about is named by its path in the body."""
    param = error["error"]["param"]
    return told(error, param=f"body.{param}" if param else "")


@legal(OPENAI.error_object, aspect="type")
@on_error()
def type_of_a_gateway(error: JsonObject, _: Call) -> JsonObject:
    """The type of every error is the name of a class."""
    return told(error, type="BadRequestError")


@legal(RFC.unsupported_media_type)
@on_refusal()
def text_plain_read_as_json(refusal: Refusal, _: Call) -> Refusal | None:
    """A body that is labelled text/plain is read as JSON."""
    return None if refusal.status == 415 else refusal


@legal(RFC.unprocessable, aspect="status")
@on_refusal()
def status_422(refusal: Refusal, call: Call) -> Refusal:
    """Invalid requests are refused with 422."""
    return rewritten(refusal, status=422) if is_mistake(refusal, call) else refusal


@legal(RFC.bad_request, aspect="status")
@on_refusal()
def unknown_model_400(refusal: Refusal, call: Call) -> Refusal:
    """A chat with a model that does not exist is refused with 400."""
    return rewritten(refusal, status=400) if call.is_chat and refusal.status == 404 else refusal


@legal(OPENAI.errors, aspect="status")
@on_refusal()
def unknown_model_403(refusal: Refusal, call: Call) -> Refusal:
    """A chat with a model that does not exist is refused with 403: the key has no access to it."""
    return rewritten(refusal, status=403) if call.is_chat and refusal.status == 404 else refusal


@legal(RFC.not_found)
@on_refusal()
def wrong_method_404(refusal: Refusal, _: Call) -> Refusal:
    """A GET on the endpoint finds nothing there."""
    return rewritten(refusal, status=404, headers=()) if refusal.status == 405 else refusal


@legal(RFC.unauthorized)
@on_refusal()
def challenge_with_parameters(refusal: Refusal, _: Call) -> Refusal:
    """A refused key gets a challenge with parameters, among several."""
    challenge = 'Basic realm="api", BEARER realm="api", error="invalid_token", error_description="no, really"'
    return (
        rewritten(refusal, headers=(("www-authenticate", challenge),)) if refusal.status == 401 else refusal
    )


@legal(METHOD.practice, notes=("errors.unknown-parameter-handled",))
@on_refusal()
def unknown_parameters_ignored(refusal: Refusal, call: Call) -> Refusal | None:
    """A parameter that does not exist is ignored."""
    return None if call.is_chat and "x_conformance" in (refusal.param or "") else refusal

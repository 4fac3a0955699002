"""Errors: invalid requests are refused, with a 4xx status and an error object that clients can read."""

from __future__ import annotations

import re
from functools import partial

from conformance.asking.request import WRONG_KEY
from conformance.contracts.host.probes import (
    EMPTY_MODEL,
    MALFORMED_JSON,
    NO_MODEL,
    NUMBER_MODEL,
    PARAMETER,
    PLAIN_TEXT,
    UNKNOWN_MODEL,
    UNKNOWN_PARAMETER,
    UNKNOWN_PATH,
    WRONG_METHOD,
)
from conformance.contracts.host.refusing import all_refused, members, outage, speaks
from conformance.contracts.host.selecting import every_refusal, every_response
from conformance.contracts.host.sources import CLIENTS, METHOD, OPENAI
from conformance.contracts.sources import RFC
from conformance.contracts.view import View
from conformance.judging.requirement import MAY, MUST, SHOULD, probes, requirement
from conformance.judging.saying import assume, concerns, needs, note, warn, wrong
from conformance.provider.model import Claims
from conformance.wire.message import Message
from conformance.wire.record import Attempt
from conformance.wire.redact import MARK

error_requirement = partial(requirement, source=OPENAI.error_object)


ANY_NAME = "the documents say that the model answers to any name"


SOME_KEY = re.compile(rb"\bsk-[A-Za-z0-9_-]{16,}")
"""What keys of OpenAI, and of the many who copy the prefix, look like. A masked key does not match."""


JSON_TYPES = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}


def serves(view: View, default: str) -> bool:
    """The request was served by the documented default model."""
    return view.served and default.lower() in str(members(view).get("model")).lower()


def received(attempt: Attempt) -> bytes:
    """Everything that was received: the headers, line by line, and the body."""
    headers = "\n".join(f"{name}: {value}" for name, value in attempt.headers)
    return headers.encode("utf-8", "replace") + b"\n\n" + attempt.body


@error_requirement(
    "errors.json-error-object",
    MUST,
    hurts="SDKs lose the message, and users see a status without a reason.",
)
@every_refusal
def test_refusals_are_error_objects(refusal: View) -> None:
    """The body of a refusal is a JSON object with an `error` object whose `message` is a non-empty string."""
    status = refusal.status
    assume(not outage(refusal), "HTTP {status} says nothing about the request", status=status)
    page = refusal.media_type == "text/html" and refusal.exchange.expects == "answer"
    needs("transport.no-bot-wall", not page, "HTTP {status} is a page where an answer was due", status=status)
    message = refusal.whole and refusal.error.get("message")
    assert isinstance(message, str), wrong(
        "error.message is {kind}: {refusal}",
        refusal.at("error.message"),
        kind=type(message).__name__,
        refusal=refusal.refusal_in_words,
    )
    assert message.strip(), wrong(
        "error.message is empty (HTTP {status})", refusal.at("error.message"), status=status
    )
    faults = refusal.document.violations
    assert not faults, wrong(
        "the body of HTTP {status} is not valid JSON: {faults}",
        *(refusal.at_byte(fault.offset) for fault in faults[:3]),
        status=status,
        faults=", ".join(fault.message for fault in faults)[:120],
    )


@error_requirement(
    "errors.type-present", SHOULD, hurts="Programs that tell errors apart by their type cannot."
)
@every_refusal
def test_errors_have_a_type(refusal: View) -> None:
    """error.type is a non-empty string."""
    kind = refusal.error.get("type")
    where, status = refusal.at("error.type"), refusal.status
    assert isinstance(kind, str), wrong(
        "error.type is {kind!r} (HTTP {status})", where, kind=kind, status=status
    )
    assert kind, wrong("error.type is empty (HTTP {status})", where, status=status)


@error_requirement("errors.code-and-param-present", MAY)
@every_refusal
def test_errors_have_code_and_param(refusal: View, claims: Claims) -> None:
    """error.code and error.param are present, and each is a string or null (code also as documented)."""
    for name in ("code", "param"):
        documented = claims.detail("error-code", "types", ()) if name == "code" else ()
        where, status = refusal.at(f"error.{name}"), refusal.status
        assert name in refusal.error, wrong(
            "the error has no `{name}` (HTTP {status})", where, name=name, status=status
        )
        kind = JSON_TYPES.get(type(refusal.error[name]), "an object or array")
        right = kind in ("string", "null", *documented)
        assert right, wrong("error.{name} is of type {kind}", where, name=name, kind=Message(kind))


@error_requirement(
    "errors.model-missing-refused",
    MUST,
    source=(OPENAI.model, RFC.bad_request),
    hurts="A client that forgot the model pays for an answer of one it did not choose.",
)
@probes(missing=NO_MODEL, number=NUMBER_MODEL, empty=EMPTY_MODEL)
def test_request_without_a_model_is_refused(missing: View, number: View, empty: View, claims: Claims) -> None:
    """A request whose model is missing, empty or no string is refused with 4xx (or served by a default)."""
    concerns(not claims.detail("model", "any_name"), ANY_NAME)
    default = claims.detail("model", "default")
    absent = [view for view in (missing, empty) if default is None or not serves(view, str(default))]
    all_refused(*absent, number)


@error_requirement(
    "errors.malformed-json-refused",
    MUST,
    source=RFC.bad_request,
    hurts="A broken request is answered, and billed, instead of being noticed.",
)
@probes(malformed=MALFORMED_JSON)
def test_malformed_json_is_refused(malformed: View) -> None:
    """A body that is not JSON is refused with 4xx."""
    all_refused(malformed)


@error_requirement(
    "errors.unknown-model-refused",
    MUST,
    source=(OPENAI.model, CLIENTS.openai_python),
    hurts="A typo in the model is answered by another one, or retried as if the server were down.",
)
@probes(unknown=UNKNOWN_MODEL)
def test_unknown_model_is_refused(unknown: View, claims: Claims) -> None:
    """A model that does not exist is refused with 4xx: neither served by another, nor reported as 5xx."""
    concerns(not claims.detail("model", "any_name"), ANY_NAME)
    speaks(unknown)
    assert unknown.refused, wrong(
        "a model that cannot exist gets {refusal}", unknown.at_status(), refusal=unknown.refusal_in_words
    )


@error_requirement(
    "errors.client-mistake-never-5xx",
    MUST,
    source=(RFC.server_error, CLIENTS.openai_python),
    hurts="SDKs send the request again on 5xx, twice by default, though it can never succeed.",
)
@every_refusal
def test_mistakes_of_the_client_are_never_5xx(refusal: View) -> None:
    """A mistake of the client is never answered with a 5xx status."""
    concerns(refusal.exchange.expects == "refusal", "the request is no mistake")
    speaks(refusal)
    assert refusal.status < 500, wrong(
        "an invalid request gets {refusal}", refusal.at_status(), refusal=refusal.refusal_in_words
    )


@error_requirement("errors.wrong-content-type", MAY, source=RFC.unsupported_media_type)
@probes(mislabelled=PLAIN_TEXT)
def test_wrong_content_type_is_refused_or_overlooked(mislabelled: View) -> None:
    """A request whose Content-Type is text/plain is refused with 4xx, or served as if it were JSON."""
    assert mislabelled.refused or mislabelled.served, wrong(
        "a request labelled text/plain gets {refusal}",
        mislabelled.at_status(),
        refusal=mislabelled.refusal_in_words,
    )


@error_requirement(
    "errors.unknown-path-and-method",
    SHOULD,
    source=(RFC.not_found, RFC.method_not_allowed),
    hurts="A mistyped base_url looks like success.",
)
@probes(unknown=UNKNOWN_PATH, fetched=WRONG_METHOD)
def test_unknown_paths_and_methods_are_refused(unknown: View, fetched: View) -> None:
    """An unknown path gets 404 and JSON; GET on the endpoint gets 404, or 405 with an Allow header."""
    speaks(unknown)
    kind = unknown.media_type[:40] or Message("no media type")
    assert unknown.status == 404, wrong(
        "POST to an unknown path gets HTTP {status} ({kind})",
        unknown.at_status(),
        status=unknown.status,
        kind=kind,
    )
    body = unknown.whole and members(unknown)
    assert body, wrong(
        "the 404 of an unknown path is no JSON object ({kind})", unknown.at_header("content-type"), kind=kind
    )
    speaks(fetched)
    assert fetched.status in (404, 405), wrong(
        "GET on the endpoint gets HTTP {status}", fetched.at_status(), status=fetched.status
    )
    assert fetched.status == 404 or fetched.header("allow") is not None, wrong(
        "HTTP 405 without an Allow header", fetched.at_status()
    )


@error_requirement("errors.unknown-parameter-handled", MAY, source=METHOD.practice)
@probes(extra=UNKNOWN_PARAMETER)
def test_unknown_parameter_is_handled(extra: View) -> None:
    """A request with an unknown parameter is served, or refused in an error that names the parameter."""
    if extra.refused:
        named = PARAMETER.encode() in extra.last.body
        assert named, wrong(
            "the refusal does not name `{parameter}`: {refusal}",
            extra.at("error.message"),
            extra.at_status(),
            parameter=PARAMETER,
            refusal=extra.refusal_in_words,
        )
        return
    gets, words = "an unknown parameter gets {refusal}", extra.refusal_in_words
    assert extra.served, wrong(gets, extra.at_status(), refusal=words)
    assert "error" not in members(extra), wrong(gets, extra.at("error"), refusal=words)
    note("an unknown parameter is ignored, so a misspelt one goes unnoticed", extra)


@error_requirement(
    "errors.key-never-echoed",
    MUST,
    source=METHOD.practice,
    hurts="The key ends up in logs, and in the bug reports that quote them.",
)
@every_response
def test_keys_are_never_echoed(response: View) -> None:
    """No response contains the API key, and no error any other key in full."""
    everything = b"\n".join(map(received, response.exchange.attempts))
    status, sent = response.status, response.last.body.find(MARK.encode())
    where = response.at_byte(sent) if sent >= 0 else response.at_status()
    assert MARK.encode() not in everything, wrong(
        "HTTP {status} contains the API key that was sent", where, status=status
    )
    found = SOME_KEY.findall(everything) if response.status >= 400 else []
    # A beginning of the key that was sent is a masked echo, as OpenAI's own.
    other = [key for key in found if not WRONG_KEY.encode().startswith(key)]
    assert not other, wrong(
        "the error (HTTP {status}) contains what looks like a key: sk-…",
        response.at("error.message"),
        response,
        status=status,
    )
    if WRONG_KEY.encode() in found:
        warn(
            "the error (HTTP {status}) repeats an invalid key in full, so a mistyped one is logged",
            response.at("error.message"),
            response,
            status=status,
        )

"""Transport: what HTTP promises holds, so that clients need not know who is behind the endpoint."""

from __future__ import annotations

import re
from collections.abc import Sequence
from email.message import Message as Header

from conformance.contracts.host.probes import ASKED_FOR, CONTROL, ORIGIN, PREFLIGHT
from conformance.contracts.host.selecting import asks_the_endpoint, every_response
from conformance.contracts.host.sources import CLIENTS, OPENAI
from conformance.contracts.sources import FETCH, RFC
from conformance.contracts.view import BROKEN, View
from conformance.judging.requirement import MAY, MUST, SHOULD, controls, probes, requirement
from conformance.judging.saying import assume, concerns, note, visible, warn, wrong
from conformance.wire.record import Attempt, Failure, http_date
from conformance.wire.said import asks_for_a_human

LONGEST_WAIT = 120
"""Seconds beyond which openai-python ignores Retry-After."""


def charset(view: View) -> str | None:
    """The parameter `charset` of the Content-Type, in lower case."""
    message = Header()
    message["content-type"] = view.header("content-type") or ""
    value = message.get_param("charset")
    return value.lower() if isinstance(value, str) else None


def broken_off(attempts: Sequence[Attempt]) -> list[Failure]:
    """How responses ended too early."""
    failures = [attempt.failure for attempt in attempts if attempt.failure]
    return [failure for failure in failures if failure.kind in BROKEN]


def says_when(attempt: Attempt) -> bool:
    """Whether a header says when the limit ends, in any of the ways that are in use."""
    return any(re.search(r"retry-after|ratelimit.*reset", name.lower()) for name, _ in attempt.headers)


def seconds_to_wait(attempt: Attempt, value: str) -> float | None:
    """Retry-After as RFC 9110 has it: whole seconds, or an HTTP-date; None where it is neither."""
    if re.fullmatch(r"[0-9]{1,9}", value):
        return float(value)
    until = http_date(value)
    return None if until is None else (until - attempt.clock).total_seconds()


@requirement(
    "transport.json-utf8",
    MUST,
    source=(RFC.json_utf8, RFC.content_type),
    hurts="SDKs decode JSON as UTF-8 whatever is declared, and fail in the middle of an answer.",
)
@every_response
def test_json_is_labelled_and_encoded_as_it_should_be(response: View) -> None:
    """JSON has the Content-Type application/json with charset utf-8 or none, and is valid UTF-8."""
    concerns(not (response.streamed and response.served), "it is a stream")
    labelled = response.media_type == "application/json" or response.media_type.endswith("+json")
    concerns(labelled or isinstance(response.document.value, dict | list), "the body is not JSON")
    visible(response.whole)
    label = response.at_header("content-type")
    assert labelled, wrong(
        "JSON is labelled {label!r}", label, label=response.media_type[:40] or "with nothing"
    )
    encoding = charset(response)
    assert encoding in (None, "utf-8", "utf8"), wrong(
        "JSON is labelled charset={charset!r}", label, charset=encoding and encoding[:20]
    )
    faults = [fault for fault in response.document.faults if fault.kind == "invalid-utf8"]
    assert not faults, wrong(
        "the body is not valid UTF-8: {fault}, {where}",
        response.at_byte(faults[0].offset),
        fault=faults[0].message,
        where=faults[0].where,
    )


@requirement(
    "transport.no-redirect",
    MUST,
    source=(RFC.redirection, CLIENTS.openai_python),
    hurts="Clients follow a redirect with GET and without the body.",
)
@every_response
def test_the_documented_address_does_not_redirect(response: View) -> None:
    """The documented address answers itself: it does not redirect."""
    concerns(
        asks_the_endpoint(response) and response.exchange.expects == "answer", "nothing was to be answered"
    )
    status, redirects = response.status, "the documented address redirects (HTTP {status})"
    if status in (307, 308):
        warn(redirects, response.at_status(), status=status)
    assert not 300 <= status < 400, wrong(redirects, response.at_status(), status=status)


@requirement(
    "transport.complete-framing",
    MUST,
    source=(RFC.incomplete, CLIENTS.openai_python),
    hurts="SDKs send the request again, and pay again; or take half an answer for a whole one.",
)
@every_response
def test_responses_are_complete(response: View) -> None:
    """A response is complete: Content-Length is right, or the last chunk comes."""
    broken = broken_off(response.exchange.attempts)
    why = broken[0].message[:100] if broken else ""
    if broken and not broken_off((response.last,)):
        warn("a response broke off, and was complete when it was asked for again: {why}", response, why=why)
    if len(broken) == 1 and broken[0].kind != "too-large":
        warn("a response broke off, and was not asked for again: {why}", response, why=why)
    endless = [failure for failure in broken if failure.kind == "too-large"]
    assert not endless, wrong("the response has no end: {why}", response, why=endless[0].message)
    assert not broken, wrong(
        "the response broke off, {times} times in succession: {why}", response, times=len(broken), why=why
    )


@requirement("transport.content-encoding", SHOULD, source=RFC.content_encoding)
@every_response
def test_content_encoding_is_one_that_was_asked_for(response: View) -> None:
    """A body is encoded only as the request accepts (gzip or deflate), and can be decoded."""
    visible(response.whole)


@requirement(
    "transport.retry-after-sane",
    SHOULD,
    source=(RFC.retry_after, CLIENTS.openai_python),
    hurts="SDKs that cannot read it try again too early, or give up.",
)
@every_response
def test_retry_after_can_be_obeyed(response: View) -> None:
    """A 429 says when to try again; Retry-After is whole seconds or an HTTP-date, and at most 120 seconds."""
    limited = [attempt for attempt in response.exchange.attempts if attempt.status in (429, 503)]
    given = [(attempt, attempt.header("retry-after")) for attempt in limited]
    waits = [(value, seconds_to_wait(attempt, value)) for attempt, value in given if value is not None]
    silent = any(attempt.status == 429 and not says_when(attempt) for attempt in limited)
    concerns(waits or silent, "no 429 was seen, and no 503 with Retry-After")
    where = response.at_header("retry-after")
    for value, seconds in waits:
        assert seconds is not None, wrong(
            "Retry-After is {value!r}, neither whole seconds nor an HTTP-date", where, value=value[:40]
        )
        if seconds > LONGEST_WAIT:
            note(
                "Retry-After asks for {seconds:.0f} s; openai-python ignores what is above {most}",
                where,
                seconds=seconds,
                most=LONGEST_WAIT,
            )
    if silent:
        note("HTTP 429 does not say when to try again", response.at_status())


@requirement("transport.request-id", MAY, source=OPENAI.request_ids)
@every_response
def test_responses_have_a_request_id(response: View) -> None:
    """A response has a header such as x-request-id that names the request to the provider's support."""
    concerns(asks_the_endpoint(response), "only the endpoint itself is concerned")
    names = [name.lower() for name, value in response.last.headers if value]
    known = [name for name in names if re.search(r"request-?id|trace|correlation-id", name)]
    assert known, wrong(
        "HTTP {status} has no header like x-request-id", response.at_status(), status=response.status
    )


@requirement(
    "transport.cors-preflight",
    MAY,
    source=FETCH,
    hurts="A page in a browser cannot call the service itself.",
)
@controls(plain=CONTROL)
@probes(preflight=PREFLIGHT)
def test_browsers_may_call_the_service(plain: View, preflight: View) -> None:
    """A CORS preflight without a key is answered with 2xx, and allows the method and headers of a request."""
    visible(plain.require_answer())
    assert preflight.served, wrong(
        "OPTIONS with an Origin gets HTTP {status}: pages cannot call the service",
        preflight.at_status(),
        status=preflight.status,
    )
    origin = preflight.header("access-control-allow-origin")
    assert origin in ("*", ORIGIN), wrong(
        "access-control-allow-origin is {origin!r}",
        preflight.at_header("access-control-allow-origin"),
        origin=origin and origin[:40],
    )
    allowed = preflight.header("access-control-allow-headers") or ""
    named = {name.strip().lower() for name in allowed.split(",")}
    missing = [name for name in ASKED_FOR if name not in named and "*" not in named]
    assert not missing, wrong(
        "access-control-allow-headers lacks {missing}: {allowed!r}",
        preflight.at_header("access-control-allow-headers"),
        missing=", ".join(missing),
        allowed=allowed[:60],
    )


@requirement(
    "transport.no-bot-wall",
    MUST,
    source=CLIENTS.openai_python,
    hurts="SDKs get a page that asks for a human, and can neither run its script nor solve its puzzle.",
)
@every_response
def test_there_is_no_wall_against_programs(response: View) -> None:
    """A client that says it is a program is answered, not shown a page that asks for a human."""
    page, status = response.media_type == "text/html", response.status
    assert not asks_for_a_human(response.last), wrong(
        "HTTP {status} is a page that asks for a human, not an answer", response.at_status(), status=status
    )
    blocked = page and status in (403, 429, 503) and response.exchange.expects == "answer"
    assume(not blocked, "HTTP {status} is a page (text/html); it may be an outage, or a wall", status=status)

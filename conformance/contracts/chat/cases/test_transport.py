"""Transport: what HTTP promises holds, so that clients need not know who is behind the endpoint."""

from __future__ import annotations

import re
from collections.abc import Sequence
from email.message import Message

from conformance.asking.change import after, cut_after, header
from conformance.asking.probe import Credential, Expects, Probe
from conformance.asking.retry import FAILED
from conformance.contracts.chat.probes.ask import ENDPOINT
from conformance.contracts.chat.probes.named import COUNT, COUNT_CUT_STREAM, COUNT_STREAM, OK, echo
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.selecting import every_response
from conformance.contracts.chat.sources import CLIENTS, FETCH, METHOD, OPENAI, RFC
from conformance.contracts.view import BROKEN
from conformance.judging.requirement import MAY, MUST, SHOULD, probes, requirement
from conformance.judging.saying import assume, concerns, needs, note, warn
from conformance.wire.record import Attempt, Failure, http_date

MARKERS = ("falcon-17-amber", "badger-29-cedar", "osprey-43-topaz")
"""Texts that no model writes by chance."""

LONGEST_WAIT = 120
"""Seconds beyond which openai-python ignores Retry-After."""

ORIGIN = "https://app.example"
ASKED_FOR = ("authorization", "content-type")
PREFLIGHT = Probe(
    "CORS preflight",
    method="OPTIONS",
    path=ENDPOINT,
    headers=(
        ("Origin", ORIGIN),
        ("Access-Control-Request-Method", "POST"),
        ("Access-Control-Request-Headers", ",".join(ASKED_FOR)),
    ),
    credential=Credential.NONE,
    expects=Expects.EITHER,
)
"""What a browser sends before a page of another origin may call the service."""

CHALLENGES = (b"challenge-platform", b"cf-chl", b"captcha", b"just a moment", b"_incapsula_", b"ddos-guard")
"""What pages say that want to know whether a human is there, in lower case."""

CUT = COUNT_STREAM | cut_after(2)


def asks_the_endpoint(view: View) -> bool:
    """A POST to the documented address."""
    request = view.exchange.request
    return request.method == "POST" and request.url.endswith(ENDPOINT)


def charset(view: View) -> str | None:
    """The parameter `charset` of the Content-Type, in lower case."""
    message = Message()
    message["content-type"] = view.header("content-type") or ""
    value = message.get_param("charset")
    return value.lower() if isinstance(value, str) else None


def streams(view: View) -> bool:
    """Whether the answer is a stream of events."""
    return view.served and not isinstance(view.document.value, dict) and bool(view.stream.events)


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
    assert response.whole
    assert labelled, f"JSON is labelled {response.media_type or 'with nothing'!r:.40}"
    assert charset(response) in (None, "utf-8", "utf8"), f"JSON is labelled charset={charset(response)!r:.20}"
    faults = [fault for fault in response.document.faults if fault.kind == "invalid-utf8"]
    assert not faults, f"the body is not valid UTF-8: {faults[0].message}, {faults[0].where}"


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
    if response.status in (307, 308):
        warn(f"the documented address redirects (HTTP {response.status})")
    assert not 300 <= response.status < 400, f"the documented address redirects (HTTP {response.status})"


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
    if broken and not broken_off((response.last,)):
        warn(f"a response broke off, and was complete when it was asked for again: {broken[0].message:.100}")
    if len(broken) == 1 and broken[0].kind != "too-large":
        warn(f"a response broke off, and was not asked for again: {broken[0].message:.100}")
    endless = [failure for failure in broken if failure.kind == "too-large"]
    assert not endless, f"the response has no end: {endless[0].message}"
    assert not broken, f"the response broke off, {len(broken)} times in succession: {broken[0].message:.100}"


@requirement("transport.content-encoding", SHOULD, source=RFC.content_encoding)
@every_response
def test_content_encoding_is_one_that_was_asked_for(response: View) -> None:
    """A body is encoded only as the request accepts (gzip or deflate), and can be decoded."""
    assert response.whole


@requirement(
    "transport.stream-any-accept",
    MUST,
    source=CLIENTS.openai_python,
    hurts="The official SDKs, which accept application/json even for a stream, get none.",
)
@probes(json=COUNT_CUT_STREAM, sse=COUNT_CUT_STREAM | header("Accept", "text/event-stream"))
def test_streams_do_not_depend_on_accept(json: View, sse: View) -> None:
    """A stream is sent whether the request accepts application/json or text/event-stream."""
    as_json, as_sse = streams(json), streams(sse)
    assume(json.served or sse.served, f"the request is refused anyway: {json.refusal_in_words}")
    if not (as_json or as_sse):
        answer = json if json.served else sse
        needs("stream.framing", answer.stream.events, "there is no event, whatever is accepted")
    assert as_json, f"no stream with Accept: application/json (HTTP {json.status}, {json.media_type:.40})"
    assert as_sse, f"no stream with Accept: text/event-stream (HTTP {sse.status}, {sse.media_type:.40})"


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
    for value, seconds in waits:
        assert seconds is not None, f"Retry-After is {value[:40]!r}, neither whole seconds nor an HTTP-date"
        if seconds > LONGEST_WAIT:
            note(f"Retry-After asks for {seconds:.0f} s; openai-python ignores what is above {LONGEST_WAIT}")
    if silent:
        note("HTTP 429 does not say when to try again")


@requirement("transport.request-id", MAY, source=OPENAI.request_ids)
@every_response
def test_responses_have_a_request_id(response: View) -> None:
    """A response has a header such as x-request-id that names the request to the provider's support."""
    concerns(asks_the_endpoint(response), "only the endpoint itself is concerned")
    names = [name.lower() for name, value in response.last.headers if value]
    known = [name for name in names if re.search(r"request-?id|trace|correlation-id", name)]
    assert known, f"HTTP {response.status} has no header like x-request-id"


@requirement(
    "transport.cors-preflight",
    MAY,
    source=FETCH,
    hurts="A page in a browser cannot call the service itself.",
)
@probes(plain=COUNT, preflight=PREFLIGHT)
def test_browsers_may_call_the_service(plain: View, preflight: View) -> None:
    """A CORS preflight without a key is answered with 2xx, and allows the method and headers of a request."""
    assert plain.choices
    status = preflight.status
    assert preflight.served, f"OPTIONS with an Origin gets HTTP {status}: pages cannot call the service"
    origin = preflight.header("access-control-allow-origin")
    assert origin in ("*", ORIGIN), f"access-control-allow-origin is {origin!r:.40}"
    allowed = preflight.header("access-control-allow-headers") or ""
    named = {name.strip().lower() for name in allowed.split(",")}
    missing = [name for name in ASKED_FOR if name not in named and "*" not in named]
    assert not missing, f"access-control-allow-headers lacks {', '.join(missing)}: {allowed[:60]!r}"


@requirement("transport.abort-leaves-service-usable", MAY, source=METHOD.practice)
@probes(cut=CUT, next=OK | after(CUT))
def test_a_client_that_hangs_up_does_no_harm(cut: View, next: View) -> None:
    """After a client hung up in the middle of a stream, the next request is served."""
    assume(cut.last.failure and cut.last.failure.kind == "cut", "there was no stream to hang up on")
    assert next.served, f"after a client hung up, a plain request gets {next.refusal_in_words}"
    first = next.exchange.attempts[0].status
    assert first != FAILED, f"after a client hung up, a plain request gets HTTP {first} at first"


@requirement(
    "transport.no-cross-talk",
    MUST,
    source=METHOD.practice,
    hurts="The text of one customer is in the answer to another.",
)
@probes(answers=tuple(echo(marker, f"echo {marker}") for marker in MARKERS))
def test_parallel_answers_are_not_mixed_up(answers: tuple[View, ...]) -> None:
    """Of requests that are sent at the same time, each gets its own answer."""
    pairs = list(zip(answers, MARKERS, strict=True))
    for view, own in pairs:
        foreign = [marker for marker in MARKERS if marker != own and marker in view.text]
        assert not foreign, f"{view.id}, who asked for {own!r}, was given {foreign[0]!r}"
    assume(all(own in view.text for view, own in pairs), "the model does not repeat what it is asked to")


@requirement(
    "transport.no-bot-wall",
    MUST,
    source=CLIENTS.openai_python,
    hurts="SDKs get a page that asks for a human, and can neither run its script nor solve its puzzle.",
)
@every_response
def test_there_is_no_wall_against_programs(response: View) -> None:
    """A client that says it is a program is answered, not shown a page that asks for a human."""
    page = response.media_type == "text/html"
    asked = page and any(words in response.last.body[:100_000].lower() for words in CHALLENGES)
    challenged = asked or "challenge" in (response.header("cf-mitigated") or "").lower()
    assert not challenged, f"HTTP {response.status} is a page that asks for a human, not an answer"
    blocked = page and response.status in (403, 429, 503) and response.exchange.expects == "answer"
    assume(not blocked, f"HTTP {response.status} is a page (text/html); it may be an outage, or a wall")

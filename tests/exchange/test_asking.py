"""Carrying a plan out: who is asked when, how many at once, and what is recorded of it."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest

from conformance.exchange.asking import Access, Work, ask_all, stops
from conformance.exchange.budget import Budget
from conformance.exchange.record import Attempt, Exchange, Failure, Request
from conformance.exchange.redact import MARK
from conformance.exchange.transport import Sending
from conformance.probe.change import after, credential, either, setting, stream, to_be_refused
from conformance.probe.named import COUNT, NATO, OK
from conformance.probe.plan import plan
from conformance.probe.probe import NONCE, Credential, Probe, ask, fetch
from conformance.provider.model import Limits, Price, Provider, Target
from conformance.reference import serving
from tests.cases.recorded import SILENT, attempt
from tests.raw_server import HOLD, raw_server, response

KEY = "sk-live/abc+123=="
ACCESS = Access("https://example.org/v1", KEY)
FINE = attempt(200, {"choices": []})
AT_ONCE = {"retry-after-ms": "0"}

Answer = Callable[[str, int], Attempt]
"""What a provider answers to the probe of that name, asked for the n-th time."""


class Wire:
    """Stands for the transport: it answers as told, and notes who was under way with whom."""

    def __init__(self, answer: Answer = lambda name, time: FINE, pause: int = 3) -> None:
        self.answer = answer
        self.pause = pause
        self.log: list[str] = []
        self.sent: list[tuple[Request, Sending]] = []
        self.under_way: list[str] = []
        self.most = 0

    async def send(self, request: Request, how: Sending) -> Attempt:
        body = json.loads(request.body)
        name = str(body["messages"][0]["content"])
        self.sent.append((request, how))
        self.log.append(name)
        self.under_way.append(name)
        self.most = max(self.most, len(self.under_way))
        for _ in range(self.pause):
            await asyncio.sleep(0)
        self.under_way.remove(name)
        return self.answer(name, self.log.count(name))


def provider(name: str = "p", **fields: Any) -> Provider:
    return Provider(name, ACCESS.base_url, ("m",), SILENT, **fields)


def carry_out(
    wire: Wire,
    *probes: Probe,
    at: Sequence[Target] | None = None,
    budget: Budget | None = None,
    access: Access = ACCESS,
    **limits: Any,
) -> list[Exchange]:
    """Sends the probes to each target over the wire, and gives what was recorded, in order."""
    targets = at or [Target(provider(limits=Limits(**limits)), "m")]
    works, first = [], 1
    for one in plan(dict.fromkeys(targets, probes)):
        works.append(Work(one, access, first))
        first += one.requests
    recorded: list[Exchange] = []
    asyncio.run(ask_all(works, "word", recorded.append, lambda *_: None, budget=budget, send=wire.send))
    return recorded


def questions(count: int) -> list[Probe]:
    return [ask(f"q{number}", str(number)) for number in range(count)]


def failures(exchanges: Sequence[Exchange]) -> set[str]:
    return {one.last.failure.message for one in exchanges if one.last.failure is not None}


# -- how many at once -----------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [1, 3, 8])
def test_the_limit_is_reached_and_never_passed(limit: int) -> None:
    wire = Wire()
    carry_out(wire, *questions(20), concurrency=limit)
    assert wire.most == limit
    assert len(wire.sent) == 20


def test_models_of_one_provider_share_its_slots() -> None:
    wire, one = Wire(), provider(limits=Limits(concurrency=2))
    carry_out(wire, *questions(8), at=[Target(one, "a"), Target(one, "b")])
    assert wire.most == 2


def test_providers_have_their_own() -> None:
    wire = Wire()
    targets = [Target(provider(name, limits=Limits(concurrency=2)), "m") for name in "ab"]
    carry_out(wire, *questions(8), at=targets)
    assert wire.most == 4


def test_one_plain_request_goes_ahead_of_all_others() -> None:
    wire = Wire()
    streamed, refused = COUNT | stream, OK | to_be_refused
    carry_out(wire, NATO, streamed, refused, ask("plain", "plain"))
    assert wire.log[0] == "plain"
    assert len(wire.log) == 4


def test_requests_start_evenly_spaced(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    really = asyncio.sleep

    async def sleep(seconds: float) -> None:
        if seconds:
            waits.append(seconds)
        await really(0)

    wire = Wire()
    monkeypatch.setattr("time.monotonic", lambda: 100.0)
    monkeypatch.setattr(asyncio, "sleep", sleep)
    carry_out(wire, *questions(4), rpm=600)
    assert waits == pytest.approx([0.1, 0.2, 0.3])


def test_without_a_pace_nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asyncio, "sleep", None)
    assert len(carry_out(Wire(pause=0), *questions(4))) == 4


# -- order ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [1, 8])
def test_what_follows_waits_for_the_end_of_what_it_follows(limit: int) -> None:
    class Watched(Wire):
        async def send(self, request: Request, how: Sending) -> Attempt:
            if "follower" in request.body:
                ended.append("first" in self.log and "first" not in self.under_way)
            return await super().send(request, how)

    ended: list[bool] = []
    first = ask("first", "first") | setting(x=1)
    follower = ask("follower", "follower", completion_tokens=99) | after(first)
    wire = Watched(pause=9)
    carry_out(wire, follower, ask("plain", "plain"), *questions(3), concurrency=limit)
    assert ended == [True]
    assert wire.log[0] == "plain"
    assert len(wire.log) == 6


def test_what_follows_is_asked_though_the_first_failed() -> None:
    def answer(name: str, time: int) -> Attempt:
        return attempt(500) if name == "first" else FINE

    first = ask("first", "first") | setting(x=1)
    found = carry_out(Wire(answer), ask("plain", "plain"), ask("then", "then") | after(first))
    assert [one.last.status for one in found] == [200, 500, 200]


def test_a_slot_is_free_while_a_request_waits_to_be_sent_again() -> None:
    def answer(name: str, time: int) -> Attempt:
        return attempt(429, b"", {"retry-after-ms": "50"}) if (name, time) == ("again", 1) else FINE

    wire = Wire(answer)
    probes = (ask("0", "0"), ask("again", "again", completion_tokens=99) | setting(x=1), NATO | stream)
    carry_out(wire, *probes, concurrency=1)
    assert [name[:5] for name in wire.log] == ["0", "again", "Recit", "again"]


# -- the first exchange ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "reason"),
    [
        (attempt(None, failure="connect"), "the endpoint cannot be reached: it was connect"),
        (attempt(None, failure="dns"), "the endpoint cannot be reached: it was dns"),
        (attempt(401), "the provider refuses the key (HTTP 401); check the variable that holds it"),
        (attempt(403), "the provider refuses the key (HTTP 403); check the variable that holds it"),
        (
            attempt(404, b"<html>"),
            "https://example.org/v1/chat/completions answers HTTP 404; "
            "check base_url (OpenAI's ends in /v1) and models",
        ),
        (
            attempt(301),
            "https://example.org/v1/chat/completions answers HTTP 301; "
            "check base_url (OpenAI's ends in /v1) and models",
        ),
        (attempt(503, b"", AT_ONCE), "the plainest request gets HTTP 503"),
        (attempt(500), "the plainest request gets HTTP 500"),
        (attempt(402), "the plainest request gets HTTP 402"),
    ],
    ids=lambda value: value[-30:] if isinstance(value, str) else None,
)
def test_where_the_plainest_request_fails_nothing_else_is_sent(
    monkeypatch: pytest.MonkeyPatch, first: Attempt, reason: str
) -> None:
    monkeypatch.setattr("random.uniform", lambda low, high: 0.0)
    wire = Wire(lambda name, time: first)
    found = carry_out(wire, *questions(3))
    assert {request.body for request, _ in wire.sent} == {wire.sent[0][0].body}
    assert [one.last.failure and one.last.failure.kind for one in found[1:]] == ["not-asked"] * 2
    assert failures(found[1:]) == {reason}
    assert found[0].last == first


@pytest.mark.parametrize("status", [200, 201, 400, 422])
def test_what_may_be_about_one_parameter_stops_nobody(status: int) -> None:
    found = carry_out(Wire(lambda name, time: attempt(status)), *questions(3))
    assert [one.last.status for one in found] == [status] * 3


@pytest.mark.parametrize("change", [to_be_refused, either])
def test_a_refusal_that_was_asked_for_stops_nobody(change: Callable[[Probe], Probe]) -> None:
    probes = [probe | change for probe in questions(3)]
    found = carry_out(Wire(lambda name, time: attempt(401)), *probes)
    assert [one.last.status for one in found] == [401] * 3


def test_one_target_that_cannot_be_reached_is_no_harm_to_another() -> None:
    class Half(Wire):
        async def send(self, request: Request, how: Sending) -> Attempt:
            if '"bad"' in request.body:
                return attempt(None, failure="dns")
            return await super().send(request, how)

    one = provider()
    found = carry_out(Half(), *questions(3), at=[Target(one, "bad"), Target(one, "good")])
    assert sorted((one.model, one.last.status) for one in found if one.model == "good") == [("good", 200)] * 3
    assert {one.last.status for one in found if one.model == "bad"} == {None}


def test_an_empty_plan_sends_nothing() -> None:
    assert carry_out(Wire()) == []


def test_a_first_exchange_without_a_reason_still_stops() -> None:
    silent = Exchange("x001", "p", "m", "q", "k", Request("POST", "u", (), ""), (attempt(None),))
    assert stops(silent) == "the endpoint cannot be reached: no response"


# -- attempts and budgets -------------------------------------------------------------------------------


def test_not_now_is_asked_again_but_never_where_a_refusal_is_wanted() -> None:
    def answer(name: str, time: int) -> Attempt:
        return attempt(503, b"", AT_ONCE) if time == 1 else FINE

    found = carry_out(Wire(answer), ask("q", "q"), ask("no", "no") | to_be_refused)
    assert {one.probe: [each.status for each in one.attempts] for one in found} == {
        "q": [503, 200],
        "no": [503],
    }


def test_a_ceiling_on_requests_counts_retries() -> None:
    def answer(name: str, time: int) -> Attempt:
        return attempt(503, b"", AT_ONCE) if (name, time) == ("0", 1) else FINE

    wire = Wire(answer)
    found = carry_out(wire, *questions(6), budget=Budget(max_requests=4))
    assert len(wire.sent) == 4
    assert len(found) == 6
    assert failures(found) == {"the ceiling of 4 requests is reached"}


def test_a_ceiling_on_dollars_is_estimated_beforehand() -> None:
    target = Target(provider(price=Price(0.0, 1.0)), "m")
    probes = [ask(f"q{number}", str(number), completion_tokens=400_000) for number in range(4)]
    wire = Wire()
    found = carry_out(wire, *probes, at=[target], budget=Budget(max_cost=1.0))
    assert len(wire.sent) == 2
    assert failures(found) == {"the ceiling of $1 is reached"}


def test_a_ceiling_below_the_first_request_is_named_as_such() -> None:
    target = Target(provider(price=Price(1.0, 1.0)), "m")
    found = carry_out(Wire(), *questions(3), at=[target], budget=Budget(max_cost=0.0))
    assert failures(found) == {"the ceiling of $0 is reached"}
    assert len(found) == 3


def test_a_ceiling_holds_over_all_targets() -> None:
    wire = Wire()
    targets = [Target(provider(name), "m") for name in "ab"]
    carry_out(wire, *questions(4), at=targets, budget=Budget(max_requests=5))
    assert len(wire.sent) == 5


# -- what is sent, and what is recorded -----------------------------------------------------------------


def test_the_request_is_filled_in() -> None:
    wire = Wire()
    target = Target(provider(headers={"X-Team": "us"}), 'or"g/m')
    probe = ask("q", "q", model_twin=f"no-{NONCE}")
    (found,) = carry_out(wire, probe, at=[target])
    ((request, how),) = wire.sent
    assert request.url == "https://example.org/v1/chat/completions"
    assert json.loads(request.body)["model"] == 'or"g/m'
    assert json.loads(request.body)["model_twin"] == "no-word"
    assert ("X-Team", "us") in request.headers
    assert how.private == (("Authorization", f"Bearer {KEY}"),)
    assert found.request == request
    assert KEY not in repr(found)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Credential.VALID, f"Bearer {KEY}"),
        (Credential.NONE, None),
        (Credential.SCHEME, "Basic Y29uZm9ybWFuY2U6cHJvYmU="),
        (Credential.WRONG, "Bearer sk-invalid-conformance-0000000000000000"),
    ],
)
def test_credentials(kind: Credential, value: str | None) -> None:
    wire = Wire()
    access = replace(ACCESS, private=(("X-Gateway", "gate-secret"),))
    carry_out(wire, ask("q", "q") | credential(kind), access=access)
    ((_, how),) = wire.sent
    assert dict(how.private).get("Authorization") == value
    # What opens a gateway may open the endpoint too, so it stays away where no key must be sent.
    assert ("X-Gateway" in dict(how.private)) is (kind is Credential.VALID)


def test_a_key_that_is_echoed_is_recorded_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = "gate/secret"
    forms = [
        KEY,
        gate,
        quote(KEY, safe=""),
        quote(KEY, safe="").lower(),
        quote(KEY),
        KEY.replace("/", "\\/"),
        KEY.replace("+", "\\u002B"),
        *(base64.b64encode(text.encode()).decode() for text in (KEY, f"Bearer {KEY}", f"user:{KEY}", gate)),
        base64.urlsafe_b64encode(f"~{KEY}".encode()).decode(),
    ]
    echo = " | ".join(forms)
    made = Attempt(
        1.0,
        2.0,
        401,
        "HTTP/1.1",
        (("x-echo", echo), (KEY, "x")),
        ((0.1, echo.encode()),),
        Failure("reset", echo),
    )
    wire = Wire(lambda name, time: made)
    monkeypatch.setattr("random.uniform", lambda low, high: 0.0)
    access = replace(ACCESS, private=(("X-Gateway", gate),))
    (found,) = carry_out(wire, ask("q", "q"), access=access)
    text = repr(found)
    assert len(found.attempts) == 2
    for form in forms:
        assert form not in text
    core = base64.b64encode(KEY.encode()).decode().rstrip("=")[:-2]
    assert core not in text
    assert text.count(MARK) >= 2 * 3 * len(forms)


def test_ids_follow_the_plan_whatever_ends_first() -> None:
    class Uneven(Wire):
        async def send(self, request: Request, how: Sending) -> Attempt:
            self.pause = len(self.log) * 5 % 7
            return await super().send(request, how)

    targets = [Target(provider(name), "m") for name in "ab"]
    probes = [replace(probe, completion_tokens=9 - n) for n, probe in enumerate(questions(5))]
    found = carry_out(Uneven(), *probes, at=targets)
    assert {(one.id, one.provider, one.probe) for one in found} == {
        (f"x{number + 5 * second + 1:03d}", name, f"q{number}")
        for second, name in enumerate("ab")
        for number in range(5)
    }


def test_what_a_judgement_needs_is_recorded() -> None:
    probe = ask("q", "q", seed=7, features=frozenset({"vision"})) | either
    (found,) = carry_out(Wire(), probe)
    assert (found.key, found.expects, found.claims) == (probe.key, "either", ("seed", "vision"))


def test_progress_is_told_for_each_target() -> None:
    target = Target(provider(), "m")
    (one,) = plan({target: questions(3)})
    told: list[tuple[Target, int, int]] = []
    asyncio.run(
        ask_all(
            [Work(one, ACCESS, 1)], "word", lambda _: None, lambda *what: told.append(what), send=Wire().send
        )
    )
    assert told == [(target, 1, 3), (target, 2, 3), (target, 3, 3)]


# -- over a real connection -----------------------------------------------------------------------------


def over_http(access: Access, *probes: Probe, **limits: Any) -> list[Exchange]:
    target = Target(provider(limits=Limits(**limits)), "reference")
    (one,) = plan({target: probes})
    recorded: list[Exchange] = []
    asyncio.run(ask_all([Work(one, access, 1)], "word", recorded.append, lambda *_: None))
    return recorded


def test_the_embedded_provider_is_asked_over_http() -> None:
    with serving(KEY, pace=0.0) as url:
        found = over_http(
            Access(url, KEY),
            COUNT,
            COUNT | stream,
            fetch("models", "/models"),
            *(OK | credential(kind) | to_be_refused for kind in Credential if kind is not Credential.VALID),
        )
    assert {one.probe: one.last.status for one in found} == {
        "count": 200,
        "count stream": 200,
        "models": 200,
        "ok key: none": 401,
        "ok key: wrong": 401,
        "ok key: scheme": 401,
        "ok key: empty": 401,
    }
    assert KEY not in repr(found)


def test_a_server_that_never_answers_ends_the_run_in_time() -> None:
    with raw_server([HOLD]) as server:
        found = over_http(Access(server.base_url), *questions(3), first_byte=0.3)
    assert failures(found[1:]) == {"the endpoint cannot be reached: no response within 0.3 s"}
    assert len(server.requests) == 1


def test_a_server_that_recovers_is_asked_again() -> None:
    busy = response(b"{}", "503 Service Unavailable", "retry-after-ms: 0")
    with raw_server([busy], [response(b"{}")]) as server:
        (found,) = over_http(Access(server.base_url), ask("q", "q"))
    assert [one.status for one in found.attempts] == [503, 200]

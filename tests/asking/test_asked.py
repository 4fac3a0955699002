"""What is sent, what is recorded of it, and that it holds over a real connection."""

from __future__ import annotations

import asyncio
import base64
import json
from dataclasses import replace
from urllib.parse import quote

import pytest

from conformance.asking.asking import Access, Work, ask_all
from conformance.asking.change import credential, either, stream, to_be_refused
from conformance.asking.plan import plan
from conformance.asking.probe import NONCE, Credential, fetch
from conformance.asking.sending import Sending
from conformance.contracts.chat.probes.ask import ask
from conformance.contracts.chat.probes.named import COUNT, OK
from conformance.provider.model import Target
from conformance.reference import serving
from conformance.wire.record import Attempt, Failure, Request
from conformance.wire.redact import MARK
from tests.asking.wire import (
    ACCESS,
    KEY,
    Wire,
    carry_out,
    failures,
    over_http,
    provider,
    questions,
)
from tests.ids import by_value
from tests.raw_server import HOLD, raw_server, response


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
    ids=by_value,
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
            [Work(one, ACCESS, one.ids())],
            "word",
            lambda _: None,
            lambda *what: told.append(what),
            send=Wire().send,
        )
    )
    assert told == [(target, 1, 3), (target, 2, 3), (target, 3, 3)]


# -- over a real connection -----------------------------------------------------------------------------


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
    assert failures(found[1:]) == {"no response within 0.3 s"}
    assert len(server.requests) == 1


def test_a_server_that_recovers_is_asked_again() -> None:
    busy = response(b"{}", "503 Service Unavailable", "retry-after-ms: 0")
    with raw_server([busy], [response(b"{}")]) as server:
        (found,) = over_http(Access(server.base_url), ask("q", "q"))
    assert [one.status for one in found.attempts] == [503, 200]

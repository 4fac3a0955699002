"""Connections: who is reached, with what, and which of their ends say something about a server."""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import trustme

from conformance.asking.asking import Access, Work, ask_all
from conformance.asking.change import to_be_refused
from conformance.asking.plan import Plan
from conformance.asking.probe import Probe
from conformance.asking.retry import ATTEMPTS
from conformance.contracts.chat.probes.named import COUNT, OK
from conformance.proof.asking import everything, recorded
from conformance.proof.direct import KEY
from conformance.proof.judging import judgements
from conformance.provider.model import Limits
from conformance.wire.record import Exchange
from tests.hostile.catalogue import LIMITS
from tests.hostile.misbehaviour import A_DAY, completion
from tests.raw_server import NEXT, RESET, RawServer, Script, Step, raw_server, response

KEPT = response(b'{"error":{"message":"No."}}', "400 Bad Request", kept=True)


def asked(server: RawServer, *probes: Probe, limits: Limits = LIMITS) -> list[Exchange]:
    """What becomes of the probes, one after the other."""
    target = everything("openai").target
    patient = replace(target, provider=replace(target.provider, limits=replace(limits, concurrency=1)))
    found: list[Exchange] = []
    plan = Plan(patient, probes)
    work = Work(plan, Access(server.base_url, KEY), plan.ids())
    asyncio.run(ask_all([work], "0123456789ab", found.append, lambda *_: None))
    return sorted(found, key=lambda one: one.id)


def kinds(exchange: Exchange) -> list[str | None]:
    """How the attempts failed."""
    return [attempt.failure.kind if attempt.failure else None for attempt in exchange.attempts]


@pytest.mark.parametrize("end", [[], [RESET]], ids=["closed", "reset"])
@pytest.mark.parametrize("second", [OK, OK | to_be_refused], ids=["an answer", "a refusal"])
def test_a_kept_connection_that_was_just_closed_costs_nothing_but_time(second: Probe, end: Script) -> None:
    with raw_server([KEPT, NEXT, *end], [KEPT]) as server:
        first, other = asked(server, COUNT, second)
    assert (kinds(first), kinds(other)) == ([None], ["stale", None])
    assert other.last.status == 400


def test_a_server_that_resets_new_connections_is_another_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("random.uniform", lambda low, high: 0.0)
    with raw_server([KEPT, NEXT, RESET], [RESET]) as server:
        _, other = asked(server, COUNT, OK)
    assert kinds(other) == ["stale", *["protocol"] * ATTEMPTS]


def test_no_redirect_is_followed_and_the_key_stays_here() -> None:
    with raw_server([response(b"{}")]) as elsewhere:
        away = response(b"", "307 Temporary Redirect", f"Location: {elsewhere.base_url}/chat/completions")
        with raw_server([away]) as server:
            (found,) = asked(server, COUNT)
        assert found.last.status == 307
        assert [KEY.encode() in request for request in server.requests] == [True]
        assert elsewhere.requests == []


TRUSTED = trustme.CA()
LAST_WEEK = datetime.now(UTC) - timedelta(days=7)


@pytest.mark.parametrize(
    "issued",
    [
        lambda: trustme.CA().issue_cert("127.0.0.1"),
        lambda: TRUSTED.issue_cert("example.org"),
        lambda: TRUSTED.issue_cert(
            "127.0.0.1", not_before=LAST_WEEK, not_after=LAST_WEEK + timedelta(days=1)
        ),
    ],
    ids=["issuer unknown", "for another host", "expired"],
)
def test_the_key_is_sent_to_nobody_with_a_bad_certificate(
    issued: Callable[[], trustme.LeafCert], monkeypatch: pytest.MonkeyPatch
) -> None:
    (found,), requests = over_tls(issued(), monkeypatch)
    assert kinds(found) == ["tls"]
    assert "certificate" in (found.last.failure.message if found.last.failure else "")
    assert requests == []


def test_a_good_certificate_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    (found,), requests = over_tls(TRUSTED.issue_cert("127.0.0.1"), monkeypatch)
    assert (kinds(found), found.last.status) == ([None], 200)
    assert KEY.encode() in requests[0]


def over_tls(
    certificate: trustme.LeafCert, monkeypatch: pytest.MonkeyPatch
) -> tuple[list[Exchange], list[bytes]]:
    """What becomes of a probe, and what a server with this certificate gets to read."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    with TRUSTED.cert_pem.tempfile() as file, raw_server([response(completion())], tls=context) as server:
        monkeypatch.setenv("SSL_CERT_FILE", file)
        return asked(server, COUNT), server.requests


def test_a_right_provider_in_another_time_zone_is_accused_of_nothing() -> None:
    """All its clocks are a day ahead of ours: what matters is that they agree with each other."""
    clean = recorded()
    ahead = [
        replace(one, attempts=tuple(replace(a, started=a.started - A_DAY) for a in one.attempts))
        for one in clean
    ]
    before, after = judgements(clean), judgements(ahead)
    assert {name for name in before if before[name].verdict is not after[name].verdict} == set()


def test_others_in_the_same_run_do_not_wait() -> None:
    """While one provider stalls, another is asked everything."""

    def answer(_: bytes) -> Iterator[Step]:
        yield response(completion(), kept=False)

    target = everything("openai").target
    limits = replace(LIMITS, first_byte=1.5, timeout=3.0)
    found: list[tuple[float, Exchange]] = []
    with raw_server([1.5]) as stalling, raw_server(answer) as right:
        works = []
        for name, server in (("stalling", stalling), ("right", right)):
            provider = replace(target.provider, name=name, limits=limits)
            plan = Plan(replace(target, provider=provider), (COUNT, OK))
            works.append(Work(plan, Access(server.base_url, KEY), plan.ids()))
        asyncio.run(ask_all(works, "0", lambda one: found.append((time.time(), one)), lambda *_: None))
    assert [one.provider for _, one in found][:2] == ["right", "right"]
    assert {one.last.status for _, one in found if one.provider == "right"} == {200}
    assert json.loads(found[0][1].last.body)["object"] == "chat.completion"

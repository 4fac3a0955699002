"""Through a proxy of the user's: the same answers, the same patience, and words that tell the two apart."""

from __future__ import annotations

import ssl

import pytest
import trustme

from conformance.asking.asking import Access
from conformance.asking.change import stream
from conformance.asking.probe import Probe
from conformance.asking.retry import ATTEMPTS
from conformance.contracts.chat.probes.named import COUNT, OK
from conformance.provider.proxy import Proxy
from conformance.reference import serving
from conformance.wire.record import Exchange
from tests.asking.wire import KEY, failures, over_http, questions
from tests.raw_server import HOLD, NEXT, raw_server, response
from tests.relay import relay

HOST = "api.acme.example"
SCHEMES = pytest.mark.parametrize("scheme", ["http", "socks5", "socks5h"])
PASSWORD = "pa55:word/of me"
WRITTEN = "pa55%3Aword%2Fof%20me"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits before a request is sent again."""
    monkeypatch.setattr("random.uniform", lambda low, high: 0.0)


def through(
    scheme: str, port: int, *probes: Probe, secure: bool = False, password: str = ""
) -> list[Exchange]:
    """What becomes of the probes to a host that only the proxy knows."""
    where = f"127.0.0.1:{port} (ALL_PROXY)"
    url = f"{scheme}://{f'me:{password}@' if password else ''}127.0.0.1:{port}"
    access = Access(f"http{'s' if secure else ''}://{HOST}/v1", KEY, proxy=Proxy(where, url))
    return over_http(access, *probes, concurrency=1, first_byte=5.0)


def kinds(exchange: Exchange) -> list[str | None]:
    return [attempt.failure.kind if attempt.failure else None for attempt in exchange.attempts]


@SCHEMES
def test_what_is_asked_through_a_proxy_gets_its_answer(scheme: str) -> None:
    with serving(KEY, pace=0.0) as url, relay(url) as proxy:
        found = through(scheme, proxy.port, OK, COUNT, COUNT | stream)
    assert [one.last.status for one in found] == [200, 200, 200]
    assert {one.last.proxy for one in found} == {f"127.0.0.1:{proxy.port} (ALL_PROXY)"}
    assert {one.request.url for one in found} == {f"http://{HOST}/v1/chat/completions"}
    # One connection, kept for all of them; HTTP's own kind names no port where it is the usual one.
    assert proxy.asked_for == [HOST if scheme == "http" else f"{HOST}:80"]


@SCHEMES
def test_a_secure_connection_goes_through_as_it_is(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    trusted = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trusted.issue_cert(HOST).configure_cert(context)
    with (
        trusted.cert_pem.tempfile() as file,
        raw_server([response(b"{}")], tls=context) as server,
        relay(server.base_url) as proxy,
    ):
        monkeypatch.setenv("SSL_CERT_FILE", file)
        (found,) = through(scheme, proxy.port, OK, secure=True)
    assert found.last.status == 200
    assert KEY.encode() in server.requests[0]
    assert proxy.asked_for == [f"{HOST}:443"]


@SCHEMES
@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
def test_a_proxy_that_wants_a_password_gets_the_right_one(scheme: str, secure: bool) -> None:
    with raw_server([response(b"{}")]) as server, relay(server.base_url, PASSWORD) as proxy:
        refused = through(scheme, proxy.port, *questions(2), secure=secure, password="wrong-one")
        assert server.requests == []
        if not secure:
            (found,) = through(scheme, proxy.port, OK, password=WRITTEN)
            assert found.last.status == 200
    assert "wrong-one" not in repr(refused)
    assert refused[1].last.failure is not None
    assert refused[1].last.failure.kind == "not-asked"
    if scheme == "http" and not secure:
        assert [one.status for one in refused[0].attempts] == [407]
        assert "a proxy asks for a user and a password (HTTP 407)" in refused[1].last.failure.message
    else:
        assert set(kinds(refused[0])) == {"proxy"}
        why = "Invalid username/password" if "socks" in scheme else "407 Proxy Authentication Required"
        assert failures(refused) == {
            f"through the proxy 127.0.0.1:{proxy.port} (ALL_PROXY): it refused: {why}"
        }


@SCHEMES
def test_a_kept_connection_that_was_just_closed_costs_nothing_but_time(scheme: str) -> None:
    kept = response(b"{}", kept=True)
    with raw_server([kept, NEXT], [kept]) as server, relay(server.base_url) as proxy:
        first, other = through(scheme, proxy.port, *questions(2))
    assert (kinds(first), kinds(other)) == ([None], ["stale", None])


@SCHEMES
def test_a_server_that_hangs_up_on_everybody_is_given_up(
    scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with raw_server([]) as server, relay(server.base_url) as proxy:
        first, other = through(scheme, proxy.port, *questions(2))
    assert kinds(first) == ["protocol"] * ATTEMPTS
    assert kinds(other) == ["not-asked"]
    assert len(server.requests) == ATTEMPTS


@SCHEMES
def test_where_no_proxy_listens_the_failure_names_it(scheme: str) -> None:
    (found,) = through(scheme, 9, OK)
    assert found.last.failure is not None
    assert found.last.failure.kind == "connect"
    assert found.last.failure.message.startswith("through the proxy 127.0.0.1:9 (ALL_PROXY): no connection")


@pytest.mark.parametrize("script", [[HOLD], [b"HTTP/1.1 400 Bad Request\r\n\r\n"], []])
def test_what_speaks_no_socks_is_a_failure_in_time(script: list[object]) -> None:
    with raw_server(script) as other:
        port = int(other.base_url.rpartition(":")[2].partition("/")[0])
        proxy = Proxy(f"127.0.0.1:{port} (ALL_PROXY)", f"socks5://127.0.0.1:{port}")
        (found,) = over_http(Access(f"http://{HOST}/v1", KEY, proxy=proxy), OK, first_byte=0.3)
    assert found.last.failure is not None
    assert found.last.failure.message.startswith(f"through the proxy {proxy.name}: ")
    assert found.last.status is None

"""Sending one request: every way a server can misbehave becomes a failure with a name, in bounded time."""

from __future__ import annotations

import asyncio
import gzip
import re
import zlib
from dataclasses import replace

import pytest

from conformance.asking import transport
from conformance.asking.prospects import PIECE
from conformance.asking.sending import Sending
from conformance.asking.transport import Transport
from conformance.contracts.chat.contract import CONTRACT
from conformance.provider.model import Limits
from conformance.wire.record import Attempt, Request
from conformance.wire.redact.recordable import SEARCHED
from tests.raw_server import HOLD, NEXT, RESET, STREAM_HEAD, Script, raw_server, response

PATIENT = Limits(timeout=20.0, connect=10.0, first_byte=10.0, silence=10.0)
QUICK = Limits(timeout=20.0, connect=10.0, first_byte=0.5, silence=0.5)
"""For servers that stall: what they make the transport wait for."""


def sent(*scripts: Script, how: Sending | None = None, path: str = "/x") -> Attempt:
    """What the transport makes of a server that follows the script."""
    with raw_server(*scripts) as server:
        return send(server.base_url + path, how)


def send(url: str, how: Sending | None = None) -> Attempt:
    request = Request("POST", url, (("Content-Type", "application/json"),), '{"a":1}')

    async def once() -> Attempt:
        async with Transport() as client:
            return await client.send(request, how or Sending((), PATIENT, streamed=False))

    return asyncio.run(once())


def streamed(script: Script, **fields: object) -> Attempt:
    how = Sending((), PATIENT, streamed=True, contract=CONTRACT)
    return sent(script, how=replace(how, **fields))  # type: ignore[arg-type]


def kind(attempt: Attempt) -> str | None:
    return attempt.failure.kind if attempt.failure else None


DELTA = b'data: {"choices": [{"index": 0, "delta": {"content": "and so on and on "}}]}\n\n'
THOUGHT = DELTA.replace(b'"content"', b'"reasoning_content"')


@pytest.mark.parametrize(("event", "about"), [(DELTA, 1044), (THOUGHT, 4116)])
def test_a_stream_that_ignores_its_limit_is_cut(event: bytes, about: int) -> None:
    attempt = streamed([STREAM_HEAD, *[event * 50] * 2000], allowed=5)
    assert kind(attempt) == "runaway"
    assert attempt.failure is not None
    written = int(re.findall(r"about (\d+) tokens, where 5 were allowed", attempt.failure.message)[0])
    # What arrives in one piece with the token that is too many is counted too.
    assert about < written < about + 20_000
    assert 0 < len(attempt.body) <= SEARCHED


def test_a_stream_that_keeps_its_limit_is_read_to_its_end() -> None:
    attempt = streamed([STREAM_HEAD, DELTA * 60, b"data: [DONE]\n\n"], allowed=60)
    assert kind(attempt) is None
    assert attempt.body.endswith(b"[DONE]\n\n")


def test_a_response_is_recorded_byte_for_byte() -> None:
    attempt = sent([response(b'{"a": 1}', "200 OK", "X-Odd: \xe9")])
    assert (attempt.status, attempt.http_version, attempt.body) == (200, "HTTP/1.1", b'{"a": 1}')
    assert attempt.header("x-ODD") == "\xc3\xa9"
    assert attempt.failure is None
    assert 0 < attempt.chunks[0][0] <= attempt.ended


def test_private_headers_are_sent_and_replace_the_recorded_text() -> None:
    with raw_server([response(b"{}")]) as server:
        how = Sending((("Authorization", "Bearer k"), ("X-Team", "s3cret")), PATIENT, streamed=False)
        request = Request("POST", server.base_url, (("X-Team", "${TEAM}"),), "{}")

        async def once() -> None:
            async with Transport() as client:
                await client.send(request, how)

        asyncio.run(once())
    head = server.requests[0].lower()
    assert b"authorization: bearer k" in head
    assert b"x-team: s3cret" in head
    assert b"${team}" not in head


def test_chunks_have_arrival_times() -> None:
    attempt = streamed([STREAM_HEAD, b"data: 1\n\n", 0.1, b"data: 2\n\n"])
    (first, one), (second, two) = attempt.chunks
    assert (one, two) == (b"data: 1\n\n", b"data: 2\n\n")
    assert second - first > 0.05


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        pytest.param([HOLD], "timeout-first-byte", id="no response at all"),
        pytest.param([RESET], "protocol", id="reset before the response"),
        pytest.param([], "protocol", id="closed before the response"),
        pytest.param([b"SSH-2.0-x\r\n\r\n"], "protocol", id="not HTTP"),
        pytest.param([b"HTTP/1.1 200 OK\r\nA: " + b"x" * 200_000], "protocol", id="endless header"),
        pytest.param([response(b"{}", length=100)], "incomplete", id="Content-Length too long"),
        pytest.param([response(b"{}", length=100), HOLD], "silence", id="body stalls"),
        pytest.param(
            [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", 0.05],
            "incomplete",
            id="chunk cut",
        ),
        pytest.param(
            [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"],
            "incomplete",
            id="bad chunk size",
        ),
        pytest.param([STREAM_HEAD, b"data: 1\n\n", 0.05, RESET], "reset", id="reset in the body"),
    ],
)
def test_every_misbehaviour_has_a_name(script: Script, expected: str) -> None:
    limits = QUICK if HOLD in script else PATIENT
    assert kind(sent(script, how=Sending((), limits, streamed=False))) == expected


KEPT = response(b"{}", kept=True)


@pytest.mark.parametrize("end", [[], [RESET]], ids=["closed", "reset"])
def test_a_kept_connection_that_was_closed_is_told_from_a_server_that_gives_nothing(end: Script) -> None:
    with raw_server([KEPT, NEXT, *end], [KEPT, NEXT, *end], end) as server:
        request = Request("POST", server.base_url, (), "{}")
        how = Sending((), PATIENT, streamed=False)

        async def several() -> list[Attempt]:
            async with Transport() as client:
                plans = (how, how, how, replace(how, fresh=True), how)
                return [await client.send(request, plan) for plan in plans]

        found = asyncio.run(several())
    # The third request goes out on the second connection, the fourth on one of its own that gives nothing.
    assert [kind(one) for one in found] == [None, "stale", None, "protocol", "stale"]


def test_nobody_listens() -> None:
    with raw_server([]) as server:
        url = server.base_url
    assert kind(send(url)) == "connect"


def test_a_name_that_does_not_resolve() -> None:
    assert kind(send("http://conformance.invalid/v1")) == "dns"


def test_plain_text_where_tls_is_expected() -> None:
    with raw_server([b"HTTP/1.1 400 Bad Request\r\n\r\n", HOLD]) as server:
        assert kind(send(server.base_url.replace("http:", "https:"))) == "tls"


def test_the_total_time_is_bounded_though_bytes_keep_coming() -> None:
    slow: Script = [STREAM_HEAD, *[step for _ in range(40) for step in (b": x\n\n", 0.1)]]
    attempt = streamed(slow, limits=replace(PATIENT, timeout=0.5))
    assert kind(attempt) == "timeout"
    assert attempt.body.startswith(b": x\n\n")


def test_redirects_are_not_followed() -> None:
    attempt = sent([response(b"", "307 Temporary Redirect", "Location: http://127.0.0.1:9/")])
    assert (attempt.status, attempt.failure) == (307, None)


def test_a_stream_may_linger_after_done_but_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "LINGER", 0.1)
    attempt = streamed([STREAM_HEAD, b"data: {}\n\ndata: [DO", 0.02, b"NE]\n\n", HOLD])
    assert kind(attempt) == "held-open"
    assert attempt.body.endswith(b"[DONE]\n\n")


def test_hanging_up_on_purpose() -> None:
    attempt = streamed(
        [STREAM_HEAD, b"data: 1\n\nda", 0.05, b"ta: 2\n\n", 0.05, b"data: 3\n\n", HOLD], cut_after=2
    )
    assert kind(attempt) == "cut"
    assert b"3" not in attempt.body


def test_an_endless_body_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "MAX_BODY", 100_000)
    attempt = streamed([STREAM_HEAD, *[b"data: x\n\n" * 1000] * 100])
    assert kind(attempt) == "too-large"
    assert len(attempt.body) < 300_000


@pytest.mark.parametrize(
    ("encoding", "encode"), [("gzip", gzip.compress), ("deflate", zlib.compress), ("x-gzip", gzip.compress)]
)
def test_encoded_bodies_are_decoded(encoding: str, encode: object) -> None:
    body = encode(b'{"a": 1}' * 100)  # type: ignore[operator]
    attempt = sent([response(body, "200 OK", f"Content-Encoding: {encoding}")])
    assert (attempt.body, attempt.failure) == (b'{"a": 1}' * 100, None)


def test_what_follows_an_encoded_body_is_dropped() -> None:
    body = gzip.compress(b"whole") + b"\0" * (transport.MAX_BODY + 100_000)
    attempt = sent([response(body, "200 OK", "Content-Encoding: gzip")])
    assert (attempt.body, attempt.failure) == (b"whole", None)


def test_a_bomb_does_not_unfold() -> None:
    bomb = gzip.compress(b"\0" * (64 * 2**20))
    attempt = sent([response(bomb, "200 OK", "Content-Encoding: gzip")])
    assert kind(attempt) == "too-large"
    assert len(attempt.body) < 2 * transport.MAX_BODY


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", b"not gzip"),
        ("br", b"\x0b\x02"),
        ("gzip", gzip.compress(b"x" * 1000)[:-12]),
        ("gzip, gzip", b""),
        ("gzip", gzip.compress(b"one") + gzip.compress(b"two")),
    ],
    ids=["no gzip", "not asked for", "cut off", "twice", "several members"],
)
def test_bodies_that_cannot_be_decoded(encoding: str, body: bytes) -> None:
    assert kind(sent([response(body, "200 OK", f"Content-Encoding: {encoding}")])) == "encoding"


@pytest.mark.parametrize("line", [b": \n", b"\n", b"\r", b"data:\n"], ids=repr)
def test_a_stream_has_so_many_lines(monkeypatch: pytest.MonkeyPatch, line: bytes) -> None:
    monkeypatch.setattr(transport, "MAX_LINES", 1000)
    assert kind(streamed([STREAM_HEAD, line * 1000])) is None
    assert kind(streamed([STREAM_HEAD, line * 1001])) == "too-large"
    assert kind(sent([response(line * 1001)])) is None


def test_little_is_kept_of_what_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "SEARCHED", 1000)
    attempt = streamed([STREAM_HEAD, *[step for _ in range(10) for step in (b"x" * 400, 0.01)], b"x" * 2**23])
    assert kind(attempt) == "too-large"
    assert [len(data) for _, data in attempt.chunks] == [400, 400, 200]


class Crowd:
    """Senders that share a transport, of which so many have a long body under way."""

    def __init__(self) -> None:
        self.entered = 0
        self.done = 0
        self.most = 0

    def enters(self) -> None:
        self.entered += 1
        self.most = max(self.most, self.entered - self.done)

    async def send(self, transport: Transport, url: str) -> Attempt:
        request = Request("POST", url, (), "{}")
        how = Sending((), QUICK, streamed=False, unwanted=self.enters)
        attempt = await transport.send(request, how)
        self.done += 1
        return attempt


def test_few_long_bodies_are_under_way_however_many_requests_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "LONG_AT_ONCE", 2)
    crowd, body = Crowd(), response(b"x" * (transport.LONG + 1), length=transport.MAX_BODY)

    async def all_at_once(url: str) -> list[Attempt]:
        async with Transport() as client:
            return await asyncio.gather(*(crowd.send(client, url) for _ in range(7)))

    with raw_server([body, HOLD]) as server:
        found = asyncio.run(all_at_once(server.base_url))
    # What waited for others is not held against the server: it had its time to go on, as they had.
    assert {kind(one) for one in found} == {"silence"}
    assert (crowd.entered, crowd.most) == (7, 2)
    assert {len(one.body) for one in found} == {transport.LONG + 1}


def test_many_pieces_are_a_long_body_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "LONG", 10 * PIECE)
    monkeypatch.setattr(transport, "TOGETHER", 0.0)
    entered: list[int] = []
    pieces = [step for _ in range(20) for step in (b": \n", 0.005)]
    attempt = streamed([STREAM_HEAD, *pieces], unwanted=lambda: entered.append(1))
    assert (kind(attempt), entered) == (None, [1])


def test_a_long_body_that_nobody_wants_any_more_is_not_read_to_its_end() -> None:
    body = response(b"x" * transport.LONG * 2, length=transport.MAX_BODY)
    attempt = sent([body, HOLD], how=Sending((), PATIENT, streamed=False, unwanted=lambda: "enough"))
    assert (kind(attempt), attempt.status, attempt.body) == ("ended", None, b"")
    assert 4 * attempt.written > transport.LONG


def test_what_no_library_foresaw_is_a_failure_with_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "_decoded", lambda raw, encoding: 1 / 0)
    attempt = streamed([STREAM_HEAD])
    assert attempt.failure
    assert (attempt.failure.kind, "ZeroDivisionError" in attempt.failure.message) == ("internal", True)

"""Sends one request and records what comes back, within bounds of time and size.

The only module that sends, and the only one that imports the HTTP client but for `client`, which replays. It
follows no redirect, decodes the content encoding itself (so that a bomb cannot unfold), and turns every way
in which a server can misbehave into a `Failure`. Whoever sends nothing does without: it is imported where
sending begins.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
import zlib
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import replace
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpcore2
import httpx2

from conformance.asking.lag import Lag
from conformance.asking.prospects import PIECE
from conformance.asking.sending import Sending
from conformance.asking.tokens import BYTES_A_TOKEN
from conformance.provider.proxy import Proxy
from conformance.wire.record import Attempt, Failure, Request, ended
from conformance.wire.redact.recordable import SEARCHED
from conformance.wire.scanning import EventCounter

MAX_BODY = 4 * 2**20
"""Bytes of a body after decoding. No probe asks for more than a few kilobytes."""

MAX_CHUNKS = 20_000
"""Pieces of a body that are told apart by their arrival time."""

MAX_LINES = 100_000
"""Lines of a stream. A thousand tokens take three thousand."""

LONG = 2**17
"""Bytes from which a body is long: a large list of models, or many tokens with all their alternatives."""

LONG_AT_ONCE = 4
"""Long bodies that a run reads at once. The next one waits, so that memory is bounded however much is asked
at once."""

LINGER = 2.5
"""Seconds that a stream may stay open after its `[DONE]`."""

AT_A_TIME = 4096
"""Bytes that are read before others have their turn. The client reads 64 KiB, which take a tenth of a
second where they are `100 Continue` alone; by that the times of all other answers would be wrong."""

TOGETHER = 0.001
"""Seconds within which two pieces count as one; gaps are not judged below 10 ms."""


class Transport:
    """The HTTP clients of a run, one for each server. Use as an async context manager."""

    def __init__(self) -> None:
        httpcore2.AsyncHTTP11Connection.READ_NUM_BYTES = AT_A_TIME
        # A client looks at all its connections for each request, so those of many servers are kept apart.
        self._clients: dict[tuple[str, str, int | None, Proxy | None, bool], httpx2.AsyncClient] = {}
        self._trusts: dict[bool, ssl.SSLContext] = {}
        self._room = asyncio.Semaphore(LONG_AT_ONCE)
        self._lag = Lag()

    async def __aenter__(self) -> Self:
        self._lag.watch()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lag.rest()
        for client in self._clients.values():
            await client.aclose()

    def _client(self, url: httpx2.URL, how: Sending) -> httpx2.AsyncClient:
        server = (url.scheme, url.host, url.port, how.proxy, how.fresh)
        if server not in self._clients:
            self._clients[server] = httpx2.AsyncClient(
                verify=self._trust(url.scheme),
                follow_redirects=False,
                proxy=self._proxy(how.proxy),
                trust_env=False,
                limits=httpx2.Limits(
                    max_connections=None, max_keepalive_connections=0 if how.fresh else None
                ),
            )
        return self._clients[server]

    def _trust(self, scheme: str) -> ssl.SSLContext:
        """Who is believed to be who they say. To find out whom this machine trusts takes a while.

        Without TLS nobody says who they are, and nobody is trusted.
        """
        secured = scheme == "https"
        if secured not in self._trusts:
            self._trusts[secured] = (
                httpx2.create_ssl_context() if secured else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            )
        return self._trusts[secured]

    def _proxy(self, proxy: Proxy | None) -> httpx2.Proxy | None:
        if proxy is None:
            return None
        url = httpx2.URL(proxy.url)
        return httpx2.Proxy(url, ssl_context=self._trust(url.scheme) if url.scheme == "https" else None)

    async def send(self, request: Request, how: Sending) -> Attempt:
        """Sends the request once. Never raises for what a server or the network does."""
        recording, began = _Recording(how, self._room), time.monotonic()
        connected = False
        opened: list[httpcore2.AsyncNetworkStream] = []

        async def trace(event: str, info: Mapping[str, Any]) -> None:
            nonlocal connected
            # By the part of the library that connects: connection.connect_tcp, socks.connect_tcp …
            connected = connected or ".connect_" in event
            if event == "socks.connect_tcp.complete":
                opened.append(info["return_value"])

        try:
            url, body = httpx2.URL(how.url(request)), how.body(request)
            secret = {name.lower() for name, _ in how.private}
            headers = [pair for pair in request.headers if pair[0].lower() not in secret]
            headers += how.private
            client = self._client(url, how)
            message = client.build_request(
                request.method,
                url,
                headers=headers,
                content=body.encode() or None,
                timeout=httpx2.Timeout(None, connect=how.limits.connect),
                extensions={"trace": trace},
            )
            await recording.run(client, message)
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError) as error:
            kept = not connected and not how.fresh
            where = f"at {urlsplit(request.url).netloc}" if how.proxy is None else "there"
            recording.failed(_failure(error, answered=recording.status is not None, kept=kept, where=where))
        except Exception as error:
            # What no library foresaw of a server must neither end the run nor show what was sent.
            recording.failed(Failure("internal", f"the HTTP client failed: {error!r}"))
        finally:
            # The library leaves the connection to a SOCKS proxy open where the proxy refuses.
            for stream in opened if recording.status is None else ():
                await stream.aclose()
            recording.leave()
        return replace(recording.attempt(), lag=self._lag.since(began))


class _Recording:
    """Builds up an Attempt while its bytes arrive."""

    def __init__(self, how: Sending, room: asyncio.Semaphore) -> None:
        self.how = how
        self._room = room
        self._is_in = False
        self._waited = 0.0
        self.status: int | None = None
        self._clock = time.monotonic()
        self._started = time.time()
        self._http_version = ""
        self._headers: tuple[tuple[str, str], ...] = ()
        self._chunks: list[tuple[float, bytearray]] = []
        self._size = 0
        self._lines = 0
        self._failure: Failure | None = None
        speaks = how.contract if how.streamed else None
        self._done = speaks.ending() if speaks is not None else None
        self._events = EventCounter()
        self._meter = speaks.meter() if speaks is not None and how.allowed is not None else None

    @property
    def _elapsed(self) -> float:
        return time.monotonic() - self._clock - self._waited

    def failed(self, failure: Failure) -> None:
        if self.how.proxy is not None and self.status is None:
            # Whoever reads it must know whom to ask: the proxy is the user's own.
            failure = Failure(failure.kind, f"through the proxy {self.how.proxy.name}: {failure.message}")
        self._failure = failure

    def leave(self) -> None:
        """Makes room for another long body."""
        if self._is_in:
            self._room.release()

    def attempt(self) -> Attempt:
        if self._failure is not None and self._failure.kind == "ended":
            return ended(self._failure.message, self._started, self._elapsed, self._written())
        return Attempt(
            started=self._started,
            ended=round(self._elapsed, 4),
            status=self.status,
            http_version=self._http_version,
            headers=self._headers,
            chunks=tuple(self._kept()),
            failure=self._failure,
            proxy=self.how.proxy.name if self.how.proxy is not None else "",
            written=self._written() if self._is_cut else 0,
        )

    @property
    def _is_cut(self) -> bool:
        """Whether the body passed a bound, so that only its beginning is kept."""
        return self._failure is not None and self._failure.kind in ("too-large", "runaway")

    def _written(self) -> int:
        return self._meter.written if self._meter is not None else self._size // BYTES_A_TOKEN

    def _kept(self) -> Iterator[tuple[float, bytes]]:
        """The pieces; where the body passed a bound, those that are searched before most are dropped."""
        left = SEARCHED if self._is_cut else self._size
        for at, data in self._chunks:
            if left <= 0:
                return
            yield at, bytes(data[:left])
            left -= len(data)

    async def run(self, client: httpx2.AsyncClient, message: httpx2.Request) -> None:
        limits, loop = self.how.limits, asyncio.get_running_loop()
        begin = loop.time()
        phase = Failure("timeout-first-byte", f"no response within {limits.first_byte:g} s")
        try:
            async with asyncio.timeout_at(begin + min(limits.first_byte, limits.timeout)) as clock:
                response = await client.send(message, stream=True)
                self.status = response.status_code
                self._http_version = response.http_version
                self._headers = tuple(
                    (name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw
                )
                try:
                    lingering = False
                    body = _decoded(response.aiter_raw(), response.headers.get("content-encoding", ""))
                    while True:
                        if not lingering:
                            silence = loop.time() + limits.silence
                            deadline = begin + limits.timeout + self._waited
                            clock.reschedule(min(silence, deadline))
                            phase = (
                                Failure("silence", f"nothing came for {limits.silence:g} s")
                                if silence < deadline
                                else Failure("timeout", f"not finished after {limits.timeout:g} s")
                            )
                        data = await anext(body, None)
                        if data is None or self._add(data):
                            return None
                        if self._is_long and not self._is_in:
                            clock.reschedule(None)
                            await self._enter()
                            if (why := self.how.unwanted()) is not None:
                                return self.failed(Failure("ended", why))
                            if lingering:
                                clock.reschedule(loop.time() + LINGER)
                        if not lingering and self._done is not None and self._done.feed(data):
                            lingering = True
                            clock.reschedule(loop.time() + LINGER)
                            phase = Failure("held-open", f"still open {LINGER:g} s after [DONE]")
                finally:
                    await response.aclose()
        except TimeoutError:
            self.failed(phase)

    @property
    def _is_long(self) -> bool:
        return self._size + PIECE * len(self._chunks) > LONG

    async def _enter(self) -> None:
        """Waits until there is room for another long body; the server is given that time."""
        began = time.monotonic()
        await self._room.acquire()
        self._is_in = True
        self._waited += time.monotonic() - began

    def _add(self, data: bytes) -> bool:
        """Keeps the bytes; true when enough has been seen."""
        now = round(self._elapsed, 4)
        if self._chunks and now - self._chunks[-1][0] < TOGETHER:
            self._chunks[-1][1].extend(data)
        else:
            self._chunks.append((now, bytearray(data)))
        self._size += len(data)
        self._lines += data.count(b"\n") + data.count(b"\r") if self.how.streamed else 0
        for size, bound, what in (
            (self._size, MAX_BODY, "bytes"),
            (len(self._chunks), MAX_CHUNKS, "pieces"),
            (self._lines, MAX_LINES, "lines"),
        ):
            if size > bound:
                self.failed(Failure("too-large", f"the body passed {bound} {what}"))
                return True
        if self._meter is not None and not (self._done is not None and self._done.done):
            self._meter.feed(data)
            if (runaway := self._meter.runaway(self.how.allowed or 0)) is not None:
                self.failed(runaway)
                return True
        if self.how.cut_after is not None and self._events.feed(data) >= self.how.cut_after:
            self.failed(Failure("cut", f"hung up on purpose after {self.how.cut_after} events"))
            return True
        return False


_GZIP_MEMBER = b"\x1f\x8b"
"""How a member of a gzip body begins (RFC 1952 section 2.3.1)."""


async def _decoded(raw: AsyncIterator[bytes], encoding: str) -> AsyncIterator[bytes]:
    """Undoes gzip and deflate piece by piece, never unfolding more than the bound on a body."""
    names = [name.strip().lower() for name in encoding.split(",")]
    names = [name for name in names if name not in ("", "identity")]
    if not names:
        async for data in raw:
            yield data
        return
    if len(names) > 1 or names[0] not in ("gzip", "x-gzip", "deflate"):
        raise _EncodingError(f"content encoding {encoding!r} was not asked for")
    decoder = zlib.decompressobj(wbits=47 if "gzip" in names[0] else 15)
    total, after = 0, b""
    try:
        async for data in raw:
            if decoder.eof:
                after, total = (after + data)[:2], total + len(data)
                if total > MAX_BODY:
                    break
                continue
            pending = data
            while pending and total <= MAX_BODY and not decoder.eof:
                out = decoder.decompress(pending, 2**16)
                pending = decoder.unconsumed_tail
                total += len(out)
                if out:
                    yield out
            after = decoder.unused_data[:2]
    except zlib.error as error:
        raise _EncodingError(f"the body is not valid {names[0]}: {error}") from error
    if after.startswith(_GZIP_MEMBER):
        raise _EncodingError("the gzip body has several members, of which openai-python reads only the first")
    if not decoder.eof:
        raise _EncodingError(f"the {names[0]} body breaks off")


class _EncodingError(ValueError):
    """The body cannot be decoded."""


def _causes(error: BaseException) -> Iterable[BaseException]:
    current: BaseException | None = error
    while current is not None:
        yield current
        current = current.__cause__ or current.__context__


def _is_refused(cause: BaseException) -> bool:
    """Whether a connection was refused, at one address or at all of several."""
    several = cause.exceptions if isinstance(cause, BaseExceptionGroup) else ()
    return isinstance(cause, ConnectionRefusedError) or (bool(several) and all(map(_is_refused, several)))


def _failure(error: Exception, *, answered: bool, kept: bool, where: str) -> Failure:
    """What went wrong, in words that name the fix where the fix is the user's.

    `kept`: the request went out on a connection that had been kept open. `where` is whom it went to; a
    proxy is named by itself.
    """
    causes = tuple(_causes(error))
    if isinstance(error, _EncodingError):
        kind, words = "encoding", ""
    elif answered:
        kind = "incomplete" if isinstance(error, httpx2.RemoteProtocolError) else "reset"
        words = "the connection broke off: "
    elif kept and isinstance(error, httpx2.NetworkError | httpx2.RemoteProtocolError):
        kind, words = "stale", "a connection that was kept open was closed: "
    elif isinstance(error, httpx2.ProxyError):
        kind, words = "proxy", "it refused: "
    elif isinstance(error, httpx2.ConnectTimeout):
        kind, words = "timeout-connect", "no connection in time: "
    elif any(isinstance(cause, socket.gaierror) for cause in causes):
        kind, words = "dns", "the host name does not resolve: "
    elif any(isinstance(cause, ssl.SSLError) for cause in causes):
        kind, words = "tls", "TLS failed: "
    elif isinstance(error, httpx2.ConnectError):
        kind, words = "connect", "no connection: "
        if any(map(_is_refused, causes)):
            return Failure(kind, f"{words}nothing listens {where}")
    else:
        kind, words = "protocol", "no HTTP response: "
    # Neither cut nor escaped: whoever records it does that, once it is without keys.
    return Failure(kind, words + (str(error) or type(error).__name__))

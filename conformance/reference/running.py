"""Running the embedded provider: in the background for a run, or in the foreground for experiments."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Iterator, Sequence

import uvicorn

from conformance.reference.chat.personas import REFERENCE, Persona
from conformance.reference.fault import Fault, Stage
from conformance.reference.proxy import Proxy
from conformance.reference.server import app
from conformance.reference.service import BASE_PATH, PACE, Config

HOST = "127.0.0.1"

_TICK = 0.25
"""Seconds between looks at the clock and at signals."""


@contextlib.contextmanager
def serving(
    key: str | None = None,
    *,
    port: int = 0,
    pace: float | None = None,
    faults: Sequence[Fault] = (),
    persona: Persona = REFERENCE,
    seed: int | None = None,
) -> Iterator[str]:
    """Serve on the loopback interface while the context lasts, and give the base URL.

    `port` 0 takes a free port; `pace` is seconds per streamed token; without `key` none is asked for; with a
    `seed`, equal requests are answered as by any other server with that seed. Raises OSError when the port
    is taken.
    """
    config = Config(key, PACE if pace is None else pace, tuple(faults), persona, seed)
    with _listening(port) as listener:
        server = _Server(config)
        thread = threading.Thread(
            target=lambda: asyncio.run(server.serve([listener])), name="reference", daemon=True
        )
        thread.start()
        try:
            yield _url(listener)
        finally:
            server.stop()
            thread.join()


def run_forever(
    port: int,
    key: str | None = None,
    faults: Sequence[Fault] = (),
    announce: Callable[[str], object] | None = None,
    persona: Persona = REFERENCE,
    seed: int | None = None,
) -> None:
    """Serve on the loopback interface until interrupted. `announce` is told the base URL once it answers.

    Raises OSError when the port is taken.
    """
    with _listening(port) as listener, contextlib.suppress(KeyboardInterrupt):
        if announce is not None:
            announce(_url(listener))
        asyncio.run(_Server(Config(key, PACE, tuple(faults), persona, seed)).serve([listener]))


def _listening(port: int) -> socket.socket:
    """A socket that already takes connections, so that nobody has to wait for the server to start."""
    listener = socket.socket()
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(256)
    except OSError:
        listener.close()
        raise
    return listener


def _url(listener: socket.socket) -> str:
    return f"http://{HOST}:{listener.getsockname()[1]}{BASE_PATH}"


class _Server(uvicorn.Server):
    """A uvicorn that stops at once: uvicorn itself polls, and waits for streams that are still being sent."""

    def __init__(self, config: Config) -> None:
        super().__init__(
            uvicorn.Config(
                app(config),
                loop="asyncio",
                http="h11",
                ws="none",
                lifespan="off",
                log_config=None,
                log_level="error",
                access_log=False,
                server_header=False,
            )
        )
        self._wire_faults = [fault for fault in config.faults if fault.stage is Stage.WIRE]
        self._loop: asyncio.AbstractEventLoop | None = None
        self._woken = asyncio.Event()

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve on the sockets; behind a proxy on them if a fault breaks HTTP itself."""
        if not self._wire_faults or not sockets:
            return await super().serve(sockets)
        with _listening(0) as hidden:
            proxy = Proxy(hidden.getsockname()[1], self._wire_faults)
            relaying = asyncio.create_task(proxy.serve(sockets[0]))
            try:
                return await super().serve([hidden])
            finally:
                relaying.cancel()

    async def main_loop(self) -> None:
        """Keep the Date header current until stopped."""
        self._loop = asyncio.get_running_loop()
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), _TICK)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002
        """Drop every connection."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)

    def stop(self) -> None:
        """End the server from another thread."""
        self.should_exit = True
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # it has ended already
                self._loop.call_soon_threadsafe(self._woken.set)

"""A proxy that breaks HTTP: for the defects that a correct HTTP server cannot be made to have.

It takes one request per connection, lets the real server answer it, and sends the bytes of the answer on as
the faults of the stage `wire` want them, with the pauses that were between them.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import struct
import time
from collections.abc import Sequence
from typing import Any

from conformance.reference.call import Call, Frame
from conformance.reference.fault import Ending, Fault, Stage, Wire, strike

_HELD = 30.0
"""Seconds for which a held connection stays open."""

_BLOCK = 65536


class Proxy:
    """Forwards connections to a port of this machine, and strikes the answers."""

    def __init__(self, port: int, faults: Sequence[Fault]) -> None:
        self._port = port
        self._faults = tuple(faults)
        self._memory: dict[str, Any] = {}

    async def serve(self, listener: socket.socket) -> None:
        """Take connections until cancelled."""
        server = await asyncio.start_server(self._connected, sock=listener)
        try:
            await asyncio.Event().wait()
        finally:
            server.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            call, raw = await _request(reader, self._memory)
            wire = Wire(await self._answered(raw))
            await _send(strike(self._faults, Stage.WIRE, wire, call), writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # the client went away
        except asyncio.CancelledError:
            pass  # the server stops; asyncio reports a connection that ends as cancelled
        finally:
            writer.transport.abort() if writer.is_closing() else writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _answered(self, raw: bytes) -> tuple[Frame, ...]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            writer.write(raw)
            frames = []
            before = time.monotonic()
            while data := await reader.read(_BLOCK):
                now = time.monotonic()
                frames.append(Frame(data, now - before))
                before = now
            return tuple(frames)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


async def _request(reader: asyncio.StreamReader, memory: dict[str, Any]) -> tuple[Call, bytes]:
    """The request on a connection, and its bytes with the wish to close the connection afterwards."""
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")[:-2]
    method, _, rest = first.partition(" ")
    headers = tuple((name, value.strip()) for name, _, value in (line.partition(":") for line in lines))
    call = Call(method, rest.partition(" ")[0], headers, b"", memory)
    body = await reader.readexactly(int(call.header("content-length") or 0))
    kept = re.sub(rb"(?im)^connection:[^\r]*\r\n", b"", head[:-2])
    raw = kept + b"connection: close\r\n\r\n" + body
    return Call(method, call.path, headers, body, memory), raw


async def _send(wire: Wire, writer: asyncio.StreamWriter) -> None:
    for frame in wire.frames:
        await asyncio.sleep(frame.delay)
        writer.write(frame.data)
        await writer.drain()
    if wire.ending is Ending.HOLD:
        await asyncio.sleep(_HELD)
    elif wire.ending is Ending.RESET:
        # Lingering for zero seconds turns the close into a reset.
        connection = writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

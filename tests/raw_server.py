"""A server that sends exactly the bytes it is told to: for everything a well-behaved server cannot do."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

RESET = object()
"""A step that ends the connection with a TCP reset."""

HOLD = object()
"""A step that keeps the connection open until the client hangs up."""

NEXT = object()
"""A step that waits for the next request on the connection, and ends the script where none comes."""

HALF_CLOSE = object()
"""A step that sends no more, and goes on reading until the client hangs up."""

TLS_HANDSHAKE = b"\x16"
"""How the first message of a TLS client begins; it is not waited for any further."""

Step = bytes | float | object
Script = Iterable[Step]


@dataclass
class RawServer:
    """Where the server listens, and the raw requests it has received."""

    base_url: str
    requests: list[bytes] = field(default_factory=list)


@contextlib.contextmanager
def raw_server(
    *scripts: Script | Callable[[bytes], Script], tls: ssl.SSLContext | None = None
) -> Iterator[RawServer]:
    """Answers the n-th connection by the n-th script, and all further ones by the last.

    A script gives bytes to send, seconds to wait, and the other steps; or it is a function that does, of the
    request that was received. Without HOLD or RESET the connection is closed at its end.
    """
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        server = RawServer(f"{'https' if tls else 'http'}://127.0.0.1:{listener.getsockname()[1]}/v1")
        stopping = threading.Event()
        threads: list[threading.Thread] = []

        def accept() -> None:
            number = 0
            while not stopping.is_set():
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                script = scripts[min(number, len(scripts) - 1)]
                number += 1
                thread = threading.Thread(target=_serve, args=(connection, script, server, stopping, tls))
                thread.start()
                threads.append(thread)

        acceptor = threading.Thread(target=accept)
        acceptor.start()
        try:
            yield server
        finally:
            stopping.set()
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            acceptor.join()
            for thread in threads:
                thread.join()


def _serve(
    accepted: socket.socket,
    script: Script | Callable[[bytes], Script],
    server: RawServer,
    stopping: threading.Event,
    tls: ssl.SSLContext | None,
) -> None:
    with contextlib.suppress(OSError), _secured(accepted, tls) as connection:
        request = _request(connection)
        server.requests.append(request)
        for step in script(request) if callable(script) else script:
            if stopping.is_set():
                return
            if isinstance(step, bytes):
                connection.sendall(step)
            elif isinstance(step, float | int):
                time.sleep(step)
            elif step is RESET:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            elif step is NEXT:
                request = _request(connection)
                if not request:
                    return
                server.requests.append(request)
            else:
                if step is HALF_CLOSE:
                    connection.shutdown(socket.SHUT_WR)
                _wait_for_hang_up(connection, stopping)
                return


def _secured(connection: socket.socket, tls: ssl.SSLContext | None) -> socket.socket:
    connection.settimeout(5)
    if tls is None:
        return connection
    with connection:  # which is another object once it is wrapped
        return tls.wrap_socket(connection, server_side=True)


def _request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data and not data.startswith(TLS_HANDSHAKE):
        more = connection.recv(65536)
        if not more:
            return data
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    length = int(lengths[0].partition(b":")[2]) if lengths else 0
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def _wait_for_hang_up(connection: socket.socket, stopping: threading.Event) -> None:
    connection.settimeout(0.05)
    while not stopping.is_set():
        try:
            if not connection.recv(1024):
                return
        except TimeoutError:
            continue


def response(
    body: bytes,
    status: str = "200 OK",
    *headers: str,
    length: int | None = None,
    media: str = "application/json",
    kept: bool = False,
) -> bytes:
    """A whole HTTP/1.1 response, which closes the connection unless it is `kept` open."""
    lines = [
        f"HTTP/1.1 {status}",
        f"Content-Type: {media}",
        f"Content-Length: {len(body) if length is None else length}",
        f"Connection: {'keep-alive' if kept else 'close'}",
        *headers,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


STREAM_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"

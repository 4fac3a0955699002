"""A proxy: SOCKS 5 (RFC 1928, 1929), CONNECT, and HTTP's own. Whatever host is asked for, it asks ours."""

from __future__ import annotations

import base64
import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Relay:
    """Where the proxy listens, and whom it was asked for, once for each connection."""

    port: int
    asked_for: list[str] = field(default_factory=list)


@contextlib.contextmanager
def relay(upstream: str, password: str | None = None) -> Iterator[Relay]:
    """Connects everybody to the server at the URL `upstream`, where they give the password, by any name."""
    to = ("127.0.0.1", int(upstream.rpartition(":")[2].partition("/")[0]))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        here = Relay(listener.getsockname()[1])
        threads: list[threading.Thread] = []
        sockets: list[socket.socket] = []

        def serve(client: socket.socket) -> None:
            with contextlib.suppress(OSError), client:
                begin = client.recv(1)
                host, first = (_socks if begin == b"\x05" else _http)(client, begin, password)
                here.asked_for.append(host)
                with socket.create_connection(to) as server:
                    sockets.append(server)
                    server.sendall(first)
                    back = threading.Thread(target=_pump, args=(server, client))
                    back.start()
                    _pump(client, server, strip=f" http://{host}".encode())
                    back.join()

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    sockets.append(client)
                    threads.append(threading.Thread(target=serve, args=(client,)))
                    threads[-1].start()

        acceptor = threading.Thread(target=accept)
        acceptor.start()
        try:
            yield here
        finally:
            for one in (listener, *sockets):
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
            acceptor.join()
            for thread in threads:
                thread.join()


def _pump(source: socket.socket, sink: socket.socket, strip: bytes = b"") -> None:
    """Hands on what comes until it ends; what is asked of a proxy by HTTP has the host in its first line."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data.replace(strip + b"/", b" /", 1) if strip else data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_RDWR)


def _exactly(client: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = client.recv(count - len(data))
        if not more:
            raise OSError("the client has hung up")
        data += more
    return data


def _socks(client: socket.socket, _: bytes, password: str | None) -> tuple[str, bytes]:
    """Whom the client wants, and what it has said to them already. Raises OSError for those it turns away."""
    methods = _exactly(client, _exactly(client, 1)[0])
    chosen = 0 if password is None else 2
    if chosen not in methods:
        client.sendall(b"\x05\xff")
        raise PermissionError("it knows no way to give a password")
    client.sendall(bytes([5, chosen]))
    if password is not None:
        _exactly(client, 1)
        _exactly(client, _exactly(client, 1)[0])
        right = _exactly(client, _exactly(client, 1)[0]) == password.encode()
        client.sendall(bytes([1, 0 if right else 1]))
        if not right:
            raise PermissionError("it is another password")
    kind = _exactly(client, 4)[3]
    length = {1: 4, 4: 16}.get(kind) or _exactly(client, 1)[0]
    host, port = _exactly(client, length), int.from_bytes(_exactly(client, 2))
    client.sendall(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x00")
    return f"{host.decode()}:{port}", b""


def _http(client: socket.socket, begin: bytes, password: str | None) -> tuple[str, bytes]:
    """The same for a proxy that speaks HTTP."""
    data = begin
    while b"\r\n\r\n" not in data:
        data += _exactly(client, 1)
    head = data.decode("latin-1")
    given = base64.b64encode(f"me:{password}".encode()).decode()
    if password is not None and f"proxy-authorization: basic {given}".lower() not in head.lower():
        client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
        raise PermissionError("it is another password, or none")
    method, target, _ = head.split(" ", 2)
    if method == "CONNECT":
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        return target, b""
    host = target.removeprefix("http://").partition("/")[0]
    return host, data.replace(f" http://{host}/".encode(), b" /", 1)

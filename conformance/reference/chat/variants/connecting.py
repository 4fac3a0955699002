"""Variants in how a response is carried over the connection: framing, interim responses, trailers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from conformance.contracts.chat.sources import RFC
from conformance.reference.call import Call, Frame
from conformance.reference.fault import Wire, on_wire
from conformance.reference.variant import legal

END = b"\r\n"


@dataclass(frozen=True, slots=True)
class Response:
    """A response taken apart: status line, header lines without those of the framing, pieces of the body."""

    status: bytes
    headers: tuple[bytes, ...]
    body: tuple[Frame, ...]
    delay: float
    streamed: bool

    @property
    def bodiless(self) -> bool:
        """Whether the status allows no body (RFC 9110 section 6.4.1)."""
        return b" 204" in self.status[:12]

    def wire(self, *framing: bytes, body: Iterable[Frame] | None = None, before: bytes = b"") -> Wire:
        """The response with these header lines for its framing, and its body in that framing."""
        lines = (self.status, *self.headers, *(() if self.bodiless else framing))
        head = Frame(before + END.join(lines) + END + END, self.delay)
        return Wire((head, *(() if self.bodiless else self.body if body is None else body)))


def taken_apart(wire: Wire) -> Response:
    """What the proxy got from the server."""
    data, delay, rest = b"", 0.0, list(wire.frames)
    while END + END not in data and rest:
        frame = rest.pop(0)
        data, delay = data + frame.data, delay + frame.delay
    head, _, begin = data.partition(END + END)
    status, *lines = head.split(END)
    body = (Frame(begin), *rest)
    chunked = any(line.lower().startswith(b"transfer-encoding:") for line in lines)
    framing = (b"transfer-encoding:", b"content-length:", b"connection:")
    headers = tuple(line for line in lines if not line.lower().startswith(framing))
    return Response(status, headers, tuple(_unchunked(body)) if chunked else body, delay, chunked)


def chunks(body: Iterable[Frame], extension: bytes = b"", trailers: bytes = b"") -> Iterator[Frame]:
    """The pieces of a body, a chunk each."""
    for frame in body:
        if frame.data:
            size = b"%X" % len(frame.data) + extension
            yield replace(frame, data=size + END + frame.data + END)
    yield Frame(b"0" + END + trailers + END)


def _unchunked(frames: Iterable[Frame]) -> Iterator[Frame]:
    """The pieces of a body without the framing of chunks, at their times."""
    pending, wait = b"", 0.0
    for frame in frames:
        pending, wait, whole = pending + frame.data, wait + frame.delay, b""
        while match := re.match(rb"([0-9a-fA-F]+)\r\n", pending):
            size, start = int(match[1], 16), match.end()
            if len(pending) < start + size + len(END):
                break
            whole += pending[start : start + size]
            pending = pending[start + size + len(END) :]
        if whole:
            yield Frame(whole, wait)
            wait = 0.0


CHUNKED, CLOSE = b"transfer-encoding: chunked", b"connection: close"


def length(message: Response) -> bytes:
    """The header line that says how long the body is."""
    return b"content-length: %d" % sum(len(frame.data) for frame in message.body)


@legal(RFC.chunked, aspect="framing")
@on_wire()
def answers_in_chunks(wire: Wire, _: Call) -> Wire:
    """Answers that are not streamed come in chunks too, one byte in the first."""
    message = taken_apart(wire)
    if message.streamed:
        return wire
    whole = b"".join(frame.data for frame in message.body)
    return message.wire(CHUNKED, CLOSE, body=chunks((Frame(whole[:1]), Frame(whole[1:]))))


@legal(RFC.chunk_extensions, aspect="framing")
@on_wire()
def chunks_with_extensions(wire: Wire, _: Call) -> Wire:
    """Every chunk has an extension after its size."""
    message = taken_apart(wire)
    return message.wire(CHUNKED, CLOSE, body=chunks(message.body, b';seq=1;note="a b"'))


@legal(RFC.trailers, aspect="framing")
@on_wire()
def trailers_at_the_end(wire: Wire, _: Call) -> Wire:
    """Header fields follow the last chunk."""
    message = taken_apart(wire)
    fields = b"x-checksum: 1234" + END + b"server-timing: total;dur=12" + END
    return message.wire(b"trailer: x-checksum", CHUNKED, CLOSE, body=chunks(message.body, trailers=fields))


@legal(RFC.body_length, aspect="framing")
@on_wire()
def bodies_end_with_the_connection(wire: Wire, _: Call) -> Wire:
    """The end of the connection is the end of the body: there is neither a length nor chunks."""
    return taken_apart(wire).wire(CLOSE)


@legal(RFC.version, aspect="framing")
@on_wire()
def http_1_0(wire: Wire, _: Call) -> Wire:
    """Responses are HTTP/1.0, and end with the connection."""
    message = taken_apart(wire)
    return replace(message, status=b"HTTP/1.0" + message.status[8:]).wire()


@legal(RFC.closing, aspect="framing")
@on_wire()
def connection_closed_unannounced(wire: Wire, _: Call) -> Wire:
    """The connection is closed after each response, and no header says so."""
    message = taken_apart(wire)
    return message.wire(CHUNKED, b"connection: keep-alive", body=chunks(message.body))


@legal(RFC.informational, aspect="interim")
@on_wire()
def continue_unasked(wire: Wire, _: Call) -> Wire:
    """Every response is preceded by 100 Continue."""
    message = taken_apart(wire)
    return message.wire(length(message), CLOSE, before=b"HTTP/1.1 100 Continue" + END + END)


@legal(RFC.early_hints, aspect="interim")
@on_wire()
def early_hints(wire: Wire, _: Call) -> Wire:
    """Every response is preceded by 103 Early Hints, twice."""
    message = taken_apart(wire)
    hint = b"HTTP/1.1 103 Early Hints" + END + b"link: </a.css>; rel=preload" + END + END
    return message.wire(CHUNKED, CLOSE, body=chunks(message.body), before=hint * 2)


@legal(RFC.reason_phrase)
@on_wire()
def reason_phrase_absent(wire: Wire, _: Call) -> Wire:
    """The status line ends with the status code and a space."""
    message = taken_apart(wire)
    return replace(message, status=message.status[:12] + b" ").wire(length(message), CLOSE)


@legal(RFC.reason_phrase)
@on_wire()
def reason_phrase_of_its_own(wire: Wire, _: Call) -> Wire:
    """The status line says something of its own."""
    message = taken_apart(wire)
    return replace(message, status=message.status[:12] + b" Here you are").wire(length(message), CLOSE)


@legal(RFC.whitespace)
@on_wire()
def whitespace_around_values(wire: Wire, _: Call) -> Wire:
    """There is no space before the value of a header, or there are several around it."""
    message = taken_apart(wire)
    lines = tuple(
        line.replace(b": ", b":" if number % 2 else b": \t ", 1) + b" \t" * (number % 3)
        for number, line in enumerate(message.headers)
    )
    return replace(message, headers=lines).wire(b"content-length:" + length(message)[15:] + b"  ", CLOSE)


@legal(RFC.date)
@on_wire()
def date_absent(wire: Wire, _: Call) -> Wire:
    """A server without a clock sends no Date."""
    message = taken_apart(wire)
    kept = tuple(line for line in message.headers if not line.lower().startswith(b"date:"))
    return replace(message, headers=kept).wire(length(message), CLOSE)

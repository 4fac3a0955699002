"""A message of HTTP/1 as text: its first line, its headers, and its body without the chunks."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.recordings.entry import Headers, MalformedError


@dataclass(frozen=True, slots=True)
class Text:
    """A request or a response."""

    first: str
    headers: Headers
    body: bytes


def message(raw: bytes) -> Text:
    """The parts of a message. Raises MalformedError."""
    head, found, body = raw.partition(b"\r\n\r\n")
    if not found:
        head, found, body = raw.partition(b"\n\n")
    if not found:
        raise MalformedError("a message has no end of its headers")
    first, *lines = head.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
    pairs = (line.partition(":") for line in lines if ":" in line)
    headers = tuple((name.strip(), value.strip()) for name, _, value in pairs)
    chunked = any(name.lower() == "transfer-encoding" and "chunked" in value for name, value in headers)
    return Text(first, headers, _joined(body) if chunked else body)


def _joined(body: bytes) -> bytes:
    """The chunks put together; as it stands where they were already."""
    parts, rest = [], body
    while rest:
        size, found, rest = rest.partition(b"\r\n")
        try:
            length = int(size.partition(b";")[0], 16) if found else -1
        except ValueError:
            length = -1
        if length < 0 or length > len(rest):
            return body
        if length == 0:
            break
        parts.append(rest[:length])
        rest = rest[length:].removeprefix(b"\r\n")
    return b"".join(parts)

"""What mitmproxy saves by itself (`-w FILE`): flows as tnetstrings, with the bytes of the bodies.

https://docs.mitmproxy.org/stable/concepts/filters/, mitmproxy.io.tnetstring. Each value is its length, a
colon, its bytes, and a sign of its type.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO

from conformance.recordings.entry import (
    MAX_ENTRY,
    MAX_VALUES,
    Entry,
    Headers,
    MalformedError,
    Unreadable,
    code,
    member,
    moment,
)
from conformance.wire.record import Unseen

TITLE = "mitmproxy"

_UNSEEN = frozenset({Unseen.ARRIVALS, Unseen.ENDING, Unseen.HEADERS})
_LONGEST, _DEEPEST = 10, 20


def begins(head: bytes) -> bool:
    """Whether a file begins with a length and a dictionary of a flow."""
    length, colon, rest = head[:16].partition(b":")
    return bool(colon) and length.isdigit() and rest[:1].isdigit() and b"request" in head


def read(file: BinaryIO, label: str) -> Iterator[Entry | Unreadable]:
    """The flows of a file, one at a time."""
    number = 0
    while True:
        number += 1
        place = f"{label} flow {number}"
        size = b""
        while (byte := file.read(1)).isdigit() and len(size) < _LONGEST:
            size += byte
        if not size and not byte:
            return
        if byte != b":" or not size or int(size) > MAX_ENTRY:
            yield Unreadable(place, f"it is no flow, or longer than {MAX_ENTRY // 2**20} MiB")
            return
        raw = size + b":" + file.read(int(size) + 1)
        try:
            value, _ = _value(raw, 0, _DEEPEST, [0])
            if isinstance(value, dict) and isinstance(value.get("request"), dict):
                yield _entry(place, value)
        except (MalformedError, ValueError, IndexError, TypeError, AttributeError) as error:
            why = str(error) if isinstance(error, MalformedError) else "it does not have the shape of a flow"
            yield Unreadable(place, why)


def _value(raw: bytes, at: int, deep: int, made: list[int]) -> tuple[Any, int]:
    """The value at a place, and where the next one begins. `made` counts values."""
    made[0] += 1
    colon = raw.index(b":", at, at + _LONGEST + 1)
    end = colon + 1 + int(raw[at:colon])
    data, kind = raw[colon + 1 : end], raw[end : end + 1]
    if not kind or not deep or made[0] > MAX_VALUES:
        raise MalformedError("the file ends within it" if not kind else "more values than are read")
    if kind in b"]}":
        items, place = [], 0
        while place < len(data):
            item, place = _value(data, place, deep - 1, made)
            items.append(item)
        found: Any = items
        if kind == b"}":
            found = {_text(name): one for name, one in zip(items[::2], items[1::2], strict=True)}
        return found, end + 1
    made_of = _MADE_OF.get(kind)
    return None if made_of is None else made_of(data), end + 1


def _text(data: Any) -> str:
    return data.decode("utf-8", "replace") if isinstance(data, bytes) else str(data)


_MADE_OF: Mapping[bytes, Callable[[bytes], Any]] = {
    b",": bytes,
    b";": _text,
    b"#": int,
    b"^": float,
    b"!": lambda data: data == b"true",
}
"""Bytes, texts, numbers and truth, by the sign of their type; anything else is null."""


def _entry(place: str, flow: Mapping[str, Any]) -> Entry:
    request, response = member(flow, "request"), flow.get("response")
    answered = response if isinstance(response, dict) else {}
    began, ended = _seconds(request, "timestamp_start"), _seconds(answered, "timestamp_end")
    host = _host(request)
    content = answered.get("content")
    unknown = {Unseen.START} if began is None else set()
    unknown |= {Unseen.DURATION} if began is None or ended is None else set()
    return Entry(
        place=place,
        method=_text(request.get("method", b"")),
        url=f"{_text(request.get('scheme', b'https'))}://{host}{_text(request.get('path', b''))}",
        request_headers=_headers(request),
        request_body=request.get("content") if isinstance(request.get("content"), bytes) else None,
        status=code(answered.get("status_code")) if answered else None,
        headers=_headers(answered),
        body=content if isinstance(content, bytes) else None,
        http_version=_text(answered.get("http_version", b""))[:20],
        started=None if began is None else moment(began),
        seconds=max(0.0, ended - began) if began is not None and ended is not None else None,
        unseen=_UNSEEN
        | ({Unseen.START} if began is None else set())
        | ({Unseen.DURATION} if ended is None else set()),
    )


def _host(request: Mapping[str, Any]) -> str:
    """Who was asked: where the proxy stood before one service, that is its address."""
    host, port = _text(request.get("host", b"")), request.get("port")
    return host if port in (80, 443, None) else f"{host}:{port}"


def _headers(message: Mapping[str, Any]) -> Headers:
    found = message.get("headers")
    pairs = found if isinstance(found, list) else []
    return tuple((_text(one[0]), _text(one[1])) for one in pairs if isinstance(one, list) and len(one) == 2)


def _seconds(message: Mapping[str, Any], name: str) -> float | None:
    value = message.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

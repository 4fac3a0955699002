"""What a reader of one format gives: a recorded exchange as it stood in the file, or why it is unreadable."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.wire.record import LATEST, Exchange, Unseen

Headers = tuple[tuple[str, str], ...]

MAX_VALUES = 500_000
"""JSON values of one entry: of each, twenty times as many bytes are made as it may take in the file."""

MAX_PARSED = 4 * 2**20
"""Characters of JSON that a parsed body may come to."""

NO_HOST = "<host not recorded>"
"""Stands for the host where a format does not keep it."""

MAX_ENTRY = 32 * 2**20
"""Bytes of one entry of a file; a longer one is named and left out."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One recorded exchange, still with everything that the file has: keys too.

    `place` is where it stands, for people. A body is None where the recording has none. `started` is seconds
    since the epoch, `seconds` how long the answer took. `lost` says that the recorder kept only a part of the
    body.
    """

    place: str
    method: str
    url: str
    request_headers: Headers
    request_body: bytes | None
    status: int | None
    headers: Headers
    body: bytes | None
    http_version: str = ""
    started: float | None = None
    seconds: float | None = None
    unseen: frozenset[Unseen] = frozenset()
    lost: str = ""

    def header(self, name: str) -> str:
        """A header of the response; empty where there is none."""
        return next((value for key, value in self.headers if key.lower() == name), "")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An entry, or a file, that cannot be read, and why.

    `foreign`: a file of no format that is read; `chat` tells that there is an answer of an endpoint in it.
    """

    place: str
    why: str
    foreign: bool = False
    chat: bool = True

    def __str__(self) -> str:
        return f"{self.place}: {self.why}"


@dataclass(frozen=True, slots=True)
class Journalled:
    """An exchange of a journal, and the base URL that was asked."""

    place: str
    exchange: Exchange
    base: str


@dataclass(frozen=True, slots=True)
class Other:
    """An entry that was not looked at closely: it names neither endpoint."""


class MalformedError(ValueError):
    """An entry does not have the shape of its format; the message says in what."""


def json_value(raw: bytes | str) -> Any:
    """The value of a JSON text, counted before it is made. Raises ValueError or RecursionError."""
    data = raw.encode("utf-8", "surrogatepass") if isinstance(raw, str) else raw
    if sum(map(data.count, (b"[", b"{", b","))) > MAX_VALUES:
        raise MalformedError(f"more than {MAX_VALUES:,} values")
    return json.loads(raw)


def member(value: Any, *names: str) -> Mapping[str, Any]:
    """The object that is reached by these names. Raises MalformedError."""
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    if not isinstance(value, Mapping):
        raise MalformedError(f"there is no {'.'.join(names)}" if names else "it is no object")
    return value


def text(value: Any, what: str) -> str:
    """The value, which has to be a text. Raises MalformedError."""
    if not isinstance(value, str):
        raise MalformedError(f"there is no {what}")
    return value


def code(value: Any) -> int:
    """The value, which has to be a status of HTTP. Raises MalformedError."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise MalformedError("there is no integer status")
    if not 100 <= value <= 999:
        raise MalformedError("the status is not a number of three digits")
    return value


def moment(seconds: float) -> float | None:
    """The seconds since the epoch, where they can be the time of an exchange."""
    return seconds if 0 < seconds < LATEST else None


def header_pairs(value: Any) -> Headers:
    """Headers as pairs, from an object of strings or arrays, or an array of pairs or {name, value}."""
    found: list[tuple[str, str]] = []
    for name, given in _named(value):
        values: Iterable[Any] = given if isinstance(given, list | tuple) else (given,)
        found += [(str(name), _decoded(one)) for one in values if isinstance(one, str | bytes | int | float)]
    return tuple(found)


def _named(value: Any) -> list[tuple[Any, Any]]:
    if isinstance(value, Mapping):
        return list(value.items())
    pairs = []
    for one in value if isinstance(value, list | tuple) else ():
        if isinstance(one, Mapping):
            pairs.append((one.get("name", one.get("key")), one.get("value")))
        elif isinstance(one, list | tuple) and len(one) == 2:
            pairs.append((one[0], one[1]))
    return pairs


def _decoded(value: str | bytes | float) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def unbase64(value: str) -> bytes:
    """The bytes of a base64 text, which may be wrapped. Raises MalformedError."""
    try:
        return base64.b64decode("".join(value.split()), validate=True)
    except ValueError:
        raise MalformedError("a body is not the base64 that it is said to be") from None


def written(value: Any) -> bytes:
    """A text as it is, any other value as JSON text. Raises MalformedError where that is too long.

    In YAML a small text can stand for a huge value: an alias may be repeated.
    """
    if isinstance(value, str):
        return encoded(value)
    parts, size = [], 0
    try:
        for part in json.JSONEncoder(ensure_ascii=False, default=str).iterencode(value):
            size += len(part)
            if size > MAX_PARSED:
                raise MalformedError("a parsed body is too large")
            parts.append(part)
    except (TypeError, ValueError, RecursionError) as error:
        if isinstance(error, MalformedError):
            raise
        raise MalformedError("a parsed body is no JSON value") from None
    return encoded("".join(parts))


def encoded(value: str) -> bytes:
    """A text as it went over the wire."""
    return value.encode("utf-8", "surrogatepass")

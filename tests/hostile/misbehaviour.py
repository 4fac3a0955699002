"""What a misbehaviour is, and the bytes that they are made of."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any

from tests.raw_server import Script, Step

UNREACHABLE, INCOMPLETE, FAILED = 8, 7, 1
"""How runs end, as the README has it."""

A_DAY = 86400
ALL = 1000


@dataclass(frozen=True)
class Misbehaviour:
    """A response that a server may give, what notices it, and what a run of nothing else comes to.

    `found` are the requirements that are violated where one answer is like this (or one stream, if
    `streamed`) and all others are right. Where there are none the request could not be asked, or the response
    is legal. `exit` and `requests` are the exit code of a run in which every response is like this, and how
    many requests that may take.
    """

    name: str
    script: Callable[[], Script]
    found: frozenset[str]
    exit: int = FAILED
    requests: int = ALL
    streamed: bool = False

    def __str__(self) -> str:
        return self.name


def forever(*steps: Step) -> Iterator[Step]:
    """The steps again and again, until the client hangs up."""
    while True:
        yield from steps


def dripping(data: bytes, seconds: float = 0.02) -> Iterator[Step]:
    """One byte at a time."""
    for number in range(len(data)):
        yield data[number : number + 1]
        yield seconds


def head(*headers: str, status: str = "200 OK", media: str = "application/json", clock: float = 0.0) -> bytes:
    """The head of a response by a server whose clock is wrong by so many seconds."""
    lines = [
        f"HTTP/1.1 {status}",
        f"Content-Type: {media}",
        f"Date: {formatdate(time.time() + clock, usegmt=True)}",
        "X-Request-Id: req_1",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def whole(body: bytes, *headers: str, **fields: Any) -> bytes:
    """A response with its length; the fields are those of its head."""
    return head(*headers, f"Content-Length: {len(body)}", **fields) + body


def completion(*, clock: float = 0.0, **members: Any) -> bytes:
    """The answer to ANSWERED, right but for these members."""
    message = {"role": "assistant", "content": "badger-29-cedar", "refusal": None}
    answer = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": int(time.time() + clock),
        "model": "reference",
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 28, "completion_tokens": 7, "total_tokens": 35},
        **members,
    }
    return json.dumps(answer).encode()


def chunked(body: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    """A body in one chunk, with the end of the chunked coding."""
    return b"%x\r\n%b\r\n%b" % (len(body), body, end)


def event(finish: str | None = None, **delta: Any) -> bytes:
    """An event of a stream."""
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    chunk = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": int(time.time()),
        "model": "reference",
        "choices": [choice],
    }
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


def said(text: str) -> Iterator[bytes]:
    """A whole stream, which says this."""
    yield event(role="assistant", content="")
    yield event(content=text)
    yield event("stop")
    yield b"data: [DONE]\n\n"

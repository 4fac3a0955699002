"""What servers do to their clients, byte for byte, and what of it is a finding.

Servers that stall do so for longer than the limits of the tests, see `LIMITS`, and are named in `STALLING`.
What takes long to make is made where it is sent: each process that runs tests reads this.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from conformance.provider.model import Limits
from tests.hostile.misbehaviour import (
    A_DAY,
    FAILED,
    INCOMPLETE,
    UNREACHABLE,
    Misbehaviour,
    chunked,
    completion,
    dripping,
    event,
    forever,
    head,
    said,
    whole,
)
from tests.raw_server import HALF_CLOSE, HOLD, RESET, Script, Step

LIMITS = Limits(timeout=1.2, connect=1.0, first_byte=0.5, silence=0.5)
PATIENT = Limits(timeout=20, connect=10, first_byte=10, silence=10)
"""For servers that do not stall: a busy machine does."""

STALLING = frozenset(
    [
        "another-protocol",
        "body-byte-by-byte",
        "continue-and-no-more",
        "endless-continue",
        "endless-empty-gzip",
        "head-byte-by-byte",
        "http-2",
        "no-end-after-body",
        "silence",
        "stall-in-body",
        "stream-byte-by-byte",
        "stream-heartbeats-only",
        "stream-held-open",
        "stream-stalls",
        "switching-protocols",
    ]
)
"""Those that end only because the client's patience does."""

MIB = 2**20
ENDLESS = b"x" * 2**16
CHUNKED = "Transfer-Encoding: chunked"
SSE = "text/event-stream"
HTML = "text/html; charset=utf-8"
WORDS = " word" * 10
ERROR = b'{"error":{"message":"No.","type":"t","param":null,"code":null}}'
HUGE = b'{"prompt_tokens":1e400,"completion_tokens":7,"total_tokens":35}'
EMPTY = b"\x00\x00\x00\xff\xff"
STORED = b"\x00\xff\xff\x00\x00" + bytes(65535)
"""Blocks of deflate that are stored as they are and not the last ones (RFC 1951, section 3.2.4)."""

BROTLI_BOMB = bytes.fromhex("cbffff3ff82700e2b14020f7fe8fffff7ff04f00c4611180eefddf")
"""16 MiB of zeros."""


def of(*steps: Step | Callable[[], Script]) -> Callable[[], Script]:
    """A script made anew for each request."""

    def script() -> Iterator[Step]:
        for step in steps:
            if callable(step):
                yield from step()
            else:
                yield step

    return script


FRAMING = "transport.complete-framing"
ENCODING = "transport.content-encoding"
REDIRECT = "transport.no-redirect"
RETRY_AFTER = "transport.retry-after-sane"
ONE_OBJECT = "envelope.one-json-object"
CREATED = "envelope.created-integer"
STRICT = "envelope.json-strict"
UTF_8 = "transport.json-utf8"
EXTRA = "envelope.extra-members-listed"
CHUNKS = "stream.chunks-are-chunks"
COUNTED = "usage.present-and-integer"
SUM = "usage.total-is-sum"
DETAILS = "usage.details-within-parent"
EVENTS = "stream.framing"
SDK_READS = "sdk.create-reads-the-answer"
SDK_ITERATES = "sdk.stream-iterates"
SDK_VALIDATES = "sdk.response-validates"
SDK_RAISES = "sdk.refusals-raise"


def no_response() -> Iterator[Misbehaviour]:
    """Nothing that is an HTTP response: the request could not be asked, and nobody is accused."""
    ok = b"HTTP/1.1 200 OK\r\n"
    for name, script in {
        "silence": of(HOLD),
        "reset": of(RESET),
        "close": of(),
        "half-close": of(HALF_CLOSE),
        "reset-in-head": of(ok, 0.02, RESET),
        "close-in-head": of(ok),
        "half-close-in-head": of(ok, HALF_CLOSE),
        "head-byte-by-byte": of(ok, lambda: dripping(b"X-A: b\r\n" * 99)),
        "endless-headers": of(ok, lambda: forever(b"X-A: b\r\n" * 4096)),
        "endless-header": of(ok, b"X-A: ", lambda: forever(ENDLESS)),
        "endless-status-line": of(b"HTTP/1.1 200 ", lambda: forever(ENDLESS)),
        "endless-continue": of(lambda: forever(b"HTTP/1.1 100 Continue\r\n\r\n" * 256)),
        "continue-and-no-more": of(b"HTTP/1.1 100 Continue\r\n\r\n", HOLD),
        "switching-protocols": of(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n", HOLD),
        "http-0.9": of(lambda: [completion()]),
        "http-2": of(bytes.fromhex("00000c04000000000000030000006400040000ffff"), HOLD),
        "another-protocol": of(b"SSH-2.0-OpenSSH_9.2\r\n", HOLD),
        "garbage": of(bytes(range(256)) * 64),
        "status-no-number": of(b"HTTP/1.1 OK 200\r\n\r\n"),
        "nul-in-header": of(head("X-A: a\0b")),
        "line-break-in-header": of(head("X-A: a\rSet-Cookie: b=c")),
        "escape-in-header-name": of(head("\x1b[2J" + "x" * 90_000 + ": b")),
        "length-no-number": of(head("Content-Length: many")),
        "length-negative": of(head("Content-Length: -1")),
        "length-astronomic": of(head(f"Content-Length: {10**30}")),
        "lengths-differ": of(head("Content-Length: 1", "Content-Length: 2")),
    }.items():
        yield Misbehaviour(name, script, frozenset(), UNREACHABLE, requests=4)


def broken_off() -> Iterator[Misbehaviour]:
    """A body that ends before HTTP says that it does."""
    begun = head("Content-Length: 99"), b'{"id": "chatcmpl-1", '
    for name, script in {
        "reset-after-head": of(begun[0], 0.02, RESET),
        "reset-in-body": of(*begun, 0.02, RESET),
        "close-in-body": of(*begun),
        "half-close-in-body": of(*begun, HALF_CLOSE),
        "length-too-long": of(lambda: [whole(completion() + b"x")[:-1]]),
        "length-and-chunks": of(head("Content-Length: 5", CHUNKED), b"{}\r\n0"),
        "chunk-size-no-number": of(head(CHUNKED), b"zz\r\n{}\r\n"),
        "chunk-size-negative": of(head(CHUNKED), b"-5\r\n{}\r\n"),
        "chunk-size-astronomic": of(head(CHUNKED), b"FFFFFFFFFFFFFFFFFFFF\r\n{}"),
        "chunk-longer-than-said": of(head(CHUNKED), b"2\r\n{}{}\r\n0\r\n\r\n"),
        "chunk-cut": of(head(CHUNKED), b"99\r\n{"),
        "last-chunk-missing": of(lambda: [head(CHUNKED) + chunked(completion(), end=b"")]),
        "endless-chunk-extension": of(head(CHUNKED), b"2;", lambda: forever(ENDLESS)),
        "endless-trailers": of(head(CHUNKED), b"2\r\n{}\r\n0\r\n", lambda: forever(b"X-A: b\r\n" * 4096)),
    }.items():
        yield Misbehaviour(name, script, frozenset({FRAMING, SDK_READS}))


def endless() -> Iterator[Misbehaviour]:
    """A body that does not end: cut where it passes a bound, of bytes or of time."""
    compressed = "Content-Encoding: gzip"
    for name, script in {
        "endless-body": of(head(), lambda: forever(ENDLESS)),
        "endless-chunks": of(head(CHUNKED), lambda: forever(chunked(ENDLESS, b""))),
        "gigabyte": of(head(f"Content-Length: {10**9}"), lambda: forever(ENDLESS)),
        "gzip-bomb": of(head(compressed), lambda: [gzip.compress(bytes(16 * MIB))], HOLD),
        "deflate-bomb": of(head("Content-Encoding: deflate"), lambda: [zlib.compress(bytes(16 * MIB))], HOLD),
        "endless-gzip": of(head(compressed), gzip.compress(b"")[:10], lambda: forever(STORED)),
    }.items():
        yield Misbehaviour(name, script, frozenset({FRAMING}), requests=1)
    for name, script in {
        "body-byte-by-byte": of(head(), lambda: dripping(completion() * 99)),
        "stall-in-body": of(head("Content-Length: 99"), b"{", HOLD),
        "no-end-after-body": of(lambda: [head() + completion()], HOLD),
        "endless-empty-gzip": of(head(compressed), gzip.compress(b"")[:10], lambda: forever(EMPTY, 0.02)),
    }.items():
        yield Misbehaviour(name, script, frozenset(), INCOMPLETE, requests=1)


def encoded() -> Iterator[Misbehaviour]:
    """A body in an encoding that was not asked for, or not in the one that it names."""
    for name, script in {
        "brotli-bomb": of(whole(BROTLI_BOMB, "Content-Encoding: br")),
        "gzip-of-gzip": of(
            lambda: [whole(gzip.compress(gzip.compress(bytes(16 * MIB))), "Content-Encoding: gzip, gzip")]
        ),
        "gzip-cut": of(lambda: [whole(gzip.compress(completion())[:-9], "Content-Encoding: gzip")]),
        "gzip-garbage": of(lambda: [whole(completion(), "Content-Encoding: gzip")]),
        "encoding-unknown": of(lambda: [whole(completion(), "Content-Encoding: \x1b[31mrot13")]),
    }.items():
        yield Misbehaviour(name, script, frozenset({ENCODING}))


def contents() -> Iterator[Misbehaviour]:
    """A body that HTTP has nothing against, and that readers may not survive."""
    deep: object = 0
    for _ in range(300):
        deep = [deep]
    terminal = "\x1b[2J\x1b]0;owned\x07\u202e\u2028<script>alert(1)</script>"
    for name, body, found in (
        ("brackets", lambda: b"[" * MIB, {ONE_OBJECT, SDK_READS}),
        ("deep-member", lambda: completion(x=deep), {ONE_OBJECT}),
        ("many-values", lambda: completion(x=[[]] * 100_000), {ONE_OBJECT}),
        ("more-values", lambda: completion(x=[[]] * 300_000), {ONE_OBJECT}),
        ("many-names", lambda: completion(**{f"x{number}": 1 for number in range(20_000)}), {EXTRA}),
        ("long-name", lambda: completion(**{"x" * 2**15: 1}), {EXTRA}),
        ("huge-integer", lambda: number("created", b"1" * 5000), {CREATED, SDK_READS}),
        ("huge-exponent", lambda: number("created", b"1e999999999"), {CREATED, SDK_VALIDATES}),
        ("huge-usage", lambda: number("usage", HUGE), {COUNTED, SDK_VALIDATES}),
        ("nul", lambda: completion().replace(b"badger", b"bad\0ger"), {STRICT, SDK_READS}),
        ("control-bytes", lambda: completion().replace(b"badger", b"\x1b[2J\x07badger"), {STRICT, SDK_READS}),
        ("invalid-utf-8", lambda: completion().replace(b"badger", b"bad\xff\xc3ger"), {UTF_8, SDK_READS}),
        ("utf-16", lambda: completion().decode().encode("utf-16"), {UTF_8, ONE_OBJECT}),
        ("binary", lambda: bytes(range(256)) * 4096, {UTF_8, ONE_OBJECT, SDK_READS}),
        ("for-terminals", lambda: completion(system_fingerprint=terminal), set()),
        ("most-values", lambda: completion(x=[[]] * 99_900), {EXTRA}),
        (
            "usage-reasoning-beside",
            lambda: completion(usage=counted(28, 7, 335, reasoning=300)),
            {DETAILS, SUM},
        ),
        ("usage-floats", lambda: completion(usage=counted(28.0, 7.0, 35.0)), {COUNTED}),
        ("usage-in-quotes", lambda: completion(usage=counted("28", "7", "35")), {COUNTED}),
        ("usage-zeros", lambda: completion(usage=counted(0, 0, 0)), {"usage.counts-positive"}),
        ("usage-absurd", lambda: completion(usage=counted(10**12, 10**12, 2 * 10**12)), set()),
    ):
        yield Misbehaviour(name, lambda body=body: [whole(body())], frozenset(found))  # type: ignore[misc]
    # One such answer is more than a whole run is allowed: nothing more is asked.
    text = of(lambda: [whole(spoken("word " * 280_000))])
    yield Misbehaviour("long-text", text, frozenset(), INCOMPLETE, requests=1)


def elsewhere() -> Iterator[Misbehaviour]:
    """Somebody else answers: a portal, a wall, a limiter."""
    page = b"<!doctype html><title>Log in</title><form action=/login><input name=password></form>"

    def to(where: str, status: str) -> Callable[[], Script]:
        return of(whole(b"", f"Location: {where}", status=status))

    for name, script, found, exit in (
        ("login-page", of(whole(page, media=HTML)), {ONE_OBJECT, SDK_READS}, INCOMPLETE),
        ("login-401", of(whole(page, status="401 Unauthorized", media=HTML)), {SDK_RAISES}, INCOMPLETE),
        ("login-redirect", to("/login", "302 Found"), {REDIRECT}, INCOMPLETE),
        ("redirect-loop", to("/v1/chat/completions", "307 Temporary Redirect"), {REDIRECT}, INCOMPLETE),
        ("redirect-with-password", to("https://u:p@example.invalid/", "308 Moved"), {REDIRECT}, INCOMPLETE),
        ("status-999", of(whole(ERROR, status="999 Go Away")), set(), FAILED),
    ):
        yield Misbehaviour(name, script, frozenset(found), exit, requests=1)
    for wait, found in {
        "31536000": {RETRY_AFTER},
        "Fri, 31 Dec 9999 23:59:59 GMT": {RETRY_AFTER},
        "1e400": {RETRY_AFTER},
        "nan": {RETRY_AFTER},
        "\x1b[2J": {RETRY_AFTER},
        "0": set(),
    }.items():
        script = of(whole(ERROR, f"Retry-After: {wait}", status="429 Too Many Requests"))
        yield Misbehaviour(f"retry-after-{wait!a}", script, frozenset(found), INCOMPLETE, requests=4)
    yield Misbehaviour("down", of(whole(b"", status="503 Down")), frozenset(), INCOMPLETE, requests=4)


def legal() -> Iterator[Misbehaviour]:
    """What looks odd, and is allowed."""
    informed = b"HTTP/1.1 100 Continue\r\n\r\n" * 3 + b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    for name, script in {
        "continue-and-hints": of(lambda: [informed + whole(completion())]),
        "trailers": of(lambda: [head(CHUNKED) + chunked(completion(), b"0\r\nX-A: b\r\n\r\n")]),
        "chunk-extension": of(
            lambda: [head(CHUNKED) + chunked(completion()).replace(b"\r\n", b";a=b\r\n", 1)]
        ),
        "http-1.0": of(lambda: [head().replace(b"HTTP/1.1", b"HTTP/1.0") + completion()]),
        "no-reason-phrase": of(lambda: [whole(completion(), status="200")]),
        "folded-header": of(lambda: [whole(completion(), "X-A: b\r\n c")]),
        "clock-a-day-ahead": of(lambda: [whole(completion(clock=A_DAY), clock=A_DAY)]),
        "clock-broken": of(lambda: [whole(completion()).replace(b"Date: ", b"Date: 31 Foo 999999999 ")]),
        "byte-by-byte": of(lambda: dripping(whole(completion()), 0.0005)),
        "reset-at-the-end": of(lambda: [whole(completion())], 0.05, RESET),
    }.items():
        yield Misbehaviour(name, script, frozenset())
    # One clock among several that are right is wrong; where all are, see test_clocks.
    behind = of(lambda: [whole(completion(clock=-A_DAY), clock=-A_DAY)])
    yield Misbehaviour("clock-a-day-behind", behind, frozenset({"envelope.created-monotone"}))


def streams() -> Iterator[Misbehaviour]:
    """What a stream can do."""
    begin = head(media=SSE)
    packed = head("Content-Encoding: gzip", media=SSE)
    word = event(content="x ")
    wide = b'data: {"a":' + b"[" * 850 + b",".join([b'""'] * 300_000) + b"]" * 850 + b"}\n\n"
    lists, short = (b'data: {"a":[' + b",".join([b"[]"] * many) + b"]}\n\n" for many in (99_000, 300))
    for name, script, found in (
        ("endless-stream", of(begin, lambda: forever(word * 500)), {"limits.stream-ends"}),
        ("million-tiny-events", of(begin, b"data: {}\n\n" * 10**6), {FRAMING}),
        ("hundred-megabyte-event", of(begin, b"data: ", lambda: [ENDLESS] * 1600, b"\n\n"), {FRAMING}),
        ("endless-comments", of(begin, lambda: forever(b":\n" * 2**15)), {FRAMING}),
        ("endless-blank-lines", of(begin, lambda: forever(b"\n" * 2**15)), {FRAMING}),
        ("endless-after-done", of(begin, word, b"data: [DONE]\n\n", lambda: forever(word * 500)), {FRAMING}),
        ("stream-gzip-bomb", of(packed, lambda: [gzip.compress(b"data: x\n\n" * MIB)], HOLD), {FRAMING}),
        (
            "stream-reset",
            of(head(CHUNKED, media=SSE), chunked(word, b""), 0.02, RESET),
            {FRAMING, SDK_ITERATES},
        ),
        ("stream-closed", of(head(CHUNKED, media=SSE), chunked(word, b"")), {FRAMING, SDK_ITERATES}),
        ("stream-heartbeats-only", of(begin, lambda: forever(b": PING\n\n", 0.05)), set()),
        ("stream-byte-by-byte", of(begin, lambda: dripping(word * 99)), set()),
        ("stream-stalls", of(begin, word, HOLD), set()),
        ("stream-of-zeros", of(begin, bytes(MIB)), {EVENTS, SDK_ITERATES}),
        ("stream-of-noise", of(begin, bytes(range(128, 256)) * 4096), {EVENTS, SDK_ITERATES}),
        ("stream-of-brackets", of(begin, b"data: " + b"[" * 2**18 + b"\n\n"), {CHUNKS, SDK_ITERATES}),
        (
            "stream-of-values",
            of(begin, (b"data: [" + b"[]," * 3000 + b"0]\n\n") * 20),
            {CHUNKS, SDK_ITERATES},
        ),
        ("deep-and-wide-event", of(begin, wide, b"data: [DONE]\n\n"), {CHUNKS}),
        ("stream-of-lists", of(begin, lists * 4, b"data: [DONE]\n\n"), {CHUNKS}),
        ("stream-of-short-lists", of(begin, short * 1400, b"data: [DONE]\n\n"), {CHUNKS}),
        ("stream-held-open", of(begin, *said("x"), HOLD), {"stream.closes-after-done"}),
        ("most-lines", of(begin, b":\n" * 90_000, *said("x")), set()),
        *(
            (f"endless-{name}", of(begin, partial(forever, part * 50)), {"limits.stream-ends"})
            for name, part in {
                "text": chunk([{"index": 0, "text": WORDS}]),
                "message": chunk([{"index": 0, "message": {"content": WORDS}}]),
                "thoughts": event(thinking=WORDS),
                "member": chunk([], output=WORDS),
                "carriage-returns": event(content=WORDS).replace(b"\n", b"\r"),
            }.items()
        ),
    ):
        yield Misbehaviour(name, script, frozenset(found), streamed=True)


def chunk(choices: list[Any], **members: Any) -> bytes:
    """An event of a stream with these choices, and members that nobody knows."""
    return b"data: " + json.dumps({"id": "chatcmpl-1", "choices": choices, **members}).encode() + b"\n\n"


def spoken(text: str) -> bytes:
    """An answer that says this."""
    message = {"role": "assistant", "content": text, "refusal": None}
    return completion(choices=[{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}])


def counted(prompt: Any, written: Any, total: Any, reasoning: int | None = None) -> dict[str, Any]:
    """A `usage` object."""
    usage = {"prompt_tokens": prompt, "completion_tokens": written, "total_tokens": total}
    return (
        usage
        if reasoning is None
        else {**usage, "completion_tokens_details": {"reasoning_tokens": reasoning}}
    )


def number(name: str, digits: bytes) -> bytes:
    """An answer with a member that is a number which no language has."""
    return completion(**dict[str, Any]({name: "here"})).replace(b'"here"', digits)


PARTS = (no_response, broken_off, endless, encoded, contents, elsewhere, legal, streams)
CATALOGUE = {one.name: one for part in PARTS for one in part()}

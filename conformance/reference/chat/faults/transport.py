"""Faults in carrying an answer: headers, redirects, encodings, rate limits, bytes on the connection."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from conformance.reference.call import Call, Frame, JsonObject, Reply
from conformance.reference.change import crash, instead, other_header, times, without
from conformance.reference.chat.faults.change import is_whole_answer
from conformance.reference.chat.faults.fault import on_body, on_bytes, on_frames
from conformance.reference.chat.faults.refusing import page
from conformance.reference.fault import Ending, Wire, on_reply, on_wire
from conformance.reference.refusal import Refusal


def brotli(data: bytes) -> bytes:
    """At most 64 KiB as a Brotli stream: one block that is stored as it is (RFC 7932 section 9.2)."""
    window, last, nibbles, stored = 0, 0, 0, 1
    header = window | last << 1 | nibbles << 2 | (len(data) - 1) << 4 | stored << 20
    return header.to_bytes(3, "little") + data + b"\x03"


def struck(wire: Wire, call: Call, *, streamed: bool) -> bool:
    """Whether it is a good answer to a chat request, streamed or not."""
    head = b"".join(frame.data for frame in wire.frames)[:1000].lower()
    return call.is_chat and head.startswith(b"http/1.1 200") and (b"text/event-stream" in head) is streamed


def altered(wire: Wire, old: bytes, new: bytes) -> Wire:
    """The first occurrence of some bytes replaced."""
    frames = list(wire.frames)
    for number, frame in enumerate(frames):
        if old in frame.data:
            frames[number] = replace(frame, data=frame.data.replace(old, new, 1))
            break
    return replace(wire, frames=tuple(frames))


def shortened(wire: Wire, share: float) -> Wire:
    """The first part of the bytes, by share of the whole."""
    left = int(sum(len(frame.data) for frame in wire.frames) * share)
    kept = []
    for frame in wire.frames:
        kept.append(replace(frame, data=frame.data[:left]))
        left -= len(kept[-1].data)
    return replace(wire, frames=tuple(frame for frame in kept if frame.data))


@on_reply("transport.json-utf8", "sdk.create-reads-the-answer")
def charset_latin_1(reply: Reply, call: Call) -> Reply:
    """Whole answers are labelled and written in ISO-8859-1."""
    if not is_whole_answer(reply, call):
        return reply
    body = reply.body.decode().encode("latin-1", "replace")
    headers = other_header(reply.headers, "content-type", "application/json; charset=iso-8859-1")
    return replace(reply, headers=headers, frames=(Frame(body),))


@on_bytes("transport.json-utf8", "sdk.create-reads-the-answer")
def latin_1_unlabelled(body: bytes, _: Call) -> bytes:
    """Whole answers are written in ISO-8859-1, and do not say so."""
    return body.decode().encode("latin-1", "replace")


@on_reply("transport.no-redirect")
def redirected_as_get(reply: Reply, call: Call) -> Reply:
    """Streams are redirected with 301, which makes them GET."""
    return Reply(301, (("location", f"{call.path}?moved"), *reply.headers), ()) if reply.streamed else reply


@on_reply("transport.no-redirect")
def redirected_as_post(reply: Reply, call: Call) -> Reply:
    """Streams are redirected with 307, which keeps them POST."""
    return Reply(307, (("location", f"{call.path}?moved"), *reply.headers), ()) if reply.streamed else reply


@on_reply("transport.content-encoding")
def brotli_unasked(reply: Reply, call: Call) -> Reply:
    """Whole answers are encoded with Brotli, whether that was asked for or not."""
    if not is_whole_answer(reply, call):
        return reply
    headers = other_header(reply.headers, "content-encoding", "br")
    return replace(reply, headers=headers, frames=(Frame(brotli(reply.body)),))


@on_reply("transport.content-encoding")
def gzip_claimed(reply: Reply, call: Call) -> Reply:
    """Whole answers say that they are compressed, and are not."""
    if not is_whole_answer(reply, call):
        return reply
    return replace(reply, headers=other_header(reply.headers, "content-encoding", "gzip"))


@on_reply("stream.incremental")
def stream_compressed_at_the_end(reply: Reply, _: Call) -> Reply:
    """Streams are compressed as a whole, so that nothing arrives before the end."""
    if not reply.streamed:
        return reply
    squeezed = zlib.compressobj(wbits=31)
    whole = squeezed.compress(reply.body) + squeezed.flush()
    frames = (Frame(whole, sum(frame.delay for frame in reply.frames)),)
    return replace(reply, headers=other_header(reply.headers, "content-encoding", "gzip"), frames=frames)


@on_body("transport.stream-any-accept")
def accept_taken_literally(body: JsonObject, call: Call) -> JsonObject:
    """A stream is refused to who accepts text/event-stream only."""
    if body.get("stream") is True and call.header("accept").strip() == "text/event-stream":
        raise Refusal("The answer is not available in an acceptable type.", status=406)
    return body


@on_reply("transport.retry-after-sane")
def retry_after_negative(reply: Reply, call: Call) -> Reply:
    """The first chat request gets 429 and is to be repeated in -5 seconds."""
    return _limited(reply, call, "-5")


@on_reply("transport.retry-after-sane")
def retry_after_in_words(reply: Reply, call: Call) -> Reply:
    """The first chat request gets 429 and is to be repeated soon."""
    return _limited(reply, call, "soon")


@on_reply("transport.retry-after-sane")
def retry_after_a_day(reply: Reply, call: Call) -> Reply:
    """The first stream with a usage gets 429 and is to be repeated in a day."""
    return _limited(reply, call, "86400") if "stream_options" in call.json() else reply


@on_reply("transport.retry-after-sane")
def retry_after_unsaid(reply: Reply, call: Call) -> Reply:
    """The first chat request gets 429, and nothing says when to repeat it."""
    return _limited(reply, call, "")


@on_reply("transport.request-id")
def request_id_missing(reply: Reply, _: Call) -> Reply:
    """Responses have no request id."""
    return replace(reply, headers=other_header(reply.headers, "x-request-id"))


@on_reply("transport.cors-preflight")
def preflight_not_allowed(reply: Reply, call: Call) -> Reply:
    """The method OPTIONS is not allowed."""
    why = Refusal("The method OPTIONS is not allowed here.", status=405)
    return instead(reply, why.body(), 405) if call.method == "OPTIONS" else reply


@on_reply("transport.cors-preflight")
def preflight_without_authorization(reply: Reply, _: Call) -> Reply:
    """Pages of another origin may send no Authorization header."""
    allowed = "access-control-allow-headers"
    some = any(name == allowed for name, _ in reply.headers)
    return replace(reply, headers=other_header(reply.headers, allowed, "content-type")) if some else reply


@on_reply("transport.cors-preflight")
def origins_not_allowed(reply: Reply, _: Call) -> Reply:
    """Pages of another origin are let in by nobody."""
    return replace(reply, headers=other_header(reply.headers, "access-control-allow-origin"))


@on_reply("transport.abort-leaves-service-usable", "transport.first-attempt-served")
def worker_lost_by_abort(reply: Reply, call: Call) -> Reply:
    """After a client hung up in the middle of a stream, each request for four tokens crashes once."""
    short = without(call.json(), "model", "messages") == {"max_tokens": 4}
    if short and is_whole_answer(reply, call) and call.memory.get("aborted", False):
        asked = (call.headers, call.body)
        lost = call.memory.setdefault("lost", set())
        if asked not in lost:
            lost.add(asked)
            return instead(reply, crash().body(), 500)
    return replace(reply, frames=_Watched(reply, call)) if reply.streamed else reply


class _Watched(tuple[Frame, ...]):
    """Frames that remember when they are not all sent."""

    memory: dict[str, Any]

    def __new__(cls, reply: Reply, call: Call) -> _Watched:
        self = super().__new__(cls, reply.frames)
        self.memory = call.memory
        return self

    def __iter__(self) -> Iterator[Frame]:
        try:
            yield from super().__iter__()
        except GeneratorExit:
            self.memory["aborted"] = True
            raise


@on_reply("transport.no-bot-wall", "sdk.refusals-raise")
def bot_wall(reply: Reply, _: Call) -> Reply:
    """Streams get a page that asks to prove that one is human instead."""
    wall = b"<!doctype html><title>Just a moment...</title><script>challenge()</script>"
    return page(reply, 403, wall) if reply.streamed else reply


@on_wire("transport.complete-framing", "sdk.create-reads-the-answer")
def length_too_long(wire: Wire, call: Call) -> Wire:
    """Content-Length promises more than a whole answer has."""
    return (
        altered(wire, b"content-length: ", b"content-length: 9")
        if struck(wire, call, streamed=False)
        else wire
    )


@on_wire("envelope.one-json-object", "sdk.create-reads-the-answer")
def length_too_short(wire: Wire, call: Call) -> Wire:
    """Content-Length is shorter than a whole answer."""
    if not struck(wire, call, streamed=False):
        return wire
    body = b"".join(frame.data for frame in wire.frames).partition(b"\r\n\r\n")[2]
    return altered(
        wire, f"content-length: {len(body)}".encode(), f"content-length: {len(body) - 20}".encode()
    )


@on_wire("transport.complete-framing", "sdk.create-reads-the-answer")
def answer_reset(wire: Wire, call: Call) -> Wire:
    """A whole answer breaks off in the middle, and the connection is reset."""
    return replace(shortened(wire, 0.8), ending=Ending.RESET) if struck(wire, call, streamed=False) else wire


@on_wire("transport.complete-framing", "sdk.stream-iterates")
def stream_reset(wire: Wire, call: Call) -> Wire:
    """A stream breaks off in the middle, and the connection is reset."""
    return replace(shortened(wire, 0.6), ending=Ending.RESET) if struck(wire, call, streamed=True) else wire


@on_wire("transport.complete-framing", "sdk.stream-iterates")
def stream_cut(wire: Wire, call: Call) -> Wire:
    """A stream breaks off in the middle of an event, and the connection is closed."""
    return shortened(wire, 0.6) if struck(wire, call, streamed=True) else wire


@on_wire("transport.complete-framing")
def last_chunk_missing(wire: Wire, call: Call) -> Wire:
    """The chunk that ends a chunked body is missing."""
    return altered(wire, b"\r\n0\r\n\r\n", b"\r\n") if struck(wire, call, streamed=True) else wire


@on_wire("transport.complete-framing", "sdk.stream-iterates")
def chunk_size_garbled(wire: Wire, call: Call) -> Wire:
    """The size of a chunk is no number."""
    return altered(wire, b"\r\ndata: {", b"\r\nzz\r\ndata: {") if struck(wire, call, streamed=True) else wire


@on_wire("stream.closes-after-done")
def connection_held_after_done(wire: Wire, call: Call) -> Wire:
    """After [DONE] the body does not end, and the connection stays open."""
    if not struck(wire, call, streamed=True):
        return wire
    return replace(altered(wire, b"\r\n0\r\n\r\n", b"\r\n"), ending=Ending.HOLD)


@on_frames("stream.incremental")
def stream_in_blocks(frames: Sequence[Frame], _: Call) -> Sequence[Frame]:
    """A stream is passed on only when it is complete."""
    return (Frame(b"".join(frame.data for frame in frames), sum(frame.delay for frame in frames)),)


def _limited(reply: Reply, call: Call, wait: str) -> Reply:
    if not call.is_chat or reply.status != 200 or times(call, "limited"):
        return reply
    error = Refusal("Rate limit reached.", kind="rate_limit_error", code="rate_limit_exceeded").body()
    when = (("retry-after", wait),) if wait else ()
    return instead(reply, error, 429, *when)

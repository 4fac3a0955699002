"""Variants in the headers of a response, and in the coding of its body."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import replace

from conformance.contracts.chat.sources import FETCH, METHOD, OPENAI, RFC
from conformance.reference.call import Call, Frame, Reply
from conformance.reference.change import other_header
from conformance.reference.fault import on_reply
from conformance.reference.variant import legal

Squeeze = Callable[[bytes], bytes]


def typed(reply: Reply, whole: str, streamed: str) -> Reply:
    """The reply with another Content-Type."""
    kind = streamed if reply.streamed else whole
    return replace(reply, headers=other_header(reply.headers, "content-type", kind)) if reply.body else reply


@legal(RFC.media_type, aspect="content type")
@on_reply()
def charset_stated(reply: Reply, _: Call) -> Reply:
    """The Content-Type of JSON has the charset utf-8."""
    return typed(reply, "application/json; charset=utf-8", "text/event-stream; charset=utf-8")


@legal(RFC.media_type, aspect="content type")
@on_reply()
def charset_in_capitals(reply: Reply, _: Call) -> Reply:
    """Media types and charsets are written in capitals and quotation marks."""
    return typed(reply, 'Application/JSON;Charset="UTF-8"', "Text/Event-Stream;Charset=UTF-8")


@legal(RFC.media_type, aspect="content type")
@on_reply()
def charset_absent(reply: Reply, _: Call) -> Reply:
    """Streams have no charset."""
    return typed(reply, "application/json", "text/event-stream")


@legal(RFC.field_names)
@on_reply()
def header_names_in_capitals(reply: Reply, _: Call) -> Reply:
    """Header names are written in capitals, and headers come in another order."""
    headers = tuple((name.title(), value) for name, value in reversed(reply.headers))
    return replace(reply, headers=headers)


@legal(RFC.field_names)
@on_reply()
def further_headers(reply: Reply, _: Call) -> Reply:
    """There are many further headers, some of them several times."""
    more = (
        ("server", "cloudflare"),
        ("via", "1.1 google, 1.1 varnish"),
        ("alt-svc", 'h3=":443"; ma=86400'),
        ("set-cookie", "__cf_bm=a; path=/; HttpOnly"),
        ("set-cookie", "_cfuvid=b; path=/; HttpOnly"),
        ("vary", "Origin"),
        ("vary", "Accept-Encoding"),
        ("x-ratelimit-limit-requests", "10000"),
        ("x-ratelimit-remaining-requests", "9999"),
        ("openai-processing-ms", "123"),
        ("strict-transport-security", "max-age=31536000; includeSubDomains"),
        ("x-empty", ""),
        ("x-long", "a" * 3000),
    )
    return replace(reply, headers=(*more, *reply.headers))


@legal(OPENAI.request_ids, aspect="request id")
@on_reply()
def request_id_named_otherwise(reply: Reply, _: Call) -> Reply:
    """The request id is in a header of another name."""
    return replace(
        reply,
        headers=tuple(("trace-id" if n.lower() == "x-request-id" else n, v) for n, v in reply.headers),
    )


@legal(OPENAI.request_ids, aspect="request id", notes=("transport.request-id",))
@on_reply()
def request_id_absent(reply: Reply, _: Call) -> Reply:
    """Responses have no request id."""
    return replace(reply, headers=other_header(reply.headers, "x-request-id"))


@legal(FETCH)
@on_reply()
def origin_echoed(reply: Reply, call: Call) -> Reply:
    """The origin that asks is the one that is allowed, and headers are allowed one by one."""
    origin = call.header("origin")
    allowed = other_header(reply.headers, "access-control-allow-origin", *([origin] if origin else []))
    if call.method == "OPTIONS":
        allowed = other_header(
            allowed, "access-control-allow-headers", "Content-Type, AUTHORIZATION , x-stainless-os"
        )
    return replace(reply, headers=(*allowed, ("vary", "origin")))


@legal(FETCH)
@on_reply()
def preflight_with_a_body(reply: Reply, _: Call) -> Reply:
    """A preflight is answered with 200 and a short text."""
    if reply.status != 204:
        return reply
    return Reply(200, (*reply.headers, ("content-type", "text/plain")), (Frame(b"OK"),))


def _encoded(reply: Reply, coding: str, frames: tuple[Frame, ...]) -> Reply:
    headers = other_header(reply.headers, "content-encoding", coding)
    return replace(reply, headers=(*headers, ("vary", "accept-encoding")), frames=frames)


def _squeezed(reply: Reply, call: Call, coding: str, wbits: int) -> Reply:
    """The reply compressed piece by piece, so that what is streamed arrives when it is written."""
    if coding not in call.header("accept-encoding") or not reply.frames:
        return reply
    squeeze = zlib.compressobj(wbits=wbits)
    frames = [
        replace(frame, data=squeeze.compress(frame.data) + squeeze.flush(zlib.Z_SYNC_FLUSH))
        for frame in reply.frames
    ]
    return _encoded(reply, coding, (*frames, Frame(squeeze.flush())))


@legal(RFC.codings, aspect="coding")
@on_reply()
def gzip(reply: Reply, call: Call) -> Reply:
    """Bodies are compressed with gzip where the request accepts it, streams event by event."""
    return _squeezed(reply, call, "gzip", 31)


@legal(RFC.codings, aspect="coding")
@on_reply()
def deflate(reply: Reply, call: Call) -> Reply:
    """Bodies are compressed with deflate where the request accepts it, streams event by event."""
    return _squeezed(reply, call, "deflate", 15)


@legal(METHOD.practice)
@on_reply()
def encoding_called_identity(reply: Reply, _: Call) -> Reply:
    """Responses say that they are not encoded."""
    return replace(reply, headers=(*reply.headers, ("content-encoding", "identity")))

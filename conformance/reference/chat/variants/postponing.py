"""Variants that serve a request only when it is sent again."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime

from conformance.contracts.chat.sources import CLIENTS, METHOD, RFC
from conformance.reference.call import Call, Reply
from conformance.reference.change import crash, instead, times
from conformance.reference.chat.faults.refusing import page
from conformance.reference.fault import on_reply
from conformance.reference.refusal import Refusal
from conformance.reference.variant import legal

SEEN = ("transport.retry-after-sane",)
ONCE = ("transport.first-attempt-served",)
LIMITED = Refusal("Rate limit reached.", kind="rate_limit_error", code="rate_limit_exceeded")
OVERLOADED = Refusal("The server is overloaded.", kind="server_error")


def first_time(reply: Reply, call: Call) -> bool:
    """Whether it is the first good answer to a chat request."""
    return call.is_chat and reply.status == 200 and not times(call, "postponed")


@legal(RFC.too_many_requests, aspect="postponed", seen=SEEN)
@on_reply()
def limited_for_a_second(reply: Reply, call: Call) -> Reply:
    """The first chat request gets 429, and is served a second later."""
    return instead(reply, LIMITED.body(), 429, ("retry-after", "1")) if first_time(reply, call) else reply


@legal(RFC.retry_after, aspect="postponed", seen=SEEN)
@on_reply()
def limited_until_a_date(reply: Reply, call: Call) -> Reply:
    """The first chat request gets 429 and the date from which it is served."""
    date = format_datetime(datetime.fromtimestamp(call.at + 1, UTC), usegmt=True)
    return instead(reply, LIMITED.body(), 429, ("retry-after", date)) if first_time(reply, call) else reply


@legal(CLIENTS.openai_python, aspect="postponed", seen=SEEN)
@on_reply()
def limited_for_milliseconds(reply: Reply, call: Call) -> Reply:
    """The first chat request gets 429, and the wait in milliseconds too."""
    wait = (("retry-after-ms", "40"), ("retry-after", "0"))
    return instead(reply, LIMITED.body(), 429, *wait) if first_time(reply, call) else reply


@legal(RFC.too_many_requests, aspect="postponed", notes=SEEN)
@on_reply()
def limited_without_a_hint(reply: Reply, call: Call) -> Reply:
    """The first chat request gets 429, and nothing says how long to wait."""
    return instead(reply, LIMITED.body(), 429) if first_time(reply, call) else reply


@legal(RFC.unavailable, aspect="postponed", seen=SEEN, notes=ONCE)
@on_reply()
def overloaded_once(reply: Reply, call: Call) -> Reply:
    """The first chat request gets 503, and is served when it is sent again."""
    return instead(reply, OVERLOADED.body(), 503, ("retry-after", "0")) if first_time(reply, call) else reply


@legal(RFC.unavailable, aspect="postponed", notes=ONCE)
@on_reply()
def gateway_fails_once(reply: Reply, call: Call) -> Reply:
    """The first chat request gets 502 and a page, and is served when it is sent again."""
    return page(reply, 502) if first_time(reply, call) else reply


@legal(METHOD.infrastructure, aspect="postponed", notes=ONCE)
@on_reply()
def fails_once(reply: Reply, call: Call) -> Reply:
    """The first chat request gets 500, and is served when it is sent again."""
    return instead(reply, crash().body(), 500) if first_time(reply, call) else reply


@legal(METHOD.infrastructure, aspect="postponed", notes=ONCE)
@on_reply()
def a_stream_fails_once(reply: Reply, call: Call) -> Reply:
    """The third stream gets 500 first, and is served when it is sent again."""
    late = reply.streamed and reply.status == 200 and times(call, "streams") == 2
    return instead(reply, crash().body(), 500) if late else reply

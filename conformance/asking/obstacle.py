"""What stands in the way where a request is not served, though it is not the request that is at fault.

A key that is refused, an account without credit, a model or a path that does not exist, a wall: whatever else
is asked would get the same, and none of it says anything about the provider. The status alone does not tell.
Google says 400 to a wrong key, DeepSeek 402 and Zhipu 429 to an empty account, gateways 503 to a model that
they do not know, MiniMax and LM Studio 200 to anything. So what counts is the kind, by the words as well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from conformance.asking.kinds import Kind, told
from conformance.wire.record import NOT_NOW, OUT_OF_TIME, UNASKED, Attempt
from conformance.wire.said import Said, asks_for_a_human, is_page, said

_BY_STATUS = {401: Kind.KEY, 402: Kind.CREDIT, 403: Kind.FORBIDDEN, 407: Kind.PROXY, 451: Kind.PLACE}
_ABSENT = frozenset({404, 405, 410})

_LARGE = 2**16
"""Bytes from which on a body is no error."""

_ERROR = re.compile(rb'"(?:errors?|detail|msg|message|status_msg)"\s*:')
_CONTENT = re.compile(rb'"(?!errors?"|detail")\w+"\s*:\s*\[\s*[{\[]|"delta"\s*:')
"""Something in a list: what every contract answers with, whatever it calls it."""

_NO_TLS = re.compile(r"(?i)wrong.version.number|record.layer.failure|http.request|unknown.protocol")


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What stands in the way, and what the server says of it."""

    kind: Kind
    said: Said


def obstacle(attempt: Attempt) -> Obstacle | None:
    """What stands in the way of this attempt; None where it is served, or refused or lost for what it is."""
    failure, status = attempt.failure, attempt.status
    if failure is not None and failure.kind in UNASKED:
        return None
    if status is None:
        no_tls = failure is not None and failure.kind == "tls" and _NO_TLS.search(failure.message)
        return Obstacle(Kind.HTTP if no_tls else Kind.NOBODY, said(attempt))
    if attempt.succeeded and failure is not None and failure.kind in OUT_OF_TIME:
        return Obstacle(Kind.SLOW, said(attempt))
    if attempt.succeeded and not _may_be_none(attempt):
        return None
    words = said(attempt)
    kind = _kind(attempt, status, words)
    return None if kind is None else Obstacle(kind, words)


def _may_be_none(attempt: Attempt) -> bool:
    """Whether what came with 2xx may be no answer at all, but an error or a page."""
    if attempt.failure is not None:
        return False
    body = attempt.body
    suspect = len(body) <= _LARGE and _ERROR.search(body) and not _CONTENT.search(body)
    return bool(suspect) or is_page(attempt)


def _kind(attempt: Attempt, status: int, words: Said) -> Kind | None:
    if 300 <= status < 400:
        return Kind.REDIRECT
    if asks_for_a_human(attempt) or (status == 403 and words.is_page):
        return Kind.WALL
    # A page is for people, and speaks of anything, but of this only servers do.
    waits = any(name.lower().startswith("retry-after") for name, _ in attempt.headers)
    kind = told(words.everything, status, waits=waits)
    if kind is not None and (kind is Kind.HTTPS or not words.is_page):
        return kind
    if attempt.succeeded:
        return Kind.PAGE if words.is_page else None
    if status in NOT_NOW:
        return Kind.BUSY
    if status in (400, 422) or status >= 500:
        return None  # it refuses something in the request, or failed
    return _BY_STATUS.get(status, Kind.PATH if status in _ABSENT else Kind.OTHER)

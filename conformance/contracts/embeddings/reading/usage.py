"""What an answer costs in tokens, read tolerantly: for the sums and ceilings of a run, not for verdicts.

An answer with vectors may be large, and what it states of its tokens is a small object in it: only that is
read.
"""

from __future__ import annotations

import re

from conformance.asking.spent import Doubt, Used
from conformance.contracts.embeddings.probes import costs
from conformance.wire import bounded
from conformance.wire.record import Attempt, Request

_USAGE = re.compile(rb'"usage"\s{0,9}:\s{0,9}(\{[^{}]{0,999}\})')

MOST = 1_000_000
"""A count above this is none: no model reads as much for a request of a few sentences."""

_FREE = frozenset({"not-asked", "dns", "connect", "tls", "proxy", "timeout-connect", "stale"})
"""Failures before a request has left, or has been read."""


def stated(body: bytes) -> int | None:
    """The prompt tokens that the answer states; None where it states none, or none that can be true."""
    found = _USAGE.search(body)
    members = bounded.read(found[1]) if found else None
    value = members.get("prompt_tokens") if isinstance(members, dict) else None
    return value if type(value) is int and 0 <= value <= MOST else None


def used(request: Request, attempt: Attempt) -> Used:
    """What an attempt costs: what it states; about what was sent, where it states nothing.

    A request that was sent, and came to nothing, may have been served all the same.
    """
    if request.method != "POST":
        return Used()  # a list of models costs nothing
    members = bounded.read(request.body.encode("utf-8", "surrogatepass"))
    sent = costs.prompt(members) if isinstance(members, dict) else 0
    if attempt.status is None:
        free = attempt.failure is not None and attempt.failure.kind in _FREE
        return Used() if free else Used(sent, doubt=Doubt.LOST)
    if not attempt.succeeded:
        return Used()
    known = stated(attempt.body)
    if known is None:
        return Used(sent, doubt=Doubt.UNSTATED)
    return Used(sent, doubt=Doubt.TOO_LITTLE) if not known and sent else Used(known)

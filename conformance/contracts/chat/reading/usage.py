"""What an answer costs in tokens, read tolerantly: for the sums and ceilings of a run, not for verdicts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from conformance.asking.probe import Probe
from conformance.contracts.chat.reading.meter import VISIBLE_SLACK, Meter
from conformance.wire.record import Attempt

_LONGEST = 2**18
"""Bytes of a JSON text that is looked at: no answer comes near it, and reading more would hold up others."""

_LINES = 64
"""Lines from the end of a stream that are looked at."""

_MOST = 10**9
"""A count above this is no count of tokens."""


def token_counts(body: bytes) -> tuple[int | None, int | None]:
    """The prompt and completion tokens that the answer states last; None where it states none."""
    if len(body) <= _LONGEST and (found := _usage(body)) is not None:
        return found
    for line in reversed(body[-_LONGEST:].splitlines()[-_LINES:]):
        if line.startswith(b"data:") and (found := _usage(line[5:])) is not None:
            return found
    return None, None


def _usage(text: bytes) -> tuple[int | None, int | None] | None:
    if b'"usage"' not in text:
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    usage = value.get("usage") if isinstance(value, dict) else None
    if not isinstance(usage, dict):
        return None
    return _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))


def _count(value: Any) -> int | None:
    return value if type(value) is int and 0 <= value <= _MOST else None


@dataclass(frozen=True, slots=True)
class Used:
    """Tokens that one attempt is charged at."""

    prompt: int = 0
    completion: int = 0


_FREE = frozenset({"not-asked", "dns", "connect", "tls", "proxy", "timeout-connect", "stale"})
"""Failures before a request has left, or has been read."""


def used(probe: Probe, attempt: Attempt) -> Used:
    """What an attempt costs: as its answer states it, else what was sent and what came of it, estimated.

    A request that was sent, and came to nothing, may have been served all the same.
    """
    if attempt.status is None:
        kind = attempt.failure.kind if attempt.failure else ""
        return Used() if kind in _FREE else Used(probe.prompt_tokens, probe.allowed)
    if not attempt.succeeded or probe.body is None:
        return Used()
    body = attempt.body
    prompt, completion = token_counts(body)
    if completion is None:
        meter = Meter()
        if probe.streamed:
            meter.feed(body + b"\n")
        else:
            meter.whole(body)
        completion = meter.written
        if attempt.failure is not None and attempt.failure.kind == "runaway":
            completion = max(completion, 4 * probe.allowed + VISIBLE_SLACK)  # only its beginning is kept
    return Used(probe.prompt_tokens if prompt is None else prompt, completion)

"""What an answer costs in tokens, read tolerantly: for the sums and ceilings of a run, not for verdicts.

An answer is charged at what it states, taken for the most that it can mean. Where that cannot be true of what
it holds, or nothing is stated, it is charged at what it holds; where it broke off, at the most that it may
have cost.
"""

from __future__ import annotations

from typing import Any

from conformance.asking.probe import Probe
from conformance.asking.spent import Doubt, Used
from conformance.contracts.chat.probes import costs
from conformance.contracts.chat.probes.ask import GIVEN
from conformance.contracts.chat.reading.meter import VISIBLE_SLACK, Meter
from conformance.contracts.chat.reading.statement import NOTHING
from conformance.wire import bounded
from conformance.wire.record import Attempt, Request

_LINES = 64
"""Lines from the end of a stream that are looked at."""

_MOST = 10**9
"""A count above this is not shown as one."""

_NATURAL, _SLACK = 2, 16
"""A text is counted roughly: a tokenizer may need half as many tokens, and a few less in a short one."""

_BROKE_OFF = frozenset({"silence", "timeout", "too-large", "reset", "incomplete", "cut", "runaway"})
"""Failures after which nobody knows how much more was written."""

_FREE = frozenset({"not-asked", "dns", "connect", "tls", "proxy", "timeout-connect", "stale"})
"""Failures before a request has left, or has been read."""


def token_counts(body: bytes) -> tuple[int | None, int | None]:
    """The prompt and completion tokens that the answer states last; None where it states none."""
    if len(body) <= bounded.LONGEST and (found := _usage(body)) is not None:
        return found
    for line in reversed(body[-bounded.LONGEST :].splitlines()[-_LINES:]):
        if line.startswith(b"data:") and (found := _usage(line[5:])) is not None:
            return found
    return None, None


def _usage(text: bytes) -> tuple[int | None, int | None] | None:
    value = bounded.read(text) if b'"usage"' in text else None
    usage = value.get("usage") if isinstance(value, dict) else None
    if not isinstance(usage, dict):
        return None
    return _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))


def _count(value: Any) -> int | None:
    return value if type(value) is int and 0 <= value <= _MOST else None


def used(probe: Probe, attempt: Attempt, *, thinks: bool = False) -> Used:
    """What an attempt costs. `thinks`: the model is known to think, which the answer need not show.

    A request that was sent, and came to nothing, may have been served all the same. One that was refused
    costs nothing, unless the refusal says otherwise.
    """
    kind = attempt.failure.kind if attempt.failure is not None else ""
    if attempt.status is None:
        most = max(probe.allowed, attempt.written)
        return Used() if kind in _FREE else Used(probe.prompt_tokens, most, Doubt.LOST)
    if probe.body is None:
        return Used()
    meter = _metered(probe, attempt)
    statement = meter.statement
    if not attempt.succeeded and statement == NOTHING and (attempt.status < 500 or not meter.said):
        return Used()
    prompt, doubt = statement.prompt, Doubt.ABSURD if statement.absurd else None
    if prompt is None:
        prompt = probe.prompt_at_most if statement.absurd else probe.prompt_tokens
    elif not prompt and _is_too_little(prompt, probe.prompt_tokens):
        prompt, doubt = probe.prompt_tokens, doubt or Doubt.TOO_LITTLE
    written = _written(probe, attempt, meter)
    stated = statement.written(prompt)
    if stated is None:
        cut = kind in _BROKE_OFF
        hidden = cut or statement.absurd or (thinks and not meter.thoughts)
        doubt = doubt or (Doubt.LOST if cut else Doubt.UNSTATED)
        return Used(prompt, max(written, probe.allowed) if hidden else written, doubt)
    if (written and not stated) or _is_too_little(stated, written):
        return Used(prompt, written, doubt or Doubt.TOO_LITTLE)
    if stated > (statement.named or 0):
        doubt = doubt or Doubt.BESIDE
    return Used(prompt, stated, doubt)


def sent(request: Request) -> Probe:
    """The request as a probe, which knows what it allows. Others may have recorded it, and sent anything."""
    text = request.body.encode("utf-8", "surrogatepass")
    readable = bool(text) and bounded.read(text) is not bounded.MISSING
    body = request.body if readable else ("" if text else None)
    return Probe("", body, request.method, costs=costs, given=GIVEN)


def _metered(probe: Probe, attempt: Attempt) -> Meter:
    meter, body = Meter(), attempt.body
    # Some answer a request for a stream with an object, and others the other way round.
    if body.lstrip()[:1] not in (b"{", b"[") and (probe.streamed or b"data:" in body):
        meter.feed(body)
        meter.end()
    else:
        meter.whole(body)
    return meter


def _written(probe: Probe, attempt: Attempt, meter: Meter) -> int:
    """What has arrived, as far as it was kept, or counted while it arrived."""
    html = (attempt.header("content-type") or "").lower().startswith("text/html")
    written = max(meter.written - (meter.unread if html else 0), attempt.written)
    if attempt.failure is not None and attempt.failure.kind == "runaway":
        return max(written, 4 * probe.allowed + VISIBLE_SLACK)
    return written


def _is_too_little(stated: int, counted: int) -> bool:
    return counted > _NATURAL * stated + _SLACK

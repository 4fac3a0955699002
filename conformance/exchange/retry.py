"""When a request is sent again, and how long to wait before: tenacity around one attempt.

Only what says "not now" is tried again: 429, 502, 503, 504, and a connection that gave nothing. A provider's
Retry-After is honoured in its three forms. Every attempt is recorded, so a recovery is visible too.
"""

from __future__ import annotations

import math
import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from tenacity import AsyncRetrying, RetryCallState, retry_if_result, stop_after_attempt, stop_before_delay

from conformance.exchange.budget import Exhausted
from conformance.exchange.record import Attempt

NOT_NOW = frozenset({429, 502, 503, 504})
"""Statuses that say: the same request may succeed later."""

NOTHING_CAME = frozenset({"connect", "timeout-connect", "protocol"})
"""Failures before any response; a name that does not resolve or a bad certificate will not get better."""

BROKE_OFF = frozenset({"reset", "incomplete"})
"""Failures inside a response: asked once more, to tell an accident from a habit."""

ATTEMPTS = 4
PATIENCE = 60.0
"""Seconds in all that one probe may wait for better times."""


def retry_after(attempt: Attempt, now: datetime) -> float | None:
    """Seconds that the provider asks to wait, or None: retry-after-ms, Retry-After in seconds or as a date.

    RFC 9110 §10.2.3; `retry-after-ms` is what OpenAI sends and its SDKs read first.
    """
    milliseconds = attempt.header("retry-after-ms")
    if milliseconds is not None:
        try:
            return max(0.0, float(milliseconds) / 1000)
        except ValueError:
            pass
    value = attempt.header("retry-after")
    if value is None:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return max(0.0, (date - now).total_seconds())


def worth_another_try(attempt: Attempt) -> bool:
    """Whether the same request may succeed if it is sent again."""
    if attempt.failure is not None and attempt.failure.kind in NOTHING_CAME | BROKE_OFF:
        return True
    return attempt.status in NOT_NOW


def _wait(state: RetryCallState) -> float:
    attempt: Attempt = state.outcome.result() if state.outcome else None  # type: ignore[assignment]
    asked = retry_after(attempt, datetime.now(UTC))
    if asked is not None and not math.isnan(asked):
        return asked
    return random.uniform(0, min(8.0, 0.25 * 2**state.attempt_number))  # noqa: S311 - jitter, no secret


async def attempts(send: Callable[[int], Awaitable[Attempt]]) -> tuple[Attempt, ...]:
    """Calls `send` until it gives something to judge, or patience ends; returns every attempt.

    `send` is told how many attempts were made before. Where it raises Exhausted on a further one, those
    before stand.
    """
    made: list[Attempt] = []

    async def once() -> Attempt:
        made.append(await send(len(made)))
        return made[-1]

    retrying = AsyncRetrying(
        retry=retry_if_result(lambda attempt: _again(made, attempt)),
        wait=_wait,
        stop=stop_after_attempt(ATTEMPTS) | stop_before_delay(PATIENCE),
        retry_error_callback=lambda _: None,
    )
    try:
        await retrying(once)
    except Exhausted:
        if not made:
            raise
    return tuple(made)


def _again(made: Sequence[Attempt], attempt: Attempt) -> bool:
    """A response that broke off is asked for once more, everything else until patience ends."""
    broken = [one for one in made if one.failure is not None and one.failure.kind in BROKE_OFF]
    return worth_another_try(attempt) and len(made) < ATTEMPTS and len(broken) < 2

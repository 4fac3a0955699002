"""When a request is sent again, and how long to wait before.

Only what says "not now" is tried again: 429, 502, 503, 504, and a connection that gave nothing. A 500,
and an answer that broke off, are asked for once more, to tell an accident from a habit; and so is a request
that is made to be refused, where it got no response. A provider's Retry-After is honoured in its three forms.
Every attempt is recorded, so a recovery is visible too.

A connection that was kept open may be closed at the moment at which a request is sent on it. That happens
with any server, and says nothing about it: the request is sent again at once, on a connection of its own, and
what was lost counts neither as an attempt nor as patience.
"""

from __future__ import annotations

import math
import random
from collections.abc import Awaitable, Callable, Sequence

from conformance.asking.budget import Exhausted
from conformance.asking.kinds import PASSING
from conformance.asking.obstacle import obstacle
from conformance.wire.record import NOT_NOW, Attempt, http_date
from conformance.wire.redact.recordable import superseded

NOTHING_CAME = frozenset({"connect", "proxy", "timeout-connect", "protocol"})
"""Failures before any response; a name that does not resolve or a bad certificate will not get better."""

STALE = "stale"
"""The failure of a request that was sent on a connection which the server had just closed."""

BROKE_OFF = frozenset({"reset", "incomplete"})
"""Failures inside a response."""

FAILED = 500
"""The status of a server that fails. What OpenAI advises, and its SDKs do, is to send the request again."""

ATTEMPTS = 4
PATIENCE = 60.0
"""Seconds in all that one probe may wait between its attempts. How long these take themselves, and how long
it waits for its turn, is no matter of patience."""


def retry_after(attempt: Attempt) -> float | None:
    """Seconds that the provider asks to wait, or None: retry-after-ms, Retry-After in seconds or as a date.

    RFC 9110 §10.2.3; `retry-after-ms` is what OpenAI sends and its SDKs read first.
    """
    milliseconds = _finite(attempt.header("retry-after-ms"))
    if milliseconds is not None:
        return max(0.0, milliseconds / 1000)
    value = attempt.header("retry-after")
    if value is None:
        return None
    if (seconds := _finite(value)) is not None:
        return max(0.0, seconds)
    date = http_date(value)
    # By the provider's own clock, which may be wrong.
    return None if date is None else max(0.0, (date - attempt.clock).total_seconds())


def _finite(text: str | None) -> float | None:
    """The number that the text is; None for any other text, and for what is no number to wait for."""
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def worth_another_try(attempt: Attempt) -> bool:
    """Whether the same request may succeed if it is sent again: not where the account is empty."""
    if attempt.interrupted or _kind(attempt) in NOTHING_CAME | BROKE_OFF:
        return True
    if attempt.status != FAILED and attempt.status not in NOT_NOW:
        return False
    found = obstacle(attempt)
    return found is None or found.kind in PASSING


def is_accident(attempt: Attempt, *, to_be_refused: bool = False) -> bool:
    """Whether it may have been an accident, which happens to the best, and does not happen twice.

    A request that is made to be refused may itself be why there is no response.
    """
    kinds = BROKE_OFF | NOTHING_CAME if to_be_refused else BROKE_OFF
    return attempt.interrupted or _kind(attempt) in kinds or attempt.status == FAILED


def _kind(attempt: Attempt) -> str:
    return attempt.failure.kind if attempt.failure is not None else ""


def _wait(made: Sequence[Attempt]) -> float:
    """Seconds to wait before the next attempt."""
    if is_stale(made):
        return 0.0
    asked = retry_after(made[-1])
    if asked is not None:
        return asked
    return random.uniform(0, min(8.0, 0.25 * 2 ** len(made)))  # noqa: S311 - jitter, no secret


def is_stale(made: Sequence[Attempt]) -> bool:
    """Whether the last attempt was lost with a connection that had been kept open."""
    return bool(made) and _kind(made[-1]) == STALE


async def attempts(
    send: Callable[[Sequence[Attempt]], Awaitable[Attempt]],
    *,
    patient: bool = True,
    to_be_refused: bool = False,
    pause: Callable[[float], Awaitable[None]] | None = None,
) -> tuple[Attempt, ...]:
    """Calls `send` until it gives something to judge, or patience ends; returns every attempt.

    `send` is given the attempts that were made before; `pause` waits between them. Where one of the two
    raises Exhausted later than that, those attempts stand. Without `patient`, only what was lost with a kept
    connection is sent again. Patience begins with the first attempt, whenever its turn comes.
    """
    import asyncio  # here, because also who sends nothing has to know what is tried again

    made: list[Attempt] = []
    pause = pause or asyncio.sleep
    waited = 0.0
    try:
        while not made or _is_stale_once(made) or (patient and _again(made, to_be_refused)):
            if made:
                wait = _wait(made)
                if waited + wait > PATIENCE and not is_stale(made):
                    break
                waited += wait
                made[-1] = superseded(made[-1])
                await pause(wait)
            made.append(await send(made))
    except Exhausted:
        if not made:
            raise
    return tuple(made)


def _is_stale_once(made: Sequence[Attempt]) -> bool:
    """Whether a connection was lost that had been kept. What is lost on one of its own is no accident."""
    return is_stale(made) and not is_stale(made[:-1])


def _again(made: Sequence[Attempt], to_be_refused: bool) -> bool:
    """What may be an accident is asked for once more, everything else until patience ends."""
    accidents = sum(is_accident(one, to_be_refused=to_be_refused) for one in made)
    tried = sum(_kind(one) != STALE for one in made)
    return worth_another_try(made[-1]) and accidents < 2 and tried < ATTEMPTS

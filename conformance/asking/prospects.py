"""When nothing more is worth sending to a target, because of what it does, or when it stops answering.

What is then not asked is an error of the run, never a failure of the provider. Time, memory and money are
bounded by it: a server that answers nothing is not asked a hundred times, with the patience of each.
"""

from __future__ import annotations

from conformance.asking.probe import Expects
from conformance.wire.record import NOT_NOW, OUT_OF_TIME, UNASKED, Attempt, Exchange

RUNAWAY = 20_000
"""Completion tokens beyond what its requests allow, after which a target is asked nothing more."""

IN_VAIN = 8
"""Exchanges in a row that come to nothing, all attempts included, after which a target is left alone."""

PIECE = 150
"""Bytes that a piece of a body takes beside its own."""

AS_READ = 10
"""Bytes of memory that a byte of an answer takes once it is read."""

LINE = 500
"""Bytes of memory that a line of a stream takes once it is read, however short it is."""

KEPT_OF_A_TARGET = 10 * 2**20
"""Bytes of all its bodies. A run of everything gets a third of one million, from a model that thinks in every
stream five."""


class Prospects:
    """Takes note of what becomes of requests to one target. `end` says why nothing more is worth sending.

    `full` says that there is no more room for long answers either, those under way included.
    """

    def __init__(self) -> None:
        self.end: str | None = None
        self.full: str | None = None
        self._beyond = 0
        self._in_vain = 0
        self._kept = 0

    def wrote(self, beyond: int) -> None:
        """An answer has so many tokens more than its request allowed, or less."""
        self._beyond += max(0, beyond)
        if self._beyond > RUNAWAY:
            self.end = f"the provider ignores limits: it wrote {self._beyond} tokens more than allowed"

    def note(self, exchange: Exchange) -> None:
        """Another exchange has come to an end."""
        self._kept += sum(map(_weight, exchange.attempts))
        if self._kept > KEPT_OF_A_TARGET:
            self.full = f"the answers so far hold more than {KEPT_OF_A_TARGET // 2**20} MiB in all"
            self.end = self.full
        last = exchange.last
        kind = last.failure.kind if last.failure is not None else ""
        if kind in UNASKED:
            return
        if last.status is not None and kind not in OUT_OF_TIME and last.status not in NOT_NOW:
            self._in_vain = 0
        elif kind in OUT_OF_TIME or exchange.expects != Expects.REFUSAL:
            self._in_vain += 1
        if self._in_vain >= IN_VAIN:
            row = f"{IN_VAIN} requests in a row"
            why = f"{row} came to nothing: {last.failure.message}" if last.failure is not None else None
            self.end = why or f'the provider says "not now" to everything: {row}'


def _weight(attempt: Attempt) -> int:
    """Bytes of an ordinary body that take as much memory, read, as this one does."""
    lines = sum(data.count(b"\n") + data.count(b"\r") for _, data in attempt.chunks)
    return max(attempt.size, LINE * lines // AS_READ, PIECE * len(attempt.chunks) // AS_READ)


def fails(exchange: Exchange) -> str | None:
    """Why nothing more is worth sending where the plainest request fails by the provider's own doing.

    None where it does not. A 400 or 422 is no reason: it may be about one parameter.
    """
    last = exchange.last
    if last.status is not None and last.status >= 500:
        return f"the plainest request gets HTTP {last.status}"
    if last.succeeded and last.failure is not None and last.failure.kind == "too-large":
        return f"the plainest request gets an answer without an end: {last.failure.message}"
    return None

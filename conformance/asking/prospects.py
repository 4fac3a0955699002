"""When nothing more is worth sending to a target: after the first exchange, or when it stops answering.

What is then not asked is an error of the run, never a failure of the provider. Time, memory and money are
bounded by it: a server that answers nothing is not asked a hundred times, with the patience of each.
"""

from __future__ import annotations

from conformance.asking.probe import Expects
from conformance.asking.retry import NOT_NOW
from conformance.wire.record import UNASKED, Exchange

RUNAWAY = 20_000
"""Completion tokens beyond what its requests allow, after which a target is asked nothing more."""

IN_VAIN = 8
"""Exchanges in a row that come to nothing, all attempts included, after which a target is left alone."""

KEPT_OF_A_TARGET = 10 * 2**20
"""Bytes of all its bodies. A run of everything gets a third of one million, from a model that thinks in every
stream five; read, they take ten times as much memory."""

OUT_OF_TIME = frozenset({"timeout-first-byte", "silence", "timeout"})


class Prospects:
    """Takes note of what becomes of requests to one target. `end` says why nothing more is worth sending."""

    def __init__(self) -> None:
        self.end: str | None = None
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
        self._kept += sum(len(data) for attempt in exchange.attempts for _, data in attempt.chunks)
        if self._kept > KEPT_OF_A_TARGET:
            self.end = f"the answers so far hold more than {KEPT_OF_A_TARGET // 2**20} MiB in all"
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


def stops(exchange: Exchange) -> str | None:
    """Why nothing more is worth sending after the first exchange with a target, or None.

    A 400 or 422 is no reason: it may be about one parameter. Anything else that is no success would be the
    answer to every other request too, and so would be a web page, or an answer without an end.
    """
    last = exchange.last
    url = exchange.request.url
    if last.status is None:
        # In the words of the first exchange itself: one reason, said once.
        return last.failure.message if last.failure is not None else "there was no response"
    if exchange.expects != Expects.ANSWER or last.status in (400, 422):
        return None
    if last.succeeded:
        if last.failure is not None and last.failure.kind in OUT_OF_TIME:
            longer = "if it needs longer, raise limits in its entry of providers.yaml"
            return f"the plainest request gets no whole answer: {last.failure.message}; {longer}"
        if last.failure is not None and last.failure.kind == "too-large":
            return f"the plainest request gets an answer without an end: {last.failure.message}"
        if (last.header("content-type") or "").lower().startswith("text/html"):
            return f"{url} answers with a web page; check base_url (OpenAI's ends in /v1)"
        return None
    if last.status in (401, 403):
        return f"the provider refuses the key (HTTP {last.status}); check the variable that holds it"
    if last.status == 407:
        return "a proxy asks for a user and a password (HTTP 407); write them into its address: http://USER:PASSWORD@HOST"
    if last.status < 400 or last.status in (404, 405):
        return f"{url} answers HTTP {last.status}; check base_url (OpenAI's ends in /v1) and models"
    return f"the plainest request gets HTTP {last.status}"

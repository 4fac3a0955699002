"""Carries out the plans of a run, and keeps each exchange in its journal as soon as it has ended.

It ends early where somebody interrupts it, and where the journal cannot be written: what is sent then could
not be kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from conformance.asking.asking import Progress, Work, ask_all, exchange_of
from conformance.asking.budget import Budget
from conformance.asking.discretion import Crash, discreetly
from conformance.asking.request import render
from conformance.running.signals import Signals
from conformance.wire.journal import Writer
from conformance.wire.record import Exchange, not_sent
from conformance.wire.redact import Redactor

INTERRUPTED = "the run was interrupted"


class _Unwaited(ThreadPoolExecutor):
    """Looks up names. One that nobody answers for is not waited for at the end."""

    def shutdown(self, *_: object, **__: object) -> None:
        super().shutdown(wait=False, cancel_futures=True)


class Exchanging:
    """Sends what is planned. `exchanges` grows as they end; `end` says why there will be no more.

    `unwritten` is the error that kept one from the journal.
    """

    def __init__(self, works: Sequence[Work], nonce: str, writer: Writer) -> None:
        self._works = works
        self._nonce = nonce
        self._writer = writer
        self._cancel: Callable[[], object] = lambda: None
        self.exchanges = [one for work in works for one in work.kept.values()]
        self.end: str | None = None
        self.unwritten: OSError | None = None

    def carry_out(self, progress: Progress, budget: Budget, signals: Signals) -> None:
        """Sends everything. What was not asked is in the journal as such.

        Raises KeyboardInterrupt where it was interrupted, and Crash where the suite failed.
        """
        redactor = Redactor(secret for work in self._works for secret in work.access.secrets)
        with signals.held(lambda: self._stop(_interrupted(signals))):
            try:
                if not signals.received:
                    discreetly(redactor, lambda: self._ask(progress, budget))
            except KeyboardInterrupt:
                self._stop(INTERRUPTED)
                raise
            except Crash:
                self._stop("the suite itself failed while it was asking")
                raise
            finally:
                self._account_for_the_rest()
                self._close()

    def _ask(self, progress: Progress, budget: Budget) -> None:
        async def asking() -> None:
            loop, task = asyncio.get_running_loop(), asyncio.current_task()
            assert task is not None
            loop.set_default_executor(_Unwaited())
            self._cancel = lambda: loop.call_soon_threadsafe(task.cancel)
            if self.end is None:
                await ask_all(self._works, self._nonce, self._record, progress, budget=budget)

        with suppress(asyncio.CancelledError):
            asyncio.run(asking())

    def _stop(self, why: str) -> None:
        self.end = self.end or why
        with suppress(RuntimeError):  # there is no loop any more
            self._cancel()

    def _record(self, exchange: Exchange) -> None:
        self.exchanges.append(exchange)
        if self.unwritten is None:
            try:
                self._writer.write(exchange)
            except OSError as error:
                self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        self.unwritten = error
        self._stop(
            f"the journal could not be written to its end ({error.strerror}), so nothing more was sent"
        )

    def _close(self) -> None:
        try:
            self._writer.close()
        except OSError as error:
            self.unwritten = self.unwritten or error
            self.end = self.end or f"the journal could not be kept: {error.strerror}"

    def _account_for_the_rest(self) -> None:
        asked = {(one.at, one.key) for one in self.exchanges}
        missing = [
            (work, probe)
            for work in self._works
            for probe in work.plan.probes
            if (work.plan.target.at, probe.key) not in asked
        ]
        if not missing and self.unwritten is None:
            self.end = None  # whatever came, came too late to keep anything from being asked
        for work, probe in missing:
            request = render(probe, work.plan.target, work.access.base_url, self._nonce)
            self._record(exchange_of(work, probe, request, (not_sent(self.end or INTERRUPTED),)))


def _interrupted(signals: Signals) -> str:
    return INTERRUPTED if signals.received == "SIGINT" else f"{INTERRUPTED} by {signals.received}"

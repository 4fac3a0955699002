"""Runs without a network, and what they sent."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conformance.asking.asking import Access, Send
from conformance.asking.sending import Sending
from conformance.judging.catalogue import catalogue
from conformance.judging.requirement import Case
from conformance.proof.direct import BASE_URL, KEY, Direct
from conformance.provider.claims import profile
from conformance.provider.model import Limits, Provider, Target
from conformance.reference.chat.personas import PERSONAS
from conformance.running.folder import JOURNAL
from conformance.running.run import Run
from conformance.wire import journal
from conformance.wire.record import Attempt, Exchange, Request

CASES = catalogue()
SOME = [CASES[id] for id in ("stop.string-stops", "limits.max-tokens-bounds", "errors.unknown-model-refused")]
TARGET = Target(
    Provider("p", BASE_URL, ("reference",), profile("openai"), limits=Limits(concurrency=3)), "reference"
)


class Asked:
    """Runs without a network, and what they sent."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.folder = folder
        self.sent: list[str] = []
        self.last: Run | None = None
        self.transport: Send | None = None
        self.persona = "reference"
        self.answer: Callable[[Request, Attempt], Attempt] = lambda _, attempt: attempt
        made = self

        class Wire:
            def __init__(self) -> None:
                self._direct = Direct(persona=PERSONAS[made.persona])

            async def __aenter__(self) -> Wire:
                return self

            async def __aexit__(self, *_: object) -> None:
                pass

            async def send(self, request: Request, how: Sending) -> Attempt:
                made.sent.append(request.body)
                if made.transport is not None:
                    return await made.transport(request, how)
                await asyncio.sleep(0)
                return made.answer(request, await self._direct.send(request, how))

        monkeypatch.setattr("conformance.asking.transport.Transport", Wire)
        monkeypatch.setattr("random.uniform", lambda low, high: 0.0)

    def run(
        self, cases: Iterable[Case] = SOME, *, resume: bool = False, target: Target = TARGET, repeat: int = 1
    ) -> Run:
        """A new run, or one that goes on with the journal in the folder."""
        self.sent.clear()
        recorded = journal.read(self.folder / JOURNAL) if resume else None
        run = self.last = Run(
            [target], self.folder, lambda _: Access(BASE_URL, KEY), resumed=recorded, repeat=repeat
        )
        run.selected = {target: list(cases)}
        with self.heeding(run):
            run.exchange(lambda *_: None)
        return run

    @staticmethod
    @contextmanager
    def heeding(run: Run) -> Iterator[None]:
        """While it lasts, signals end the run instead of the tests."""
        # Where the tests run in the background of a shell, Ctrl-C is ignored.
        before = signal.getsignal(signal.SIGINT)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        run.signals.heed()
        try:
            yield
        finally:
            run.signals.restore()
            signal.signal(signal.SIGINT, before)

    def cut(self, where: int) -> None:
        """Leaves so many bytes of the journal, as a process that is killed does."""
        path = self.folder / JOURNAL
        path.write_bytes(path.read_bytes()[:where])

    def rewrite(self, change: Callable[[Exchange], Exchange]) -> None:
        """Changes what the journal has recorded."""
        found = journal.read(self.folder / JOURNAL)
        with journal.Writer(self.folder / JOURNAL, found.started, found.targets, nonce=found.nonce) as writer:
            for one in found.exchanges:
                writer.write(change(one))

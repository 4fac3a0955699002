"""However a run ends, its journal is whole, and what was not asked is in it as such."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import threading
from collections.abc import Callable

import pytest

from conformance.asking.discretion import Crash
from conformance.running.folder import JOURNAL
from conformance.running.run import Run
from conformance.wire import journal
from conformance.wire.record import Attempt, Exchange, Request
from tests.running.asked import CASES, Asked

CONCURRENCY = 3

MANY = [case for id, case in CASES.items() if id.startswith(("stop.", "limits."))]


def fill_the_disk(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """Has every write to the journal but so many fail, and what can be written of a line written."""
    original, written = journal.Writer.write, []

    def write(self: journal.Writer, exchange: Exchange) -> None:
        written.append(exchange)
        if len(written) > after:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        original(self, exchange)

    monkeypatch.setattr(journal.Writer, "write", write)


@pytest.mark.parametrize("after", [0, 1, 5])
def test_where_the_journal_cannot_be_written_nothing_more_is_sent(
    asked: Asked, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_the_disk(monkeypatch, after)
    run = asked.run(MANY)
    assert len(asked.sent) <= after + 1 + CONCURRENCY
    assert len(journal.read(asked.folder / JOURNAL).exchanges) == after
    reason = "the journal could not be written to its end (No space left on device), so nothing more was sent"
    assert (run.interrupted, run.unwritten) == (reason, True)
    planned = run.plans()[0].requests
    assert len(run.exchanges) == planned > after + 1 + CONCURRENCY
    messages = {one.last.failure.message for one in run.exchanges if one.last.failure is not None}
    assert messages == {reason}


def test_a_run_on_a_full_disk_is_gone_on_with(asked: Asked) -> None:
    with pytest.MonkeyPatch.context() as full:
        fill_the_disk(full, 4)
        asked.run(MANY)
    whole = asked.run(MANY, resume=True)
    assert len(asked.sent) == len(whole.exchanges) - 4
    assert whole.interrupted is None


def test_a_journal_that_cannot_be_kept_is_said_at_the_end(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(file: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    run = asked.run(MANY)
    monkeypatch.setattr("os.fsync", lambda file: fail(file) if run is not asked.last else None)
    again = asked.run(MANY, resume=True)
    assert (again.interrupted, again.unwritten) == ("the journal could not be kept: Input/output error", True)


def after_some(asked: Asked, count: int, act: Callable[[], object]) -> None:
    """Has something happen when so many requests were answered."""
    answered: list[Request] = []

    def answer(request: Request, attempt: Attempt) -> Attempt:
        answered.append(request)
        if len(answered) == count:
            act()
        return attempt

    asked.answer = answer


def send(*numbers: signal.Signals) -> None:
    for number in numbers:
        os.kill(os.getpid(), number)


SIGNALS = [
    pytest.param([signal.SIGINT], "", id="Ctrl-C"),
    pytest.param([signal.SIGINT] * 3, "", id="Ctrl-C three times"),
    pytest.param([signal.SIGTERM], " by SIGTERM", id="SIGTERM"),
    pytest.param([signal.SIGHUP, signal.SIGINT, signal.SIGTERM], " by SIGHUP", id="all"),
]


@pytest.mark.parametrize(("numbers", "words"), SIGNALS)
def test_a_signal_ends_the_sending_and_nothing_else(
    asked: Asked, numbers: list[signal.Signals], words: str
) -> None:
    after_some(asked, 5, lambda: send(*numbers))
    with pytest.raises(KeyboardInterrupt):
        asked.run(MANY)
    assert len(asked.sent) <= 5 + 1 + CONCURRENCY
    run = asked.last
    assert run is not None
    assert run.interrupted == f"the run was interrupted{words}"
    kept = journal.read(asked.folder / JOURNAL)
    assert kept.damaged == ()
    assert sorted(kept.exchanges, key=str) == sorted(run.exchanges, key=str)
    assert len(kept.exchanges) == run.plans()[0].requests


def test_a_signal_while_the_journal_is_begun_sends_nothing(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = Run._writer

    def begin(self: Run, *arguments: object) -> journal.Writer:
        send(signal.SIGTERM)
        return original(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Run, "_writer", begin)
    with pytest.raises(KeyboardInterrupt):
        asked.run(MANY)
    assert asked.sent == []


def test_a_signal_that_comes_too_late_ends_nothing_early(asked: Asked) -> None:
    whole = asked.run(MANY)
    after_some(asked, 1, lambda: send(signal.SIGINT))
    asked.cut((asked.folder / JOURNAL).read_bytes().rstrip(b"\n").rindex(b"\n") + 1)
    with pytest.raises(KeyboardInterrupt):
        asked.run(MANY, resume=True)
    assert asked.last is not None
    assert asked.last.interrupted in (None, "the run was interrupted")
    assert len(journal.read(asked.folder / JOURNAL).exchanges) == len(whole.exchanges)


def test_a_name_that_nobody_looks_up_does_not_keep_a_run_from_ending(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = threading.Event()

    async def look_up(*_: object) -> Attempt:
        loop = asyncio.get_running_loop()
        lookup = loop.run_in_executor(None, answered.wait)
        send(signal.SIGTERM)
        await lookup
        raise AssertionError("the run went on")

    monkeypatch.setattr(asked, "transport", look_up)
    try:
        with pytest.raises(KeyboardInterrupt):
            asked.run(MANY)
    finally:
        answered.set()


def test_where_the_suite_fails_what_was_recorded_is_kept(asked: Asked) -> None:
    def fail() -> None:
        raise MemoryError

    after_some(asked, 6, fail)
    with pytest.raises(Crash, match="MemoryError"):
        asked.run(MANY)
    run = asked.last
    assert run is not None
    assert run.interrupted == "the suite itself failed while it was asking"
    kept = journal.read(asked.folder / JOURNAL).exchanges
    assert len(kept) == len(run.exchanges) == run.plans()[0].requests
    assert sum(one.last.status is not None for one in kept) >= 6 - CONCURRENCY
    asked.answer = lambda _, attempt: attempt
    assert asked.run(MANY, resume=True).interrupted is None


def test_signals_that_are_ignored_stay_ignored(asked: Asked) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        after_some(asked, 2, lambda: send(signal.SIGHUP))
        assert asked.run(MANY).interrupted is None
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)

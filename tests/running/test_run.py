"""A run apart from pytest: what turns it red, what its exit code says, what it keeps when it ends early."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from conformance.asking.asking import Access
from conformance.contracts.chat.probes.named import COUNT
from conformance.contracts.chat.sources import OPENAI
from conformance.judging.catalogue import catalogue
from conformance.judging.requirement import MUST, Case, probes, requirement
from conformance.judging.verdict import Judgement, Verdict
from conformance.provider.model import Expected, Provider, Target
from conformance.reference import serving
from conformance.running.run import Run, is_red
from conformance.wire import journal
from conformance.wire.record import Attempt, Exchange
from tests.contracts.chat.cases.recorded import BASE, SILENT, attempt, exchange
from tests.ids import by_value
from tests.running.asked import Asked

NOW = datetime(2026, 11, 20, 10, 38, 12, tzinfo=UTC)
TARGET = Target(Provider("p", BASE, ("m",), SILENT), "m")
OTHER = Target(Provider("q", BASE, ("m",), SILENT), "m")
FINE = {"choices": [{"index": 0, "message": {"content": "1"}, "finish_reason": "stop"}]}


@requirement("area.it-holds", MUST, source=OPENAI.completion)
@probes(view=COUNT)
def judges_text(view: object) -> None:
    """It holds."""
    assert view.text == "1", "another text"  # type: ignore[attr-defined]


def done(*attempts: Attempt, target: Target = TARGET) -> Exchange:
    return replace(exchange(COUNT, *attempts), provider=target.provider.name)


def run_of(*exchanges: Exchange, targets: Sequence[Target] = (TARGET,), case: Case = judges_text) -> Run:
    """A run that has sent everything."""
    run = Run(targets, Path(), lambda _: Access(BASE))
    run.selected = {target: [case] for target in targets}
    run.exchanges = list(exchanges)
    return run


def code(run: Run, *, strict: bool = False) -> int:
    return run.exit_code(strict=strict, today=NOW)


# -- exit codes -----------------------------------------------------------------------------------------

RIGHT = done(attempt(200, FINE))
GONE, BUSY, UNSENT = (
    done(attempt(None, failure="connect")),
    done(attempt(429)),
    done(attempt(None, failure="not-asked")),
)


def failing(view: object) -> None:
    """It holds."""
    raise AssertionError("it does not")


FAILING = requirement("area.it-holds", MUST, source=OPENAI.completion)(probes(view=COUNT)(failing))


def test_the_exit_code_says_what_became_of_the_run() -> None:
    assert code(run_of(RIGHT)) == 0
    assert code(run_of(RIGHT, case=FAILING)) == 1
    assert code(run_of(BUSY)) == 7
    assert code(run_of(GONE)) == 8


def test_an_exchange_that_was_not_sent_makes_nobody_unreachable() -> None:
    assert code(run_of(UNSENT)) == 7
    assert run_of(UNSENT).unreachable() == {}


def test_whoever_answered_once_is_reachable() -> None:
    run = run_of(done(attempt(503), attempt(None, failure="connect")))
    assert run.unreachable() == {}
    assert code(run) == 7


def test_the_reason_is_the_first_request_that_was_sent() -> None:
    assert run_of(UNSENT, GONE).unreachable() == {TARGET.at: "it was connect"}


def test_one_provider_that_is_reached_makes_a_run() -> None:
    there = done(attempt(200, FINE), target=OTHER)
    assert code(run_of(GONE, there, targets=(TARGET, OTHER))) == 7
    assert code(run_of(GONE, there, targets=(TARGET, OTHER), case=FAILING)) == 1
    gone = done(attempt(None, failure="dns"), target=OTHER)
    assert code(run_of(GONE, gone, targets=(TARGET, OTHER), case=FAILING)) == 8


def test_a_run_in_which_nothing_was_selected_is_green() -> None:
    assert code(run_of(targets=())) == 0


@pytest.mark.parametrize(
    ("verdict", "plain", "strict", "known", "expired"),
    [
        # plain and strict: of a requirement that is not expected to fail
        (Verdict.FAIL, True, True, False, True),
        (Verdict.WARN, False, True, False, True),
        (Verdict.PASS, False, False, True, True),
        (Verdict.NOTE, False, False, True, True),
        (Verdict.ERROR, False, False, False, True),
        (Verdict.INCONCLUSIVE, False, False, False, True),
        (Verdict.UNSUPPORTED, False, False, False, True),
        (Verdict.NOT_APPLICABLE, False, False, False, True),
    ],
    ids=by_value,
)
def test_what_turns_a_run_red(
    verdict: Verdict, plain: bool, strict: bool, known: bool, expired: bool
) -> None:
    judgement = Judgement("area.it-holds", MUST, verdict)

    def red(*expected: Expected, strict: bool = False) -> bool:
        provider = replace(TARGET.provider, expected=expected)
        return is_red(Target(provider, "m"), judgement, strict=strict, today=NOW)

    other = Expected("area.other", "x")
    assert red() is red(other) is plain
    assert red(strict=True) is strict
    for until in (None, date(2026, 11, 20), date(2027, 1, 1)):
        assert red(Expected("area.it-holds", "x", until=until)) is known
    assert red(Expected("area.it-holds", "x", until=date(2026, 11, 19))) is expired


# -- what a run keeps ---------------------------------------------------------------------------------------


def test_a_run_that_is_interrupted_accounts_for_every_probe(tmp_path: Path) -> None:
    cases = [case for id, case in catalogue().items() if id in ("stop.string-stops", "limits.bounds-stream")]

    def interrupt(target: Target, ended: int, total: int) -> None:
        if ended == 1:
            os.kill(os.getpid(), signal.SIGINT)

    with serving(pace=0.0) as url:
        target = Target(Provider("p", url, ("reference",), SILENT), "reference")
        run = Run([target], tmp_path / "r", lambda _: Access(url))
        run.selected = {target: cases}
        with pytest.raises(KeyboardInterrupt), Asked.heeding(run):
            run.exchange(interrupt)
    (planned,) = run.plans()
    read = journal.read(tmp_path / "r" / "journal.jsonl")
    assert sorted(one.id for one in read.exchanges) == [f"x{n:03d}" for n in range(1, planned.requests + 1)]
    assert list(read.exchanges) == run.exchanges
    assert {one.last.failure.message for one in read.exchanges if one.last.failure} == {
        "the run was interrupted"
    }
    assert run.interrupted == "the run was interrupted"
    assert run.results.incomplete_because == "the run was interrupted"


def test_a_damaged_journal_is_no_complete_run() -> None:
    header = (TARGET.at, BASE)
    for damaged, expected in ((), 0), (("j:2: cut off",), 7):
        replayed = journal.Journal(NOW.isoformat(), (header,), (RIGHT,), damaged)
        run = Run((TARGET,), Path(), lambda _: Access(BASE), replayed=replayed)
        run.selected = {TARGET: [judges_text]}
        run.exchange(lambda *_: None)
        assert code(run) == expected
        assert (run.results.incomplete_because is None) is (expected == 0)

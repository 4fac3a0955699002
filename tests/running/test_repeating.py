"""What is asked several times over: how often a verdict comes."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from conformance.asking.probe import TURN
from conformance.judging.catalogue import catalogue
from conformance.judging.verdict import Verdict
from conformance.provider.model import Expected
from conformance.running.folder import JOURNAL
from conformance.running.repeating import key_of, turn_of
from conformance.running.run import Run, is_red
from conformance.wire import journal
from conformance.wire.record import Attempt, Request
from tests.ids import by_value
from tests.running.asked import SOME, TARGET, Asked

TOTAL = catalogue()["usage.total-is-sum"]
TIMES = 8


def off_now_and_then(asked: Asked) -> None:
    """Every third answer has a total that is one off."""
    numbers = count()

    def answer(request: Request, attempt: Attempt) -> Attempt:
        if not attempt.succeeded or not attempt.body.startswith(b"{") or next(numbers) % 3:
            return attempt
        body = json.loads(attempt.body)
        body["usage"]["total_tokens"] += 1
        return replace(attempt, chunks=((0.0, json.dumps(body).encode()),))

    asked.answer = answer


def test_everything_is_asked_so_many_times(asked: Asked) -> None:
    asked.run()
    once = len(asked.sent)
    run = asked.run(repeat=3)
    assert len(asked.sent) == 3 * once
    assert {turn_of(one.key) for one in run.exchanges} == {1, 2, 3}
    assert {judgement.verdict for _, judgement in run.judgements()} == {Verdict.PASS}
    assert len({one.id for one in run.exchanges}) == 3 * once


def test_a_finding_says_in_how_many(asked: Asked) -> None:
    off_now_and_then(asked)
    run = asked.run([TOTAL], repeat=TIMES)
    ((_, found),) = run.judgements()
    assert found.verdict is Verdict.FAIL
    assert found.message.endswith(f"of {TIMES})")
    assert 0 < len(found.offending) < len(run.exchanges)
    read = journal.read(asked.folder / JOURNAL)
    again = Run([TARGET], Path("nowhere"), run.access, replayed=read)
    again.selected, again.exchanges = {TARGET: [TOTAL]}, list(read.exchanges)
    assert again.judgements() == run.judgements()


def test_what_is_gone_on_with_asks_only_the_times_that_are_missing(asked: Asked) -> None:
    asked.run(SOME, repeat=2)
    whole = len(asked.sent)
    asked.cut((asked.folder / JOURNAL).read_bytes().rindex(b"\n", 0, -1) + 1)
    asked.run(SOME, repeat=2, resume=True)
    assert len(asked.sent) == 1
    assert len(journal.read(asked.folder / JOURNAL).exchanges) == whole


@pytest.mark.parametrize(
    ("key", "turn"),
    [("ab", 1), (f"ab{TURN}7", 7), (f"ab{TURN}", 1), (f"ab{TURN}x", 1), (f"ab{TURN}9999", 1)],
    ids=by_value,
)
def test_the_times_in_a_key(key: str, turn: int) -> None:
    assert (key_of(key), turn_of(key)) == ("ab", turn)


@pytest.mark.parametrize("sometimes", [True, False])
def test_what_fails_only_sometimes_may_pass(asked: Asked, sometimes: bool) -> None:
    run = asked.run([TOTAL])
    ((_, found),) = run.judgements()
    known = Expected(TOTAL.requirement.id, "rounds now and then", sometimes=sometimes)
    target = replace(TARGET, provider=replace(TARGET.provider, expected=(known,)))
    assert is_red(target, found, strict=False, today=datetime.now(UTC)) is not sometimes
    failed = replace(found, verdict=Verdict.FAIL)
    assert not is_red(target, failed, strict=False, today=datetime.now(UTC))

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from conformance.judging.verdict import Verdict
from conformance.provider.level import Level
from conformance.report.across.history import History, HistoryError, Strip, history
from conformance.report.results.results import Results
from tests.ids import by_value
from tests.report.making import STARTED, entry
from tests.report.runs import BOLT, ENTRIES, NONE, SEED, STOP, SUM, TAIL, outline, run

FAIL, WARN, PASS, ERROR = Verdict.FAIL, Verdict.WARN, Verdict.PASS, Verdict.ERROR

Over = Callable[..., History]


@pytest.fixture
def over(tmp_path: Path) -> Over:
    """The history of these runs."""

    def make(*runs: Results) -> History:
        return history([outline(one, tmp_path / str(number)) for number, one in enumerate(runs)])

    return make


def _strips(found: History) -> Mapping[str, Strip]:
    return {strip.id: strip for strip in found.lives[0].strips}


def test_runs_are_put_in_the_order_of_time(over: Over) -> None:
    found = over(run(day=2), run({SUM: FAIL}, day=0), run({SUM: WARN}, day=1))
    strip = _strips(found)[SUM]
    assert strip.verdicts == (FAIL, WARN, PASS)
    assert (strip.now, strip.changes, strip.since) == (PASS, 2, STARTED + timedelta(days=2))
    assert [life.at.provider for life in found.lives] == ["acme"]
    assert found.lives[0].counts[0] == {FAIL: 1, PASS: 3}
    assert list(_strips(found)) == [SUM, STOP, TAIL, SEED]


@pytest.mark.parametrize(
    ("verdicts", "now", "changes", "day", "settled"),
    [
        ([PASS, PASS, PASS], PASS, 0, 0, PASS),
        ([FAIL, FAIL, FAIL], FAIL, 0, 0, None),
        ([PASS, FAIL, FAIL], FAIL, 1, 1, None),
        ([FAIL, PASS, FAIL], FAIL, 2, 2, None),
        ([PASS, ERROR, PASS], PASS, 0, 0, PASS),
        ([FAIL, ERROR, FAIL], FAIL, 0, 0, None),
        ([PASS, FAIL, ERROR], ERROR, 1, 2, None),
        ([PASS, ERROR, ERROR], ERROR, 0, 1, PASS),
        ([ERROR, ERROR, ERROR], ERROR, 0, 0, ERROR),
        ([Verdict.INCONCLUSIVE, PASS, PASS], PASS, 0, 1, PASS),
        ([Verdict.UNSUPPORTED, PASS, PASS], PASS, 1, 1, None),
    ],
    ids=by_value,
)
def test_a_day_out_of_reach_is_no_change(
    verdicts: list[Verdict], now: Verdict, changes: int, day: int, settled: Verdict | None, over: Over
) -> None:
    strip = _strips(over(*(run({SUM: one}, day=number) for number, one in enumerate(verdicts))))[SUM]
    assert (strip.now, strip.changes, strip.settled) == (now, changes, settled)
    assert strip.since == STARTED + timedelta(days=day)


def test_targets_come_and_go(over: Over) -> None:
    found = over(run({SUM: FAIL}), run({SUM: WARN}, (BOLT, NONE), day=1), run(at=BOLT, day=2))
    assert [life.at.provider for life in found.lives] == ["bolt", "acme"]
    bolt, acme = found.lives
    assert bolt.counts == (None, {PASS: 4}, {PASS: 4})
    assert (acme.seen, acme.now, acme.before) == (1, {WARN: 1, PASS: 3}, {FAIL: 1, PASS: 3})
    assert acme.strips[0].verdicts == (FAIL, WARN, None)
    assert over(run()).lives[0].before is None


def test_what_a_requirement_demanded_before_is_a_gap(over: Over) -> None:
    altered = (replace(ENTRIES[0], level=Level.SHOULD), *ENTRIES[1:])
    found = over(
        run({SUM: FAIL}, entries=altered, catalogue="2025.9"),
        run({SUM: FAIL}, entries=altered, catalogue="2025.9", day=1),
        run(day=2),
    )
    assert _strips(found)[SUM].verdicts == (None, None, PASS)
    assert _strips(found)[STOP].verdicts == (PASS, PASS, PASS)
    assert found.catalogues == ((0, "2025.9"), (2, "2026.1"))


def test_what_was_not_selected_is_a_gap(over: Over) -> None:
    more = (*ENTRIES, entry("usage.more", Level.MUST, "It is more."))
    found = over(run(entries=more), run(entries=ENTRIES[:1], day=1), run(day=2))
    assert _strips(found)["usage.more"].verdicts == (PASS, None, None)
    assert _strips(found)[STOP].verdicts == (PASS, None, PASS)


def test_nothing_and_the_same_twice_are_no_history(over: Over) -> None:
    with pytest.raises(HistoryError, match="there is no run"):
        over()
    with pytest.raises(HistoryError, match=r"both began at 2026-11-20 10:38:12 UTC and have acme"):
        over(run(), run({SUM: FAIL}))
    assert len(over(run(), run(at=BOLT)).lives) == 2, "jobs of other targets may begin at the same moment"

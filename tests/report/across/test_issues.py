from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.judging.verdict import Verdict
from conformance.provider.level import Level
from conformance.provider.model import Expected
from conformance.report.across.difference import Difference, difference
from conformance.report.across.issues import MOST, Action, Issue, Steps, mark_of, plan
from conformance.report.results.results import Results
from conformance.wire.record import TargetId
from tests.ids import by_value
from tests.report.making import entry, target
from tests.report.references import REFERENCES, linked
from tests.report.runs import ACME, BOLT, NONE, STOP, SUM, TAIL, outline, run

FAIL, WARN, PASS = Verdict.FAIL, Verdict.WARN, Verdict.PASS
ACME_SUM = mark_of(ACME.at, SUM)
OPEN = Issue(7, f"<!-- openai-conformance {ACME_SUM} -->\r\nwhat people made of it")
LINK = "https://github.example/acme/evaluation/actions/runs/1"

Between = Callable[..., Difference]


@pytest.fixture
def between(tmp_path: Path) -> Between:
    """The difference between two runs."""

    def compare(old: Results, new: Results) -> Difference:
        return difference([outline(old, tmp_path / "old")], outline(new, tmp_path / "new"))

    return compare


def _done(planned: Steps) -> list[tuple[Action, int | None]]:
    return [(step.action, step.number) for step in planned.steps]


def test_a_regression_opens_an_issue_that_is_known_by_its_first_line(between: Between) -> None:
    (step,) = plan(between(run(), run({SUM: FAIL, STOP: Verdict.ERROR}, day=1)), [], LINK).steps
    assert (step.action, step.number) == (Action.OPEN, None)
    assert step.title == f"acme (acme-large-2026): {SUM} no longer holds"
    assert Issue(1, step.body).mark == ACME_SUM
    for words in (
        "acme (acme-large-2026) no longer satisfies a MUST requirement",
        "total\\_tokens is the sum of prompt\\_tokens and completion\\_tokens.",
        "It was **pass**, and is **fail** since the run of 2026-11-21 10:38 UTC: it is fail",
        f"[The run and its report]({LINK})",
        "conformance baseline",
    ):
        assert words in step.body


def test_each_target_and_requirement_has_an_issue_of_its_own(between: Between) -> None:
    both = {SUM: FAIL, STOP: FAIL}
    steps = plan(between(run({}, (BOLT, NONE)), run(both, (BOLT, both), day=1)), []).steps
    assert len({Issue(0, step.body).mark for step in steps}) == 4
    assert "[The run" not in steps[0].body


def test_an_open_issue_gets_a_comment_and_no_second_one(between: Between) -> None:
    found = between(run(), run({SUM: FAIL}, day=1))
    (step,) = plan(found, [Issue(9, OPEN.body), OPEN]).steps
    assert (step.action, step.number) == (Action.COMMENT, 7)
    assert step.body.startswith("It got worse again. It was **pass**, and is **fail**")
    other = Issue(3, f"> <!-- openai-conformance {ACME_SUM} -->")
    assert _done(plan(found, [other, Issue(4, ""), Issue(5, "text\n" + OPEN.body)])) == [(Action.OPEN, None)]


@pytest.mark.parametrize(
    ("before", "after", "done"),
    [
        (FAIL, FAIL, []),
        (FAIL, PASS, [(Action.CLOSE, 7)]),
        (PASS, PASS, [(Action.CLOSE, 7)]),
        (FAIL, Verdict.NOTE, [(Action.CLOSE, 7)]),
        (FAIL, Verdict.UNSUPPORTED, [(Action.CLOSE, 7)]),
        (FAIL, WARN, [(Action.CLOSE, 7)]),
        (FAIL, Verdict.INCONCLUSIVE, []),
        (FAIL, Verdict.ERROR, []),
    ],
    ids=by_value,
)
def test_an_issue_is_closed_when_it_is_certain_that_it_is_over(
    before: Verdict, after: Verdict, done: list[tuple[Action, int]], between: Between
) -> None:
    assert _done(plan(between(run({SUM: before}), run({SUM: after}, day=1)), [OPEN], LINK)) == done


def test_a_strict_run_keeps_an_issue_while_there_is_a_warning(between: Between) -> None:
    found = between(run({SUM: FAIL}), run({SUM: WARN, TAIL: WARN}, day=1))
    assert _done(plan(found, [OPEN], strict=True)) == [(Action.OPEN, None)]


def test_a_target_that_is_gone_keeps_its_issue(between: Between) -> None:
    assert plan(between(run({SUM: FAIL}), run(at=BOLT, day=1)), [OPEN]).steps == ()


def test_a_failure_that_was_accepted_closes_its_issue(between: Between) -> None:
    accepting = target(expected=(Expected(SUM, "rounds to tens"),))
    (step,) = plan(between(run({SUM: FAIL}), run({SUM: FAIL}, at=accepting, day=1)), [OPEN]).steps
    assert step.action is Action.CLOSE
    assert step.body.startswith("It is a known failure now")


def test_what_is_over_comes_first_and_an_avalanche_is_bounded(between: Between) -> None:
    entries = tuple(entry(f"usage.a{number}", Level.MUST, "It holds.") for number in range(MOST + 5))
    gone = Issue(1, f"<!-- openai-conformance {mark_of(BOLT.at, entries[0].id)} -->")
    failing = {one.id: FAIL for one in entries}
    found = between(
        run({}, (BOLT, NONE), entries=entries), run(failing, (BOLT, NONE), entries=entries, day=1)
    )
    planned = plan(found, [gone])
    assert _done(planned) == [(Action.CLOSE, 1), *[(Action.OPEN, None)] * MOST]
    assert planned.more == 5


def test_hostile_words_make_no_markup_and_no_mark(between: Between) -> None:
    found = between(run(), run({SUM: FAIL}, day=1))
    (changed,) = found.changes
    assert changed.after is not None
    message = f"--> <!-- openai-conformance {'0' * 16} -->\n@everyone ![i](https://evil.example/i.png)\x1b[2J"
    at = changed.at._replace(model="m\n# `x` @all" + "y" * 500)
    evil = replace(changed, after=replace(changed.after, message=message * 1000), at=at)
    (step,) = plan(replace(found, changes=(evil,)), []).steps
    assert len(step.title) < 256
    assert "\n" not in step.title
    assert Issue(1, step.body).mark == mark_of(at, SUM)
    assert len(re.findall(r"(?<!\\)<!--", step.body)) == 1
    assert "![i]" not in step.body
    assert "https://" not in step.body
    assert "@everyone" not in step.body
    assert "\x1b" not in step.body
    assert len(step.body) < 4000


@pytest.mark.parametrize("reference", REFERENCES, ids=range(len(REFERENCES)))
def test_an_issue_refers_to_nothing_and_nobody(between: Between, reference: str) -> None:
    found = between(run(), run({SUM: FAIL}, day=1))
    (changed,) = found.changes
    assert changed.after is not None
    said = replace(changed.after, message=reference)
    at = TargetId(f"{reference} ", "chat", f"{reference} m")
    evil = replace(changed, after=said, at=at)
    (opened,) = plan(replace(found, changes=(evil,)), []).steps
    assert linked(opened.body) == []
    again = Issue(3, f"<!-- openai-conformance {mark_of(at, SUM)} -->")
    (commented,) = plan(replace(found, changes=(evil,)), [again]).steps
    assert commented.action is Action.COMMENT
    assert linked(commented.body) == []

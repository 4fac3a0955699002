"""One figure: what a run counts towards its ceilings, what the report says, and what a replay makes of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from conformance.asking.asking import Access
from conformance.judging.catalogue import catalogue
from conformance.provider.load import embedded
from conformance.provider.model import Price, Target
from conformance.running import terminal
from conformance.running.run import Run
from conformance.wire import journal
from tests.ids import by_value

AREAS = ("usage", "limits", "stream", "stop", "errors")


@pytest.mark.parametrize("persona", ["reference", "thinking", "reasoning", "toapis"], ids=by_value)
def test_progress_results_and_replay_have_the_same_figure(persona: str, tmp_path: Path) -> None:
    provider = replace(embedded(), persona=persona, price=Price(3.0, 15.0))
    target = Target(provider, "reference")
    cases = [case for case in catalogue().values() if case.requirement.area in AREAS]
    run = Run([target], tmp_path / "run", lambda _: Access(""))
    run.selected = {target: cases}
    shown: list[str] = []

    def progress(at: Target, ended: int, total: int) -> None:
        shown.append(terminal.progress_line(run, {"p": (ended, total + 1)}, 200))

    run.exchange(progress)
    result = run.results.targets[0]
    assert (run.budget.prompt_tokens, run.budget.completion_tokens) == (
        result.prompt_tokens,
        result.completion_tokens,
    )
    assert result.cost == pytest.approx(run.budget.dollars, abs=1e-6)
    figure = f"{result.prompt_tokens:,} + {result.completion_tokens:,} tokens"
    assert figure in shown[-1]
    (last,) = terminal.spent_lines(run)
    assert f"{figure}, $0." in last
    assert "the provider states " in last

    recorded = journal.read(tmp_path / "run" / "journal.jsonl")
    again = Run([target], tmp_path / "again", lambda _: Access(""), replayed=recorded)
    again.selected = {target: cases}
    again.exchange(lambda *_: None)
    assert again.results.targets == run.results.targets

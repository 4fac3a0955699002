from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from conformance.cli import main
from tests.report.runs import edited, run, saved


def test_a_history_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = [str(saved(run(day=day), tmp_path / str(day))) for day in range(3)]
    page = tmp_path / "new" / "history.html"
    assert main(["history", *runs, "--output", str(page)]) == 0
    assert capsys.readouterr().out == f"{page}\n"
    assert main(["history", *runs, "--output", str(page), "--lang", "zh"]) == 0
    assert '<html lang="zh' in page.read_text("utf-8")


def test_runs_that_make_no_history_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = saved(run(), tmp_path / "one")
    copy = saved(run(), tmp_path / "copy")
    old = edited(saved(run(day=1), tmp_path / "old"), "format", new="openai-conformance-results/0")
    page = ["--output", str(tmp_path / "page.html")]
    for runs, said in (
        ([one, one], "is named twice"),
        ([one, copy], "two of the runs are the same"),
        ([one, old], "but this version reads"),
        ([tmp_path], "name the results.json of a run"),
    ):
        assert main(["history", *map(str, runs), *page]) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert re.fullmatch(rf"conformance: .*{said}.*\n", printed.err)
    assert main(["history", str(one), str(old), "--skip-unreadable", *page]) == 0
    assert main(["history", str(old), "--skip-unreadable", *page]) == 2
    assert "there is no run to make a history of" in capsys.readouterr().err


def test_a_badge_is_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(saved(run(), tmp_path))
    assert main(["badge", folder]) == 0
    assert json.loads(capsys.readouterr().out)["message"] == "4 hold"
    assert main(["badge", folder, "--provider", "acme"]) == 0
    assert json.loads(capsys.readouterr().out)["label"].startswith("acme")
    assert main(["badge", folder, "--provider", "acne"]) == 2
    assert capsys.readouterr().err.endswith("has no provider 'acne', did you mean 'acme'?\n")
    assert main(["badge", str(tmp_path / "none")]) == 2
    assert "name the results.json of a run" in capsys.readouterr().err

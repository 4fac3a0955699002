from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from conformance.cli import main
from conformance.judging.verdict import Verdict
from tests.ids import by_value
from tests.programs import GH, programs
from tests.report.runs import SUM, TAIL, run, saved

FAIL = Verdict.FAIL


@pytest.fixture
def github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that plays GitHub."""
    folder = tmp_path / "github"
    folder.mkdir()
    monkeypatch.setenv("FAKE_GITHUB", str(folder))
    monkeypatch.setenv("PATH", programs(tmp_path / "bin", {"gh": GH}))
    for name in ("SERVER_URL", "REPOSITORY", "RUN_ID"):
        monkeypatch.delenv(f"GITHUB_{name}", raising=False)
    return folder


def _issues(github: Path) -> Any:
    return json.loads((github / "issues.json").read_text())


def _calls(github: Path) -> list[list[str]]:
    return [json.loads(line)[:2] for line in (github / "calls.jsonl").read_text().splitlines()]


@pytest.fixture
def runs(tmp_path: Path) -> list[str]:
    """Runs of four days: it holds, fails, holds, fails."""
    return [str(saved(run({SUM: FAIL} if day % 2 else {}, day=day), tmp_path / str(day))) for day in range(4)]


def test_an_issue_is_opened_once_closed_and_opened_anew(
    github: Path, runs: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.example")
    monkeypatch.setenv("GITHUB_REPOSITORY", "acme/evaluation")
    monkeypatch.setenv("GITHUB_RUN_ID", "42")
    assert main(["issues", *runs[:2]]) == 0
    (issue,) = _issues(github)
    assert (issue["number"], issue["open"]) == (1, True)
    assert issue["title"] == f"acme (acme-large-2026): {SUM} no longer holds"
    assert "https://github.example/acme/evaluation/actions/runs/42" in issue["body"]
    assert capsys.readouterr().out == f"open: {issue['title']}\n"
    assert main(["issues", *runs[:2]]) == 0
    (issue,) = _issues(github)
    assert len(issue["comments"]) == 1
    assert main(["issues", *runs[:3]]) == 0
    (issue,) = _issues(github)
    assert (issue["open"], len(issue["comments"])) == (False, 2)
    assert main(["issues", *runs[:4]]) == 0
    assert [one["open"] for one in _issues(github)] == [False, True]
    assert _calls(github).count(["label", "create"]) == 2


def test_nothing_is_done_where_nothing_changed(
    github: Path, runs: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["issues", runs[0], runs[2]]) == 0
    assert _calls(github) == [["issue", "list"]]
    assert capsys.readouterr().out == ""


def test_a_dry_run_calls_nobody(github: Path, runs: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["issues", "--dry-run", *runs[:2]]) == 0
    assert "no longer satisfies a MUST requirement" in capsys.readouterr().out
    assert list(github.iterdir()) == []


def test_strict_counts_warnings(github: Path, runs: list[str], tmp_path: Path) -> None:
    warned = str(saved(run({TAIL: Verdict.WARN}, day=5), tmp_path / "warned"))
    assert main(["issues", runs[2], warned]) == 0
    assert main(["issues", "--strict", runs[2], warned]) == 0
    assert len(_issues(github)) == 1


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (None, "gh is not installed .*--dry-run prints what would be done"),
        ("echo 'HTTP 403: no issues here' >&2; echo more >&2; exit 1", "gh issue list failed: HTTP 403: no"),
        ("exit 1", "gh issue list failed: it said nothing"),
        ("echo 'no json'", "gh issue list printed something else than issues"),
        ("echo '[{}]'", "gh issue list printed something else than issues"),
    ],
    ids=by_value,
)
def test_where_gh_fails_it_is_one_line(
    script: str | None,
    said: str,
    runs: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    programs(tmp_path / "bin", {} if script is None else {"gh": script})
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert main(["issues", *runs[:2]]) == 2
    assert re.fullmatch(rf"conformance: {said}.*\n", capsys.readouterr().err)


def test_without_a_readable_run_before_nothing_is_done(
    github: Path, runs: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "old.json").write_text("{}")
    assert main(["issues", "--skip-unreadable", str(tmp_path / "old.json"), runs[1]]) == 0
    assert "nothing is compared" in capsys.readouterr().err
    assert main(["issues", str(tmp_path / "old.json"), runs[1]]) == 2
    assert list(github.iterdir()) == []

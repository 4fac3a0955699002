"""Where the suite itself or a plugin of pytest fails, what was recorded is kept, and how to go on is said."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.wire import journal
from tests.plugin.suite import FILES, REPOSITORY, command, environment

JUDGE_AGAIN = "everything is recorded; judge it again with: pytest --replay=r\n"
GO_ON = "incomplete: the suite itself failed while it was asking\ngo on with: pytest --resume=r\n"
UNMADE = "the report could not be made, by a defect of the suite: "

RENDERING = """
from conformance.report.page import html
def render(*_):
    raise {error}
html.render = render
"""
BUILDING = """
from conformance.report.results import build
def fails(**_):
    raise {error}
build.build = fails
"""
ASKING = """
from conformance.asking import asking
def fails(*_):
    raise {error}
asking.recordable = fails
"""
ANOTHER = """
def pytest_runtest_logreport():
    raise {error}
"""


@pytest.fixture
def broken(tmp_path: Path) -> Callable[[str], subprocess.CompletedProcess[str]]:
    """Runs the suite with a plugin that breaks it."""

    def run(text: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "breaking.py").write_text(text)
        return subprocess.run(
            command("-p", "breaking", "--provider=reference", "-k", "stop.string-stops", "--report-dir=r"),
            cwd=tmp_path,
            env=environment(PYTHONPATH=f"{REPOSITORY}:{tmp_path}"),
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.mark.parametrize("error", ["TypeError('odd')", "MemoryError()", "RecursionError('deep')"])
@pytest.mark.parametrize(
    ("text", "files", "words"),
    [
        (RENDERING, {"journal.jsonl", "results.json", "run.html", "junit.xml"}, (UNMADE, JUDGE_AGAIN)),
        (BUILDING, {"journal.jsonl"}, (UNMADE, JUDGE_AGAIN)),
        (ASKING, FILES, (GO_ON,)),
        (ANOTHER, FILES, (JUDGE_AGAIN,)),
    ],
    ids=["a page", "the results", "asking", "another plugin"],
)
def test_what_was_recorded_outlives_a_defect(
    broken: Callable[[str], subprocess.CompletedProcess[str]],
    tmp_path: Path,
    text: str,
    files: set[str],
    words: tuple[str, ...],
    error: str,
) -> None:
    done = broken(text.format(error=error))
    assert done.returncode == 3
    for line in words:
        assert line in done.stdout
    assert "Traceback" not in done.stderr
    folder = tmp_path / "r"
    assert {one.name for one in folder.iterdir()} == files
    kept = journal.read(folder / "journal.jsonl")
    assert kept.damaged == ()
    assert len(kept.exchanges) == 2
    if "report.html" in files:
        assert "report.html: r/report.html" in done.stdout
        results = json.loads((folder / "results.json").read_text())
        assert results["complete"] == (text is not ASKING)
    else:
        assert "report.html: " not in done.stdout

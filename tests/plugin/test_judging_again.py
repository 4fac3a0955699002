"""The command under each finding of a report, run as it stands there: offline, it finds the same again."""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.plugin.suite import command, environment

# The commands of this checkout, by the names that somebody has installed them under.
INSTALLED = f"""
pytest() {{ '{sys.executable}' -m pytest -p conformance.plugin -p no:hypothesispytest -p no:anyio "$@"; }}
conformance() {{ '{sys.executable}' -m conformance.cli "$@"; }}
"""

FAULTS = ("stop-leaks-in-stream", "total-off-by-one", "unknown-model-unavailable")


def results(folder: Path) -> Any:
    return json.loads((folder / "results.json").read_text(encoding="utf-8"))


def found(folder: Path) -> dict[tuple[str, str], Any]:
    """The judgements of a run, by provider and requirement."""
    return {(one["provider"], one["requirement"]): one for one in results(folder)["judgements"]}


def lines(folder: Path) -> Iterator[tuple[str, str]]:
    """The requirement of each finding on the page, and the command that stands under it."""
    page = (folder / "report.html").read_text(encoding="utf-8")
    for article in re.findall(r"<article class=\"finding\".*?</article>", page, re.DOTALL):
        requirement = re.search(r'id="([^"]+)"', article)
        assert requirement is not None
        for line in re.findall(r"<code>((?:pytest|conformance) [^<]*)</code>", article):
            yield requirement[1], html.unescape(line)


def run(folder: Path, *words: str) -> None:
    """A run of the suite, in this folder, against embedded providers with faults."""
    faults = [word for name in FAULTS for word in ("--fault", name)]
    done = subprocess.run(
        command(*words, *faults), cwd=folder, env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stdout + done.stderr


def judged_again(folder: Path, line: str) -> Path:
    """The folder of the run that the command comes to, in the folder of the report."""
    done = subprocess.run(
        ["bash", "-c", INSTALLED + line],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout + done.stderr
    assert done.returncode in (0, 1), said
    assert "asking " not in said
    return folder / "reports" / "latest"


def test_each_finding_is_found_again_by_the_command_under_it(tmp_path: Path) -> None:
    chosen = ("--contract=chat", "-k", "stop or usage.total or errors.unknown")
    run(tmp_path, "--provider=reference", "--report-dir=run", *chosen)
    before, told = found(tmp_path / "run"), list(lines(tmp_path / "run"))
    assert len(told) >= 3
    for requirement, line in told:
        again = found(judged_again(tmp_path / "run", line))
        assert list(again) == [("reference", requirement)], line
        for name in ("verdict", "message", "offending"):
            assert again["reference", requirement][name] == before["reference", requirement][name], line


def test_of_two_providers_the_command_judges_the_one_that_it_stands_under(tmp_path: Path) -> None:
    entries = {name: {"embedded": True} for name in ("one", "two")}
    (tmp_path / "providers.yaml").write_text(json.dumps({"providers": entries}), encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    run(tmp_path, "--provider=one", "--provider=two", "--report-dir=run", "-k", "usage.total")
    told = list(lines(tmp_path / "run"))
    again = [list(found(judged_again(tmp_path / "run", line))) for _, line in told]
    assert again == [[("one", "usage.total-is-sum")], [("two", "usage.total-is-sum")]]


def test_what_others_recorded_is_judged_again_by_the_command_under_it(tmp_path: Path) -> None:
    run(tmp_path, "--provider=reference", "--report-dir=run", "-k", "stop or usage.total")
    judged_again(tmp_path, "conformance judge --claims=toapis --report-dir=judged run/journal.jsonl")
    before, told = found(tmp_path / "judged"), list(lines(tmp_path / "judged"))
    assert told
    assert {line for _, line in told} == {"conformance judge --claims=toapis journal.jsonl"}
    again = found(judged_again(tmp_path / "judged", told[0][1]))
    assert {name: one["verdict"] for name, one in again.items()} == {
        name: one["verdict"] for name, one in before.items()
    }

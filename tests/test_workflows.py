"""The workflows of GitHub Actions: what they may do, and that the scripts in them work."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance.asking.duration import seconds
from conformance.judging.verdict import Verdict
from conformance.report.results.results import Results
from tests.ids import by_value
from tests.programs import GH, REPOSITORY, programs
from tests.report.runs import BOLT, STOP, SUM, run, saved

WORKFLOWS = {file.name: file for file in (REPOSITORY / ".github" / "workflows").glob("*.yml")}
COMPATIBILITY = yaml.safe_load(WORKFLOWS["compatibility.yml"].read_text("utf-8"))
JOBS: Mapping[str, Any] = COMPATIBILITY["jobs"]
FAIL = Verdict.FAIL

PROGRAMS = {
    "pip": 'echo "pip $*" >> installed.txt',
    "gh": GH,
    "conformance": 'exec "$PYTHON" -m conformance.cli "$@"',
    "pytest": 'exec "$PYTHON" -m pytest -p conformance.plugin -p no:hypothesispytest -p no:anyio "$@"',
}


def _steps(workflow: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_actions_are_pinned_and_scripts_are_plain(name: str) -> None:
    text = WORKFLOWS[name].read_text("utf-8")
    workflow = yaml.safe_load(text)
    assert all(re.search(r"@[0-9a-f]{40}$", step["uses"]) for step in _steps(workflow) if "uses" in step)
    assert text.count("uses: ") == len(re.findall(r"uses: \S+@[0-9a-f]{40} # v\d+\.\d+\.\d+\n", text))
    for script in (step["run"] for step in _steps(workflow) if "run" in step):
        assert "${{" not in script, "what an expression gives may be code"
        subprocess.run(["bash", "-n"], input=script, text=True, check=True)


def test_each_job_may_do_no_more_than_it_does() -> None:
    assert COMPATIBILITY["permissions"] == {}
    assert {name: job["permissions"] for name, job in JOBS.items()} == {
        "providers": {"contents": "read"},
        "test": {"contents": "read"},
        "report": {"contents": "read", "actions": "read", "issues": "write"},
        "publish": {"pages": "write", "id-token": "write"},
    }
    with_secrets = [step["name"] for step in _steps(COMPATIBILITY) if "secrets" in json.dumps(step)]
    assert with_secrets == ["Test"]


def test_what_was_recorded_is_kept_however_a_test_ends() -> None:
    """The run ends itself before its step is ended, and the step before the job, which keeps the journal."""
    job = JOBS["test"]
    (step,) = [one for one in job["steps"] if one.get("id") == "test"]
    (given,) = re.findall(r"--report-dir=run --max-time=(\S+)", step["run"])
    ends = seconds(given)
    assert ends is not None
    assert ends / 60 < step["timeout-minutes"] < job["timeout-minutes"]
    kept = job["steps"][-1]
    assert kept["uses"].startswith("actions/upload-artifact@")
    assert (kept["if"], kept["with"]["path"]) == ("always()", "run/journal.jsonl")
    # What is merged is the runs that have results, by their names.
    assert not kept["with"]["name"].startswith("run-")


class Runner:
    """Runs the scripts of the workflow, in a repository that has nothing but a providers.yaml."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "repository"
        self.github = folder / "github"
        self.summary = folder / "summary.md"
        self.path = programs(folder / "bin", PROGRAMS)
        for made in (self.folder, self.github, self.github / "runs"):
            made.mkdir()
        (self.folder / "providers.yaml").write_text("providers:\n  mine: {embedded: true, claims: openai}\n")
        self.printed = ""
        self.made: Mapping[str, str] = {}

    def run(self, job: str, name: str, /, *, ends: int = 0, **variables: str) -> Mapping[str, str]:
        """Runs a step as GitHub would, and returns its outputs."""
        (step,) = [step for step in JOBS[job]["steps"] if step.get("name") == name]
        assert set(variables) <= {*step.get("env", {}), *COMPATIBILITY["env"], "PYTEST_ADDOPTS"}
        output = self.folder.parent / "output.txt"
        output.write_text("")
        kept = {key: os.environ[key] for key in ("HOME", "LANG", "TMPDIR") if key in os.environ}
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=self.folder,
            env={
                **kept,
                "PATH": self.path,
                "PYTHONDONTWRITEBYTECODE": "1",
                "FAKE_GITHUB": str(self.github),
                "GITHUB_OUTPUT": str(output),
                "GITHUB_STEP_SUMMARY": str(self.summary),
                "GITHUB_RUN_ID": "42",
                **dict.fromkeys(step.get("env", {}), ""),
                **variables,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        self.printed = done.stdout + done.stderr
        assert done.returncode == ends, self.printed
        return dict(line.split("=", 1) for line in output.read_text().splitlines())

    def report(self, *runs: Results, pages: str = "") -> bool:
        """Runs the report on what the jobs before have uploaded. Returns whether something got worse."""
        for name in ("runs", "earlier", "merged", "site"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        shutil.rmtree(self.github / "runs")
        for one in runs:
            folder = saved(one, self.github / "runs" / f"run-{one.targets[0].provider}")
            (folder / "badge.json").write_text("{}")
        assert self.run("report", "Fetch the runs, and those before")["found"] == "true"
        self.run("report", "Merge")
        worse = self.run("report", "Compare with the runs before").get("worse") == "true"
        self.made = self.run("report", "Make the pages", PAGES=pages)
        shutil.rmtree(self.github / "history", ignore_errors=True)
        shutil.copytree(self.folder / "earlier", self.github / "history")
        return worse

    @property
    def issues(self) -> list[Any]:
        """The issues, open and closed."""
        file = self.github / "issues.json"
        return json.loads(file.read_text()) if file.exists() else []


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """The runner of a repository of its own."""
    return Runner(tmp_path)


def test_a_provider_is_listed_tested_and_kept(runner: Runner) -> None:
    runner.run("providers", "Install", PACKAGE="openai-conformance")
    assert (runner.folder / "installed.txt").read_text() == "pip install --quiet openai-conformance\n"
    listed = json.loads(runner.run("providers", "List")["providers"])
    assert listed == [{"name": "mine", "models": ["reference"], "variables": []}]
    outputs = runner.run("test", "Test", PROVIDER="mine", PYTEST_ADDOPTS="-k total-is-sum")
    assert outputs == {"tested": "true"}
    kept = {path.name for path in (runner.folder / "run").iterdir()}
    assert {"results.json", "report.html", "journal.jsonl", "badge.json"} <= kept
    assert json.loads((runner.folder / "run" / "badge.json").read_text())["message"] == "1 hold"
    assert "# OpenAI compatibility: mine" in runner.summary.read_text("utf-8")


@pytest.mark.parametrize(("code", "ends"), [(0, 0), (1, 0), (2, 2), (4, 4), (7, 0), (8, 0)], ids=by_value)
def test_what_a_provider_gets_wrong_is_a_result_and_a_mistake_is_none(
    code: int, ends: int, runner: Runner
) -> None:
    shims = {"pytest": f"mkdir -p run; exit {code}", "conformance": "echo '{}'"}
    programs(runner.folder.parent / "bin", shims)
    outputs = runner.run("test", "Test", ends=ends, PROVIDER="mine")
    assert outputs == ({} if ends else {"tested": "true"})


def test_the_project_tests_itself(runner: Runner) -> None:
    shutil.copy(REPOSITORY / "pyproject.toml", runner.folder)
    runner.run("providers", "Install", PACKAGE="openai-conformance")
    assert (runner.folder / "installed.txt").read_text() == "pip install --quiet .\n"


def test_secrets_reach_the_test_by_the_names_in_providers_yaml(runner: Runner) -> None:
    programs(
        runner.folder.parent / "bin",
        {
            "pytest": 'echo "$ACME_KEY, $GATEWAY_KEY, $SECRET_1"; mkdir -p run; exit 8',
            "conformance": "echo '{}'",
        },
    )
    given = {"PROVIDER": "acme", "NAME_1": "ACME_KEY", "NAME_2": "GATEWAY_KEY", "SECRET_1": "sk-$x 'y'"}
    assert runner.run("test", "Test", ends=0, SECRET_2="second", **given) == {"tested": "true"}
    assert "sk-$x 'y', second, \n" in runner.printed
    assert runner.run("test", "Test", ends=0, **given) == {}
    assert "::notice::acme is skipped, because there is no secret GATEWAY_KEY" in runner.printed
    assert "sk-" not in runner.printed


def test_a_regression_has_an_issue_until_it_is_gone(runner: Runner) -> None:
    clean, other = run(), run({STOP: FAIL}, at=BOLT)
    assert not runner.report(clean, other)
    assert runner.made == {}
    assert "This is the first run" in runner.summary.read_text("utf-8")
    assert runner.issues == []

    failing = (run({SUM: FAIL}, day=1), run({STOP: FAIL}, at=BOLT, day=1))
    assert runner.report(*failing)
    (issue,) = runner.issues
    assert (issue["open"], issue["title"]) == (True, f"acme (acme-large-2026): {SUM} no longer holds")
    assert "**1 regression**" in runner.summary.read_text("utf-8")
    runner.run("report", "Fail where something got worse", ends=1)
    assert f"MUST `{SUM}`" in runner.printed

    assert not runner.report(run(day=3), pages="true")
    assert [one["open"] for one in runner.issues] == [False]
    assert runner.made == {"site": "true"}
    site = runner.folder / "site"
    assert {path.name for path in site.iterdir()} == {
        *("index.html", "report.html", "results.json", "badge.json", "badges")
    }
    assert [path.name for path in (site / "badges").iterdir()] == ["acme.json"]
    index = (site / "index.html").read_text("utf-8")
    assert 'href="report.html"' in index
    assert "3 runs of 2 targets." in index


def test_issues_can_be_turned_off(runner: Runner) -> None:
    saved(run(), runner.folder / "earlier" / "20260101T000000Z")
    saved(run({SUM: FAIL}, day=1), runner.folder / "merged")
    compared = runner.run("report", "Compare with the runs before", ISSUES="false")
    assert compared == {"worse": "true"}
    assert not (runner.github / "calls.jsonl").exists()


def test_the_history_keeps_the_newest_hundred_readable_or_not(runner: Runner) -> None:
    day = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(101):
        folder = runner.github / "history" / f"{day + timedelta(days=number):%Y%m%dT%H%M%SZ}"
        folder.mkdir(parents=True)
        (folder / "results.json").write_text('{"format": "of another version"}')
    assert not runner.report(run({SUM: FAIL}))
    kept = sorted(path.name for path in (runner.folder / "earlier").iterdir())
    assert len(kept) == 100
    assert kept[0] == "20260103T000000Z"
    assert "left out: earlier/20260103T000000Z/results.json: format is" in runner.printed
    assert "1 run of 1 target." in (runner.folder / "site" / "index.html").read_text("utf-8")


def test_without_any_tested_provider_there_is_nothing_to_report(runner: Runner) -> None:
    assert runner.run("report", "Fetch the runs, and those before") == {}
    assert "::notice::no provider was tested" in runner.printed
    wanted = "steps.fetch.outputs.found == 'true'"
    later = JOBS["report"]["steps"][4:]
    assert {step["if"] for step in later if step["name"] not in ("Keep the pages", later[-1]["name"])} == {
        wanted
    }

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.cli import main
from conformance.judging.verdict import Verdict
from tests.ids import by_value
from tests.plugin.suite import environment
from tests.report.runs import SUM, TAIL, run, saved

FAIL, WARN = Verdict.FAIL, Verdict.WARN


@pytest.fixture
def folders(tmp_path: Path) -> tuple[str, str, str]:
    """A run, a later one in which something fails, and one after it that warns of something."""
    return (
        str(saved(run(), tmp_path / "one")),
        str(saved(run({SUM: FAIL}, day=1), tmp_path / "two")),
        str(saved(run({SUM: FAIL, TAIL: WARN}, day=2), tmp_path / "three")),
    )


def test_a_regression_is_exit_code_1(
    folders: tuple[str, str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    one, two, three = folders
    assert main(["diff", one, two]) == 1
    printed = capsys.readouterr()
    assert f"{SUM}  pass → fail" in printed.out
    assert printed.err == ""
    assert main(["diff", two, one]) == 0
    assert "are they the right way round?" in capsys.readouterr().err
    assert main(["diff", two, three]) == 0
    assert main(["diff", "--strict", two, three]) == 1
    assert main(["diff", one, two, three]) == 0
    assert main(["diff", one, f"{two}/results.json", "--markdown"]) == 1
    assert capsys.readouterr().out.count("# Changes") == 1


def test_json_is_json(folders: tuple[str, str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "--json", *folders[:2]]) == 1
    assert json.loads(capsys.readouterr().out)["regressions"] == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "No such file or directory; name the results.json of a run"),
        (b"", "is not JSON, perhaps cut off"),
        (b'{"format": "openai-conformance-results/0"}', "but this version reads"),
        (b"[]", "format is null"),
        (b"\x00\xff", "is not JSON"),
    ],
    ids=by_value,
)
@pytest.mark.parametrize("at", [0, 1])
def test_a_run_that_cannot_be_read_is_one_line(
    content: bytes | None,
    said: str,
    at: int,
    folders: tuple[str, str, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    bad = tmp_path / "bad"
    bad.mkdir()
    if content is not None:
        (bad / "results.json").write_bytes(content)
    arguments = [folders[0], str(bad)] if at else [str(bad), folders[0]]
    assert main(["diff", *arguments]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert re.fullmatch(r"conformance: .*\n", printed.err)
    assert said in printed.err


def test_a_run_is_not_compared_with_itself(
    folders: tuple[str, str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    one, two, _ = folders
    for arguments in ([one, f"{one}/results.json"], [one, f"{one}/../one", two]):
        assert main(["diff", *arguments]) == 2
        assert "is named twice" in capsys.readouterr().err


def test_earlier_runs_that_cannot_be_read_can_be_left_out(
    folders: tuple[str, str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two, _ = folders
    (tmp_path / "old.json").write_text('{"format": "openai-conformance-results/0"}')
    old = str(tmp_path / "old.json")
    assert main(["diff", "--skip-unreadable", old, one, two]) == 1
    assert re.fullmatch(r"conformance: left out: .*old\.json: format is .*\n", capsys.readouterr().err)
    assert main(["diff", "--skip-unreadable", old, two]) == 0
    assert capsys.readouterr().err.endswith("no earlier run can be read, so nothing is compared\n")
    assert main(["diff", "--skip-unreadable", one, old]) == 2, "the new run is what it is about"


def test_a_terminal_that_lacks_a_character_gets_it_written_out(folders: tuple[str, str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "conformance.cli", "diff", *folders[:2]],
        env={**environment(), "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, b"")
    assert b"pass \\u2192 fail" in done.stdout

"""The folder of a run: one run at a time; what an earlier run left there stays; nothing is left of none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conformance.cli import main
from conformance.running.folder import Claim
from tests.plugin.suite import FILES, Outcome, Suite

pytest_plugins = ["pytester"]

ONE = ("-k", "stop.string-stops")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


def again(suite: Suite, done: Outcome, *arguments: str) -> Outcome:
    """Another run in the folder of that one."""
    made = suite.run(f"--report-dir={done.folder.name}", *arguments)
    return Outcome(made.code, made.text, done.folder)


def test_an_earlier_run_in_the_folder_is_moved_and_stays_whole(suite: Suite) -> None:
    first = suite.acme(*ONE)
    before = contents(first.folder)
    second = again(suite, first, "--provider=acme", "-k", "usage.total-is-sum")
    assert second.code == 0
    (aside,) = (one for one in second.folder.iterdir() if one.is_dir())
    assert contents(aside) == before
    assert f"run1 had an earlier run in it, which is in run1/{aside.name} now" in second.text
    assert second.files == FILES | {aside.name}
    assert list(second.verdicts) == ["usage.total-is-sum"]
    assert suite.run(f"--resume={aside}", "--plan").code == 0
    assert main(["diff", str(aside), str(second.folder)]) == 0


def test_two_runs_at_once_do_not_take_the_folder_from_each_other(suite: Suite) -> None:
    first = suite.acme(*ONE)
    before = contents(first.folder)
    with Claim(first.folder):
        for arguments in (["--provider=acme"], [f"--resume={first.folder}"], [f"--replay={first.folder}"]):
            second = again(suite, first, *arguments)
            assert second.code == 4
            assert second.text.count("ERROR: ") == 1
            assert f"run1: another run writes here (process {os.getpid()}, since 20" in second.text
            assert "wait for it, or choose another folder" in second.text
    assert contents(first.folder) == before


def test_commands_keep_out_of_the_folder_of_a_run(suite: Suite, capsys: pytest.CaptureFixture[str]) -> None:
    first = suite.acme(*ONE)
    with Claim(suite.path / "busy"):
        for command in (
            ["judge", "run1/journal.jsonl", "--report-dir=busy"],
            ["merge", "run1", "--output=busy"],
        ):
            assert main(command) != 0
            assert "conformance: busy: another run writes here (process " in capsys.readouterr().err
    assert not (suite.path / "busy").exists()
    before = contents(first.folder)
    for command in (
        ["judge", "run1/journal.jsonl", "--report-dir=run1"],
        ["merge", "again", "--output=run1"],
    ):
        again(suite, first, *ONE, "--provider=acme")
        main(["merge", "run1", "--output=again"])
        capsys.readouterr()
        assert main(command) == 0
        shown = capsys.readouterr()
        assert "run1 had an earlier run in it, which is in run1/20" in shown.out + shown.err
    kept = list(contents(first.folder).values())
    assert kept.count(before["journal.jsonl"]) == 1


def test_a_journal_of_another_name_is_gone_on_with_beside_the_run_that_is_there(suite: Suite) -> None:
    first, second = suite.acme(*ONE), suite.acme("-k", "usage.total-is-sum")
    before = (second.folder / "journal.jsonl").read_bytes()
    kept = second.folder / "kept.jsonl"
    kept.write_bytes((first.folder / "journal.jsonl").read_bytes())
    done = again(suite, second, f"--resume={kept}")
    assert list(done.verdicts) == ["stop.string-stops"]
    (aside,) = (one for one in done.folder.iterdir() if one.is_dir())
    assert (aside / "journal.jsonl").read_bytes() == before
    assert (done.folder / "journal.jsonl").read_bytes().startswith(kept.read_bytes())


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["-k", "zebra"], 5, "no requirement was selected; nothing was sent"),
        (
            ["-m", 'requirement(level="MUSTT")'],
            5,
            "no requirement has the level 'MUSTT'; there are MUST, SHOULD, MAY",
        ),
        (
            ["-m", "requirement(area='stopp')"],
            5,
            "no requirement has the area 'stopp'; there are auth, choices, ",
        ),
        (["-m", "requirement("], 4, "Wrong expression passed to '-m'"),
        (["--no-such-option"], 4, "unrecognized arguments"),
        (["--max-requests=0"], 4, "--max-requests must be at least 1"),
        (["no/such/file.py"], 4, "file or directory not found"),
        (["--plan", *ONE], 0, "nothing was sent"),
        (["--collect-only", *ONE], 0, "1/"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
@pytest.mark.parametrize("there", [False, True], ids=["no folder", "an earlier run"])
def test_a_run_without_results_leaves_nothing(
    suite: Suite, arguments: list[str], code: int, words: str, there: bool
) -> None:
    before = contents(suite.acme(*ONE).folder) if there else None
    done = suite.run("--provider=acme", "--report-dir=run1", *arguments)
    assert done.code == code
    assert words in done.text
    assert "enerated" not in done.text
    assert (contents(suite.path / "run1") if there else None) == before
    assert (suite.path / "run1").exists() == there


def test_nor_does_a_run_in_a_folder_of_its_own_name(suite: Suite) -> None:
    done = suite.pytester.runpytest_inprocess("-p", "conformance.plugin", "--provider=acme", "-k", "zebra")
    assert done.ret == 5
    assert not (suite.path / "reports").exists()


def test_what_goes_elsewhere_by_name_goes_there(suite: Suite) -> None:
    done = suite.acme(*ONE, "--junitxml=mine/junit.xml", "--html=mine/run.html")
    assert done.files == FILES - {"junit.xml", "run.html"}
    assert sorted(os.listdir(suite.path / "mine")) == ["assets", "junit.xml", "run.html"]
    assert "generated xml file: " in done.text


def test_a_run_is_replayed_into_its_own_folder_and_into_one_that_has_another(suite: Suite) -> None:
    first, second = suite.acme(*ONE), suite.acme("-k", "usage.total-is-sum")
    journals = [one.folder / "journal.jsonl" for one in (first, second)]
    before = [one.read_bytes() for one in journals]
    own = again(suite, first, f"--replay={first.folder}", *ONE)
    assert (own.code, own.files) == (0, FILES)
    other = again(suite, second, f"--replay={first.folder}", *ONE)
    assert other.files - FILES != set()
    assert not journals[1].exists()
    (aside,) = (one for one in second.folder.iterdir() if one.is_dir())
    assert [journals[0].read_bytes(), (aside / "journal.jsonl").read_bytes()] == before
    assert again(suite, second, f"--replay={first.folder}", *ONE).files == other.files

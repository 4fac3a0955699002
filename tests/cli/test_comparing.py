from __future__ import annotations

import re
from pathlib import Path

import pytest

from conformance.cli import main
from conformance.judging.verdict import Verdict
from conformance.report.results.stored import read
from conformance.wire import journal
from tests.report.making import exchange, user
from tests.report.runs import ACME, BOLT, SUM, edited, run, saved


@pytest.fixture
def runs(tmp_path: Path) -> list[str]:
    """Two runs of different targets, with their journals."""
    folders = [
        saved(run({SUM: Verdict.FAIL}), tmp_path / "acme"),
        saved(run(at=BOLT), tmp_path / "bolt"),
    ]
    for folder, at in zip(folders, (ACME, BOLT), strict=True):
        target = (at.at, at.provider.base_url)
        with journal.Writer(folder / "journal.jsonl", "2026-11-20T10:38:12+00:00", [target]) as writer:
            writer.write(exchange("x001", "COUNT", user("Count."), b"{}", at=at))
    return [str(folder) for folder in folders]


def test_runs_are_folded_into_one_folder(
    runs: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "new" / "merged"
    assert main(["merge", *runs, "--output", str(folder)]) == 0
    names = {"results.json", "report.html", "summary.md", "journal.jsonl"}
    assert {path.name for path in folder.iterdir()} == names
    assert set(capsys.readouterr().out.splitlines()) == {str(folder / name) for name in names}
    merged = read(folder / "results.json")
    recorded = journal.read(folder / "journal.jsonl")
    assert {one.id for one in recorded.exchanges} == set(merged.exchanges) == {"1.x001", "2.x001"}
    assert "bolt" in (folder / "report.html").read_text("utf-8")


def test_the_page_may_be_chinese(runs: list[str], tmp_path: Path) -> None:
    assert main(["merge", *runs, "--output", str(tmp_path / "m"), "--lang", "zh"]) == 0
    assert '<html lang="zh' in (tmp_path / "m" / "report.html").read_text("utf-8")


def test_without_a_journal_of_each_there_is_none_of_all(
    runs: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "merged"
    assert main(["merge", *runs, "--output", str(folder)]) == 0
    (Path(runs[1]) / "journal.jsonl").unlink()
    assert main(["merge", *runs, "--output", str(folder)]) == 0
    assert not (folder / "journal.jsonl").exists(), "one that does not belong to the results stays"
    assert re.search(r"no journal\.jsonl is written: .*bolt", capsys.readouterr().err)


def test_a_damaged_line_of_a_journal_is_named(
    runs: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (Path(runs[0]) / "journal.jsonl").open("a") as file:
        file.write('{"id": "x002", "prov')
    assert main(["merge", *runs, "--output", str(tmp_path / "merged")]) == 0
    assert "journal.jsonl:3: not a whole exchange" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["merge", "--output", "out"], ["compare", "--output", "out/page.html"]])
def test_what_cannot_be_put_together_is_one_line(
    command: list[str],
    runs: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    again = str(saved(run(day=1), tmp_path / "again"))
    other = str(saved(run(at=BOLT, catalogue="2026.2"), tmp_path / "other"))
    format = str(
        edited(saved(run(at=BOLT), tmp_path / "format"), "format", new="openai-conformance-results/9")
    )
    wrong = str(edited(saved(run(at=BOLT), tmp_path / "wrong"), "judgements", 0, "level", new="must"))
    empty = tmp_path / "empty"
    empty.mkdir()
    (tmp_path / "text.json").write_text("these are no results")
    for bad, said in (
        (again, r"acme \(acme-large-2026\) is in both .*acme/results.json and .*again/results.json"),
        (other, r"catalogue 2026\.1 and .* by 2026\.2"),
        (format, "but this version reads"),
        (wrong, r"judgements\[0\]\.level"),
        (str(empty), "name the results.json of a run"),
        ("text.json", "is not JSON"),
        (runs[0] + "/results.json", "is named twice"),
    ):
        assert main([*command, runs[0], bad]) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert re.fullmatch(r"conformance: .*\n", printed.err)
        assert re.search(said, printed.err)
    assert not (tmp_path / "out").exists()


def test_targets_are_put_side_by_side(
    runs: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", *runs]) == 0
    assert "fails only at acme (1):" in capsys.readouterr().out
    page = tmp_path / "new" / "page.html"
    assert main(["compare", *runs, "--output", str(page), "--lang", "zh"]) == 0
    assert capsys.readouterr().out.endswith(f"{page}\n")
    assert '<html lang="zh' in page.read_text("utf-8")
    assert main(["compare", runs[0]]) == 2
    assert "name another run" in capsys.readouterr().err
    page.unlink()
    page.mkdir()
    assert main(["compare", *runs, "--output", str(page)]) == 2
    assert "cannot write" in capsys.readouterr().err


def test_other_catalogues_may_be_compared_on_purpose(
    runs: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    newer = str(saved(run(at=BOLT, catalogue="2026.2"), tmp_path / "newer"))
    assert main(["compare", runs[0], newer]) == 2
    assert "with --across-catalogues" in capsys.readouterr().err
    assert main(["compare", runs[0], newer, "--across-catalogues"]) == 0
    assert "fails only at acme" in capsys.readouterr().out


def test_a_merge_does_not_write_over_what_it_reads(
    runs: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["merge", *runs, "--output", runs[0]]) == 2
    assert "is one of the runs; name another folder" in capsys.readouterr().err
    (tmp_path / "file").write_text("")
    assert main(["merge", *runs, "--output", str(tmp_path / "file")]) == 2
    assert "cannot write to" in capsys.readouterr().err

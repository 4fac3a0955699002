"""What a command writes takes the place of a file as a whole, or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from conformance.cli import main
from conformance.report.results import stored
from tests.recordings.judging import DATA
from tests.report.sample import sample


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (["compare", "run", "--output=out/page.html"], "page.html"),
        (["history", "run", "--output=out/page.html"], "page.html"),
        (["report", "out"], "report.html"),
        (["merge", "run", "--output=out"], "results.json"),
        (["merge", "run", "--output=out", "--verdicts-only"], "results.json"),
        (["judge", str(DATA / "pairs.jsonl"), "--report-dir=out"], "results.json"),
        (["judge", str(DATA / "pairs.jsonl"), "--report-dir=out"], "journal.jsonl"),
    ],
    ids=["compare", "history", "report", "merge", "verdicts only", "judge", "a journal"],
)
def test_on_a_full_disk_the_old_file_stays_and_nothing_beside_it(
    command: list[str],
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in ("run", "out"):
        Path(folder).mkdir()
        stored.write(sample(), Path(folder, "results.json"))
    if name.endswith(".html"):
        Path("out", name).write_text("old")
    before = {one.read_bytes() for one in Path("out").rglob("*") if one.is_file()}

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("pathlib.Path.replace", full)
    assert main(command) == 2
    shown = capsys.readouterr().err
    assert "No space left on device" in shown
    assert shown.count("\n") <= 2
    after = {one.read_bytes() for one in Path("out").rglob("*") if one.is_file()}
    assert after == before
    assert not [one for one in tmp_path.rglob("*") if one.name.endswith(".part") or one.name == ".lock"]

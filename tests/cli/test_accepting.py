from __future__ import annotations

import re
from pathlib import Path

import pytest

from conformance.cli import main
from conformance.judging.verdict import Verdict
from conformance.provider.load import parse
from tests.report.runs import SUM, edited, run, saved

PROVIDERS = "providers:\n  acme:\n    embedded: true  # ours\n"
ENTRY = f'      - {{requirement: {SUM}, because: "it is fail", until: 2027-02-18}}\n'


@pytest.fixture
def failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A run that failed, beside its providers.yaml."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "providers.yaml").write_text(PROVIDERS)
    return str(saved(run({SUM: Verdict.FAIL}), tmp_path / "run"))


def test_the_entries_are_printed(failed: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["baseline", failed]) == 0
    assert capsys.readouterr().out == f"providers:\n  acme:\n    expected:\n{ENTRY}"
    assert Path("providers.yaml").read_text() == PROVIDERS


def test_the_entries_are_written_once(failed: str, capsys: pytest.CaptureFixture[str]) -> None:
    file = Path("providers.yaml")
    file.chmod(0o640)
    assert main(["baseline", failed, "--write"]) == 0
    assert re.fullmatch(r".*providers\.yaml: acme: 1 added\n", capsys.readouterr().out)
    assert file.read_text() == f"{PROVIDERS}    expected:\n{ENTRY}"
    assert file.stat().st_mode & 0o777 == 0o640
    assert len(parse(file.read_bytes(), "p").entries["acme"].expected) == 1
    assert main(["baseline", failed, "--write"]) == 0
    assert capsys.readouterr().out == ""
    assert file.read_text() == f"{PROVIDERS}    expected:\n{ENTRY}"
    assert {path.name for path in Path().iterdir()} == {"providers.yaml", "run"}


def test_a_link_to_the_file_stays_one(failed: str, tmp_path: Path) -> None:
    link = tmp_path / "link.yaml"
    link.symlink_to("providers.yaml")
    assert main(["baseline", failed, "--write", "--providers-file", str(link)]) == 0
    assert link.is_symlink()
    assert ENTRY in Path("providers.yaml").read_text()


def test_without_failures_there_is_nothing_to_add(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["baseline", str(saved(run(), tmp_path)), "--write"]) == 0
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "nothing fails that is not expected already\n")


def test_what_cannot_be_done_is_one_line_and_changes_nothing(
    failed: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flow = tmp_path / "flow.yaml"
    flow.write_text("providers: {acme: {embedded: true}}\n")
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("providers: 3\n")
    other = tmp_path / "other.yaml"
    other.write_text("providers:\n  bolt:\n    embedded: true\n")
    for file, said in (
        (flow, "in braces or brackets is not edited; paste"),
        (wrong, "'providers' must be|providers must be"),
        (other, "has no provider 'acme'"),
        (tmp_path / "none.yaml", "cannot edit .*No such file"),
        (tmp_path, "cannot edit .*Is a directory"),
    ):
        before = file.read_bytes() if file.is_file() else None
        assert main(["baseline", failed, "--write", "--providers-file", str(file)]) == 2
        printed = capsys.readouterr()
        assert re.fullmatch(rf"conformance: .*({said}).*\n", printed.err)
        assert (file.read_bytes() if file.is_file() else None) == before
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
    assert main(["baseline", str(edited(Path(failed), "targets", new=[]))]) == 2
    assert "judgements[0] is not as" in capsys.readouterr().err

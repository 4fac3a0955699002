"""`conformance judge`: what it says and writes, its exit codes, and that many processes judge as one does."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.cli import main
from conformance.report.results import stored
from tests.ids import by_value
from tests.recordings.judging import DATA, answer, asked, pair, pairs


def test_a_recording_is_judged_and_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "report"
    assert main(["judge", str(DATA / "faulty-chromium.har"), f"--report-dir={folder}"]) == 1
    shown = capsys.readouterr().out
    assert shown.startswith("1 file, 13 entries: 12 exchanges to judge, 1 of other kinds\n")
    assert "FAIL  usage.total-is-sum  (MUST)  at 127.0.0.1:" in shown
    assert shown.count("FAIL  usage.total-is-sum") == 1
    results = stored.read(folder / "results.json")
    assert results.recorded
    assert {one.first_byte for one in results.exchanges.values()} == {None}
    page = (folder / "report.html").read_text("utf-8")
    assert "conformance judge journal.jsonl" in page
    assert "pytest --provider" not in page
    assert main(["judge", str(folder / "journal.jsonl"), f"--report-dir={tmp_path / 'again'}"]) == 1
    again = stored.read(tmp_path / "again" / "results.json")
    assert [one.verdict for one in again.judgements] == [one.verdict for one in results.judgements]


def test_what_could_not_be_read_makes_it_incomplete(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = pairs(tmp_path, pair(asked(), answer()), pair(None, "", method="POST"))
    assert main(["judge", str(path), f"--report-dir={tmp_path / 'report'}"]) == 7
    shown = capsys.readouterr().out
    assert "  left out: pairs.jsonl:2: the body of the request was not kept\n" in shown
    results = stored.read(tmp_path / "report" / "results.json")
    assert results.incomplete_because == "1 entry could not be used"
    assert {one.latency for one in results.exchanges.values()} == {None}
    assert results.targets[0].latency is None


def test_nothing_wrong_is_0_and_what_should_not_be_counts_when_it_is_to(tmp_path: Path) -> None:
    alias = {**answer(), "model": "gpt-4-0125-preview"}
    path = pairs(tmp_path, pair(asked(model="gpt-4-turbo-preview"), alias))
    assert main(["judge", str(path), f"--report-dir={tmp_path / 'a'}"]) == 0
    assert main(["judge", str(path), f"--report-dir={tmp_path / 'b'}", "--strict"]) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["missing.har"], "missing.har does not exist"),
        (["other.json"], "no request to /chat/completions"),
        ([str(DATA / "pairs.jsonl"), "--claims", "opnai"], "unknown profile 'opnai', did you mean 'openai'?"),
        ([str(DATA / "pairs.jsonl"), "--report-dir=other.json"], "cannot write to other.json"),
    ],
    ids=by_value,
)
def test_mistakes_are_named_in_one_line(
    arguments: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("other.json").write_text("{}")
    assert main(["judge", *arguments]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"conformance: {said}")


def test_a_default_folder_is_named_after_the_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    url = "https://gate.example:8443/acme/v1/chat/completions"
    main(["judge", str(pairs(tmp_path, pair(asked(), answer(), url=url)))])
    (folder,) = (path for path in Path("reports").iterdir() if not path.is_symlink())
    assert folder.name.endswith("Z-gate.example-8443")
    assert json.loads((folder / "results.json").read_text())["targets"][0]["provider"] == "gate.example:8443"


SHARED = """
import sys
from pathlib import Path
from conformance.judging.catalogue import catalogue
from conformance.provider.claims import profile
from conformance.recordings import sharing
from conformance.recordings.collecting import Collection
collection = Collection()
collection.add(Path(sys.argv[1]))
cases = catalogue()
targets = list(collection.targets({"chat": profile("openai")}, {"chat": list(cases.values())}))
alone = sharing.judges(targets, {"chat": cases})
sharing.WORTH_IT = 1
shared = sharing.judges(targets, {"chat": cases})
for target in alone:
    for case in cases.values():
        assert alone[target].judge(case) == shared[target].judge(case), case.requirement.id
print(len(alone))
"""


def test_several_processes_come_to_the_same_verdicts() -> None:
    command = [sys.executable, "-W", "error", "-c", SHARED, str(DATA / "faulty-mitmproxy.har")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.stdout, done.stderr) == ("1\n", "")


def test_where_a_recording_shows_only_a_wrong_key_nobody_is_blamed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = {"error": {"message": "Incorrect API key provided", "code": "invalid_api_key"}}
    path = pairs(tmp_path, pair(asked(), json.dumps(refused), status=401))
    assert main(["judge", str(path), f"--report-dir={tmp_path / 'report'}"]) == 7
    shown = capsys.readouterr().out
    assert "not tested: the provider refuses the key: HTTP 401 “Incorrect API key provided”" in shown
    assert "FAIL" not in shown
    results = stored.read(tmp_path / "report" / "results.json")
    assert {one.verdict.value for one in results.judgements} == {"error"}


def two_hosts(folder: Path) -> Path:
    """Two hosts, one of which gets the sum wrong for two models and warns of an alias."""
    wrong = {"usage": {"prompt_tokens": 8, "completion_tokens": 2, "total_tokens": 99}}
    alias = {**answer(id="c"), "model": "gpt-4-0125-preview"}
    there = "https://other.example/v1/chat/completions"
    return pairs(
        folder,
        pair(asked(), answer()),
        pair(asked(model="m-1"), {**answer(id="a"), **wrong}, url=there),
        pair(asked(model="m-2"), {**answer(id="b"), "model": "m-2", **wrong}, url=there),
        pair(asked(model="gpt-4-turbo-preview"), alias, url=there),
    )


def test_hosts_come_first_and_then_each_defect_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["judge", str(two_hosts(tmp_path)), f"--report-dir={tmp_path / 'r'}"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[2].split() == ["host", "exchanges", "models", "failing", "warnings"]
    assert [line.split() for line in lines[3:5]] == [
        ["api.example", "1", "1", "0", "0"],
        ["other.example", "3", "3", "1", "1"],
    ]
    headings = [line for line in lines if line.startswith(("FAIL", "WARN"))]
    assert headings == [
        "FAIL  usage.total-is-sum  (MUST)  at other.example",
        "WARN  envelope.model-names-the-requested  (MUST)  at other.example",
    ]
    assert "  models       m-1, m-2" in lines
    assert "  exchanges    pairs.jsonl:2, pairs.jsonl:3" in lines


@pytest.mark.parametrize(
    ("chosen", "code", "targets"),
    [
        (["--host", "api.example"], 0, {("api.example", "m-1")}),
        (["--host", "other.example", "--model", "m-2"], 1, {("other.example", "m-2")}),
        (["--model", "m-1"], 1, {("api.example", "m-1"), ("other.example", "m-1")}),
    ],
    ids=["host", "both", "model"],
)
def test_a_host_or_a_model_can_be_chosen(
    chosen: list[str], code: int, targets: set[tuple[str, str]], tmp_path: Path
) -> None:
    assert main(["judge", str(two_hosts(tmp_path)), f"--report-dir={tmp_path / 'r'}", *chosen]) == code
    results = stored.read(tmp_path / "r" / "results.json")
    assert {(one.provider, one.model) for one in results.targets} == targets


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        (["--host", "oher.example"], "no host 'oher.example', did you mean 'other.example'?"),
        (["--model", "nope"], "no model 'nope'; there are m-1"),
    ],
    ids=["host", "model"],
)
def test_one_that_was_not_recorded_is_named(
    chosen: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["judge", str(two_hosts(tmp_path)), f"--report-dir={tmp_path / 'r'}", *chosen]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "r").exists()


def test_the_page_is_in_the_language_that_was_asked_for(tmp_path: Path) -> None:
    main(["judge", str(two_hosts(tmp_path)), f"--report-dir={tmp_path / 'r'}", "--lang", "zh"])
    assert '<html lang="zh' in (tmp_path / "r" / "report.html").read_text("utf-8")


def test_names_from_a_recording_cannot_write_on_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = {**answer(), "object": "x"}
    path = pairs(tmp_path, pair(asked(model="m-1\x1b[31m\nFAIL"), wrong, source="a\x1b[2Jb"))
    main(["judge", str(path), f"--report-dir={tmp_path / 'r'}"])
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert "\nFAIL\n" not in shown

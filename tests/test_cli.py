"""The commands beside pytest."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from conformance.cli import main
from conformance.proof import kills, matrix
from conformance.reference.chat.personas import PERSONAS
from conformance.reference.faults import FAULTS
from conformance.reference.variants import VARIANTS
from conformance.report.results import stored
from tests.ids import by_value
from tests.report.sample import sample

CONFORMANCE = [sys.executable, "-m", "conformance.cli"]


def test_the_faults_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["faults"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(FAULTS)
    assert all(re.search(r"  \S.*\.$", line) for line in lines)


COMMITTED = Path(__file__).parent / "proof" / matrix.NAME


def test_the_kill_matrix_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(kills, "measured", lambda names: matrix.read(COMMITTED.read_text(encoding="utf-8")))
    assert main(["faults", "--matrix", str(tmp_path)]) == 0
    assert (tmp_path / matrix.NAME).read_bytes() == COMMITTED.read_bytes()
    assert capsys.readouterr().out.split() == [str(tmp_path / matrix.NAME)]


@pytest.mark.parametrize(
    "options",
    [("--fault", "id-empty"), ("--requirement", "envelope.id-prefix")],
    ids=["fault", "requirement"],
)
def test_a_line_of_the_kill_matrix_is_written_by_itself(
    options: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / matrix.NAME
    committed = COMMITTED.read_text(encoding="utf-8")
    name = "id-empty" if "--fault" in options else "id-without-prefix"
    line = next(one for one in committed.splitlines() if one.startswith(f"{name} | "))
    file.write_text(committed.replace(line, f"{name} | fail: stop.string-stops"), encoding="utf-8")
    assert main(["faults", "--matrix", str(tmp_path), *options]) == 0
    assert file.read_text(encoding="utf-8") == committed
    assert capsys.readouterr().out.splitlines() == [line, str(file)]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--fault", "id-empty"], "--matrix DIR"),
        (["--matrix", ".", "--fault", "id-emptied"], "did you mean 'id-empty'?"),
        (["--matrix", ".", "--requirement", "stop.stops"], "`conformance list`"),
    ],
    ids=["without a matrix", "unknown fault", "unknown requirement"],
)
def test_lines_of_the_kill_matrix_are_chosen_by_names_that_exist(
    options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["faults", *options]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_a_kill_matrix_needs_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["faults", "--matrix", str(tmp_path / "none")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_requirement_that_notices_nothing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(kills, "measured", lambda names: {"stop-ignored": {"stop.string-stops": "fail"}})
    assert main(["faults", "--matrix", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert "auth.key-required" in said
    assert "stop.string-stops" not in said


def test_the_variants_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["variants"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(VARIANTS)
    assert all(re.search(r"  \S.*\.$", line) for line in lines)


def test_a_variant_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["variants", "without-several-choices"]) == 0
    said = capsys.readouterr().out
    assert "create chat completion, n\n" in said
    assert "claims: {profile: openai, but: {n: null}}" in said
    assert re.search(r"choices\.n-answers +unsupported", said)
    assert main(["variants", "lines-end-with-cr"]) == 0
    assert "otherwise" not in capsys.readouterr().out
    assert main(["variants", "no-such-variant"]) == 2
    assert "unknown variant 'no-such-variant'" in capsys.readouterr().err


def test_whoever_stops_reading_sees_no_traceback() -> None:
    done = subprocess.run(
        f"{sys.executable} -m conformance.cli faults | true",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""


def test_a_report_is_made_again_from_its_results(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stored.write(sample(), tmp_path / "results.json")
    assert main(["report", str(tmp_path)]) == 0
    first = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert main(["report", str(tmp_path / "results.json")]) == 0
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == first
    assert (tmp_path / "summary.md").exists()
    assert f"{tmp_path / 'report.html'}\n" in capsys.readouterr().out


@pytest.mark.parametrize("content", [None, "", "[]", '{"format": "other"}', "\x00"], ids=by_value)
def test_what_is_no_results_file_is_one_line(
    tmp_path: Path, content: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "results.json"
    if content is not None:
        path.write_text(content)
    assert main(["report", str(tmp_path)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert re.fullmatch(rf"conformance: .*{re.escape(str(path))}.*\n", printed.err)


def test_a_report_that_cannot_be_written_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stored.write(sample(), tmp_path / "results.json")
    (tmp_path / "report.html").mkdir()
    assert main(["report", str(tmp_path)]) == 2
    assert "cannot write" in capsys.readouterr().err


def test_a_port_that_is_taken_and_a_fault_that_is_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["serve", "--port", str(port)]) == 2
    assert f"cannot listen on 127.0.0.1:{port}" in capsys.readouterr().err
    assert main(["serve", "--port", "0", "--fault", "no-such-fault"]) == 2
    assert "no-such-fault" in capsys.readouterr().err
    assert main(["serve", "--port", "0", "--variant", "no-such-variant"]) == 2
    assert "no-such-variant" in capsys.readouterr().err
    assert main(["serve", "--port", "0", "--persona", "thinkin"]) == 2
    error = "conformance: unknown persona 'thinkin', did you mean 'thinking'?\n"
    assert capsys.readouterr().err == error


def test_the_help_names_every_persona(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["serve", "--help"])
    words = re.findall(r"[\w-]+", capsys.readouterr().out.partition("be this service")[2])
    assert set(PERSONAS) - set(words) == set()


@pytest.mark.parametrize(
    "arguments", [[], ["serve", "--port", "65536"], ["serve", "--port=x"], ["nonsense"]], ids=by_value
)
def test_what_is_no_command_is_a_usage_error(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: conformance" in capsys.readouterr().err


def test_a_served_provider_answers_until_it_is_interrupted() -> None:
    process = subprocess.Popen(
        [*CONFORMANCE, "serve", "--port", "0", "--api-key", "sk-mine", "--fault", "total-off-by-one"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    (url,) = re.findall(r"http://127\.0\.0\.1:\d+/v1", process.stdout.readline())
    body = {"model": "reference", "messages": [{"role": "user", "content": "Say OK"}]}
    request = urllib.request.Request(
        f"{url}/chat/completions",
        json.dumps(body).encode(),
        {"Authorization": "Bearer sk-mine", "Content-Type": "application/json"},
    )
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as response:
        usage = json.load(response)["usage"]
    assert usage["total_tokens"] != usage["prompt_tokens"] + usage["completion_tokens"]
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (0, "")


def test_ctrl_c_ends_a_command_without_a_traceback(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("conformance.cli.runs.each_once", interrupted)
    assert main(["badge", "run"]) == 2
    assert capsys.readouterr().err == "conformance: interrupted\n"

"""Runs that are killed, interrupted, or have nowhere to write: nothing that ended is lost or left unsaid."""

from __future__ import annotations

import json
import os
import pty
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from conformance.wire import journal
from tests.ids import by_value
from tests.interruption import essence, kill, recorded, resumed, start
from tests.plugin.suite import FILES, REPOSITORY, Suite, command, environment
from tests.raw_server import HOLD, raw_server, response

pytest_plugins = ["pytester"]

FEW = ("-k", "stop or limits")

NAMED_BY_ITSELF = (
    "--resume names its providers, contracts and models itself; leave --provider, --contract and --model out"
)


def test_a_run_that_is_killed_twice_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    assert start(whole, "--provider=reference", f"--report-dir={whole}", *FEW).wait() == 0
    process = start(killed, "--provider=reference", f"--report-dir={killed}", *FEW)
    for count in (3, 9):
        assert kill(killed, process, lambda recorded, count=count: recorded >= count)  # type: ignore[misc]
        assert recorded(killed) < len(essence(whole)["exchanges"])
        process = start(killed, *resumed(killed))  # what was selected is in the journal
    assert process.wait() == 0
    assert essence(killed) == essence(whole)


def test_what_was_selected_is_resumed_and_may_be_narrowed(suite: Suite) -> None:
    first = suite.acme("-k", "stop.string-stops or stop.not-in-output", "--max-requests=1")
    assert first.code == 7
    again = suite.run(f"--resume={first.folder}", f"--report-dir={first.folder}")
    assert again.code == 0
    assert first.verdicts == {"stop.string-stops": "pass", "stop.not-in-output": "pass"}
    assert "resumed: 2 exchanges are in the journal" in again.text
    narrow = suite.run(f"--resume={first.folder}", "-k", "stop.string-stops")
    assert narrow.verdicts == {"stop.string-stops": "pass"}


@pytest.mark.parametrize(
    "part",
    [["-k", "stop.string-stops"], ["-m", 'requirement(level="SHOULD")'], ["--tier=quick"]],
    ids=" ".join,
)
def test_a_run_that_is_resumed_in_part_keeps_the_rest_in_its_journal(suite: Suite, part: list[str]) -> None:
    whole = suite.acme("-k", "stop or limits")
    before = (whole.folder / "journal.jsonl").read_bytes()
    into = f"--report-dir={whole.folder}"
    narrow = suite.run(f"--resume={whole.folder}", into, *part)
    assert narrow.code == 0
    assert (whole.folder / "journal.jsonl").read_bytes().startswith(before)
    left = len(whole.journal.exchanges) - len(whole.results["exchanges"])
    assert left > 0
    assert f"not selected now, but kept in the journal: {left} exchanges" in narrow.text
    again = suite.run(f"--resume={whole.folder}", into)
    assert "asking acme: 0 requests" in again.text
    assert len(whole.results["exchanges"]) == len(whole.journal.exchanges)


def test_a_run_is_resumed_as_what_it_was(suite: Suite) -> None:
    quick = suite.acme("--tier=quick")
    more = suite.run(f"--resume={quick.folder}", "--tier=full")
    assert more.code == 4
    assert "the run has only what --tier quick asks; start a new one for --tier full" in more.text


def test_a_plan_of_what_is_missing(suite: Suite) -> None:
    first = suite.acme("-k", "stop.string-stops", "--max-requests=1")
    done = suite.run(f"--resume={first.folder}", "--plan")
    assert done.code == 0
    assert re.search(r"^acme +1 +~27 ", done.text, re.MULTILINE)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ("--provider=acme",),
            NAMED_BY_ITSELF,
        ),
        (
            ("--model=x",),
            NAMED_BY_ITSELF,
        ),
        (("--replay=run1",), "--replay sends nothing, and --resume what is missing: choose one"),
    ],
)
def test_what_does_not_go_with_resume(suite: Suite, arguments: tuple[str, ...], words: str) -> None:
    suite.acme("-k", "stop.string-stops")
    done = suite.run("--resume=run1", *arguments)
    assert done.code == 4
    assert words in done.text


def test_an_endpoint_that_moved_is_another_run(suite: Suite) -> None:
    first = suite.acme("-k", "stop.string-stops")
    suite.provider("https://elsewhere.example/v1")
    done = suite.run(f"--resume={first.folder}")
    assert done.code == 4
    assert "base_url is now https://elsewhere.example/v1: what two endpoints say is not one run" in done.text


def test_what_is_no_run_is_not_gone_on_with(suite: Suite) -> None:
    done = suite.run("--resume=nowhere")
    assert done.code == 4
    assert "nowhere: cannot read the journal: No such file or directory" in done.text


SIGNALS = [
    pytest.param([signal.SIGINT], "", id="Ctrl-C"),
    pytest.param([signal.SIGINT, signal.SIGINT, signal.SIGTERM], "", id="Ctrl-C twice and more"),
    pytest.param([signal.SIGTERM], " by SIGTERM", id="SIGTERM"),
    pytest.param([signal.SIGHUP, signal.SIGTERM], " by SIGHUP", id="SIGHUP and more"),
]


def heeding(arguments: Sequence[str], where: Path) -> subprocess.Popen[str]:
    """A run that Ctrl-C reaches: where the tests run in the background of a shell, it would be ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return subprocess.Popen(
            command(*arguments),
            cwd=where,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize(("numbers", "words"), SIGNALS)
def test_an_interrupt_does_not_wait_for_what_is_slow(
    tmp_path: Path, numbers: list[signal.Signals], words: str
) -> None:
    with raw_server([response(b'{"choices": []}')], [HOLD]) as slow:
        entry = {"base_url": slow.base_url, "models": "m", "claims": "openai"}
        (tmp_path / "providers.yaml").write_text(json.dumps({"providers": {"acme": entry}}))
        process = heeding(["--provider=acme", "-k", "stop.string-stops", "--report-dir=r"], tmp_path)
        while len(slow.requests) < 2:
            time.sleep(0.01)
        for number in numbers:
            process.send_signal(number)
        # The server holds the answer until the run hangs up: to wait for it would be to wait for ever.
        text, _ = process.communicate()
    assert process.returncode == 2
    assert "Traceback" not in text
    results = json.loads((tmp_path / "r" / "results.json").read_text())
    reason = f"the run was interrupted{words}"
    assert (results["complete"], results["incomplete_because"]) == (False, reason)
    assert "interrupted: nothing more is sent; what was answered is judged and reported" in text
    assert f"incomplete: {reason}\ngo on with: pytest --resume=r\n" in text
    assert {one.name for one in (tmp_path / "r").iterdir()} == FILES
    assert journal.read(tmp_path / "r" / "journal.jsonl").damaged == ()


def test_a_second_run_in_the_folder_of_one_that_is_running_ends_at_once(tmp_path: Path) -> None:
    with raw_server([response(b'{"choices": []}')], [HOLD]) as slow:
        entry = {"base_url": slow.base_url, "models": "m", "claims": "openai"}
        (tmp_path / "providers.yaml").write_text(json.dumps({"providers": {"acme": entry}}))
        words = ["--provider=acme", "-k", "stop.string-stops", "--report-dir=r"]
        first = heeding(words, tmp_path)
        while len(slow.requests) < 2:
            time.sleep(0.01)
        before = (tmp_path / "r" / "journal.jsonl").read_bytes()
        second = heeding(words, tmp_path)
        text, _ = second.communicate()
        assert second.returncode == 4
        assert f"another run writes here (process {first.pid}, since " in text
        assert (tmp_path / "r" / "journal.jsonl").read_bytes() == before
        assert len(slow.requests) == 2
        first.send_signal(signal.SIGTERM)
        first.communicate()
    assert (tmp_path / "r" / "journal.jsonl").read_bytes().startswith(before)
    assert {one.name for one in (tmp_path / "r").iterdir()} == FILES


AT = """
import os, signal, conftest_moment
from conformance.report.page import html
render = html.render

def send():
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGTERM):
        os.kill(os.getpid(), number)

def rendered(*arguments):
    send()
    return render(*arguments)

if conftest_moment.NAME == "render":
    html.render = rendered
else:
    globals()[conftest_moment.NAME] = lambda: send()
"""
"""A plugin that sends its own process signals at a certain moment."""


@pytest.mark.parametrize(
    ("moment", "code"),
    [
        ("pytest_collection_finish", 2),
        ("pytest_runtest_setup", 2),
        ("pytest_sessionfinish", 0),
        ("render", 0),
        ("pytest_terminal_summary", 0),
    ],
    ids=by_value,
)
def test_whenever_a_signal_comes_what_is_known_is_reported(tmp_path: Path, moment: str, code: int) -> None:
    (tmp_path / "conftest_moment.py").write_text(f"NAME = {moment!r}\n")
    (tmp_path / "at_moment.py").write_text(AT)
    done = subprocess.run(
        command("-p", "at_moment", "--provider=reference", "-k", "stop.string-stops", "--report-dir=r"),
        cwd=tmp_path,
        env=environment() | {"PYTHONPATH": f"{REPOSITORY}{os.pathsep}{tmp_path}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code
    assert "Traceback" not in done.stdout + done.stderr
    if moment == "pytest_collection_finish":
        assert not (tmp_path / "r").exists()
        return
    results = json.loads((tmp_path / "r" / "results.json").read_text())
    assert results["complete"]
    assert {one.name for one in (tmp_path / "r").iterdir()} == FILES
    assert "report.html: r/report.html" in done.stdout


def test_a_terminal_that_is_closed_ends_the_run_as_ctrl_c_does(tmp_path: Path) -> None:
    with raw_server([response(b'{"choices": []}')], [HOLD]) as slow:
        entry = {"base_url": slow.base_url, "models": "m", "claims": "openai"}
        (tmp_path / "providers.yaml").write_text(json.dumps({"providers": {"acme": entry}}))
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(tmp_path)
            words = command("--provider=acme", "-k", "stop.string-stops", "--report-dir=r")
            os.execve(sys.executable, words, environment())
        while len(slow.requests) < 2:
            time.sleep(0.01)
        os.close(terminal)
        _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 2
    results = json.loads((tmp_path / "r" / "results.json").read_text())
    assert results["incomplete_because"] == "the run was interrupted by SIGHUP"
    assert {one.name for one in (tmp_path / "r").iterdir()} == FILES


LITTLE = 20_000
"""Bytes that a file may have: the journal of a few exchanges has more, as on a disk that gets full."""

LESS = 5_500
"""The journal of two exchanges has less, and their results.json more."""


def limited(where: Path, bytes_of_a_file: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A run whose files may have so many bytes."""
    return subprocess.run(
        command("--report-dir=r", *arguments),
        cwd=where,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_of_a_file, bytes_of_a_file)),
    )


def test_where_the_disk_is_full_nothing_more_is_sent_and_that_is_said(tmp_path: Path) -> None:
    done = limited(tmp_path, LITTLE, "--provider=reference", *FEW)
    assert "Traceback" not in done.stdout + done.stderr
    assert "INTERNALERROR" not in done.stdout + done.stderr
    reason = "the journal could not be written to its end (File too large), so nothing more was sent"
    assert f"incomplete: {reason}; there is no report either\ngo on with: pytest --resume=r\n" in done.stdout
    assert done.stdout.count("ERROR at setup") == 1
    assert "reference MUST" in done.stdout
    assert not re.search(r"(report\.html|results\.json): |enerated", done.stdout)
    assert done.returncode == 7
    assert [one.name for one in (tmp_path / "r").iterdir()] == ["journal.jsonl"]
    kept = journal.read(tmp_path / "r" / "journal.jsonl")
    assert kept.damaged == ()
    assert len(kept.exchanges) > 3
    again = subprocess.run(
        command("--resume=r"), cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False
    )
    assert again.returncode == 0
    assert {one.name for one in (tmp_path / "r").iterdir()} == FILES


def test_where_only_the_report_has_no_room_everything_is_recorded(tmp_path: Path) -> None:
    done = limited(tmp_path, LESS, "--provider=reference", "-k", "stop.string-stops")
    assert done.returncode == 7
    assert (
        "the report could not be written: File too large: r/results.json\n"
        "everything is recorded; judge it again with: pytest --replay=r\n"
    ) in done.stdout
    assert [one.name for one in (tmp_path / "r").iterdir()] == ["journal.jsonl"]


def test_a_report_that_is_there_stays_where_another_has_no_room(tmp_path: Path) -> None:
    plain = command("--provider=reference", "--report-dir=r", "-k", "stop.string-stops")
    subprocess.run(plain, cwd=tmp_path, env=environment(), check=True, stdout=subprocess.DEVNULL)
    before = {one.name: one.read_bytes() for one in (tmp_path / "r").iterdir()}
    done = limited(tmp_path, LESS, "--replay=r")
    assert "File too large" in done.stdout
    assert {one.name: one.read_bytes() for one in (tmp_path / "r").iterdir()} == before


@pytest.mark.parametrize("place", ["/dev/null/r", "/proc/r"])
def test_a_folder_that_cannot_be_is_said_before_anything_is_sent(suite: Suite, place: str) -> None:
    done = suite.run("--provider=acme", "-k", "stop.string-stops", f"--report-dir={place}")
    assert done.code == 4
    assert f"cannot write to {place}: " in done.text
    assert "choose a place with --report-dir=DIR" in done.text
    assert not os.path.exists(place)

"""Runs that are killed, interrupted, or have nowhere to write: nothing that ended is lost or left unsaid."""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.interruption import essence, kill, recorded, resumed, start
from tests.plugin.suite import Suite, command, environment
from tests.raw_server import HOLD, raw_server, response

pytest_plugins = ["pytester"]

FEW = ("-k", "stop or limits")


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
            "--resume names its providers and models itself; leave --provider and --model out",
        ),
        (("--model=x",), "--resume names its providers and models itself; leave --provider and --model out"),
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


def test_an_interrupt_does_not_wait_for_what_is_slow(tmp_path: Path) -> None:
    with raw_server([response(b'{"choices": []}')], [HOLD]) as slow:
        entry = {"base_url": slow.base_url, "models": "m", "claims": "openai"}
        (tmp_path / "providers.yaml").write_text(json.dumps({"providers": {"acme": entry}}))
        # Where the tests run in the background of a shell, SIGINT is ignored, and would be by the child.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        process = subprocess.Popen(
            command("--provider=acme", "-k", "stop.string-stops", "--report-dir=r"),
            cwd=tmp_path,
            env=environment(),
            stdout=subprocess.PIPE,
            text=True,
        )
        signal.signal(signal.SIGINT, before)
        while len(slow.requests) < 2:
            time.sleep(0.01)
        asked = time.monotonic()
        process.send_signal(signal.SIGINT)
        text, _ = process.communicate(timeout=30)
        # An answer may take a minute; on an idle machine this takes well below a second.
        assert time.monotonic() - asked < 10
    assert process.returncode == 2
    results = json.loads((tmp_path / "r" / "results.json").read_text())
    assert (results["complete"], results["incomplete_because"]) == (False, "the run was interrupted")
    assert "interrupted: nothing more is sent; what was answered is judged and reported" in text
    assert "incomplete: the run was interrupted" in text


LITTLE = 20_000
"""Bytes that a file may have: the journal of a few exchanges has more, as on a disk that gets full."""


def test_where_the_disk_is_full_the_verdicts_are_still_said(tmp_path: Path) -> None:
    done = subprocess.run(
        command("--provider=reference", "--report-dir=r", *FEW),
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (LITTLE, LITTLE)),
    )
    assert "Traceback" not in done.stdout + done.stderr
    assert "INTERNALERROR" not in done.stdout + done.stderr
    assert "incomplete: the journal could not be written to its end: File too large" in done.stdout
    assert "the report could not be written: " in done.stdout
    assert "reference MUST" in done.stdout
    assert done.returncode == 7
    assert (tmp_path / "r" / "journal.jsonl").stat().st_size <= LITTLE


@pytest.mark.parametrize("place", ["/dev/null/r", "/proc/r"])
def test_a_folder_that_cannot_be_is_said_before_anything_is_sent(suite: Suite, place: str) -> None:
    done = suite.run("--provider=acme", "-k", "stop.string-stops", f"--report-dir={place}")
    assert done.code == 4
    assert f"cannot write to {place}: " in done.text
    assert "choose a place with --report-dir=DIR" in done.text
    assert not os.path.exists(place)

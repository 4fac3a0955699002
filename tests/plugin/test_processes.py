"""Runs in a process of their own: installed, interrupted, on a terminal."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from conformance.wire import journal
from tests.plugin.suite import (
    FILES,
    KEY,
    command,
    environment,
)
from tests.raw_server import HOLD, raw_server, response

pytest_plugins = ["pytester"]


def test_the_installed_package_runs_from_anywhere(tmp_path: Path) -> None:
    done = subprocess.run(
        command(
            "--pyargs",
            "conformance",
            "--provider",
            "reference",
            "-k",
            "envelope.id-present",
            "--report-dir=r",
        ),
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert {path.name for path in (tmp_path / "r").iterdir()} == FILES


def test_an_interrupted_run_keeps_and_reports_what_it_has(tmp_path: Path) -> None:
    answer = response(b'{"choices": []}')
    with raw_server([answer], [answer], [HOLD]) as slow:
        entry = {"base_url": slow.base_url, "models": "m", "claims": "openai", "limits": {"concurrency": 2}}
        (tmp_path / "providers.yaml").write_text(json.dumps({"providers": {"acme": entry}}))
        # Where the tests run in the background of a shell, SIGINT is ignored, and would be by the child.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        process = subprocess.Popen(
            command("--provider=acme", "-k", "envelope or stop", "--report-dir=r"),
            cwd=tmp_path,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        signal.signal(signal.SIGINT, before)
        deadline = time.monotonic() + 30
        while len(slow.requests) < 4 and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        text, _ = process.communicate(timeout=30)
    assert process.returncode == 2, text
    assert "Traceback" not in text
    assert "INTERNALERROR" not in text
    results = json.loads((tmp_path / "r" / "results.json").read_text())
    assert results["incomplete_because"] == "the run was interrupted"
    exchanges = journal.read(tmp_path / "r" / "journal.jsonl").exchanges
    assert sorted(one.id for one in exchanges) == [f"x{n:03d}" for n in range(1, len(exchanges) + 1)]
    assert len(exchanges) > 6
    assert sum(one.last.status is not None for one in exchanges) == 2
    assert (tmp_path / "r" / "report.html").exists()


def test_progress_is_shown_on_a_terminal(tmp_path: Path, endpoint: str) -> None:
    entry = {"base_url": endpoint, "api_key": "${ACME_KEY}", "models": "reference", "claims": "openai"}
    (tmp_path / "providers.yaml").write_text(json.dumps({"providers": {"acme": entry}}))
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command("--provider=acme", "-k", "envelope.id-present", "--report-dir=r"),
        cwd=tmp_path,
        env=environment(ACME_KEY=KEY, TERM="xterm"),
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    seen = b""
    with suppress(OSError):  # the end of a terminal
        while data := os.read(ours, 65536):
            seen += data
    os.close(ours)
    assert process.wait(timeout=30) == 0, seen
    assert b"asking acme: 1/2 \xc2\xb7 0 under way \xc2\xb7 1 requests" in seen

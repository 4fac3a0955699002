"""Engines run as processes of their own, and are gone when whoever wanted them is.

    python -m tests.engines.process URL COMMAND …

starts the command, says so once the URL answers, and ends it when standard input closes, however that came.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[2]
READY_WITHIN_S = 60.0
HEAVY_READY_WITHIN_S = 300.0
"""LiteLLM and PyTorch take long to import on a machine that does something else too."""
ASK_AGAIN_AFTER_S = 0.25


class EngineError(Exception):
    """An engine could not be installed or started; the message is one line."""


@contextmanager
def announced(
    arguments: Sequence[str], environment: Mapping[str, str], *, within: float = READY_WITHIN_S
) -> Iterator[str]:
    """What a module of these tests prints when it is ready, until the block ends; then it is gone.

    The process also ends when this one does, however abruptly: its standard input closes then.
    Raises EngineError if it does not get ready in so many seconds.
    """
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        with process:
            try:
                line = _first_line(process, within)
                if not line:
                    raise EngineError(_last_words(process, log, within))
                yield line
            finally:
                _end(process)


def _first_line(process: subprocess.Popen[str], within: float) -> str:
    """What the process prints first; empty if it ends before or takes too long."""
    if process.stdout is None:
        raise ValueError("the process has no pipe for its output")
    too_late = threading.Timer(within, process.kill)
    too_late.start()
    try:
        return process.stdout.readline().strip()
    finally:
        too_late.cancel()


def _last_words(process: subprocess.Popen[str], log: IO[str], within: float) -> str:
    process.wait()
    log.seek(0)
    lines = log.read().strip().splitlines()
    return lines[-1] if lines else f"it ended without a word, or was not ready in {within:.0f} s"


def _end(process: subprocess.Popen[str]) -> None:
    """Lets the process end what it has started; kills it if that takes long."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()


def answers(url: str) -> bool:
    """Whether something speaks HTTP there, whatever it says."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=10):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def _wait_for_the_end_of_input(gone: threading.Event) -> None:
    sys.stdin.read()
    gone.set()


def main() -> int:
    url, *command = sys.argv[1:]
    gone = threading.Event()
    threading.Thread(target=_wait_for_the_end_of_input, args=[gone], daemon=True).start()
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=sys.stderr, start_new_session=True
    ) as engine:
        try:
            until = time.monotonic() + HEAVY_READY_WITHIN_S
            while not answers(url) and engine.poll() is None and time.monotonic() < until:
                if gone.wait(ASK_AGAIN_AFTER_S):
                    return 0
            if engine.poll() is not None or time.monotonic() >= until:
                return 1
            print(url, flush=True)
            gone.wait()
        finally:
            with suppress(ProcessLookupError):
                os.killpg(engine.pid, signal.SIGKILL)
    return 0


if __name__ == "__main__":
    sys.exit(main())

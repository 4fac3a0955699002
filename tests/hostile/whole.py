"""Whole runs against hostile servers, each in a process of its own, with what it used."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from conformance.provider.model import Limits
from conformance.reference import serving
from tests.hostile.misbehaviour import Misbehaviour
from tests.raw_server import RawServer, Script, Step, raw_server

KEY = "sk-hostile-0123456789abcdef"
LIMITS = Limits(timeout=6.0, connect=3.0, first_byte=3.0, silence=2.0)
"""Short, but not so short that a right server that shares its processor with a hostile one misses them."""
REPOSITORY = Path(__file__).parents[2]

Picks = Callable[[bytes, int], bool]
"""Whether a request, the n-th counted from 0, meets with hostility."""


def always(request: bytes, number: int) -> bool:
    """Every request does."""
    return True


def later(request: bytes, number: int) -> bool:
    """Every request but the first does."""
    return number > 0


def when_streamed(request: bytes, number: int) -> bool:
    """Every request for a stream does."""
    return b'"stream":true' in request


@dataclass(frozen=True)
class Outcome:
    """What a run came to: exit code, output, peak memory in MB, seconds, and requests that the server saw."""

    code: int
    text: str
    memory: float
    seconds: float
    requests: int
    results: Mapping[str, Any]

    def verdicts(self, provider: str) -> dict[str, str]:
        """The verdicts on one provider, by requirement."""
        return {
            one["requirement"]: one["verdict"]
            for one in self.results["judgements"]
            if one["provider"] == provider
        }


@contextmanager
def hostile(one: Misbehaviour, picks: Picks) -> Iterator[RawServer]:
    """A server that is hostile where `picks` says so, and elsewhere the embedded provider."""
    with serving(KEY, pace=0.0) as upstream:

        def script(request: bytes) -> Script:
            number = len(server.requests) - 1
            return one.script() if picks(request, number) else relayed(request, upstream)

        with raw_server(script) as server:
            yield server


def run(one: Misbehaviour, picks: Picks, folder: Path, *options: str, beside: bool = False) -> Outcome:
    """Runs everything against a hostile server; with `beside`, and against a right one in the same run."""
    with ExitStack() as stack:
        server = stack.enter_context(hostile(one, picks))
        entry = {
            "api_key": "${HOSTILE_KEY}",
            "models": "reference",
            "claims": "openai",
            "limits": _set(LIMITS),
        }
        providers = {"hostile": {**entry, "base_url": server.base_url}}
        if beside:
            url = stack.enter_context(serving(KEY, pace=0.0))
            providers["right"] = {**entry, "base_url": url}
        (folder / "providers.yaml").write_text(json.dumps({"providers": providers}), encoding="utf-8")
        plugins = ("-p", "conformance.plugin", "-p", "no:hypothesispytest", "-p", "no:anyio")
        names = [f"--provider={name}" for name in providers]
        command = [sys.executable, "-m", "pytest", *plugins, *names, "--report-dir=out", "-q", *options]
        code, text, memory, seconds = _watched(command, folder)
        assert (folder / "out" / "results.json").exists(), text
        results = json.loads((folder / "out" / "results.json").read_text(encoding="utf-8"))
        return Outcome(code, text, memory, seconds, len(server.requests), results)


def _set(limits: Limits) -> dict[str, Any]:
    return {name: value for name, value in asdict(limits).items() if value is not None}


_LAUNCHER = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[1:])
_, status, used = os.wait4(process.pid, 0)
with open("used", "w") as file:
    print(os.waitstatus_to_exitcode(status), used.ru_maxrss, file=file)
"""
"""A process counts the memory of the one that starts it as its own at first: so a small one starts it, and
not the one that has the servers."""


def _watched(command: list[str], folder: Path) -> tuple[int, str, float, float]:
    """Exit code, output, peak memory in MB and seconds of a process."""
    mine = {name: value for name, value in os.environ.items() if not re.search("(?i)proxy|KEY|^PYTEST", name)}
    environment = {**mine, "PYTHONPATH": str(REPOSITORY), "HOSTILE_KEY": KEY}
    began = time.monotonic()
    with (folder / "output.txt").open("wb") as output:
        launched = [sys.executable, "-c", _LAUNCHER, *command]
        subprocess.run(
            launched, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT, check=True
        )
    took = time.monotonic() - began
    code, memory = map(int, (folder / "used").read_text(encoding="utf-8").split())
    return code, (folder / "output.txt").read_text(encoding="utf-8"), memory / 1024, took


def relayed(request: bytes, upstream: str) -> Iterator[Step]:
    """What the right server answers, as it comes."""
    address = urlsplit(upstream)
    with socket.create_connection((str(address.hostname), address.port or 80)) as connection:
        first, _, rest = request.partition(b"\r\n")
        kept = re.sub(rb"(?im)^connection:[^\r]*\r\n", b"", rest)
        connection.sendall(first + b"\r\nConnection: close\r\n" + kept)
        while data := connection.recv(65536):
            yield data

"""What the commands write, by running each as its users do: every page that there is."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.plugin.suite import REPOSITORY, command, environment
from tests.raw_server import HOLD, raw_server, response
from tests.report.hostile import NASTY

FAULTS = ("stop-leaks-in-stream", "finish-chunk-dropped", "total-off-by-one")
MARKUP = "<img src=x onerror=alert(1)>"
SOME = ("-k", "usage or stop or envelope.created")

WRITERS = frozenset({"judge", "report", "compare", "merge", "history", "same"})
"""The commands that write pages, besides pytest itself."""

OTHERS = frozenset(
    {
        "serve",
        "faults",
        "init",
        "claims",
        "variants",
        "list",
        "explain",
        "providers",
        "diff",
        "issues",
        "baseline",
        "badge",
    }
)
"""The commands that write none. A new command has to be in one of the two."""


class Workshop:
    """A folder in which commands are run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def pytest(self, name: str, *arguments: str, codes: tuple[int, ...] = (0, 1)) -> Path:
        """A run of the suite into a folder of that name."""
        self._do(command(f"--report-dir={name}", *arguments), codes)
        return self.folder / name

    def conformance(self, *arguments: str, codes: tuple[int, ...] = (0,)) -> None:
        """One of the commands beside it."""
        self._do([sys.executable, "-m", "conformance.cli", *arguments], codes)

    def provider(self, **members: Any) -> None:
        """Describes acme in providers.yaml; JSON is YAML too."""
        entry = {"models": ["m"], "claims": "openai", **members}
        text = json.dumps({"providers": {"acme": entry}})
        (self.folder / "providers.yaml").write_text(text, encoding="utf-8")

    def hostile(self, name: str) -> Path:
        """A run against a server that sends markup wherever it can."""
        text = " ".join(NASTY).replace("\ud800", "")  # which would make the answer no JSON
        message = {"role": text, "content": text}
        answer = {"id": text, "model": text, "object": text, "error": {"message": text, "code": text}}
        body = json.dumps({**answer, "choices": [{"message": message, "finish_reason": text}], text: text})
        said = response(body.encode(), "200 <b>OK</b>", f"X-Request-Id: {MARKUP}")
        with raw_server([said]) as server:
            self.provider(base_url=server.base_url, models=[MARKUP, "other"])
            return self.pytest(name, "--provider=acme", "-k", "envelope or usage or sdk", codes=(1,))

    def interrupted(self, name: str) -> Path:
        """A run that Ctrl-C ends while it waits for an answer."""
        with raw_server([response(b'{"choices": []}')], [HOLD]) as slow:
            self.provider(base_url=slow.base_url)
            # Where the tests run in the background of a shell, SIGINT is ignored, and would be by the child.
            before = signal.signal(signal.SIGINT, signal.default_int_handler)
            process = subprocess.Popen(
                command("--provider=acme", f"--report-dir={name}", *SOME),
                cwd=self.folder,
                env=environment(),
                stdout=subprocess.DEVNULL,
            )
            signal.signal(signal.SIGINT, before)
            while len(slow.requests) < 2:
                assert process.poll() is None
                time.sleep(0.01)
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=60) == 2
        return self.folder / name

    def _do(self, words: list[str], codes: tuple[int, ...]) -> None:
        done = subprocess.run(
            words, cwd=self.folder, env=environment(), capture_output=True, text=True, check=False
        )
        assert done.returncode in codes, done.stdout + done.stderr


def write_all(folder: Path) -> Workshop:
    """Runs every command that writes pages, in both languages where it speaks both."""
    shop = Workshop(folder)
    faults = [word for name in FAULTS for word in ("--fault", name)]
    rehearsal = f"--providers-file={REPOSITORY / 'providers.yaml'}"
    shop.pytest("found", "--provider=rehearsal", rehearsal, *faults, *SOME)
    shop.pytest("mended", "--provider=rehearsal", rehearsal, *faults[:2], *SOME)
    shop.pytest("green", "--provider=reference", "-k", "stop.string-stops or models", codes=(0,))
    shop.pytest("zh", "--replay=found", rehearsal, "--lang=zh")
    shop.pytest("resumed", "--resume=green", codes=(0,))
    with ExitStack() as stack:
        down = stack.enter_context(raw_server([response(b"", "503 Service Unavailable")]))
        shop.provider(base_url=down.base_url)
        shop.pytest("errors", "--provider=acme", *SOME, codes=(7,))
        shop.provider(base_url="http://127.0.0.1:9/v1")
        shop.pytest("unreached", "--provider=acme", *SOME, codes=(8,))
    shop.hostile("hostile")
    shop.interrupted("interrupted")
    shop.conformance("judge", "found/journal.jsonl", "--report-dir", "judged", codes=(0, 1))
    for lang in ("en", "zh"):
        shop.conformance("compare", "found", "green", "--lang", lang, "--output", f"compare-{lang}.html")
        shop.conformance("history", "found", "mended", "--lang", lang, "--output", f"history-{lang}.html")
        shop.conformance("merge", "found", "green", "--lang", lang, "--output", f"merged-{lang}")
        shop.conformance(
            "same", "reference", "rehearsal", "--providers-file", str(REPOSITORY / "providers.yaml"),
            "--max-tokens", "2500", "--lang", lang, "--report-dir", f"same-{lang}", codes=(7,),
        )  # fmt: skip
    (shop.folder / "again").mkdir()
    results = (shop.folder / "found" / "results.json").read_bytes()
    (shop.folder / "again" / "results.json").write_bytes(results)
    shop.conformance("report", "again", "--lang", "zh")
    return shop

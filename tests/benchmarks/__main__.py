"""What a run costs, in one table: `python -m tests.benchmarks`.

Figures are ratios to an ideal wherever there is one, because machines differ; nothing here asserts anything.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from conformance.catalogue import catalogue
from conformance.exchange.asking import Access, Work, ask_all
from conformance.exchange.record import Exchange
from conformance.probe.change import copies
from conformance.probe.named import COUNT
from conformance.probe.plan import Plan
from conformance.provider.claims import profile
from conformance.provider.load import embedded
from conformance.provider.model import Limits, Provider, Target
from conformance.run import Run
from tests.recordings.judging import DATA

REQUESTS, SECONDS = 240, 0.5
RECORDED = 1000


def main() -> None:
    rows = [*_asking(), *_whole_run(), *_recording(), *_start_up()]
    width = max(len(name) for name, _ in rows)
    for name, figure in rows:
        print(f"{name:<{width}}  {figure}")


def _asking() -> Iterator[tuple[str, str]]:
    for concurrency in (16, 64):
        ideal = REQUESTS * SECONDS / concurrency
        with _slow_server(SECONDS) as url:
            wall, cpu = _timed(lambda: _ask(url, concurrency))  # noqa: B023 - called at once
        yield (
            f"{REQUESTS} requests of {SECONDS} s, {concurrency} at once",
            f"{wall:.2f} s, {wall / ideal:.2f} × the ideal {ideal:.2f} s, {cpu:.2f} CPU-s",
        )


def _ask(url: str, concurrency: int) -> None:
    provider = Provider("slow", url, ("m",), profile("openai"), limits=Limits(concurrency=concurrency))
    work = Work(Plan(Target(provider, "m"), copies(REQUESTS, COUNT)), Access(url), 1)
    found: list[Exchange] = []
    asyncio.run(ask_all([work], "nonce", found.append, lambda *_: None))
    assert len(found) == REQUESTS
    assert all(one.last.status == 200 for one in found)


def _whole_run() -> Iterator[tuple[str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        run = Run([Target(embedded(), "reference")], Path(folder), lambda _: Access(""))
        run.selected = {run.targets[0]: list(catalogue().values())}
        wall, cpu = _timed(lambda: run.exchange(lambda *_: None))
        judged, _ = _timed(run.judgements)
        written, _ = _timed(run.write_reports)
        target = run.results.targets[0]
        size = (Path(folder) / "report.html").stat().st_size
    yield "requirements, requests", f"{len(catalogue())}, {target.requests}"
    yield "tokens, prompt + completion", f"{target.prompt_tokens} + {target.completion_tokens}"
    plan = run.plans()[0]
    yield "tokens as planned", f"~{plan.prompt_tokens} + ~{plan.completion_tokens}"
    yield "a whole run against the embedded provider", f"{wall:.2f} s, {cpu:.2f} CPU-s with the server"
    yield "judging it", f"{judged:.3f} s, {len(catalogue()) / judged:.0f} judgements a second"
    yield "writing the reports", f"{written:.2f} s, report.html {size / 1024:.0f} kB"


def _recording() -> Iterator[tuple[str, str]]:
    entries = json.loads((DATA / "mitmproxy.har").read_text("utf-8"))["log"]["entries"]
    chats = [entry for entry in entries if entry["request"]["url"].endswith("/chat/completions")]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "traffic.har")
        # Each has an id of its own, or it would be a copy of another.
        told_apart = [
            json.loads(json.dumps(chats[number % len(chats)]).replace("chatcmpl-", f"chatcmpl-{number}-"))
            for number in range(RECORDED)
        ]
        for number, entry in enumerate(told_apart):
            entry["request"]["url"] += f"?number={number}"
        path.write_text(json.dumps({"log": {"entries": told_apart}}), "utf-8")
        command = [
            sys.executable,
            "-m",
            "conformance.cli",
            "judge",
            str(path),
            f"--report-dir={folder}/report",
        ]
        wall, _ = _timed(lambda: subprocess.run(command, check=False, capture_output=True))
    yield f"conformance judge, {RECORDED:,} recorded exchanges", f"{wall:.1f} s, with reading and reports"


def _start_up() -> Iterator[tuple[str, str]]:
    for name, arguments in (
        ("python -c pass", ["-c", "pass"]),
        ("pytest --version", ["-m", "pytest", "--version"]),
        ("pytest --provider reference --plan", ["-m", "pytest", "-q", "--provider=reference", "--plan"]),
    ):
        walls = [
            _timed(lambda: subprocess.run([sys.executable, *arguments], check=True, capture_output=True))[0]  # noqa: B023
            for _ in range(3)
        ]
        yield f"start-up: {name}", f"{min(walls):.2f} s"


def _timed(call: Callable[[], object]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - wall, time.process_time() - cpu


SLOW_SERVER = """
import asyncio, sys
BODY = sys.argv[2].encode()
HEAD = b"HTTP/1.1 200 OK\\r\\nContent-Type: application/json\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(BODY)
async def serve(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\\r\\n\\r\\n")
            fields = dict(line.split(b":", 1) for line in head.lower().split(b"\\r\\n") if b":" in line)
            await reader.readexactly(int(fields[b"content-length"]))
            await asyncio.sleep(float(sys.argv[1]))
            writer.write(HEAD + BODY)
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()
async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"""


@contextlib.contextmanager
def _slow_server(seconds: float) -> Iterator[str]:
    """A server in a process of its own, so that it takes nothing from what is measured."""
    body = json.dumps({"id": "1", "choices": []})
    command = [sys.executable, "-c", SLOW_SERVER, str(seconds), body]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}/v1"
        finally:
            process.kill()


if __name__ == "__main__":
    main()

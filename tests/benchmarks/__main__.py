"""What a run costs, in one table: `python -m tests.benchmarks`.

Figures are ratios to an ideal wherever there is one, because machines differ; nothing here asserts anything.
It takes about three minutes, most of them in waiting for slow servers.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from conformance.asking.asking import Access, Work, ask_all
from conformance.asking.change import copies
from conformance.asking.plan import Plan, Tier
from conformance.contracts.chat.probes.named import COUNT
from conformance.judging.catalogue import catalogue
from conformance.provider.claims import profile
from conformance.provider.load import embedded
from conformance.provider.model import Limits, Provider, Target
from conformance.running.run import Run
from conformance.running.tiers import of_tier
from conformance.wire.record import Exchange
from tests.benchmarks.crowd import peak
from tests.benchmarks.slow import slow_server
from tests.recordings.judging import DATA

REQUESTS, SECONDS = 240, 0.5
CROWD, EACH, PATIENT = 100, 130, 3.0
RECORDED = 1000

Rows = Iterator[tuple[str, str]]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        run = _run(Path(folder) / "run")
        parts = (_tiers(run), _whole_run(run), _start_up(run.folder), _recording(), _asking(), _crowd())
        for name, figure in (row for part in parts for row in part):
            print(f"{name:<48}  {figure}", flush=True)


def _run(folder: Path) -> Run:
    run = Run([Target(embedded(), "reference")], folder, lambda _: Access(""))
    run.selected = {run.targets[0]: list(catalogue().values())}
    return run


def _tiers(run: Run) -> Rows:
    (target,) = run.targets
    cases = list(catalogue().values())
    for tier in Tier:
        chosen = _run(run.folder)
        chosen.selected = {target: of_tier(tier, cases, target.claims)}
        (plan,) = chosen.plans()
        decides = f"{plan.requests:>3} requests decide {len(chosen.selected[target]):>3} requirements"
        tokens = f"about {plan.prompt_tokens} + {plan.completion_tokens} tokens"
        yield f"tier {tier}", f"{decides}, {tokens}, at most {sum(plan.tokens_at_most)}"


def _whole_run(run: Run) -> Rows:
    wall, cpu = _timed(lambda: run.exchange(lambda *_: None))
    imported, _ = _timed(lambda: importlib.import_module("openai").OpenAI)
    judged, _ = _timed(run.judgements)
    written, _ = _timed(run.write_reports)
    target = run.results.targets[0]
    size = (run.folder / "report.html").stat().st_size
    yield "a run against the embedded provider", f"{wall:.2f} s, {cpu:.2f} CPU-s with the server"
    yield "  used, as its answers state", f"{target.prompt_tokens} + {target.completion_tokens} tokens"
    yield (
        "  used, streams without usage estimated",
        f"{run.budget.prompt_tokens} + {run.budget.completion_tokens}",
    )
    yield "  importing the SDK", f"{imported:.2f} s"
    yield "  judging it", f"{judged:.2f} s, {len(catalogue()) / judged:.0f} judgements a second"
    again = _run(run.folder)
    again.exchanges = run.exchanges
    judged, _ = _timed(again.judgements)
    yield (
        "  judging it again, replays remembered",
        f"{judged:.3f} s, {len(catalogue()) / judged:.0f} judgements a second",
    )
    yield "  writing the reports", f"{written:.2f} s, report.html {size / 1024:.0f} kB"
    yield "  peak memory, server included", f"{peak():.0f} MiB"


def _start_up(folder: Path) -> Rows:
    """`folder` is that of a recorded run."""
    collecting = ["-m", "pytest", "-q", "--provider=reference", "--collect-only"]
    replay = ["-m", "pytest", "-q", f"--replay={folder}", f"--report-dir={folder}"]
    calls = {
        "start-up: python -c pass": ["-c", "pass"],
        "start-up: pytest --version": ["-m", "pytest", "--version"],
        "start-up: all requirements collected": collecting,
        "a recorded run: pytest --replay": replay,
        "  where nothing of the SDK is kept": [*replay, "-p", "no:cacheprovider"],
    }
    found = dict.fromkeys(calls, (math.inf, math.inf, math.inf))
    for _ in range(4):  # by turns, because machines get faster and slower
        for name, arguments in calls.items():
            found[name] = min(found[name], _process([sys.executable, *arguments]))
    ideal = found["start-up: pytest --version"][1]
    for name, (wall, cpu, memory) in found.items():
        yield name, f"{wall:.2f} s, {cpu:.2f} CPU-s, {cpu / ideal:.1f} × pytest --version, {memory:.0f} MiB"


_LAUNCHER = """
import resource, subprocess, sys, time
begin = time.perf_counter()
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(time.perf_counter() - begin, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
"""
"""A process counts the memory of the one that starts it as its own at first: so a small one starts it."""


def _process(call: list[str]) -> tuple[float, float, float]:
    """Seconds, CPU seconds, and peak memory in MiB, of a process, which may keep what it compiles."""
    launched = [sys.executable, "-c", _LAUNCHER, *call]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    done = subprocess.run(launched, check=True, capture_output=True, text=True, env=environment)
    wall, cpu, memory = map(float, done.stdout.split())
    return wall, cpu, memory


def _recording() -> Rows:
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


def _asking() -> Rows:
    for concurrency in (8, 16, 64):
        ideal = REQUESTS * SECONDS / concurrency
        with slow_server(SECONDS) as url:
            wall, cpu = _timed(lambda: _ask(url, concurrency))  # noqa: B023 - called at once
        yield (
            f"{REQUESTS} requests of {SECONDS} s, {concurrency} at once",
            f"{wall:.2f} s, {wall / ideal:.2f} × the ideal {ideal:.2f} s, {cpu:.2f} CPU-s",
        )


def _ask(url: str, concurrency: int) -> None:
    provider = Provider("slow", url, ("m",), profile("openai"), limits=Limits(concurrency=concurrency))
    plan = Plan(Target(provider, "m"), copies(REQUESTS, COUNT))
    work = Work(plan, Access(url), plan.ids())
    found: list[Exchange] = []
    asyncio.run(ask_all([work], "nonce", found.append, lambda *_: None))
    assert len(found) == REQUESTS
    assert all(one.last.status == 200 for one in found)


def _crowd() -> Rows:
    # One request goes ahead of the others, which then come eight at a time.
    ideal = (1 + math.ceil((EACH - 1) / Limits().concurrency)) * PATIENT
    with slow_server(PATIENT, "0.0.0.0") as url:
        call = [sys.executable, "-m", "tests.benchmarks.crowd", url, str(CROWD), str(EACH)]
        done = subprocess.run(call, check=True, capture_output=True, text=True)
    wall, cpu, memory, served = map(float, done.stdout.split())
    yield (
        f"{CROWD} providers × {EACH} requests of {PATIENT:g} s",
        f"{wall:.1f} s, {wall / ideal:.2f} × the ideal {ideal:.0f} s, {cpu:.1f} CPU-s, +{memory:.0f} MiB"
        f"{'' if served == CROWD * EACH else f', only {served:.0f} served'}",
    )


def _timed(call: Callable[[], object]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - wall, time.process_time() - cpu


if __name__ == "__main__":
    main()

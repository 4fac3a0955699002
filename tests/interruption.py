"""Runs that are killed and gone on with: `python -m tests.interruption` kills thirty, and tells the result.

It needs some minutes, so the ordinary tests kill only a few.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.plugin.suite import command, environment

NEW = "--provider=reference"
EXCHANGES = 138
GOING_ON = (0, 1)
"""Exit codes of a run that came to its end; of a clean provider the first."""


def essence(folder: Path) -> dict[str, Any]:
    """What a report says, without what differs between any two runs: times, ports, random words."""
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    (target,) = results["targets"]
    return {
        "complete": results["complete"],
        "judgements": results["judgements"],
        "target": {name: target[name] for name in ("counts", "requests", "attempts", "traits")},
        "tokens": (target["prompt_tokens"], target["completion_tokens"]),
        "exchanges": {
            id: (one["probe"], one["status"], one["attempts"], _without_nonce(one["request"]["body"] or ""))
            for id, one in results["exchanges"].items()
        },
    }


def _without_nonce(body: str) -> str:
    return re.sub(r"no-such-model-[0-9a-f]+", "no-such-model", body)


def start(folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """A run in a process of its own, whose files are in that folder."""
    words = command("-q", "-p", "no:cacheprovider", *arguments)
    return subprocess.Popen(
        words, cwd=folder.parent, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def recorded(folder: Path) -> int:
    """How many exchanges are in the journal, a torn one included."""
    try:
        return max(0, (folder / "journal.jsonl").read_bytes().count(b"\n") - 1)
    except OSError:
        return 0


def kill(folder: Path, process: subprocess.Popen[bytes], now: Callable[[int], bool]) -> bool:
    """Kills the run at the moment that `now` names, told how much is recorded; false where it was quicker."""
    while process.poll() is None:
        if now(recorded(folder)):
            process.kill()
            process.wait()
            return True
        time.sleep(0.001)
    return False


def resumed(folder: Path) -> tuple[str, ...]:
    """How to go on: with what there is, or, where not even the journal was begun, anew."""
    begun = (folder / "journal.jsonl").exists()
    return (f"--resume={folder}",) if begun else (NEW, f"--report-dir={folder}")


def soak(kills: int, seed: int, base: Path) -> Iterator[str]:
    """Kills runs at random moments until so many were hit; yields a line for each that came to its end."""
    chance = random.Random(seed)
    whole = base / "whole"
    if start(whole, NEW, f"--report-dir={whole}").wait() not in GOING_ON:
        raise SystemExit("the uninterrupted run failed")
    expected, hit, runs = essence(whole), 0, 0
    while hit < kills:
        runs += 1
        folder, at = base / f"run{runs}", []
        process = start(folder, *resumed(folder))
        for _ in range(min(3, kills - hit)):
            if not kill(folder, process, _moment(chance)):
                break
            hit += 1
            at.append(recorded(folder))
            process = start(folder, *resumed(folder))
        code = process.wait()
        same = code in GOING_ON and essence(folder) == expected
        yield f"run {runs}: killed with {at} of {EXCHANGES} recorded; {'same' if same else 'ANOTHER'} report"
        if not same:
            raise SystemExit(f"exit code {code}")
    yield f"{hit} kills, {runs} runs, seed {seed}: every report is that of an uninterrupted run"


def _moment(chance: random.Random) -> Callable[[int], bool]:
    """Once so much is recorded, or so much time has passed: both reach what the other does not."""
    if chance.random() < 0.6:
        most = chance.randrange(EXCHANGES + 1)
        return lambda recorded: recorded >= most
    end = time.monotonic() + chance.uniform(0.3, 5.0)
    return lambda _: time.monotonic() > end


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as base:
        for line in soak(chosen.kills, chosen.seed, Path(base)):
            print(line, flush=True)


if __name__ == "__main__":
    main()

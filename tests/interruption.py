"""Runs that are killed, interrupted and resumed: `python -m tests.interruption` tells how they end.

Each kind of misfortune befalls some runs at random moments. Afterwards every report is that of a run which
was never disturbed, and nothing that was recorded is missing. It takes some minutes, so the ordinary tests
do it to a few.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from conformance.running.folder import LOCK
from tests.plugin.suite import command, environment

NEW = "--provider=reference"
EXCHANGES = 138
GOING_ON = (0, 1)
"""Exit codes of a run that came to its end; of a clean provider the first."""
INTERRUPTED, USAGE, INCOMPLETE = 2, 4, 7
PART = ("-k", "stop or limits")


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


def gist(folder: Path) -> dict[str, Any]:
    """What a report says, whatever its exchanges are called: those of a part are numbered by themselves."""
    found = essence(folder)
    judgements = [(one["requirement"], one["verdict"], one["message"]) for one in found["judgements"]]
    return {**found, "judgements": judgements, "exchanges": sorted(found["exchanges"].values(), key=repr)}


def _without_nonce(body: str) -> str:
    return re.sub(r"no-such-model-[0-9a-f]+", "no-such-model", body)


def start(folder: Path, *arguments: str, limit: int | None = None) -> subprocess.Popen[bytes]:
    """A run in a process of its own, whose files are in that folder, and may have so many bytes."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # in the background it is ignored
    try:
        process = subprocess.Popen(
            command("-q", "-p", "no:cacheprovider", *arguments),
            cwd=folder.parent,
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    finally:
        signal.signal(signal.SIGINT, before)
    if limit is not None:
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (limit, limit))
    return process


def recorded(folder: Path) -> int:
    """How many exchanges are in the journal, a torn one included."""
    try:
        return _exchanges((folder / "journal.jsonl").read_bytes())
    except OSError:
        return 0


def _exchanges(journal: bytes) -> int:
    return max(0, journal.count(b"\n") - journal.count(b'{"format":'))


def when(folder: Path, process: subprocess.Popen[bytes], now: Callable[[int], bool]) -> bool:
    """Waits for the moment that `now` names, told how much is recorded; false where the run was quicker."""
    while process.poll() is None:
        if now(recorded(folder)):
            return True
        time.sleep(0.001)
    return False


def kill(folder: Path, process: subprocess.Popen[bytes], now: Callable[[int], bool]) -> bool:
    """Kills the run at that moment; false where it was quicker."""
    if not when(folder, process, now):
        return False
    process.kill()
    process.wait()
    return True


def resumed(folder: Path) -> tuple[str, ...]:
    """How to go on: with what there is, or, where not even the journal was begun, anew."""
    begun = (folder / "journal.jsonl").exists()
    return (f"--resume={folder}",) if begun else (NEW, f"--report-dir={folder}")


class Trouble(Exception):
    """A run did not become what it should have. The message says which, and how."""


class Soak:
    """Runs that something happens to. `whole` is the folder of one that nothing happened to."""

    def __init__(self, base: Path, chance: random.Random) -> None:
        self.base = base
        self.chance = chance
        self.whole = base / "whole"
        self._runs = 0
        if start(self.whole, NEW, f"--report-dir={self.whole}").wait() not in GOING_ON:
            raise Trouble("the undisturbed run failed")

    def folder(self) -> Path:
        """A new one."""
        self._runs += 1
        return self.base / f"run{self._runs}"

    def moment(self) -> Callable[[int], bool]:
        """Once so much is recorded, or so much time has passed: both reach what the other does not."""
        if self.chance.random() < 0.6:
            most = self.chance.randrange(EXCHANGES + 1)
            return lambda recorded: recorded >= most
        end = time.monotonic() + self.chance.uniform(0.3, 5.0)
        return lambda _: time.monotonic() > end

    def begun(self) -> Path:
        """A run that is killed when some of it is recorded."""
        folder, most = self.folder(), self.chance.randrange(1, EXCHANGES)
        kill(folder, start(folder, NEW, f"--report-dir={folder}"), lambda recorded: recorded >= most)
        return folder

    def ends_well(
        self, folder: Path, *, by_name: bool = True, process: subprocess.Popen[bytes] | None = None
    ) -> None:
        """Goes on with a run to its end, where it has to be like one that nothing happened to."""
        code = (process or start(folder, *resumed(folder))).wait()
        view = essence if by_name else gist
        if code not in GOING_ON:
            raise Trouble(f"{folder.name} ended with exit code {code}")
        if view(folder) != view(self.whole):
            raise Trouble(f"{folder.name} has another report")
        if litter := {one.name for one in folder.iterdir() if one.is_file()} - set(_files(self.whole)):
            raise Trouble(f"{folder.name} has files that do not belong there: {litter}")

    def kept(self, folder: Path, before: bytes) -> None:
        """Whatever was recorded before is still there."""
        if not (folder / "journal.jsonl").read_bytes().startswith(before):
            raise Trouble(f"{folder.name} has lost something that was recorded")

    # -- what can happen ----------------------------------------------------------------------------------

    def killed(self) -> str:
        """Up to three kills, wherever the run or its resumption is: at the start, the end, or between."""
        folder, at = self.folder(), []
        process = start(folder, *resumed(folder))
        for _ in range(3):
            if not kill(folder, process, self.moment()):
                break
            at.append(recorded(folder))
            process = start(folder, *resumed(folder))
        self.ends_well(folder, process=process)
        return f"with {at} of {EXCHANGES} recorded"

    def killed_as_it_is_resumed(self) -> str:
        """A kill at the moment at which the resumption writes its first line, or soon after."""
        folder = self.begun()
        before = (folder / "journal.jsonl").read_bytes()
        size, beyond = len(before), self.chance.choice((0, 0, 1, 500, 5000))
        path = folder / "journal.jsonl"
        kill(folder, start(folder, *resumed(folder)), lambda _: path.stat().st_size > size + beyond)
        self.kept(folder, before)
        self.ends_well(folder)
        self.kept(folder, before)
        return f"with {_exchanges(before)} recorded, {path.stat().st_size - size} bytes later"

    def killed_in_another_folder(self) -> str:
        """A kill while a run is resumed elsewhere, for which its journal is copied."""
        folder, other = self.begun(), self.folder()
        before = _files(folder)
        process = start(other, f"--resume={folder}", f"--report-dir={other}")
        if self.chance.random() < 0.5:
            kill(
                other,
                process,
                lambda _: other.exists() and any(one.suffix == ".part" for one in other.iterdir()),
            )
        else:
            kill(other, process, self.moment())
        if _files(folder) != before:
            raise Trouble(f"{folder.name} was changed by what went on in {other.name}")
        had = recorded(other)
        process = start(other, f"--resume={folder}", f"--report-dir={other}")
        if process.wait() not in GOING_ON or gist(other) != gist(self.whole):
            raise Trouble(f"{other.name} has another report")
        return f"with {had} recorded there"

    def killed_in_part(self) -> str:
        """A kill while only a part of a run is resumed."""
        folder = self.begun()
        before = (folder / "journal.jsonl").read_bytes()
        kill(folder, start(folder, f"--resume={folder}", *PART), self.moment())
        self.kept(folder, before)
        self.ends_well(folder, by_name=False)
        self.kept(folder, before)
        return f"with {_exchanges(before)} recorded"

    def killed_over_another(self) -> str:
        """A kill of a run in a folder that has an earlier one: that one is whole, wherever it is by then."""
        folder = self.folder()
        shutil.copytree(self.whole, folder)
        most = self.chance.choice((0, 0, self.chance.randrange(EXCHANGES)))

        def now(recorded: int) -> bool:
            return recorded >= most and any(one.is_dir() for one in folder.iterdir())

        kill(folder, start(folder, NEW, f"--report-dir={folder}"), now)
        aside = [one for one in folder.iterdir() if one.is_dir()]
        earlier = aside[0] if aside and (aside[0] / "journal.jsonl").exists() else folder
        if (earlier / "journal.jsonl").read_bytes() != (self.whole / "journal.jsonl").read_bytes():
            raise Trouble(f"{folder.name} has lost the earlier run")
        if aside and essence(aside[0]) != essence(self.whole):
            raise Trouble(f"{folder.name} has torn the earlier run apart")
        had = recorded(folder)
        self.ends_well(folder)
        return f"with {had} recorded"

    def two_at_once(self) -> str:
        """Two runs in one folder, the second at a random moment: it ends at once, and changes nothing."""
        folder = self.folder()
        first = start(folder, NEW, f"--report-dir={folder}")
        most = self.chance.randrange(1, EXCHANGES // 2)
        when(folder, first, lambda recorded: recorded >= most)
        second = self.chance.choice(((NEW, f"--report-dir={folder}"), (f"--resume={folder}",)))
        code, done = start(folder, *second).wait(), first.poll() is not None
        if code != USAGE and not done:
            raise Trouble(f"the second run in {folder.name} ended with exit code {code}")
        self.ends_well(folder, process=first) if not done else first.wait()
        return f"{second[0]} with {most} recorded" + (", too late" if done else "")

    def interrupted(self) -> str:
        """Ctrl-C, SIGTERM or SIGHUP, once or more often: exit code 2, a whole journal, and a report."""
        folder = self.folder()
        process = start(folder, NEW, f"--report-dir={folder}")
        numbers = self.chance.choices(
            (signal.SIGINT, signal.SIGTERM, signal.SIGHUP), k=self.chance.randint(1, 4)
        )
        most = self.chance.randrange(EXCHANGES + 1)
        hit = when(folder, process, lambda recorded: recorded >= most)
        for number in numbers:
            process.send_signal(number)
            time.sleep(self.chance.choice((0.0, 0.01, 0.2)))
        code = process.wait()
        if code not in (INTERRUPTED, *GOING_ON) or (code != INTERRUPTED and hit and most < EXCHANGES):
            raise Trouble(f"{folder.name} ended with exit code {code}")
        had = recorded(folder)
        if set(_files(folder)) not in (set(), set(_files(self.whole))):
            raise Trouble(f"{folder.name} has {sorted(_files(folder))}")
        self.ends_well(folder)
        return f"by {', '.join(number.name for number in numbers)} with {most} of {had} recorded"

    def on_a_full_disk(self) -> str:
        """A disk that gets full: the run ends, and what is recorded stays, to be resumed."""
        folder = self.folder()
        limit = self.chance.randrange(1_000, (self.whole / "journal.jsonl").stat().st_size)
        code = start(folder, NEW, f"--report-dir={folder}", limit=limit).wait()
        if code != INCOMPLETE or set(_files(folder)) != {"journal.jsonl"}:
            raise Trouble(f"{folder.name} ended with exit code {code}, and has {sorted(_files(folder))}")
        before = (folder / "journal.jsonl").read_bytes()
        self.ends_well(folder)
        self.kept(folder, before)
        return f"after {limit:,} bytes, with {_exchanges(before)} recorded"


KINDS = (
    Soak.killed,
    Soak.killed_as_it_is_resumed,
    Soak.killed_in_another_folder,
    Soak.killed_in_part,
    Soak.killed_over_another,
    Soak.two_at_once,
    Soak.interrupted,
    Soak.on_a_full_disk,
)


def _files(folder: Path) -> dict[str, bytes]:
    """What is in a folder, but for the lock that a run leaves which is killed."""
    found = folder.iterdir() if folder.exists() else ()
    return {one.name: one.read_bytes() for one in found if one.is_file() and one.name != LOCK}


def soak(each: int, seed: int, base: Path, names: list[str]) -> Iterator[str]:
    """Has every kind happen to so many runs; yields a line for each."""
    chosen = [kind for kind in KINDS if not names or kind.__name__ in names]
    made = Soak(base, random.Random(seed))
    for _ in range(each):
        for kind in chosen:
            try:
                yield f"{kind.__name__.replace('_', ' ')}: {kind(made)}; the same report"
            except Trouble as trouble:
                raise SystemExit(f"{kind.__name__}: {trouble} (--seed {seed})") from None
    yield f"{each} of each of {len(chosen)} kinds, seed {seed}: every report is that of an undisturbed run"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=", ".join(kind.__name__ for kind in KINDS))
    parser.add_argument("--each", type=int, default=5, help="how many runs of each kind (5)")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as base:
        for line in soak(chosen.each, chosen.seed, Path(base), chosen.kinds):
            print(line, flush=True)


if __name__ == "__main__":
    main()

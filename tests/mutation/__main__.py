"""`python -m tests.mutation [MODULE …]`: how many changes of the judging code do the tests notice?

Each mutant lives in a process of its own, forked from one that has everything loaded: the code of the
functions it changes is swapped in place. A mutant of a case is killed if any verdict on the recordings of
`worlds` becomes another, or else, like those of all other modules, if a test of its own fails.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import importlib
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType, ModuleType

import yaml

from conformance.judging.catalogue import catalogue
from conformance.proof.judging import Remembering
from tests.mutation.mutants import Mutant, mutants
from tests.mutation.noticing import Kill, with_tests
from tests.mutation.worlds import World, worlds

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
EXPLAINED = HERE / "survivors.yaml"
SECONDS = 60
"""How long a mutant may take before it counts as killed: the unchanged code takes a fraction of it."""

VIEWS = [
    f"tests/exchange/test_{name}.py"
    for name in ("view", "view_hostile", "calls", "logprobs", "usage", "traits", "reasoning")
]

READERS = {
    "conformance.wire.strict_json": ["tests/wire/test_strict_json.py"],
    "conformance.wire.sse": ["tests/wire/test_sse.py"],
    "conformance.contracts.chat.reading.view": VIEWS,
    "conformance.contracts.chat.reading.choices": VIEWS,
    "conformance.contracts.chat.reading.calls": VIEWS,
    "conformance.contracts.chat.reading.logprobs": VIEWS,
    "conformance.contracts.chat.reasoning": ["tests/contracts/chat/test_reasoning.py"],
    "conformance.judging.requirement": ["tests/judging/test_requirement.py", "tests/judging"],
    "conformance.judging.judge": ["tests/judging"],
    "conformance.judging.table": ["tests/judging/test_table.py"],
}
"""Modules that are not cases, with the tests that are to notice. What has no function has no mutants."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a mutant. `by` says what noticed it; nothing did where it is empty."""

    mutant: Mutant
    by: str


def main() -> int:
    """Prints a line for each module and each survivor. Returns 1 where a survivor is not explained."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("modules", nargs="*", metavar="MODULE", help="as in `sse` or `cases.test_stop` (all)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes at once")
    options = parser.parse_args()
    os.chdir(ROOT)
    modules = _modules(options.modules)
    recordings = list(worlds()) if any(map(_is_case, modules)) else []
    explained = yaml.safe_load(EXPLAINED.read_text(encoding="utf-8")) or {}
    unexplained, total, killed = 0, 0, 0
    for name in modules:
        began = time.monotonic()
        outcomes = _outcomes(name, recordings, options.jobs)
        survivors = [one.mutant for one in outcomes if not one.by]
        total, killed = total + len(outcomes), killed + len(outcomes) - len(survivors)
        share = 100 * (1 - len(survivors) / max(1, len(outcomes)))
        took = time.monotonic() - began
        by = ", ".join(
            f"{number} by {what}" for what, number in Counter(one.by for one in outcomes).items() if what
        )
        print(f"{name}: {len(outcomes)} mutants, {share:.1f} % killed ({by}), {took:.0f} s", flush=True)
        for mutant in survivors:
            reason = explained.get(mutant.id)
            unexplained += reason is None
            print(f"  line {mutant.line}  {mutant.id}" + (f"  -- {reason}" if reason else ""), flush=True)
    print(f"all: {total} mutants, {100 * killed / max(1, total):.1f} % killed, {unexplained} unexplained")
    return 1 if unexplained else 0


def _modules(wanted: Sequence[str]) -> list[str]:
    cases = sorted(path.stem for path in (ROOT / "conformance" / "cases").glob("test_*.py"))
    known = [*READERS, *(f"conformance.contracts.chat.cases.{name}" for name in cases)]
    unknown = [name for name in wanted if not any(one.endswith(f".{name}") for one in known)]
    if unknown:
        sys.exit(f"no such module: {', '.join(unknown)}; there are {', '.join(known)}")
    return [one for one in known if not wanted or any(one.endswith(f".{name}") for name in wanted)]


def _outcomes(name: str, recordings: Sequence[World], jobs: int) -> list[Outcome]:
    module = importlib.import_module(name)
    path = Path(str(module.__file__))
    outcomes: list[Outcome] = []

    def work(noticed: Kill) -> None:
        kill = _by_verdicts(module, recordings, noticed) if _is_case(name) else noticed
        gc.unfreeze()
        gc.collect()
        living = _living(path)
        gc.freeze()  # What the children share is not copied by their collector.
        control = _fate(None, kill, living)
        if control:
            raise RuntimeError(f"{name}: something is wrong even where nothing was changed: {control}")
        found = list(mutants(path))
        with ThreadPoolExecutor(jobs) as pool:
            for outcome in pool.map(lambda mutant: Outcome(mutant, _fate(mutant, kill, living)), found):
                outcomes.append(outcome)
                _progress(name, outcomes, len(found))

    own = sorted(str(one) for one in (ROOT / "tests" / "cases").glob(f"{path.stem}*.py"))
    with_tests(READERS.get(name) or own, work)
    return outcomes


def _progress(name: str, outcomes: Sequence[Outcome], total: int) -> None:
    """How far it is, on a terminal after each mutant, else after each hundred."""
    lives = sum(not one.by for one in outcomes)
    line = f"{name}: {len(outcomes)} of {total} mutants, {lives} not noticed"
    if sys.stderr.isatty():
        print(f"\r{line}", end="\n" if len(outcomes) == total else "", file=sys.stderr, flush=True)
    elif len(outcomes) % 100 == 0:
        print(line, file=sys.stderr, flush=True)


def _fate(mutant: Mutant | None, kill: Kill, living: Sequence[FunctionType]) -> str:
    """What noticed the mutant, or nothing; without a mutant, whether all is well."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            signal.alarm(SECONDS)
            os.close(reader)
            with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
                os.dup2(nowhere.fileno(), 2)
                if mutant is not None:
                    _swap(mutant, living)
                os.write(writer, kill().encode())
            code = 0
        except Exception as error:
            os.write(writer, f"{type(error).__name__}: {error}".encode())
        finally:
            os._exit(code)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        said = pipe.read().decode()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return "time"
    if status:
        raise RuntimeError(f"{mutant and mutant.id}: {said}")
    return said


def _living(path: Path) -> list[FunctionType]:
    """The functions of a module, whoever holds them: to look for them in each child would copy its memory."""
    name = str(path)
    return [
        one for one in gc.get_objects() if isinstance(one, FunctionType) and one.__code__.co_filename == name
    ]


def _swap(mutant: Mutant, living: Sequence[FunctionType]) -> None:
    """Gives the living functions the changed code, so that whoever holds one has the mutant."""
    swapped = set()
    for one in living:
        key = (one.__code__.co_qualname, one.__code__.co_firstlineno)
        if key in mutant.functions:
            one.__code__ = mutant.functions[key]
            swapped.add(key)
    if swapped != set(mutant.functions):
        raise LookupError(f"not loaded: {set(mutant.functions) - swapped}")


def _is_case(name: str) -> bool:
    return name.startswith("conformance.contracts.chat.cases.")


def _by_verdicts(module: ModuleType, recordings: Sequence[World], otherwise: Kill) -> Kill:
    own = [name for name, case in catalogue().items() if case.function.__module__ == module.__name__]
    near = [world for world in recordings if not world.aims or not world.aims.isdisjoint(own)]
    far = [world for world in recordings if world not in near]
    expected = {world.name: world.judged(own) for world in recordings}

    def verdicts(some: Sequence[World]) -> str:
        for world in some:
            try:
                found = world.judged(own)
            except Exception:
                return "an exception"
            if found != expected[world.name]:
                return "a verdict"
        return ""

    def kill() -> str:
        Remembering.forget(own)
        return verdicts(near) or otherwise() or verdicts(far)

    return kill


if __name__ == "__main__":
    sys.exit(main())

"""Judges a large recording on several cores. The verdicts are those of one, whoever comes to them."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from itertools import starmap

from conformance.judging.judge import Judge
from conformance.judging.requirement import Case
from conformance.judging.standing import standing
from conformance.judging.verdict import Judgement
from conformance.provider.model import Target
from conformance.recordings.found import Found
from conformance.wire.record import Exchange

WORTH_IT = 300
"""Exchanges from which on the processes cost less than they save."""

_AT_ONCE = 4

_judges: list[Judge] = []
"""What the processes inherit: they are copies of this one, so nothing has to be sent to them."""


def judges(
    targets: Sequence[tuple[Target, Sequence[Exchange]]], cases: Mapping[str, Mapping[str, Case]]
) -> dict[Target, Judge]:
    """Judges who have judged all cases of its contract at each target."""
    found = [
        (target, Found.of(recorded, standing(target.provider, recorded))) for target, recorded in targets
    ]
    _judges[:] = [Judge(target.claims, recording, cases[target.contract]) for target, recording in found]
    portions = {name: tuple(_portions(cases[name])) for name in {target.contract for target, _ in found}}
    tasks = [
        (number, names) for number, (target, _) in enumerate(found) for names in portions[target.contract]
    ]
    try:
        judged = _shared(tasks, sum(len(exchanges) for _, exchanges in targets))
    finally:
        _judges.clear()
    known: dict[int, list[Judgement]] = {number: [] for number in range(len(found))}
    for (number, _), portion in zip(tasks, judged, strict=True):
        known[number] += portion
    return {
        target: Judge(target.claims, recording, cases[target.contract], known[number])
        for number, (target, recording) in enumerate(found)
    }


def _shared(tasks: Sequence[tuple[int, list[str]]], exchanges: int) -> list[list[Judgement]]:
    workers = min(_AT_ONCE, os.cpu_count() or 1, len(tasks))
    if exchanges < WORTH_IT or workers < 2 or sys.platform != "linux":
        return list(starmap(_judged, tasks))
    import_module("openai")  # once here, rather than in each process
    with ProcessPoolExecutor(workers, multiprocessing.get_context("fork")) as pool:
        return list(pool.map(_judged, *zip(*tasks, strict=True)))


def _judged(number: int, names: Sequence[str]) -> list[Judgement]:
    judge = _judges[number]
    return [judge.judge(judge.cases[name]) for name in names]


def _portions(cases: Mapping[str, Case]) -> Iterator[list[str]]:
    """The cases in portions that look at the same replays: what costs most comes first."""
    sdk = {name for name, case in cases.items() if case.requirement.area == "sdk"}
    streams = {name for name in sdk if getattr(cases[name].subject, "title", "") == "stream"}
    for portion in (streams, sdk - streams, cases.keys() - sdk):
        if portion:
            yield [name for name in cases if name in portion]

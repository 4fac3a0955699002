"""Asking again what was chosen: how often a verdict comes, not only whether.

Each request is sent so many times over, and each time is judged by itself, as a run of its own. Of what was
found in some of them the heaviest stands, and says in how many.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from conformance.asking.plan import Plan
from conformance.asking.probe import TURN, Probe
from conformance.judging.judge import MOST, Judge
from conformance.judging.recording import Recording
from conformance.judging.requirement import Case
from conformance.judging.ruling import FINDINGS
from conformance.judging.standing import Standing
from conformance.judging.table import HEAVY_TO_LIGHT
from conformance.judging.verdict import Judgement
from conformance.wire.message import Message
from conformance.wire.record import Exchange


def repeated(plan: Plan, times: int) -> Plan:
    """The plan, with everything in it so many times, one time after the other."""
    turns = (_in_turn(probe, turn) for turn in range(1, times + 1) for probe in plan.probes)
    return replace(plan, probes=tuple(turns))


def _in_turn(probe: Probe, turn: int) -> Probe:
    if turn == 1:
        return probe
    before = None if probe.after is None else _in_turn(probe.after, turn)
    return replace(probe, name=f"{probe.name} (time {turn})", turn=turn, after=before)


def recordings(exchanges: Sequence[Exchange], found: Standing) -> list[Recording]:
    """What was recorded each time, in order."""
    turns: dict[int, list[Exchange]] = {}
    for one in exchanges:
        turns.setdefault(turn_of(one.key), []).append(replace(one, key=key_of(one.key)))
    barred = {turn: {key_of(key) for key in found.barred if turn_of(key) == turn} for turn in turns}
    made = [
        Recording.of(turns[turn], replace(found, barred=frozenset(barred[turn]))) for turn in sorted(turns)
    ]
    return made or [Recording.of((), found)]


def key_of(key: str) -> str:
    """The key of the same probe the first time."""
    return key.partition(TURN)[0]


def turn_of(key: str) -> int:
    """Which time it was asked, from 1 on."""
    number = key.partition(TURN)[2]
    return int(number) if number.isdecimal() and len(number) < 4 else 1


class Repeated:
    """Judges a target each time, and all times together."""

    def __init__(self, judges: Iterable[Judge]) -> None:
        self._judges = tuple(judges)

    @property
    def standing(self) -> Standing:
        """What of the recording is no evidence."""
        return self._judges[0].standing

    def judge(self, case: Case) -> Judgement:
        """The judgement on one requirement."""
        return _together([judge.judge(case) for judge in self._judges])


def _together(found: Sequence[Judgement]) -> Judgement:
    """The heaviest; of findings, it says how often there was one as heavy."""
    verdict = min((one.verdict for one in found), key=HEAVY_TO_LIGHT.index)
    hits = [one for one in found if one.verdict is verdict]
    first = hits[0]
    consulted = tuple(dict.fromkeys(name for one in found for name in one.consulted))
    if verdict not in FINDINGS:
        return replace(first, consulted=consulted)
    reason = Message.of(
        "{finding} (in {hits} of {times})", finding=first.reason, hits=len(hits), times=len(found)
    )
    return replace(
        first,
        reason=reason,
        findings=tuple(finding for one in hits for finding in one.findings)[:MOST],
        offending=tuple(dict.fromkeys(name for one in hits for name in one.offending)),
        consulted=consulted,
    )

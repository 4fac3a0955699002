"""Many runs in the order of time: how each requirement fared at each target."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise, takewhile

from conformance.judging.verdict import Verdict
from conformance.report.results.outline import Obligation, Outline
from conformance.report.text import line
from conformance.wire.record import TargetId

Verdicts = tuple[Verdict | None, ...]
"""One for each run; None where the requirement was not judged, or did not demand what it demands now."""


class HistoryError(ValueError):
    """The runs make no history. One line."""


@dataclass(frozen=True, slots=True)
class Strip:
    """A requirement at a target. `now` is its latest verdict, `since` when the unbroken row of it began.

    What a run could not decide is no change and interrupts no row: a day out of reach says nothing.
    """

    id: str
    obligation: Obligation
    verdicts: Verdicts
    now: Verdict
    since: datetime

    @property
    def changes(self) -> int:
        """How often the verdict was another one than the time before."""
        return sum(before is not after for before, after in pairwise(_decided(self.verdicts)))

    @property
    def settled(self) -> Verdict | None:
        """The verdict that it has always had, where that is no violation; None otherwise."""
        seen = set(_decided(self.verdicts)) or {self.now}
        return seen.pop() if len(seen) == 1 and not any(one.violates for one in seen) else None


@dataclass(frozen=True, slots=True)
class Life:
    """One target over time.

    `counts` has one tally for each run, None where the run did not have it, or could test nothing. `seen` is
    the place of the latest run that had the target, and `closed` says why that one could test nothing.
    """

    at: TargetId
    counts: tuple[Mapping[Verdict, int] | None, ...]
    strips: tuple[Strip, ...]
    seen: int
    closed: str | None = None

    @property
    def now(self) -> Mapping[Verdict, int]:
        """The tally of the latest run that tested the target; empty where none did."""
        return next((tally for tally in reversed(self.counts) if tally is not None), {})

    @property
    def before(self) -> Mapping[Verdict, int] | None:
        """The tally of the run before that, if there was one."""
        known = [tally for tally in self.counts if tally is not None]
        return known[-2] if len(known) > 1 else None


@dataclass(frozen=True, slots=True)
class History:
    """The runs, oldest first, and the targets in the order in which they last appeared together."""

    runs: tuple[Outline, ...]
    lives: tuple[Life, ...]

    @property
    def catalogues(self) -> tuple[tuple[int, str], ...]:
        """The version of the catalogue, and from which run on it was that one."""
        versions = [run.catalogue for run in self.runs]
        return tuple(
            (at, version) for at, version in enumerate(versions) if at == 0 or version != versions[at - 1]
        )


def history(runs: Sequence[Outline]) -> History:
    """Puts the runs in order. Raises HistoryError for none, and where one is there twice."""
    ordered = tuple(sorted(runs, key=lambda run: run.started))
    if not ordered:
        raise HistoryError("there is no run to make a history of")
    for before, after in pairwise(ordered):
        shared = before.targets.keys() & after.targets.keys()
        if before.started == after.started and shared:
            raise HistoryError(
                f"two of the runs are the same: both began at {before.started:%Y-%m-%d %H:%M:%S} UTC and "
                f"have {line(str(min(shared)), 200)}; leave one out"
            )
    names = dict.fromkeys(name for run in reversed(ordered) for name in run.targets)
    obligations: dict[str, Obligation] = {}
    for run in reversed(ordered):
        for id, obligation in run.requirements.items():
            obligations.setdefault(id, obligation)
    return History(ordered, tuple(_life(ordered, name, obligations) for name in names))


def _life(runs: Sequence[Outline], name: TargetId, obligations: Mapping[str, Obligation]) -> Life:
    counts = [
        None
        if name not in run.targets or name in run.closed
        else Counter(row.verdict for row in run.targets[name].values())
        for run in runs
    ]
    ids = dict.fromkeys(id for run in reversed(runs) for id in run.tested(name))
    strips = []
    for id in ids:
        verdicts = tuple(_verdict(run, name, id, obligations[id]) for run in runs)
        if any(verdicts):
            strips.append(_strip(runs, id, obligations[id], verdicts))
    order = {id: at for at, id in enumerate(obligations)}
    seen = max(at for at, run in enumerate(runs) if name in run.targets)
    ordered = tuple(sorted(strips, key=lambda strip: order[strip.id]))
    return Life(name, tuple(counts), ordered, seen, runs[seen].closed.get(name))


def _verdict(run: Outline, name: TargetId, id: str, obligation: Obligation) -> Verdict | None:
    row = run.row(name, id)
    return None if row is None or run.requirements[id] != obligation else row.verdict


def _strip(runs: Sequence[Outline], id: str, obligation: Obligation, verdicts: Verdicts) -> Strip:
    known = [(run.started, verdict) for run, verdict in zip(runs, verdicts, strict=True) if verdict]
    since, now = known[-1]
    if now.undecided:
        same = takewhile(lambda one: one[1] is now, reversed(known))
    else:
        same = takewhile(lambda one: one[1] is now or one[1].undecided, reversed(known))
    for started, verdict in same:
        if verdict is now:
            since = started
    return Strip(id, obligation, verdicts, now, since)


def _decided(verdicts: Verdicts) -> list[Verdict]:
    return [verdict for verdict in verdicts if verdict is not None and not verdict.undecided]

"""Whole runs against every hostile server, in one table: `python -m tests.hostile [NAME…]`.

Each server is hostile from the beginning, and then only once the first request is answered; those with
hostile streams answer everything else. That is done again with 64 requests at once. Then one is asked in the
same run as a right provider. Fails where a run ends otherwise than it should, with a traceback, takes more
memory or time than bounds allow, or judges the right provider otherwise.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.hostile.catalogue import CATALOGUE
from tests.hostile.misbehaviour import FAILED, INCOMPLETE, Misbehaviour
from tests.hostile.whole import Outcome, Picks, always, later, run, when_streamed

MEMORY = 150
"""MB above an ordinary run."""

CROWD = 64
"""Requests at once, where many are."""

SECONDS = 90
"""What the limits in `whole` come to: eight requests at a time, and eight in vain in a row."""


def main(names: list[str]) -> int:
    chosen = [one for one in CATALOGUE.values() if not names or one.name in names]
    ordinary = _run(next(iter(CATALOGUE.values())), lambda request, number: False)
    _show("an ordinary run", "", ordinary, "")
    wrong = 0
    for one in chosen:
        for picks in (when_streamed,) if one.streamed else (always, later):
            wrong += _shown(one, picks.__name__, _run(one, picks), _complaint(one, picks), ordinary)
        crowded = _run(one, picks, f"--concurrency={CROWD}")
        wrong += _shown(one, f"{CROWD} at once", crowded, _complaint(one, picks), ordinary)
        wrong += _shown(one, "beside another", _run(one, always, beside=True), _neighbour, ordinary)
    return 1 if wrong else 0


Complaint = Callable[[Outcome, Outcome], str]
"""What is wrong with a run, given an ordinary one; empty where nothing is."""


def _run(one: Misbehaviour, picks: Picks, *options: str, beside: bool = False) -> Outcome:
    with tempfile.TemporaryDirectory() as folder:
        return run(one, picks, Path(folder), *options, beside=beside)


def _shown(one: Misbehaviour, when: str, done: Outcome, complaint: Complaint, ordinary: Outcome) -> bool:
    wrong = complaint(done, ordinary) or _excess(done, ordinary)
    _show(one.name, when, done, wrong)
    return bool(wrong)


def _complaint(one: Misbehaviour, picks: Picks) -> Complaint:
    def complaint(done: Outcome, _: Outcome) -> str:
        expected = {one.exit} if picks is always else {FAILED, INCOMPLETE, 0}
        if done.code not in expected:
            return f"the exit code is not {expected}"
        if picks is always and done.requests > one.requests:
            return f"more than {one.requests} requests"
        return ""

    return complaint


def _neighbour(done: Outcome, ordinary: Outcome) -> str:
    """Whether a provider without fault is judged otherwise because of one in the same run."""
    right, alone = done.verdicts("right"), ordinary.verdicts("hostile")
    # A stream may be too slow to tell, which is what is then said of it.
    other = sorted(name for name in alone if right.get(name) not in (alone[name], "inconclusive"))
    return f"its neighbour is judged otherwise: {', '.join(other)}" if other else ""


def _excess(done: Outcome, ordinary: Outcome) -> str:
    if "Traceback" in done.text or "INTERNALERROR" in done.text:
        return "there is a traceback"
    if done.memory > ordinary.memory + MEMORY:
        return f"more than {MEMORY} MB above an ordinary run"
    if done.seconds > SECONDS:
        return f"more than {SECONDS} s"
    return ""


def _show(name: str, when: str, done: Outcome, complaint: str) -> None:
    figures = f"exit {done.code}  {done.memory:4.0f} MB  {done.seconds:5.1f} s  {done.requests:3} requests"
    print(f"{name:32}{when:15}{figures}  {complaint}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

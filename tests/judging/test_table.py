"""The claims and what was observed are made into a verdict by one table."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.judging.table import Observation, verdict_on
from conformance.judging.verdict import Verdict
from conformance.provider.level import Level
from conformance.provider.model import ClaimState
from tests.contracts.chat.cases.recorded import attempt, claiming, exchange, verdict
from tests.judging.making import ANSWER, NO, SEEDED, SERVED, broken, case_of, holds

HONOURED, SERVED_IT, REFUSED, IGNORED, CRASHED = Observation
DOCUMENTED, UNDOCUMENTED, EXCLUDED, SAID_REFUSED, SAID_IGNORED = ClaimState


CELLS = [
    # claim, whether a refusal is foreseen, what was seen: verdict for MUST, SHOULD, MAY
    (DOCUMENTED, False, HONOURED, "pass pass pass"),
    (DOCUMENTED, False, REFUSED, "fail warn note"),
    (DOCUMENTED, False, IGNORED, "fail warn note"),
    (DOCUMENTED, False, CRASHED, "fail fail fail"),
    # "Support depends on the model": a clean refusal breaks no promise, and to ignore it is tolerable.
    (DOCUMENTED, True, HONOURED, "pass pass pass"),
    (DOCUMENTED, True, REFUSED, "unsupported unsupported unsupported"),
    (DOCUMENTED, True, IGNORED, "warn warn note"),
    (DOCUMENTED, True, CRASHED, "fail fail fail"),
    (UNDOCUMENTED, False, HONOURED, "pass pass pass"),
    (UNDOCUMENTED, False, REFUSED, "unsupported unsupported unsupported"),
    # The level is that for silent documents, so MUST stays a failure; silence about MAY is no licence to
    # take a parameter and ignore it.
    (UNDOCUMENTED, False, IGNORED, "fail warn warn"),
    (UNDOCUMENTED, False, CRASHED, "fail fail fail"),
    (EXCLUDED, False, HONOURED, "note note note"),
    (EXCLUDED, False, REFUSED, "pass pass pass"),
    (EXCLUDED, False, IGNORED, "warn warn warn"),
    (EXCLUDED, False, CRASHED, "fail fail fail"),
    # "It is refused" is a promise of its own, and so is "it is accepted and ignored".
    (SAID_REFUSED, False, HONOURED, "note note note"),
    (SAID_REFUSED, False, REFUSED, "pass pass pass"),
    (SAID_REFUSED, False, IGNORED, "fail fail fail"),
    (SAID_REFUSED, False, CRASHED, "fail fail fail"),
    (SAID_IGNORED, False, HONOURED, "note note note"),
    (SAID_IGNORED, False, REFUSED, "fail fail fail"),
    (SAID_IGNORED, False, IGNORED, "pass pass pass"),
    (SAID_IGNORED, False, CRASHED, "fail fail fail"),
    # That something is accepted where no effect was looked for is no news but where documents deny it.
    (DOCUMENTED, False, SERVED_IT, "pass pass pass"),
    (UNDOCUMENTED, False, SERVED_IT, "pass pass pass"),
    (EXCLUDED, False, SERVED_IT, "note note note"),
    (SAID_REFUSED, False, SERVED_IT, "note note note"),
    (SAID_IGNORED, False, SERVED_IT, "pass pass pass"),
    (None, False, SERVED_IT, "pass pass pass"),
    # Requirements that depend on no claim.
    (None, False, HONOURED, "pass pass pass"),
    (None, False, REFUSED, "fail warn note"),
    (None, False, IGNORED, "fail warn note"),
    (None, False, CRASHED, "fail fail fail"),
]

TABLE = [
    pytest.param(
        state, may_refuse, seen, level, Verdict(expected), id=f"{state} {may_refuse} {seen.name} {level}"
    )
    for state, may_refuse, seen, row in CELLS
    for level, expected in zip(Level, row.split(), strict=True)
]

STATED: dict[tuple[ClaimState, bool], dict[str, Any]] = {
    (DOCUMENTED, False): {"seed": True},
    (DOCUMENTED, True): {"seed": {"model_dependent": True}},
    (UNDOCUMENTED, False): {},
    (EXCLUDED, False): {"seed": False},
    (SAID_REFUSED, False): {"seed": {"refused": True}},
    (SAID_IGNORED, False): {"seed": {"ignored": True}},
}


DONE = {
    HONOURED: (200, ANSWER),
    REFUSED: (400, NO),
    IGNORED: (200, ANSWER),
    CRASHED: (500, b"Internal Server Error"),
}


@pytest.mark.parametrize(("state", "may_refuse", "seen", "level", "expected"), TABLE)
def test_the_table(
    state: ClaimState | None, may_refuse: bool, seen: Observation, level: Level, expected: Verdict
) -> None:
    assert verdict_on(seen, state, level, may_refuse=may_refuse) is expected


@pytest.mark.parametrize(
    ("state", "may_refuse", "seen", "level", "expected"),
    [cell for cell in TABLE if cell.values[0] is not None and cell.values[2] is not SERVED_IT],
)
def test_a_case_that_rests_on_a_claim_is_judged_by_the_table(
    state: ClaimState, may_refuse: bool, seen: Observation, level: Level, expected: Verdict
) -> None:
    case = case_of(broken if seen is IGNORED else holds, level, id="sampling.seed-repeats", claim="seed")
    recorded = exchange(SEEDED, attempt(*DONE[seen]))
    assert verdict(case, recorded, SERVED, claims=claiming(**STATED[state, may_refuse])) is expected

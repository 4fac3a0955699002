"""From what a provider did and what its documents say to the verdict: the table of all cases."""

from __future__ import annotations

from enum import Enum, auto

from conformance.judging.verdict import Verdict
from conformance.provider.level import Level
from conformance.provider.model import ClaimState

VIOLATED = {Level.MUST: Verdict.FAIL, Level.SHOULD: Verdict.WARN, Level.MAY: Verdict.NOTE}

LIGHT_TO_HEAVY = (Verdict.PASS, Verdict.NOTE, Verdict.WARN, Verdict.FAIL)


class Observation(Enum):
    """What a provider did with a request that exercises a claim."""

    HONOURED = auto()
    REFUSED = auto()
    IGNORED = auto()
    CRASHED = auto()


def verdict_on(
    observation: Observation, state: ClaimState | None, level: Level, *, may_refuse: bool
) -> Verdict:
    """What was observed against what is claimed. `state` None: nothing is claimed here.

    `may_refuse`: the documents say that support depends on the model, that models of a kind may refuse the
    feature, as this one does, or that it is refused.
    """
    violated = VIOLATED[level]
    match observation, state:
        case Observation.CRASHED, _:
            return Verdict.FAIL
        case Observation.HONOURED, ClaimState.EXCLUDED:
            return Verdict.NOTE
        case Observation.HONOURED, _:
            return Verdict.PASS
        case Observation.REFUSED, ClaimState.EXCLUDED:
            return Verdict.PASS
        case Observation.REFUSED, ClaimState.UNDOCUMENTED:
            return Verdict.UNSUPPORTED
        case Observation.REFUSED, _:
            return Verdict.UNSUPPORTED if may_refuse else violated
        case Observation.IGNORED, ClaimState.EXCLUDED:
            return Verdict.FAIL if may_refuse else Verdict.WARN
        case Observation.IGNORED, ClaimState.UNDOCUMENTED:
            return max(violated, Verdict.WARN, key=LIGHT_TO_HEAVY.index)
        case Observation.IGNORED, ClaimState.DOCUMENTED if may_refuse:
            return min(violated, Verdict.WARN, key=LIGHT_TO_HEAVY.index)
        case _:
            return violated

"""From what a provider did and what its documents say to the verdict: the table of all cases."""

from __future__ import annotations

from enum import Enum, auto

from conformance.judging.verdict import Verdict
from conformance.provider.level import Level
from conformance.provider.model import ClaimState

VIOLATED = {Level.MUST: Verdict.FAIL, Level.SHOULD: Verdict.WARN, Level.MAY: Verdict.NOTE}

HEAVY_TO_LIGHT = (
    Verdict.FAIL,
    Verdict.WARN,
    Verdict.NOTE,
    Verdict.PASS,
    Verdict.UNSUPPORTED,
    Verdict.ERROR,
    Verdict.INCONCLUSIVE,
    Verdict.NOT_APPLICABLE,
)
"""Which of several verdicts on one requirement stands for all."""


def heavier(one: Verdict, other: Verdict) -> Verdict:
    """The one of two verdicts that stands for both."""
    return min(one, other, key=HEAVY_TO_LIGHT.index)


def lighter(one: Verdict, other: Verdict) -> Verdict:
    """The one of two verdicts that the other goes before."""
    return max(one, other, key=HEAVY_TO_LIGHT.index)


class Observation(Enum):
    """What a provider did with a request that exercises a claim.

    HONOURED: an effect was seen. SERVED: none was looked for, so that nobody can say that it works.
    """

    HONOURED = auto()
    SERVED = auto()
    REFUSED = auto()
    IGNORED = auto()
    CRASHED = auto()


_DENIED = {
    ClaimState.EXCLUDED: {
        Observation.HONOURED: Verdict.NOTE,
        Observation.SERVED: Verdict.NOTE,
        Observation.REFUSED: Verdict.PASS,
        Observation.IGNORED: Verdict.WARN,
    },
    ClaimState.REFUSED: {
        Observation.HONOURED: Verdict.NOTE,
        Observation.SERVED: Verdict.NOTE,
        Observation.REFUSED: Verdict.PASS,
        Observation.IGNORED: Verdict.FAIL,
    },
    ClaimState.IGNORED: {
        Observation.HONOURED: Verdict.NOTE,
        Observation.SERVED: Verdict.PASS,
        Observation.REFUSED: Verdict.FAIL,
        Observation.IGNORED: Verdict.PASS,
    },
}
"""What becomes of what the documents say is not honoured, whatever the level."""


def verdict_on(
    observation: Observation, state: ClaimState | None, level: Level, *, may_refuse: bool
) -> Verdict:
    """What was observed against what is claimed. `state` None: nothing is claimed here.

    `may_refuse`: the documents say that support depends on the model, or that models of a kind may refuse the
    feature, as this one does.
    """
    violated = VIOLATED[level]
    if observation is Observation.CRASHED:
        return Verdict.FAIL
    if state in _DENIED:
        return _DENIED[state][observation]
    match observation, state:
        case Observation.HONOURED | Observation.SERVED, _:
            return Verdict.PASS
        case Observation.REFUSED, ClaimState.UNDOCUMENTED:
            return Verdict.UNSUPPORTED
        case Observation.REFUSED, _:
            return Verdict.UNSUPPORTED if may_refuse else violated
        case Observation.IGNORED, ClaimState.UNDOCUMENTED:
            return heavier(violated, Verdict.WARN)
        case Observation.IGNORED, ClaimState.DOCUMENTED if may_refuse:
            return lighter(violated, Verdict.WARN)
        case _:
            return violated

"""The verdicts on penalties, on answers made by hand."""

from __future__ import annotations

import pytest

from conformance.contracts.chat.cases import test_penalties as penalties
from conformance.judging.requirement import Case
from conformance.judging.verdict import Verdict
from conformance.provider.claims import profile
from conformance.wire.record import Exchange
from tests.contracts.chat.cases.completions import refused, said
from tests.contracts.chat.cases.recorded import judgement, verdict
from tests.ids import by_value

CLAIMS = profile("openai")
FREQUENCY = penalties.test_frequency_penalty_reduces_repetition
PRESENCE = penalties.test_presence_penalty_reduces_repetition


def repeated(case: Case, before: str, after: str) -> list[Exchange]:
    control, *steady, penalised = case.probes(CLAIMS)
    return [said(control, before), said(penalised, after), *(said(probe, "a phrase") for probe in steady)]


def echoes(count: int, word: str = "echo") -> str:
    return " ".join([word] * count)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (echoes(40), echoes(12), Verdict.PASS),
        (echoes(40), echoes(28), Verdict.PASS),
        (echoes(40), echoes(29), Verdict.WARN),
        (echoes(40), echoes(40), Verdict.WARN),
        (echoes(40), echoes(10) + " " + echoes(30, "ECHO"), Verdict.PASS),
        (echoes(30), echoes(30), Verdict.WARN),
        (echoes(29), echoes(29), Verdict.INCONCLUSIVE),
        (echoes(40), "", Verdict.INCONCLUSIVE),
    ],
    ids=by_value,
)
def test_frequency(before: str, after: str, expected: Verdict) -> None:
    assert verdict(FREQUENCY, *repeated(FREQUENCY, before, after), claims=CLAIMS) is expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (echoes(40), echoes(39), Verdict.PASS),
        (echoes(40), echoes(40), Verdict.NOTE),
        (echoes(10), echoes(10), Verdict.INCONCLUSIVE),
    ],
)
def test_presence(before: str, after: str, expected: Verdict) -> None:
    assert verdict(PRESENCE, *repeated(PRESENCE, before, after), claims=CLAIMS) is expected


@pytest.mark.parametrize("ends", ["one", "other"])
def test_what_lies_outside_says_nothing_where_an_end_of_the_range_is_refused(ends: str) -> None:
    case = penalties.test_penalties_outside_the_range_are_refused
    inside, outside = penalties.inside(CLAIMS), penalties.outside(CLAIMS)
    right = {name: said(probe, "OK") for name, probe in inside.items()}
    right |= {name: refused(probe) for name, probe in outside.items()}
    assert verdict(case, *right.values(), claims=CLAIMS) is Verdict.PASS
    found = judgement(case, *(right | {ends: refused(inside[ends])}).values(), claims=CLAIMS)
    assert (found.verdict, found.see) == (Verdict.INCONCLUSIVE, penalties.RANGE)

"""What is sent first decides the most, and a tier is the beginning of that."""

from __future__ import annotations

import itertools

import pytest

from conformance.asking.plan import Tier
from conformance.asking.probe import Probe
from conformance.contracts.chat.sources import OPENAI
from conformance.judging.catalogue import catalogue
from conformance.judging.requirement import MAY, MUST, Case, probes, requirement
from conformance.provider.claims import profile, profiles
from conformance.running.tiers import REQUESTS, in_order, of_tier
from tests.asking.wire import questions
from tests.contracts.chat.cases.recorded import SILENT

CASES = list(catalogue().values())


def needing(name: str, *wanted: Probe, level: object = MUST) -> Case:
    def judges(one: object) -> None:
        """It holds."""

    return requirement(f"area.{name}", level, source=OPENAI.stop)(probes(one=wanted)(judges))  # type: ignore[arg-type]


def decided(cases: list[Case], sent: tuple[Probe, ...]) -> int:
    return sum(set(sent).issuperset(case.probes(SILENT)) for case in cases)


A, B, C, D = questions(4)


def test_what_decides_the_most_per_request_goes_first() -> None:
    cases = [
        needing("1", A, B),
        needing("2", C),
        needing("3", A, B),
        needing("4", B, A, D),
        needing("5", B, A),
    ]
    assert in_order(cases, SILENT) == (A, B, C, D)


def test_what_binds_more_counts_more() -> None:
    cases = [needing("1", A, level=MAY), needing("2", A, level=MAY), needing("3", B)]
    assert in_order(cases, SILENT) == (B, A)


def test_every_beginning_decides_as_much_as_another_of_that_length() -> None:
    pairs = list(itertools.combinations((A, B, C, D), 2))
    cases = [needing(str(number), *pair) for number, pair in enumerate(pairs[:4])]
    order = in_order(cases, SILENT)
    for length in range(1, 5):
        best = max(decided(cases, some) for some in itertools.combinations((A, B, C, D), length))
        assert decided(cases, order[:length]) == best


@pytest.mark.parametrize("name", profiles())
def test_the_tiers_of_every_profile(name: str) -> None:
    claims = profile(name)
    quick, core, full = (of_tier(tier, CASES, claims) for tier in Tier)
    order = in_order(CASES, claims)
    wanted = {probe for case in CASES for probe in case.probes(claims)}
    assert wanted <= set(order)
    assert len(set(order)) == len(order)
    assert all(order.index(probe.after) < order.index(probe) for probe in order if probe.after is not None)
    assert full == CASES
    assert {*map(id, quick)} < {*map(id, core)} < {*map(id, full)}
    for tier, cases in ((Tier.QUICK, quick), (Tier.CORE, core)):
        sent = {probe for case in cases for probe in case.probes(claims)}
        assert REQUESTS[tier] - 3 <= len(sent) <= REQUESTS[tier]
        assert sent <= set(order[: REQUESTS[tier]])
    assert len(quick) >= len(CASES) / 4
    assert len(core) >= len(CASES) / 2


def test_the_order_is_the_same_every_time() -> None:
    claims = profile("openai")
    assert in_order(list(CASES), claims) == in_order(list(CASES), profile("openai"))


def test_a_tier_has_at_least_what_decides_the_first_requirement() -> None:
    many = needing("1", *questions(20))
    assert of_tier(Tier.QUICK, [many], SILENT) == [many]
    assert of_tier(Tier.QUICK, [], SILENT) == []

"""The deviations that services were seen to have: each is noticed by a requirement, or it is said why not."""

from __future__ import annotations

import re

import pytest

from conformance.contracts.known import Deviation, deviations, noticed_by
from conformance.judging.catalogue import catalogue
from conformance.reference.faults import FAULTS

each = pytest.mark.parametrize("one", [pytest.param(one, id=one.id) for one in deviations()])


def test_none_is_there_twice() -> None:
    assert len({one.id for one in deviations()}) == len(deviations())


@each
def test_a_deviation_is_noticed_or_it_is_said_why_not(one: Deviation) -> None:
    assert bool(one.requirements) != bool(one.because)
    assert set(one.requirements) <= catalogue().keys()
    assert not one.because or one.because.endswith(".")


@each
def test_a_deviation_is_proven_with_faults(one: Deviation) -> None:
    assert bool(one.faults) == bool(one.requirements)
    noticed = [set(FAULTS[name].aims) for name in one.faults]
    assert all(aims & set(one.requirements) for aims in noticed)
    assert set(one.requirements) <= set().union(*noticed)


@each
def test_a_deviation_is_described_in_a_few_words(one: Deviation) -> None:
    assert 10 < len(one.what) <= 100
    assert not one.what.endswith(".")
    assert one.sources or not one.seen_in
    assert all(re.fullmatch(r"[\w.-]+/[\w.-]+#\d+|https://\S+", source) for source in one.sources)


def test_what_a_requirement_notices() -> None:
    assert [one.id for one in noticed_by("envelope.id-present")] == ["env-id-missing", "env-id-empty"]
    assert noticed_by("envelope.id-prefix") == ()

"""Asking the embedded provider without a network, and judging without doing anything twice."""

from __future__ import annotations

import pytest

from conformance.judging.catalogue import catalogue
from conformance.judging.judge import Judge
from conformance.judging.recording import Recording
from conformance.proof.asking import everything, is_a_profile, recorded, stated
from conformance.proof.judging import judgements
from conformance.provider.claims import profile
from conformance.reference.faults import FAULTS
from tests.ids import by_value


def test_a_profile_is_one_however_it_is_named() -> None:
    """Or nothing that is known of it would be used."""
    assert is_a_profile(stated("openai"))
    assert is_a_profile(profile("openai"))
    assert everything("openai") is everything(profile("openai"))


def test_the_embedded_provider_is_steady() -> None:
    assert recorded() == recorded()


@pytest.mark.parametrize(
    "name",
    ["usage-missing", "model-of-another-family", "worker-lost-by-a-mistake", "unknown-parameter-crashes"],
    ids=by_value,
)
def test_what_is_remembered_is_what_is_judged(name: str) -> None:
    judgements(recorded())
    exchanges = recorded(FAULTS[name])
    judge = Judge(profile("openai"), Recording.of(exchanges), catalogue())
    assert judgements(exchanges) == {id: judge.judge(case) for id, case in catalogue().items()}

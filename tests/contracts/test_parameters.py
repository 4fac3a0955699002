"""The request side: every documented parameter is exercised, or it is said why not."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from conformance.contracts.parameters import ASPECTS, exercised_by, parameters
from conformance.judging.catalogue import catalogue
from conformance.judging.requirement import Named
from conformance.provider.claims import profile, profiles, vocabulary

DOCUMENTED = 37

each = pytest.mark.parametrize(("name", "aspects"), parameters().items())


def linked(aspects: Mapping[str, tuple[str, ...] | str]) -> set[str]:
    """The requirements that exercise a parameter."""
    return {id for said in aspects.values() if isinstance(said, tuple) for id in said}


def sent() -> dict[str, set[str]]:
    """Which requirements have probes of their own that send a parameter, whatever the profile."""
    found: dict[str, set[str]] = {}
    for name in profiles():
        for id, case in catalogue().items():
            if isinstance(case.subject, Named):
                for probe in case.probes(profile(name)):
                    for parameter in probe.members:
                        found.setdefault(parameter, set()).add(id)
    return found


def test_all_documented_parameters_are_accounted_for() -> None:
    assert tuple(parameters()) == tuple(vocabulary())[:DOCUMENTED]
    assert set(parameters()) <= profile("openai").claims.keys()


@each
def test_each_aspect_is_decided_or_it_is_said_why_not(
    name: str, aspects: Mapping[str, tuple[str, ...] | str]
) -> None:
    assert tuple(aspects) == tuple(ASPECTS)
    assert all(aspects.values())
    assert linked(aspects) <= catalogue().keys()


def test_what_is_sent_is_listed() -> None:
    unlisted = {name for name in sent() if name in parameters() and not linked(parameters()[name])}
    assert unlisted == set()


@each
def test_what_is_listed_is_sent(name: str, aspects: Mapping[str, tuple[str, ...] | str]) -> None:
    """A requirement that is linked wants the parameter sent, or judges whatever answer there is."""
    every = {id for id, case in catalogue().items() if not isinstance(case.subject, Named)}
    assert linked(aspects) - every <= sent().get(name, set())


def test_what_a_requirement_exercises() -> None:
    assert exercised_by("stop.null-is-unset") == {"stop": ("null is unset",)}
    assert exercised_by("envelope.id-prefix") == {}

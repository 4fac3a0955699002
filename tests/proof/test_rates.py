"""The checks that judge chance: they find their faults nearly always, and accuse nobody innocent."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.proof.rates import (
    ABLE,
    INNOCENT,
    RUNS,
    STATISTICAL,
    accused,
    faults_of,
    noticed,
    page,
    read,
    tries,
    written,
)

HERE = Path(__file__).parent
MEASURED = read(HERE / "rates.json")
AGAIN = "run `conformance faults --rates tests/proof` again"


def test_nobody_who_does_nothing_wrong_is_accused() -> None:
    assert MEASURED.clean == 0
    assert MEASURED.accused == {name: dict.fromkeys(INNOCENT, 0) for name in STATISTICAL}, AGAIN


def test_faults_are_found_nearly_always() -> None:
    assert {name: list(faults) for name, faults in MEASURED.found.items()} == {
        name: faults_of(name) for name in STATISTICAL
    }, AGAIN
    for faults in MEASURED.found.values():
        for times in faults.values():
            assert list(times) == list(ABLE)
            assert times["reference"] >= 0.99 * RUNS


def test_the_figures_are_shown_as_they_were_measured() -> None:
    assert (HERE / "rates.json").read_text(encoding="utf-8") == written(MEASURED)
    assert (HERE / "RATES.md").read_text(encoding="utf-8") == page(MEASURED), AGAIN


@pytest.mark.parametrize("persona", INNOCENT)
def test_other_seeds_than_those_measured_accuse_nobody(persona: str) -> None:
    tried = tries(STATISTICAL, range(RUNS, RUNS + 3), persona)
    assert sum(tried.values()) == 3 * len(STATISTICAL)
    assert {name: times for name in STATISTICAL if (times := accused(tried, name))} == {}


@pytest.mark.parametrize(
    ("name", "fault"), [(name, fault) for name in STATISTICAL for fault in faults_of(name)]
)
def test_other_seeds_than_those_measured_show_the_fault(name: str, fault: str) -> None:
    assert noticed(tries([name], [RUNS], "reference", fault), name) == 1

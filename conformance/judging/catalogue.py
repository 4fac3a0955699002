"""The catalogue: every case of the suite, read from the modules that the contracts name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from types import ModuleType

from conformance import CONTRACTS, DEFAULT
from conformance.contracts import named
from conformance.judging.requirement import Case


def modules(contract: str = DEFAULT) -> tuple[ModuleType, ...]:
    """The modules that hold the cases of a contract, by name."""
    return tuple(named(contract).modules())


def cases_of(module: ModuleType) -> tuple[Case, ...]:
    """The cases of a module, in the order they are written."""
    return tuple(value for value in vars(module).values() if isinstance(value, Case))


def catalogue(contract: str = DEFAULT) -> Mapping[str, Case]:
    """All cases of a contract, by the id of their requirement."""
    return by_id(case for module in modules(contract) for case in cases_of(module))


def by_id(cases: Iterable[Case]) -> Mapping[str, Case]:
    """Cases by the id of their requirement."""
    return {case.requirement.id: case for case in cases}


def every_requirement() -> Mapping[str, Case]:
    """The cases of all contracts, by the id of their requirement; of an id that several have, the first."""
    found: dict[str, Case] = {}
    for name in CONTRACTS:
        for id, case in catalogue(name).items():
            found.setdefault(id, case)
    return found


def belongs(case: Case, contract: str) -> bool:
    """Whether the case judges what that contract demands."""
    return case.function.__module__ in _module_names(contract)


@cache
def _module_names(contract: str) -> frozenset[str]:
    return frozenset(module.__name__ for module in modules(contract))


def test_id(case: Case) -> str:
    """Where the case stands, as pytest writes it."""
    module = case.function.__module__.replace(".", "/")
    return f"{module}.py::{case.function.__name__}"

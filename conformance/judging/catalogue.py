"""The catalogue: every case of the suite, read from the modules in `conformance.contracts.chat.cases`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from types import ModuleType

from conformance.contracts.chat import cases
from conformance.judging.requirement import Case


def modules() -> tuple[ModuleType, ...]:
    """The modules that hold cases, by name."""
    names = sorted(
        info.name for info in pkgutil.iter_modules(cases.__path__) if info.name.startswith("test_")
    )
    return tuple(importlib.import_module(f"conformance.contracts.chat.cases.{name}") for name in names)


def cases_of(module: ModuleType) -> tuple[Case, ...]:
    """The cases of a module, in the order they are written."""
    return tuple(value for value in vars(module).values() if isinstance(value, Case))


def catalogue(found: Iterable[Case] | None = None) -> Mapping[str, Case]:
    """All cases by the id of their requirement."""
    every = [case for module in modules() for case in cases_of(module)] if found is None else found
    return {case.requirement.id: case for case in every}


def test_id(case: Case) -> str:
    """Where the case stands, as pytest writes it."""
    module = case.function.__module__.replace(".", "/")
    return f"{module}.py::{case.function.__name__}"

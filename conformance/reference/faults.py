"""All faults, by name."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from importlib import import_module
from types import MappingProxyType, ModuleType

from conformance import CONTRACTS, DEFAULT
from conformance.reference.fault import Fault


def modules(contract: str) -> tuple[ModuleType, ...]:
    """The modules that hold the faults of a contract."""
    found: tuple[ModuleType, ...] = import_module(f"{__package__}.{contract}.faults.catalogue").MODULES
    return found


def _of(contract: str) -> Mapping[str, Fault]:
    declared = (one for module in modules(contract) for one in vars(module).values())
    return MappingProxyType({one.name: one for one in declared if isinstance(one, Fault)})


BY_CONTRACT: Mapping[str, Mapping[str, Fault]] = MappingProxyType({name: _of(name) for name in CONTRACTS})
"""The catalogue of each contract, in the order of the areas."""

FAULTS: Mapping[str, Fault] = MappingProxyType(
    {name: fault for faults in BY_CONTRACT.values() for name, fault in faults.items()}
)
"""All of them, contract by contract."""


class UnknownFaultError(ValueError):
    """There is no fault of that name. The message is one line."""


def named(names: Sequence[str]) -> tuple[Fault, ...]:
    """The faults of these names. Raises UnknownFaultError."""
    for name in names:
        if name not in FAULTS:
            near = difflib.get_close_matches(name, FAULTS, 1)
            meant = f", did you mean {near[0]!r}?" if near else ""
            raise UnknownFaultError(f"unknown fault {name!r}{meant}; `conformance faults` lists them")
    return tuple(FAULTS[name] for name in names)


def contract_of(name: str) -> str:
    """The contract whose answers a fault is in; of one that is in no catalogue, the first."""
    return next((contract for contract, faults in BY_CONTRACT.items() if name in faults), DEFAULT)

"""What services promise: a package for each contract, and their names.

The core asks a contract by its protocol (`contract.py`) and imports none of them.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from conformance import CONTRACTS

if TYPE_CHECKING:
    from types import ModuleType

    from conformance.contracts.contract import Contract
    from conformance.contracts.view import View
    from conformance.wire.record import Exchange

HOST = f"{__name__}.host"
"""The package with what holds for every contract on a host."""


@cache
def named(name: str) -> Contract:
    """The contract of that name. Raises KeyError where there is none."""
    if name not in CONTRACTS:
        raise KeyError(name)
    found: Contract = import_module(f"{__name__}.{name}.contract").CONTRACT
    return found


def asked_at(path: str) -> Contract | None:
    """The contract whose endpoint a path ends in."""
    return next((one for one in map(named, CONTRACTS) if path.endswith(one.endpoint)), None)


def contract_of(exchange: Exchange) -> Contract:
    """What the exchange was asked by."""
    return named(exchange.contract)


def view_of(exchange: Exchange) -> View:
    """The exchange, read as its contract says."""
    return contract_of(exchange).view(exchange)


@cache
def cases_in(*packages: str) -> tuple[ModuleType, ...]:
    """The modules with cases in these packages, area by area."""
    found = []
    for package in packages:
        folder = import_module(f"{package}.cases").__path__
        found += [(one.name, package) for one in iter_modules(folder) if one.name.startswith("test_")]
    return tuple(import_module(f"{package}.cases.{name}") for name, package in sorted(found))

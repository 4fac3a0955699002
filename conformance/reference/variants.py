"""All variants, by name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from types import MappingProxyType

from conformance import CONTRACTS, DEFAULT
from conformance.reference.fault import Fault
from conformance.reference.variant import Variant


def _of(contract: str) -> Mapping[str, Variant]:
    modules = import_module(f"{__package__}.{contract}.variants.catalogue").MODULES
    declared = (one for module in modules for one in vars(module).values())
    return MappingProxyType({one.name: one for one in declared if isinstance(one, Variant)})


BY_CONTRACT: Mapping[str, Mapping[str, Variant]] = MappingProxyType({name: _of(name) for name in CONTRACTS})
"""The catalogue of each contract, in the order in which variants are applied: each works on what those before
it have made."""

VARIANTS: Mapping[str, Variant] = MappingProxyType(
    {name: variant for variants in BY_CONTRACT.values() for name, variant in variants.items()}
)
"""All of them, contract by contract."""


class UnknownVariantError(ValueError):
    """There is no variant of that name. The message is one line."""


def named(names: Sequence[str]) -> tuple[Variant, ...]:
    """The variants of these names, in the order of the catalogue. Raises UnknownVariantError."""
    for name in names:
        if name not in VARIANTS:
            near = difflib.get_close_matches(name, VARIANTS, 1)
            meant = f", did you mean {near[0]!r}?" if near else ""
            raise UnknownVariantError(f"unknown variant {name!r}{meant}; `conformance variants` lists them")
    return tuple(variant for name, variant in VARIANTS.items() if name in names)


def contract_of(name: str) -> str:
    """The contract whose answers a variant is in; of one that is in no catalogue, the first."""
    return next((contract for contract, variants in BY_CONTRACT.items() if name in variants), DEFAULT)


def parts(variants: Iterable[Variant]) -> tuple[Fault, ...]:
    """What the variants do, stage by stage."""
    return tuple(part for variant in variants for part in variant.parts)

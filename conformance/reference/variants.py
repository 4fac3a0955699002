"""All variants, by name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from conformance.reference.chat.variants import catalogue as chat
from conformance.reference.fault import Fault
from conformance.reference.variant import Variant

VARIANTS: Mapping[str, Variant] = MappingProxyType(
    {
        each.name: each
        for module in chat.MODULES
        for each in vars(module).values()
        if isinstance(each, Variant)
    }
)
"""The catalogue, in the order in which variants are applied: each works on what those before it have made."""


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


def parts(variants: Iterable[Variant]) -> tuple[Fault, ...]:
    """What the variants do, stage by stage."""
    return tuple(part for variant in variants for part in variant.parts)

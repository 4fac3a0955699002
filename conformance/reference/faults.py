"""All faults, by name."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from conformance.reference.chat.faults import catalogue as chat
from conformance.reference.fault import Fault

MODULES = chat.MODULES

FAULTS: Mapping[str, Fault] = MappingProxyType(
    {fault.name: fault for module in MODULES for fault in vars(module).values() if isinstance(fault, Fault)}
)
"""The catalogue, in the order of the areas."""


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

"""Requests that each contract has in a form of its own, for requirements that hold for any contract."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, reduce
from typing import Literal

from conformance.asking.probe import Change, Probe
from conformance.contracts import named

Form = Literal["plain", "control", "streamed", "mistyped", "empty", "empty_streamed"]
"""Which request; `contracts/contract.py` says of each what it is."""


@dataclass(frozen=True, slots=True)
class Own:
    """A contract's own request of a form, and what is changed: `PLAIN | credential(Credential.NONE)`."""

    form: Form
    changes: tuple[Change, ...] = ()

    def __or__(self, change: Change) -> Own:
        return replace(self, changes=(*self.changes, change))

    def of(self, contract: str) -> Probe:
        """The probe that it is in this contract."""
        return _made(self, contract)


@cache
def _made(own: Own, contract: str) -> Probe:
    first: Probe = getattr(named(contract), own.form)
    return reduce(lambda probe, change: probe | change, own.changes, first)


Asked = Probe | Own
"""What a case may ask for."""


def resolved(asked: Asked, contract: str) -> Probe:
    """The probe that is sent to a target of this contract."""
    return asked.of(contract) if isinstance(asked, Own) else asked

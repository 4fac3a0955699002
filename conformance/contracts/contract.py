"""What the core asks of a contract: the seam between what every HTTP service has and what one contract says.

A contract is a package: its probes, how its answers are read, its cases, and the data that goes with them
(claims profiles, schemas, words, known deviations). The core knows it by this protocol only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import ModuleType
from typing import Protocol

from conformance.contracts.view import View
from conformance.provider.model import Claims
from conformance.wire.record import Exchange


class Contract(Protocol):
    """One way of talking to a model: an endpoint, what is sent to it, and what its answers mean."""

    @property
    def name(self) -> str:
        """Its name in files and on the command line, and that of its package."""
        ...

    @property
    def title(self) -> str:
        """What people call it."""
        ...

    @property
    def endpoint(self) -> str:
        """The path of its endpoint, behind the base URL."""
        ...

    @property
    def basic(self) -> str:
        """The requirement behind every other: the plainest request gets an answer."""
        ...

    def view(self, exchange: Exchange) -> View:
        """The exchange, read as an answer of this contract."""
        ...

    def modules(self) -> Iterable[ModuleType]:
        """The modules that hold its cases, by name."""
        ...

    def may_refuse(self, claims: Claims, claim: str, refusal: View, recorded: Iterable[View]) -> bool:
        """Whether the documents let a model of this kind refuse the claim, as this one does."""
        ...

    def no_room(self, refusal: View, recorded: Iterable[View]) -> bool:
        """Whether a request was refused because its limit left no room for an answer."""
        ...

    def cut_short(
        self, views: Iterable[View], bounded: Collection[str], recorded: Iterable[View]
    ) -> View | None:
        """The first of the views whose answer was cut by a limit that is there only to bound cost.

        `bounded` are the keys of their probes. Nothing that is compared with such an answer says anything.
        """
        ...

    def compared(
        self, requirement: str, views: Sequence[View]
    ) -> Iterable[Mapping[str, View | tuple[View, ...]]]:
        """Exchanges that were recorded for other purposes, and decide the requirement as its probes would."""
        ...

    def hidden(self, requirement: str, exchange: Exchange) -> str | None:
        """Why an exchange that others recorded does not show what the requirement is about, or None."""
        ...

    def unproven(self, requirement: str) -> str | None:
        """Why a requirement that is not violated in a recording may be violated all the same, or None."""
        ...

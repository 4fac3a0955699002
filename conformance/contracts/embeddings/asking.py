"""What asking needs to know of answers that are no text: nothing is adapted, and nothing streams."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from conformance.asking.probe import Probe
from conformance.wire.record import Exchange, Failure


@dataclass(frozen=True, slots=True)
class Traits:
    """Of a model that gives embeddings nothing has to be known: it takes every request as it is."""

    def adapted(self, probe: Probe) -> tuple[Probe, tuple[str, ...]]:
        """The probe itself."""
        return probe, ()

    def after_the_first(self, exchange: Exchange) -> Traits:
        """As before."""
        del exchange
        return self

    def after(self, probe: Probe, exchange: Exchange) -> Traits:
        """As before."""
        del probe, exchange
        return self

    def recalled(self, first: Exchange, adapted: Collection[str]) -> Traits:
        """As before."""
        del first, adapted
        return self


class NothingWritten:
    """Counts what a model writes, which is nothing."""

    written = 0

    def feed(self, data: bytes) -> None:
        """It does not matter what arrives."""
        del data

    def runaway(self, allowed: int) -> Failure | None:
        """What is not streamed is not cut."""
        del allowed
        return None


class NeverOver:
    """Waits for the end of the body, which is the only one."""

    done = False

    def feed(self, data: bytes) -> bool:
        """It does not matter what arrives."""
        del data
        return False

"""How one request is sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conformance.contracts.contract import Contract
    from conformance.provider.model import Limits
    from conformance.provider.proxy import Proxy


@dataclass(frozen=True, slots=True)
class Sending:
    """How to send a request: headers that must not be recorded, bounds, and when to hang up."""

    private: tuple[tuple[str, str], ...] = field(repr=False)
    limits: Limits
    streamed: bool
    cut_after: int | None = None
    fresh: bool = False
    """On a connection of its own, not on one that was kept open."""
    allowed: int | None = None
    """Completion tokens that the request allows: a stream that ignores that is cut."""
    proxy: Proxy | None = None
    """What it goes through."""
    contract: Contract | None = None
    """What tells, while a stream arrives, how much of it was written, and when it is over."""
    unwanted: Callable[[], str | None] = lambda: None
    """Says why a long body is not worth reading any more."""

"""How one request is sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import quote

from conformance.provider.secrets import filled

if TYPE_CHECKING:
    from conformance.contracts.contract import Contract
    from conformance.provider.model import Limits
    from conformance.provider.proxy import Proxy
    from conformance.wire.record import Request


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
    values: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    """What the variables hold that the URL and the body name, which must not be recorded either."""
    unwanted: Callable[[], str | None] = lambda: None
    """Says why a long body is not worth reading any more."""

    def url(self, request: Request) -> str:
        """The URL with what its variables hold."""
        values = {name: quote(value, safe="") for name, value in self.values.items()}
        return filled(request.url, values) if values else request.url

    def body(self, request: Request) -> str:
        """The body with what its variables hold."""
        values = {name: json.dumps(value)[1:-1] for name, value in self.values.items()}
        return filled(request.body, values) if values else request.body

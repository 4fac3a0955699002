"""Ceilings on what a run may spend, checked before each request."""

from __future__ import annotations

from dataclasses import dataclass, field

from conformance.probe.plan import cost
from conformance.probe.probe import Probe
from conformance.provider.model import Target


@dataclass(slots=True)
class Budget:
    """Counts requests (retries included) and US dollars over all targets. None: no ceiling.

    Dollars are estimated when a probe starts; a target without a price cannot be bounded in dollars.
    """

    max_requests: int | None = None
    max_cost: float | None = None
    requests: int = field(default=0, init=False)
    dollars: float = field(default=0.0, init=False)

    def exceeded_by(self, target: Target, probe: Probe) -> str | None:
        """Why the probe may not be sent any more; None: it may, and is counted."""
        price = cost(target.provider.price, probe.prompt_tokens, probe.completion_tokens) or 0.0
        if self.max_requests is not None and self.requests + 1 > self.max_requests:
            return f"the ceiling of {self.max_requests} requests is reached"
        if self.max_cost is not None and self.dollars + price > self.max_cost:
            return f"the ceiling of ${self.max_cost:g} is reached"
        self.requests += 1
        self.dollars += price
        return None

    def another_attempt(self) -> bool:
        """Whether a request may be sent once more; if so, it is counted."""
        if self.max_requests is not None and self.requests + 1 > self.max_requests:
            return False
        self.requests += 1
        return True

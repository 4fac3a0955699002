"""Ceilings on what a run may spend, time included. They are stopped at before they are passed, not after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from conformance.asking.duration import said
from conformance.asking.plan import cost
from conformance.asking.probe import Probe
from conformance.asking.spent import Used
from conformance.provider.model import Price, Target

if TYPE_CHECKING:
    import asyncio


class Exhausted(Exception):
    """Nothing more may be sent; the message says which ceiling is reached, and names its option."""


@dataclass(frozen=True, slots=True)
class Hold:
    """What a request that is under way may cost at most."""

    price: Price | None
    tokens: int
    dollars: float


@dataclass(slots=True)
class Budget:
    """Counts requests (retries included), tokens and US dollars over all targets. A ceiling of None: none.

    `max_time` are seconds from the moment at which the run starts. What is under way then is ended. What is
    under way is held at the most that it can cost. So a request waits where it fits under a ceiling
    only if those before it turn out cheaper. A target without a price cannot be bounded in dollars.
    """

    max_requests: int | None = None
    max_cost: float | None = None
    max_tokens: int | None = None
    max_time: float | None = None
    ends: float | None = field(default=None, init=False)
    """When the run is over, by the clock of the event loop; None before it starts, and where it may last."""
    requests: int = field(default=0, init=False)
    prompt_tokens: int = field(default=0, init=False)
    completion_tokens: int = field(default=0, init=False)
    dollars: float = field(default=0.0, init=False)
    under_way: int = field(default=0, init=False)
    _held_tokens: int = field(default=0, init=False, repr=False)
    _held_dollars: float = field(default=0.0, init=False, repr=False)
    _settled: asyncio.Condition = field(init=False, repr=False)
    _clock: Callable[[], float] = field(init=False, repr=False)

    @property
    def tokens(self) -> int:
        """Tokens of prompts and answers that have ended."""
        return self.prompt_tokens + self.completion_tokens

    @property
    def overtime(self) -> str:
        """Why nothing more is sent once the run is over."""
        return f"the ceiling of {said(self.max_time or 0)} is reached (--max-time)"

    def start(self) -> None:
        """The run starts now. Before, nothing can be reserved."""
        import asyncio  # here, because runs that send nothing have ceilings too

        self._settled = asyncio.Condition()
        self._clock = asyncio.get_running_loop().time
        if self.max_time is not None:
            self.ends = self._clock() + self.max_time

    async def pause(self, seconds: float) -> None:
        """Waits so long. Raises Exhausted, at once, where the run is over before."""
        if self._is_over(after=seconds):
            raise Exhausted(self.overtime)
        import asyncio

        await asyncio.sleep(seconds)

    def _is_over(self, after: float = 0.0) -> bool:
        return self.ends is not None and self._clock() + after >= self.ends

    async def reserve(self, target: Target, probe: Probe) -> Hold:
        """Counts one request as under way. Raises Exhausted where that could pass a ceiling."""
        price = target.provider.price
        most = cost(price, probe.prompt_at_most, probe.allowed) or 0.0
        hold = Hold(price, probe.prompt_at_most + probe.allowed, most)
        async with self._settled:
            while (reason := self._exceeded_by(hold)) is not None:
                if not self.under_way or self._is_spent() or self._is_over():
                    raise Exhausted(reason)
                await self._settled.wait()
            self.requests += 1
            self._hold(hold, 1)
        return hold

    async def settle(self, hold: Hold, used: Used) -> None:
        """Takes note of what a request has cost."""
        async with self._settled:
            self._hold(hold, -1)
            self.prompt_tokens += used.prompt
            self.completion_tokens += used.completion
            self.dollars += cost(hold.price, used.prompt, used.completion) or 0.0
            self._settled.notify_all()

    def _hold(self, hold: Hold, sign: int) -> None:
        self.under_way += sign
        self._held_tokens += sign * hold.tokens
        self._held_dollars += sign * hold.dollars

    def _is_spent(self) -> bool:
        return self.max_requests is not None and self.requests >= self.max_requests

    def _exceeded_by(self, hold: Hold) -> str | None:
        if self._is_over():
            return self.overtime
        if self._is_spent():
            return f"the ceiling of {self.max_requests} requests is reached (--max-requests)"
        tokens = self.tokens + self._held_tokens + hold.tokens
        if self.max_tokens is not None and tokens > self.max_tokens:
            return f"it could pass the ceiling of {self.max_tokens} tokens (--max-tokens)"
        dollars = self.dollars + self._held_dollars + hold.dollars
        if self.max_cost is not None and dollars > self.max_cost:
            return f"it could pass the ceiling of ${self.max_cost:g} (--max-cost)"
        return None

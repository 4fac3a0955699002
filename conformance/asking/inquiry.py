"""Notices where nothing more can succeed at a target, and asks aside what helps to say why.

A refusal may be about one request, or about every one: then the plain request is refused as well. So wherever
a refusal looks as if it were about who asks, or whom, the plain request is asked aside, and decides.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

from conformance.asking.diagnosis import Aside, asides, sentence
from conformance.asking.kinds import OF_THE_ACCOUNT, PASSING, Kind
from conformance.asking.obstacle import Obstacle, obstacle
from conformance.asking.probe import Credential, Expects, Probe
from conformance.asking.prospects import fails
from conformance.contracts.contract import Contract
from conformance.provider.model import Target
from conformance.wire.record import Exchange

Ask = Callable[[Aside], Awaitable[Exchange | None]]
"""Asks something aside, and records it; None where nothing more may be sent."""

TIMES = 2
"""How often the plain request is asked because of one kind of refusal. Where it is served, the refusal is
about what was asked, and will be again."""

_OF_A_KEY = OF_THE_ACCOUNT | {Kind.FORBIDDEN}


class Inquiry:
    """What is known of whether a target can be asked at all."""

    def __init__(self, target: Target, base_url: str, contract: Contract, ask: Ask) -> None:
        self._target = target
        self._base_url = base_url
        self._plain = contract.control
        self._ask = ask
        self._asked: Counter[Kind] = Counter()
        self._turn = asyncio.Lock()
        self.end: str | None = None
        """Why nothing more can succeed."""

    async def begin(self, probe: Probe, first: Exchange) -> str | None:
        """Why nothing is worth sending after the first exchange, or None."""
        if first.last.status is None and obstacle(first.last) is None:
            return first.last.failure.message if first.last.failure is not None else "there was no response"
        decisive: Exchange | None = first
        if not self._is_plain(probe) and first.last.status is not None:
            refused = probe.expects is Expects.ANSWER and first.last.status >= 400
            if not refused and self._suspected(probe, first) is None:
                return None
            decisive = await self._ask(Aside("plain", self._plain, self._base_url))
        return None if decisive is None else await self._why(decisive)

    def suspects(self, probe: Probe, exchange: Exchange) -> bool:
        """Whether a further exchange looks as if nothing more could succeed."""
        return self.end is None and self._suspected(probe, exchange) is not None

    async def go_on(self, probe: Probe, exchange: Exchange) -> None:
        """Takes note of a further exchange, and makes sure where it looks like the end."""
        suspected = self._suspected(probe, exchange)
        if suspected is None:
            return
        async with self._turn:
            if self.end is not None or self._asked[suspected.kind] >= TIMES:
                return
            self._asked[suspected.kind] += 1
            number = self._asked.total()
            again = await self._ask(Aside(f"again{number}", self._plain, self._base_url))
            found = obstacle(again.last) if again is not None else None
            if again is not None and found is not None and found.kind not in PASSING:
                self.end = await self._why(again)

    async def _why(self, exchange: Exchange) -> str | None:
        """Why the plainest request is not served."""
        found = obstacle(exchange.last)
        if found is None:
            return fails(exchange)
        others = [await self._ask(one) for one in asides(found, self._plain, self._base_url)]
        return sentence(self._target.provider, exchange, [one for one in others if one is not None])

    def _suspected(self, probe: Probe, exchange: Exchange) -> Obstacle | None:
        """What may stand in the way of everything, by one exchange; not what the probe was made to get."""
        found = obstacle(exchange.last)
        if found is None or found.kind in PASSING:
            return None
        if probe.expects is Expects.ANSWER:
            return found
        if probe.credential is not Credential.VALID:
            return None if found.kind in _OF_A_KEY else found
        return found if found.kind in OF_THE_ACCOUNT or found.kind is Kind.WALL else None

    def _is_plain(self, probe: Probe) -> bool:
        """Whether a request has to be served, and asks for nothing that another one could do without."""
        plain = probe.method == self._plain.method and probe.path == self._plain.path and not probe.streamed
        return plain and probe.expects is Expects.ANSWER and not probe.claims - self._plain.claims

"""The embedded provider without a network: what it sends, and when, is written down, not waited for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from email.utils import formatdate
from itertools import accumulate
from typing import Any
from urllib.parse import unquote, urlsplit

from conformance.asking.sending import Sending
from conformance.reference.call import Call
from conformance.reference.chance import Chances
from conformance.reference.chat.personas import REFERENCE, Persona
from conformance.reference.fault import Fault
from conformance.reference.service import PACE, Config, Service
from conformance.wire.record import Attempt, Failure, Request
from conformance.wire.scanning import EventCounter

KEY = "sk-test-0123456789abcdef"

BASE_URL = "http://embedded/v1"

NOW = time.time()
"""When everything happens, in seconds since the epoch: equal requests then get equal responses."""

Chunks = tuple[tuple[float, bytes], ...]


class Direct:
    """Stands for the network and the HTTP server, for one client. `send` answers as a transport does."""

    def __init__(
        self,
        faults: Sequence[Fault] = (),
        persona: Persona = REFERENCE,
        seed: int = 0,
        pace: float = PACE,
    ) -> None:
        self._service = Service(Config(KEY, pace, tuple(faults), persona))
        self._memory: dict[str, Any] = {}
        self._chances = Chances(seed)

    async def send(self, request: Request, how: Sending) -> Attempt:
        """The attempt that this request comes to."""
        path = unquote(urlsplit(request.url).path).replace("/v1/../", "/")
        headers, body = (*request.headers, *how.private), request.body.encode()
        chance = self._chances.of(request.method, path, body)
        reply = self._service.respond(Call(request.method, path, headers, body, self._memory, chance, NOW))
        arrivals = accumulate(frame.delay for frame in reply.frames)
        chunks = tuple((at, frame.data) for at, frame in zip(arrivals, reply.frames, strict=True))
        chunks, failure = _cut(chunks, how.cut_after)
        if how.contract is not None and how.streamed and how.allowed is not None and failure is None:
            meter = how.contract.meter()
            for number, (_, data) in enumerate(chunks, 1):
                meter.feed(data)
                if (failure := meter.runaway(how.allowed)) is not None:
                    chunks = chunks[:number]
                    break
        ended = chunks[-1][0] if chunks else 0.0
        await asyncio.sleep(0)  # others may be under way meanwhile, as over a network
        shown = (*reply.headers, ("Date", formatdate(NOW, usegmt=True)))
        return Attempt(NOW, ended, reply.status, "HTTP/1.1", shown, chunks, failure)


def _cut(chunks: Chunks, after: int | None) -> tuple[Chunks, Failure | None]:
    """The pieces up to the event after which the client hangs up, if it does."""
    if after is None:
        return chunks, None
    events = EventCounter()
    seen = next((number for number, (_, data) in enumerate(chunks, 1) if events.feed(data) >= after), None)
    return chunks[:seen], None if seen is None else Failure("cut", "hung up on purpose")

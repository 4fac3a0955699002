"""A wire that is no network: plans are carried out over it, and it tells what happened when."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import Any

from conformance.asking.asking import Access, Work, ask_all
from conformance.asking.budget import Budget
from conformance.asking.plan import plan
from conformance.asking.probe import Probe
from conformance.asking.sending import Sending
from conformance.contracts.chat.probes.ask import ask
from conformance.provider.model import Limits, Provider, Target
from conformance.wire.record import Attempt, Exchange, Request
from tests.contracts.chat.cases.recorded import SILENT, attempt

KEY = "sk-live/abc+123=="
ACCESS = Access("https://example.org/v1", KEY)
FINE = attempt(200, {"choices": []})
AT_ONCE = {"retry-after-ms": "0"}

Answer = Callable[[str, int], Attempt]
"""What a provider answers to the probe of that name, asked for the n-th time."""


class Wire:
    """Stands for the transport: it answers as told, and notes who was under way with whom."""

    def __init__(self, answer: Answer = lambda name, time: FINE, pause: int = 3) -> None:
        self.answer = answer
        self.pause = pause
        self.log: list[str] = []
        self.sent: list[tuple[Request, Sending]] = []
        self.under_way: list[str] = []
        self.most = 0

    async def send(self, request: Request, how: Sending) -> Attempt:
        """Answers after a pause, in which others may be under way. The name of a probe is its question."""
        body = json.loads(request.body)
        name = str(body["messages"][0]["content"])
        self.sent.append((request, how))
        self.log.append(name)
        self.under_way.append(name)
        self.most = max(self.most, len(self.under_way))
        for _ in range(self.pause):
            await asyncio.sleep(0)
        self.under_way.remove(name)
        return self.answer(name, self.log.count(name))


def provider(name: str = "p", **fields: Any) -> Provider:
    """A provider that says nothing about itself."""
    return Provider(name, ACCESS.base_url, ("m",), SILENT, **fields)


def carry_out(
    wire: Wire,
    *probes: Probe,
    at: Sequence[Target] | None = None,
    budget: Budget | None = None,
    access: Access = ACCESS,
    **limits: Any,
) -> list[Exchange]:
    """Sends the probes to each target over the wire, and gives what was recorded, in order."""
    targets = at or [Target(provider(limits=Limits(**limits)), "m")]
    works, first = [], 1
    for one in plan(dict.fromkeys(targets, probes)):
        works.append(Work(one, access, one.ids(first)))
        first += one.requests
    recorded: list[Exchange] = []
    asyncio.run(ask_all(works, "word", recorded.append, lambda *_: None, budget=budget, send=wire.send))
    return recorded


def questions(count: int) -> list[Probe]:
    """So many different requests."""
    return [ask(f"q{number}", str(number)) for number in range(count)]


def failures(exchanges: Sequence[Exchange]) -> set[str]:
    """Why the exchanges failed."""
    return {one.last.failure.message for one in exchanges if one.last.failure is not None}


def over_http(access: Access, *probes: Probe, **limits: Any) -> list[Exchange]:
    """Sends the probes over HTTP, and gives what was recorded, in the order of its end."""
    target = Target(provider(limits=Limits(**limits)), "reference")
    (one,) = plan({target: probes})
    recorded: list[Exchange] = []
    asyncio.run(ask_all([Work(one, access, one.ids())], "word", recorded.append, lambda *_: None))
    return recorded

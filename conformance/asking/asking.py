"""Carries a plan out: every probe once, concurrently, within what each provider can bear.

All requests of a run share one event loop in one process. Those to one provider pass through its gate; a
slot is free while a request waits to be sent again. One plain request goes ahead of all others: where it gets
no HTTP response, or the key is refused, nothing else is sent to that target. It also shows what kind of model
answers, to which it and all the others are then adapted; a limit that is refused shows more of it later.
Where the prospects turn bad, nothing more is sent.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from conformance.asking.budget import Budget, Exhausted
from conformance.asking.company import wants_to_be_alone
from conformance.asking.diagnosis import Aside
from conformance.asking.gate import IN_ALL, Gate
from conformance.asking.inquiry import Inquiry
from conformance.asking.plan import Plan
from conformance.asking.probe import Credential, Expects, Probe
from conformance.asking.prospects import RUNAWAY, Prospects
from conformance.asking.request import authorization, leaving_out, render
from conformance.asking.retry import attempts, is_stale
from conformance.asking.sending import Sending
from conformance.asking.tokens import BYTES_A_TOKEN
from conformance.contracts import named
from conformance.provider.model import Target
from conformance.provider.proxy import Proxy
from conformance.wire.record import Attempt, Exchange, Request, ended, not_sent
from conformance.wire.redact import Redactor
from conformance.wire.redact.recordable import KEPT, recordable

Progress = Callable[[Target, int, int], None]
"""Called with the target, how many exchanges have ended, and how many there will be."""


TARGETS = 8
"""Targets that are asked at once; with more, one machine would notice late what arrives."""

Send = Callable[[Request, Sending], Awaitable[Attempt]]
"""Makes one attempt; never raises for what a server or the network does."""


@dataclass(frozen=True, slots=True)
class Access:
    """How to reach a provider: the resolved base URL, the key, and headers that must not be recorded."""

    base_url: str
    key: str | None = field(default=None, repr=False)
    private: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    passwords: tuple[str, ...] = field(default=(), repr=False)
    """Of proxies: sent to them by the HTTP client, and sent back by some."""
    proxy: Proxy | None = None
    values: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    """What the variables hold that the headers, the query and the body name, by their names."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """Everything that must not be recorded."""
        private = (value for _, value in self.private)
        return (self.key or "", *private, *self.values.values(), *self.passwords)


@dataclass(frozen=True, slots=True)
class Work:
    """A plan, the way to its provider, and the ids of its exchanges, by the keys of their probes.

    `kept` are those that were made before.
    """

    plan: Plan
    access: Access
    ids: Mapping[str, str]
    kept: Mapping[str, Exchange] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class _Adapted:
    """A probe as a model is sent it, in what ways it was adapted, and the request."""

    probe: Probe
    words: tuple[str, ...]
    request: Request


class _Asker:
    """Sends the probes of one target."""

    def __init__(
        self,
        work: Work,
        *,
        send: Send,
        gate: Gate,
        budget: Budget,
        nonce: str,
        record: Callable[[Exchange], None],
    ) -> None:
        self._work = work
        self._send = send
        self._gate = gate
        self._budget = budget
        self._nonce = nonce
        self._record = record
        self._redactor = Redactor(work.access.secrets)
        self._prospects = Prospects()
        self._contract = named(work.plan.target.contract)
        self._traits = self._contract.unknown
        base_url = work.access.base_url
        self._inquiry = Inquiry(work.plan.target, base_url, self._contract, self._aside)
        self._ended = {probe.key: asyncio.Event() for probe in work.plan.probes}

    async def ask_all(self) -> None:
        probes, kept = self._work.plan.probes, self._work.kept
        if not probes:
            return
        for key in kept:
            self._ended[key].set()
        first = plainest(self._work.plan)
        if first.key in kept:
            words = {word for one in kept.values() for word in one.adapted}
            self._traits, reason = self._traits.recalled(kept[first.key], words), None
        else:
            exchange = await self._ask(first, learning=first.expects is Expects.ANSWER)
            reason = await self._inquiry.begin(first, exchange)
        rest = [probe for probe in probes if probe is not first and probe.key not in kept]
        if reason is not None:
            for probe in rest:
                self._record(self._exchange(probe, self._request(probe), (not_sent(reason),)))
            return
        await asyncio.gather(*(self._ask_on(probe) for probe in rest))

    async def _ask_on(self, probe: Probe) -> None:
        """Asks what is not the first."""
        exchange = await self._ask(probe)
        if self._inquiry.suspects(probe, exchange):
            with self._gate.held():
                await self._inquiry.go_on(probe, exchange)

    async def _ask(self, probe: Probe, *, learning: bool = False) -> Exchange:
        if probe.after is not None and probe.after.key in self._ended:
            await self._ended[probe.after.key].wait()
        try:
            sent, made = await self._attempts(probe)
        except Exhausted as reason:
            return self._end(self._exchange(probe, self._request(probe), (not_sent(str(reason)),)))
        exchange = self._exchange(probe, sent.request, made, sent.words)
        self._learn(probe, exchange, learning)
        while self._falls_short(probe, exchange, learning) and self._adapted(probe) != sent:
            try:
                sent, further = await self._attempts(probe)
            except Exhausted:
                break
            made += further
            exchange = self._exchange(probe, sent.request, made, sent.words)
            self._learn(probe, exchange, learning)
        if learning and exchange.last.status in (400, 422):
            self._traits = self._contract.unknown  # nothing that was learnt helped, so it may be wrong
        return self._end(exchange)

    def _learn(self, probe: Probe, exchange: Exchange, first: bool) -> None:
        """Takes note of what the exchange shows of the model: the first one everything, others its limits."""
        known = self._traits
        self._traits = known.after_the_first(exchange) if first else known.after(probe, exchange)

    def _falls_short(self, probe: Probe, exchange: Exchange, first: bool) -> bool:
        """Whether the exchange is worth having again, sent in another way.

        The first one is where it says nothing; another one where it shows how its request has to be sent.
        """
        if first:
            return not self._contract.says_something(exchange)
        unknown = self._contract.unknown
        return unknown.after(probe, exchange) != unknown

    async def _aside(self, aside: Aside) -> Exchange | None:
        """Asks what no requirement wants, as carefully as everything else."""
        probe, first = replace(aside.probe, expects=Expects.NOTHING), plainest(self._work.plan)
        try:
            sent, made = await self._attempts(probe, aside.base_url)
        except Exhausted:
            return None
        exchange = replace(
            exchange_of(self._work, first, sent.request, made, sent.words),
            id=f"{self._work.ids[first.key]}-{aside.name}",
            probe=probe.name,
            key=f"{probe.key}-{aside.name}",
            expects=Expects.NOTHING.value,
            claims=tuple(sorted(probe.claims)),
        )
        self._record(exchange)
        return exchange

    def _adapted(self, probe: Probe, base_url: str = "") -> _Adapted:
        """The probe as the model can be sent it, by what is known by now."""
        left, omitted = leaving_out(probe, self._work.plan.target.provider.extra.omit)
        adapted, words = self._traits.adapted(left)
        return _Adapted(adapted, (*omitted, *words), self._request(adapted, base_url))

    async def _attempts(self, probe: Probe, base_url: str = "") -> tuple[_Adapted, tuple[Attempt, ...]]:
        """What was sent when its turn came, and what became of it."""
        access = self._work.access
        key = authorization(probe.credential, access.key)
        # What the entry keeps in the environment may be a key too: it goes only where the key goes.
        private = access.private if probe.credential is Credential.VALID else ()
        how = Sending(
            private=private + ((("Authorization", key),) if key is not None else ()),
            limits=self._work.plan.target.provider.limits,
            streamed=probe.streamed,
            cut_after=probe.cut_after,
            proxy=access.proxy,
            values=access.values if probe.credential is Credential.VALID else {},
            contract=self._contract,
            unwanted=lambda: self._prospects.full,
        )
        sent: list[_Adapted] = []

        async def send(made: Sequence[Attempt]) -> Attempt:
            async with AsyncExitStack() as slot:
                try:
                    async with asyncio.timeout_at(self._budget.ends):
                        ahead = bool(made) or probe.expects is Expects.NOTHING
                        alone = wants_to_be_alone(made)
                        passed = self._gate.passed(again=ahead, alone=alone, before=self._budget.ends)
                        place = await slot.enter_async_context(passed)
                        self._stop_where_it_is_senseless()
                        if not sent:
                            sent.append(self._adapted(probe, base_url))
                        what = sent[0].probe
                        hold = await self._budget.reserve(self._work.plan.target, what)
                except TimeoutError:
                    raise Exhausted(self._budget.overtime) from None
                started = time.monotonic()
                now = replace(how, fresh=is_stale(made), allowed=what.allowed)
                attempt = await self._in_time(self._send(sent[0].request, now))
                if (why := self._prospects.full) is not None and attempt.size > KEPT:
                    attempt = ended(why, attempt.started, attempt.ended, attempt.size // BYTES_A_TOKEN)
                # As the report will read it from the record, so that both have the same figure.
                attempt = replace(recordable(attempt, self._redactor), beside=place.beside)
                if probe.expects is not Expects.REFUSAL and self._contract.interrupted(attempt):
                    attempt = replace(attempt, interrupted=True)
                cost = self._contract.used(sent[0].request, attempt, sent[0].words)
                await self._budget.settle(hold, cost)
            self._gate.learn(attempt, started, made, streamed=probe.streamed)
            self._watch(what, cost.completion)
            return attempt

        made = await attempts(
            send,
            patient=probe.expects is not Expects.NOTHING,
            to_be_refused=probe.expects is Expects.REFUSAL,
            pause=self._budget.pause,
        )
        return sent[0], made

    async def _in_time(self, sending: Awaitable[Attempt]) -> Attempt:
        """The attempt, which is ended where the run is over."""
        started, clock = time.time(), time.monotonic()
        try:
            async with asyncio.timeout_at(self._budget.ends):
                return await sending
        except TimeoutError:
            return ended(self._budget.overtime, started, time.monotonic() - clock)

    def _watch(self, probe: Probe, written: int) -> None:
        """Takes note of tokens that the request did not allow."""
        beyond = written - probe.allowed
        self._prospects.wrote(beyond)
        if beyond > RUNAWAY // 10:
            self._gate.one_at_a_time()

    def _stop_where_it_is_senseless(self) -> None:
        if (end := self._inquiry.end or self._prospects.end) is not None:
            raise Exhausted(end)
        if self._gate.paused > IN_ALL:
            raise Exhausted(f"the provider asked for more than {IN_ALL:g} s of patience in all")

    def _end(self, exchange: Exchange) -> Exchange:
        self._ended[exchange.key].set()
        self._prospects.note(exchange)
        self._record(exchange)
        return exchange

    def _request(self, probe: Probe, base_url: str = "") -> Request:
        return render(probe, self._work.plan.target, base_url or self._work.access.base_url, self._nonce)

    def _exchange(
        self,
        probe: Probe,
        request: Request,
        made: tuple[Attempt, ...],
        adapted: tuple[str, ...] = (),
    ) -> Exchange:
        return exchange_of(self._work, probe, request, made, adapted)


def plainest(plan: Plan) -> Probe:
    """The probe that is sent before all others."""
    weight = named(plan.target.contract).weight
    return min(plan.probes, key=lambda probe: _plainness(probe, weight(probe)))


def _plainness(probe: Probe, weight: int) -> tuple[bool, bool, int, int, int]:
    """Sorts the probe that asks for the least first: a question that must be answered, and little else.

    Of two such questions the one that shows more of a model's traits goes ahead.
    """
    must_answer = probe.expects is Expects.ANSWER and probe.after is None and probe.body is not None
    return (
        not must_answer,
        probe.streamed,
        weight,
        len(probe.claims - probe.inert),
        -len(probe.inert),
    )


def exchange_of(
    work: Work,
    probe: Probe,
    request: Request,
    made: tuple[Attempt, ...],
    adapted: tuple[str, ...] = (),
) -> Exchange:
    """The record of a probe."""
    target = work.plan.target
    return Exchange(
        id=work.ids[probe.key],
        provider=target.provider.name,
        model=target.model,
        probe=probe.name,
        key=probe.key,
        request=request,
        attempts=made,
        expects=probe.expects.value,
        claims=tuple(sorted(probe.claims)),
        adapted=adapted,
        contract=target.contract,
    )


async def ask_all(
    works: Sequence[Work],
    nonce: str,
    record: Callable[[Exchange], None],
    progress: Progress,
    *,
    budget: Budget | None = None,
    send: Send | None = None,
) -> None:
    """Carries out the plans; `record` gets each exchange as it ends, in no particular order.

    `send` takes the place of the network.
    """
    if send is None:
        from conformance.asking.transport import Transport

        async with Transport() as transport:
            await ask_all(works, nonce, record, progress, budget=budget, send=transport.send)
        return
    providers = {work.plan.target.provider.name: work.plan.target.provider for work in works}
    gates = {name: Gate(provider.limits) for name, provider in providers.items()}
    budget = budget or Budget()
    budget.start()
    room = asyncio.Semaphore(TARGETS)

    def recorder(work: Work) -> Callable[[Exchange], None]:
        ended = len(work.kept)

        def note(exchange: Exchange) -> None:
            nonlocal ended
            ended += exchange.expects != Expects.NOTHING
            record(exchange)
            progress(work.plan.target, ended, work.plan.requests)

        return note

    async def ask(work: Work) -> None:
        gate = gates[work.plan.target.provider.name]
        asker = _Asker(work, send=send, gate=gate, budget=budget, nonce=nonce, record=recorder(work))
        async with room:
            await asker.ask_all()

    await asyncio.gather(*map(ask, works))

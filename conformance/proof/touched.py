"""What a provider with a fault is asked, without asking again what the fault does not touch.

The embedded provider answers equal requests alike. So it is asked everything once without a fault, and what
passes on the way of each answer is written down. A fault that leaves all of that as it is leaves the answer
as it is. Only what it touches is asked again; and everything is, where what it does to one answer may bear on
how others are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, cached_property
from random import Random
from typing import Any, NoReturn

from conformance import DEFAULT
from conformance.asking.asking import plainest
from conformance.asking.plan import Plan
from conformance.asking.sending import Sending
from conformance.contracts import named
from conformance.proof import asking
from conformance.proof.direct import NOW, Direct
from conformance.provider.claims import profile
from conformance.provider.model import Claims
from conformance.reference.call import Call, Frame, Reply
from conformance.reference.chat.personas import Persona
from conformance.reference.fault import Fault, Stage, Wire
from conformance.reference.faults import FAULTS
from conformance.reference.refusal import Refusal
from conformance.wire.record import Attempt, Exchange, Request

STAGES = frozenset(fault.stage for fault in FAULTS.values()) - {Stage.WIRE}


@dataclass(frozen=True, slots=True)
class Passed:
    """A value on the way of an answer, as it was; `text` tells it from any other."""

    value: Any
    text: str

    @classmethod
    def of(cls, value: Any) -> Passed:
        """The value, and a list of its own of what may be put into another order."""
        return cls(list(value) if isinstance(value, list) else value, repr(value))

    @property
    def again(self) -> Any:
        """The value for a fault to make something of."""
        return list(self.value) if isinstance(self.value, list) else self.value


@dataclass(frozen=True, slots=True)
class Sent:
    """A request, and what passed on the way of its answer, by stage."""

    request: Request
    call: Call
    passed: Mapping[StrEnum, Sequence[Passed]]


@dataclass(slots=True)
class _Passing:
    """What has passed so far of an answer that is on its way."""

    call: Call | None = None
    passed: dict[StrEnum, list[Passed]] = field(default_factory=dict)


class _Watching(Direct):
    """A provider without faults. What it is sent is written down."""

    def __init__(self, persona: Persona) -> None:
        super().__init__([_watch(stage, self._note) for stage in STAGES], persona)
        self.sent: list[Sent] = []
        self._now = _Passing()

    def _note(self, stage: StrEnum, value: Any, call: Call) -> None:
        self._now.call = call
        self._now.passed.setdefault(stage, []).append(Passed.of(value))
        if stage is Stage.REPLY:
            self._now.passed[Stage.WIRE] = [Passed.of(_wire(value))]

    async def send(self, request: Request, how: Sending) -> Attempt:
        """The attempt that this request comes to. Others may be sent before it is over."""
        now = self._now = _Passing()
        attempt = await super().send(request, how)
        assert now.call is not None, "every answer passes as a reply at the end"
        self.sent.append(Sent(request, now.call, now.passed))
        return attempt


def _watch(stage: StrEnum, note: Callable[[StrEnum, Any, Call], None]) -> Fault:
    def apply(value: Any, call: Call) -> Any:
        note(stage, value, call)
        return value

    return Fault(f"watch {stage}", "Changes nothing.", stage, (), apply)


def _wire(reply: Reply) -> Wire:
    """The bytes of a reply, nearly as a server sends them: first the head, then the body."""
    framing = ("transfer-encoding", "chunked") if reply.streamed else ("content-length", str(len(reply.body)))
    head = "".join(f"{name}: {value}\r\n" for name, value in (*reply.headers, framing))
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(one.data), one.data) for one in reply.frames)
    body = chunks + b"0\r\n\r\n" if reply.streamed else reply.body
    return Wire((Frame(f"HTTP/1.1 {reply.status} \r\n{head}\r\n".encode()), Frame(body)))


class _NoChance(Random):
    """Has no random numbers: a fault that draws some has to be asked."""

    def random(self) -> NoReturn:
        raise AssertionError("a random number is drawn")

    def getrandbits(self, _: int) -> NoReturn:
        raise AssertionError("a random number is drawn")


@dataclass(frozen=True)
class Sound:
    """All that a provider without faults is asked, and what it answers."""

    plan: Plan
    sent: Sequence[Sent]
    exchanges: Mapping[str, Exchange] = field(repr=False)

    @cached_property
    def first(self) -> Exchange:
        """What is asked before everything else, and shows how the rest has to be asked for."""
        return self.exchanges[plainest(self.plan).key]

    def touched(self, fault: Fault) -> frozenset[str] | None:
        """The keys of the probes whose answers the fault changes; None where only asking tells."""
        if fault.name in asking.OF_THE_CONNECTION:
            return None  # what becomes of these answers nobody knows before a client has them
        memory: dict[str, Any] = {}
        found = {_words(sent.request) for sent in self.sent if any(_touches(fault, sent, memory))}
        if memory:
            return None  # it makes something else of an answer, by what was asked before
        return frozenset(key for key, one in self.exchanges.items() if _words(one.request) in found)


def _words(request: Request) -> tuple[str, ...]:
    """What requests have in common that are answered by turns: with other random numbers each time."""
    return request.method, request.url, request.body


def _touches(fault: Fault, sent: Sent, memory: dict[str, Any]) -> Iterator[bool]:
    call = Call(sent.call.method, sent.call.path, sent.call.headers, sent.call.body, memory, _NoChance(), NOW)
    for passed in sent.passed.get(fault.stage, ()):
        try:
            after = fault.apply(passed.again, call)
        except (Refusal, AssertionError):
            yield True
        else:
            same = after is passed.value if isinstance(after, Refusal) else repr(after) == passed.text
            yield not same


@cache
def sound(name: str, contract: str = DEFAULT) -> Sound:
    """What a provider without faults is asked by the claims of a profile, and what it answers."""
    claims = profile(name, contract)
    provider = _Watching(asking.persona_of(claims))
    exchanges = asking.recorded(claims=claims, send=provider.send)
    return Sound(asking.everything(claims), provider.sent, {one.key: one for one in exchanges})


def recorded(fault: Fault, claims: Claims) -> list[Exchange]:
    """The exchanges with a provider that has this fault, as if it were asked everything."""
    known, persona = sound(claims.profile, claims.contract), asking.persona_of(claims)
    keys = known.touched(fault)
    if keys is not None:
        kept = {key: one for key, one in known.exchanges.items() if key not in keys}
        found = asking.recorded(fault, claims=claims, persona=persona, kept=kept) if keys else []
        if all(_bears_on_no_other(one, known) for one in found):
            return [*kept.values(), *found]
    return asking.recorded(fault, claims=claims, persona=persona)


def _bears_on_no_other(exchange: Exchange, known: Sound) -> bool:
    """Whether others are asked for as they are without the fault."""
    before = known.exchanges.get(exchange.key)
    if before is None or exchange.request.body != before.request.body:
        return False
    if exchange.key != known.first.key:
        return True
    unknown = named(known.plan.target.contract).unknown
    return unknown.after_the_first(exchange) == unknown.after_the_first(before)

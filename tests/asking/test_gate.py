"""How hard a provider is asked: never harder than it says, and less where it says "not now"."""

from __future__ import annotations

import asyncio
import time

import pytest

from conformance.asking.gate import Gate
from conformance.asking.sending import Sending
from conformance.contracts.chat.probes.ask import ask
from conformance.provider.model import Limits, Target
from conformance.wire.record import Attempt, Request
from tests.asking.wire import FINE, Answer, Wire, carry_out, failures, provider, questions
from tests.contracts.chat.cases.recorded import attempt

BUSY = attempt(429, b"", {"retry-after-ms": "1"})


def learnt(gate: Gate, *statuses: int) -> list[int]:
    """What is allowed after each of these, sent one after another."""
    found = []
    for status in statuses:
        gate.learn(attempt(status), time.monotonic())
        found.append(gate.allowed)
    return found


def test_a_429_halves_and_answers_in_a_row_recover() -> None:
    gate = Gate(Limits(concurrency=8))
    assert learnt(gate, 200, 429, 429, 429, 429) == [8, 4, 2, 1, 1]
    assert learnt(gate, *[200] * 6) == [1, 2, 2, 2, 2, 3]
    assert learnt(gate, *[200] * 80)[-1] == 8


def test_one_at_a_time_is_not_for_ever() -> None:
    gate = Gate(Limits(concurrency=4))
    gate.learn(attempt(200), 0.0)
    gate.one_at_a_time()
    assert (gate.allowed, learnt(gate, *[200] * 12)) == (1, [1, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 4])
    gate.one_at_a_time()
    assert learnt(gate, 200) == [1]


def test_an_answer_that_is_no_success_recovers_nothing() -> None:
    assert learnt(Gate(Limits(concurrency=4)), 429, 400, 500, 404, 400) == [2] * 5


def test_what_was_sent_before_the_halving_does_not_halve_again() -> None:
    gate, before = Gate(Limits(concurrency=8)), time.monotonic()
    for _ in range(8):
        gate.learn(attempt(429), before)
    assert gate.allowed == 4


class Crowd(Wire):
    """A provider that serves so many at once, and answers 429 to whoever is beyond."""

    def __init__(self, bears: int, answer: Answer = lambda name, time: FINE) -> None:
        super().__init__(answer)
        self.bears = bears
        self.refused = 0
        self.crowds: list[int] = []

    async def send(self, request: Request, how: Sending) -> Attempt:
        beyond = len(self.under_way) >= self.bears
        self.crowds.append(len(self.under_way) + 1)
        answer = await super().send(request, how)
        self.refused += beyond
        return BUSY if beyond else answer


def test_a_storm_ends_because_less_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("random.uniform", lambda low, high: 0.0)
    wire = Crowd(bears=2)
    found = carry_out(wire, *questions(120), concurrency=16)
    assert [one.last.status for one in found] == [200] * 120
    assert wire.most <= 16
    # 16 at once would be refused 14 times out of 16.
    assert wire.refused < 60
    assert max(wire.crowds[len(wire.crowds) // 2 :]) <= 4


def test_retry_after_holds_for_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    class Patient(Wire):
        async def send(self, request: Request, how: Sending) -> Attempt:
            started.append(time.monotonic())
            return await super().send(request, how)

    def answer(name: str, time: int) -> Attempt:
        return attempt(429, b"", {"retry-after-ms": "80"}) if (name, time) == ("1", 1) else FINE

    started: list[float] = []
    wire = Patient(answer)
    carry_out(wire, *questions(12), concurrency=2)
    busy = wire.log.index("1")
    later = [moment - started[busy] for moment in started[busy + 2 :]]
    assert min(later) >= 0.079


def test_what_is_sent_again_goes_ahead() -> None:
    def answer(name: str, time: int) -> Attempt:
        return BUSY if (name, time) == ("2", 1) else FINE

    wire = Wire(answer)
    carry_out(wire, *questions(9), concurrency=1)
    # One was let in already when the other was told to wait.
    assert wire.log[:5] == ["0", "1", "2", "3", "2"]


def test_a_year_of_patience_is_asked_for_in_vain() -> None:
    wire = Wire(lambda name, time: FINE if name == "0" else attempt(429, b"", {"retry-after": "31536000"}))
    found = carry_out(wire, *questions(60), concurrency=4)
    assert len(wire.sent) <= 1 + 8 + 4
    assert failures(found) == {'the provider says "not now" to everything: 8 requests in a row'}


def test_one_provider_does_not_wait_for_another() -> None:
    class Uneven(Wire):
        async def send(self, request: Request, how: Sending) -> Attempt:
            name = dict(request.headers)["X-Name"]
            for _ in range(100 if name == "slow" else 0):
                await asyncio.sleep(0)
            order.append(name)
            return await super().send(request, how)

    order: list[str] = []
    targets = [
        Target(provider(name, limits=Limits(concurrency=1), headers={"X-Name": name}), "m")
        for name in ("slow", "fast")
    ]
    carry_out(Uneven(), *questions(10), at=targets)
    assert order[:10] == ["fast"] * 10
    assert order[-9:] == ["slow"] * 9


def test_a_place_in_the_line_that_is_given_up_is_free() -> None:
    async def main() -> None:
        gate = Gate(Limits(concurrency=1))

        async def pass_through() -> None:
            async with gate.passed():
                pass

        async with gate.passed():
            first = asyncio.ensure_future(pass_through())
            second = asyncio.ensure_future(pass_through())
            await asyncio.sleep(0)
            first.cancel()
        await asyncio.wait_for(second, 5)
        assert gate.under_way == 0

    asyncio.run(main())


def test_one_answer_that_ignores_its_limit_does_not_slow_a_run_down_for_good() -> None:
    def answer(name: str, time: int) -> Attempt:
        written = 4000 if name == "0" else 5
        return attempt(200, {"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": written}})

    wire = Crowd(bears=99, answer=answer)
    found = carry_out(wire, *[ask(f"q{n}", str(n), max_tokens=10) for n in range(120)], concurrency=8)
    assert failures(found) == set()
    assert wire.crowds[:3] == [1, 1, 1]
    assert max(wire.crowds[-50:]) == 8


def test_who_ignores_limits_at_length_is_asked_nothing_more() -> None:
    def answer(name: str, time: int) -> Attempt:
        return attempt(200, {"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 4000}})

    wire = Wire(answer)
    found = carry_out(wire, *[ask(f"q{n}", str(n), max_tokens=10) for n in range(60)], concurrency=8)
    # From the first answer on, one at a time: 6 x 3990 is more than 20 000.
    assert wire.most == 1
    assert len(wire.sent) == 6
    assert failures(found) == {"the provider ignores limits: it wrote 23940 tokens more than allowed"}


class Single(Wire):
    """A provider that serves one request at a time, and answers 503 to whoever comes meanwhile."""

    def __init__(self) -> None:
        super().__init__()
        self.first: str | None = None

    async def send(self, request: Request, how: Sending) -> Attempt:
        busy = bool(self.under_way)
        answer = await super().send(request, how)
        return attempt(503, b"", {"retry-after-ms": "1"}) if busy else answer


def test_who_serves_one_at_a_time_is_asked_one_at_a_time() -> None:
    wire = Single()
    found = carry_out(wire, *questions(60), concurrency=8)
    assert {one.last.status for one in found} == {200}
    lost = [one for one in found if len(one.attempts) > 1]
    assert len(lost) <= 3 * 8
    assert all(one.attempts[0].beside and not one.last.beside for one in lost)
    assert {one.last.beside for one in found[40:]} == {0}


@pytest.mark.parametrize("kind", ["reset", "incomplete", "protocol"])
def test_what_is_lost_beside_others_is_asked_for_again_alone(kind: str) -> None:
    def answer(name: str, time: int) -> Attempt:
        status = None if kind == "protocol" else 200
        return attempt(status, b"", failure=kind) if name == "3" and time == 1 else FINE

    found = carry_out(Wire(answer), *questions(9), concurrency=4)
    (lost,) = [one for one in found if len(one.attempts) > 1]
    assert lost.attempts[0].beside > 0
    assert (lost.last.status, lost.last.beside) == (200, 0)


def test_an_accident_now_and_then_is_no_reason_to_ask_one_at_a_time() -> None:
    def answer(name: str, time: int) -> Attempt:
        return attempt(503, b"", {"retry-after-ms": "1"}) if int(name) % 12 == 5 and time == 1 else FINE

    wire = Wire(answer)
    found = carry_out(wire, *questions(120), concurrency=4)
    assert {one.last.status for one in found} == {200}
    assert max(one.last.beside for one in found[100:]) == 3


def test_who_waits_to_be_alone_may_give_up() -> None:
    async def scene() -> list[str]:
        gate, order = Gate(Limits(concurrency=2)), []

        async def ask(name: str, *, alone: bool = False) -> None:
            async with gate.passed(alone=alone):
                order.append(name)
                await asyncio.sleep(0.01)

        first = asyncio.create_task(ask("first"))
        await asyncio.sleep(0)
        hermit = asyncio.create_task(ask("hermit", alone=True))
        await asyncio.sleep(0)
        others = [asyncio.create_task(ask(f"other {number}")) for number in range(3)]
        await asyncio.sleep(0)
        hermit.cancel()
        await asyncio.gather(first, *others)
        return order

    assert asyncio.run(scene()) == ["first", "other 0", "other 1", "other 2"]


def test_what_is_asked_aside_is_let_in_while_all_else_is_held() -> None:
    async def scene() -> list[str]:
        gate, order = Gate(Limits(concurrency=1)), []

        async def ask(name: str, *, again: bool = False) -> None:
            async with gate.passed(again=again):
                order.append(name)

        with gate.held():
            held = asyncio.create_task(ask("held"))
            await asyncio.sleep(0)
            await ask("aside", again=True)
        await held
        return order

    assert asyncio.run(scene()) == ["aside", "held"]

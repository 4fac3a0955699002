"""A run has an end: what is under way then is ended, and nothing new is sent."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

import pytest

from conformance.asking.budget import Budget
from conformance.asking.change import after, setting
from conformance.asking.probe import Probe
from conformance.asking.retry import PATIENCE
from conformance.asking.sending import Sending
from conformance.contracts.chat.probes.ask import ask
from conformance.provider.model import Limits, Target
from conformance.wire.record import Attempt, Exchange, Request
from tests.asking.wire import FINE, Answer, Wire, carry_out, failures, provider, questions
from tests.clock import Clock
from tests.contracts.chat.cases.recorded import attempt

OVER = "the ceiling of 10 min is reached (--max-time)"


class Slow(Wire):
    """A wire on which an answer takes so many seconds."""

    def __init__(self, seconds: float, answer: Answer = lambda name, time: FINE) -> None:
        super().__init__(answer, pause=0)
        self.seconds = seconds

    async def send(self, request: Request, how: Sending) -> Attempt:
        await asyncio.sleep(self.seconds)
        return await super().send(request, how)


def kinds(exchanges: Sequence[Exchange]) -> Counter[str]:
    """How often what became of a request."""
    return Counter(one.last.failure.kind if one.last.failure else str(one.last.status) for one in exchanges)


@pytest.fixture
def budget() -> Budget:
    return Budget(max_time=600)


def test_a_run_of_slow_answers_ends_when_it_is_over(clock: Clock, budget: Budget) -> None:
    began = clock.now
    found = carry_out(Slow(119), *questions(60), concurrency=2, budget=budget)
    assert clock.now - began == 600
    # One ahead of the others, four pairs in time, and a pair that is ended; each is accounted for.
    assert kinds(found) == {"200": 9, "ended": 2, "not-asked": 49}
    assert failures(found) == {OVER}


def test_a_run_that_is_done_before_ends_before(clock: Clock, budget: Budget) -> None:
    found = carry_out(Slow(119), *questions(9), concurrency=2, budget=budget)
    assert kinds(found) == {"200": 9}


def test_what_is_ended_may_have_cost_the_most(clock: Clock, budget: Budget) -> None:
    probes = [ask(f"q{number}", str(number), max_tokens=300) for number in range(2)]
    wire = Slow(400)
    found = carry_out(wire, *probes, budget=budget)
    assert kinds(found) == {"200": 1, "ended": 1}
    assert (budget.requests, budget.completion_tokens, budget.under_way) == (2, 300, 0)


def test_the_first_request_may_take_up_all_the_time(clock: Clock, budget: Budget) -> None:
    found = carry_out(Slow(10**6), *questions(5), budget=budget)
    assert kinds(found) == {"ended": 1, "not-asked": 4}
    assert failures(found) == {OVER}


def test_nobody_waits_for_a_turn_that_does_not_come(clock: Clock, budget: Budget) -> None:
    began = clock.now
    found = carry_out(Wire(), *questions(30), rpm=1, budget=budget)
    assert kinds(found) == {"200": 10, "not-asked": 20}
    assert failures(found) == {OVER}
    assert clock.now - began == 540


def test_nobody_waits_to_ask_again_once_it_would_be_over(clock: Clock) -> None:
    busy = attempt(503, b"", {"retry-after": str(PATIENCE - 1)})
    wire = Wire(lambda name, time: FINE if name == "0" else busy)
    began = clock.now
    found = carry_out(wire, *questions(3), budget=Budget(max_time=90))
    assert clock.now - began == PATIENCE - 1
    # What was answered "not now" stands as that; one was asked again, alone.
    assert {one.probe: len(one.attempts) for one in found} == {"q0": 1, "q1": 2, "q2": 1}


def test_what_waits_for_a_slot_or_for_what_it_follows_or_for_money_is_not_sent(clock: Clock) -> None:
    first = ask("first", "first") | setting(x=1)
    follower = ask("follower", "follower", completion_tokens=9) | after(first)
    budget = Budget(max_time=600, max_tokens=1500)
    dear = [ask(f"dear {number}", f"dear {number}", max_tokens=900) for number in range(3)]
    found = carry_out(Slow(400), ask("plain", "plain"), first, follower, *dear, concurrency=2, budget=budget)
    assert kinds(found)["200"] == 1
    assert {one.last.failure.message for one in found if one.last.failure} == {OVER}
    assert len(found) == 6


def test_time_is_one_for_all_providers(clock: Clock, budget: Budget) -> None:
    began = clock.now
    targets = [Target(provider(name, limits=Limits(concurrency=1)), "m") for name in "ab"]
    found = carry_out(Slow(90), *questions(20), at=targets, budget=budget)
    assert clock.now - began == 600
    assert Counter((one.provider, one.last.status) for one in found)["a", 200] == 6
    assert Counter((one.provider, one.last.status) for one in found)["b", 200] == 6


@pytest.mark.parametrize("probes", [questions(1), questions(40)], ids=["one", "forty"])
def test_without_a_ceiling_a_run_may_last(clock: Clock, probes: list[Probe]) -> None:
    assert kinds(carry_out(Slow(5000), *probes, concurrency=1)) == {"200": len(probes)}

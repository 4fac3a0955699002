"""Carrying a plan out: who is asked when, how many at once, and when to stop."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import pytest

from conformance.asking.asking import TARGETS, Access
from conformance.asking.budget import Budget
from conformance.asking.change import after, either, setting, stream, to_be_refused
from conformance.asking.probe import Probe, fetch
from conformance.asking.sending import Sending
from conformance.contracts.chat.probes.ask import ask
from conformance.contracts.chat.probes.named import COUNT, NATO, OK
from conformance.provider.model import Limits, Price, Target
from conformance.reference import serving
from conformance.wire.record import Attempt, Request
from tests.asking.wire import (
    AT_ONCE,
    FINE,
    KEY,
    Wire,
    carry_out,
    failures,
    over_http,
    provider,
    questions,
)
from tests.contracts.chat.cases.recorded import attempt
from tests.ids import by_value

# -- how many at once -----------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [1, 3, 8])
def test_the_limit_is_reached_and_never_passed(limit: int) -> None:
    wire = Wire()
    carry_out(wire, *questions(20), concurrency=limit)
    assert wire.most == limit
    assert len(wire.sent) == 20


def test_models_of_one_provider_share_its_slots() -> None:
    wire, one = Wire(), provider(limits=Limits(concurrency=2))
    carry_out(wire, *questions(8), at=[Target(one, "a"), Target(one, "b")])
    assert wire.most == 2


def test_providers_have_their_own() -> None:
    wire = Wire()
    targets = [Target(provider(name, limits=Limits(concurrency=2)), "m") for name in "ab"]
    carry_out(wire, *questions(8), at=targets)
    assert wire.most == 4


def test_so_many_targets_are_asked_at_once() -> None:
    targets = [Target(provider(str(name), limits=Limits(concurrency=1)), "m") for name in range(20)]
    wire = Wire()
    found = carry_out(wire, *questions(3), at=targets)
    assert len(found) == 60
    assert wire.most == TARGETS


def test_one_plain_request_goes_ahead_of_all_others() -> None:
    wire = Wire()
    plain = ask("plain", "plain", temperature=0, max_tokens=4, completion_tokens=99)
    harder = (plain | stream, OK | to_be_refused, plain | setting(seed=7), ask("turns", "turn", "turn"))
    carry_out(wire, NATO | stream, *harder, plain)
    assert json.loads(wire.sent[0][0].body) == {**plain.members, "model": "m"}
    assert len(wire.log) == 6


def test_a_list_of_models_does_not_go_ahead_for_not_everybody_has_one() -> None:
    with serving(KEY, pace=0.0) as url:
        found = over_http(Access(url, KEY), fetch("models", "/models"), COUNT)
    assert [one.probe for one in found] == ["count", "models"]


def test_requests_start_evenly_spaced(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    really = asyncio.sleep

    async def sleep(seconds: float) -> None:
        if seconds:
            waits.append(seconds)
        await really(0)

    wire = Wire()
    monkeypatch.setattr("time.monotonic", lambda: 100.0)
    monkeypatch.setattr(asyncio, "sleep", sleep)
    carry_out(wire, *questions(4), rpm=600)
    assert waits == pytest.approx([0.1, 0.2, 0.3])


def test_without_a_pace_nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asyncio, "sleep", None)
    assert len(carry_out(Wire(pause=0), *questions(4))) == 4


# -- order ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [1, 8])
def test_what_follows_waits_for_the_end_of_what_it_follows(limit: int) -> None:
    class Watched(Wire):
        async def send(self, request: Request, how: Sending) -> Attempt:
            if "follower" in request.body:
                ended.append("first" in self.log and "first" not in self.under_way)
            return await super().send(request, how)

    ended: list[bool] = []
    first = ask("first", "first") | setting(x=1)
    follower = ask("follower", "follower", completion_tokens=99) | after(first)
    wire = Watched(pause=9)
    carry_out(wire, follower, ask("plain", "plain"), *questions(3), concurrency=limit)
    assert ended == [True]
    assert wire.log[0] == "plain"
    assert len(wire.log) == 6


def test_what_follows_is_asked_though_the_first_failed() -> None:
    def answer(name: str, time: int) -> Attempt:
        return attempt(500) if name == "first" else FINE

    first = ask("first", "first") | setting(x=1)
    found = carry_out(Wire(answer), ask("plain", "plain"), ask("then", "then") | after(first))
    assert [one.last.status for one in found] == [200, 500, 200]


def test_a_slot_is_free_while_a_request_waits_to_be_sent_again() -> None:
    def answer(name: str, time: int) -> Attempt:
        return attempt(429, b"", {"retry-after-ms": "50"}) if (name, time) == ("again", 1) else FINE

    wire = Wire(answer)
    probes = (ask("0", "0"), ask("again", "again", completion_tokens=99) | setting(x=1), NATO | stream)
    carry_out(wire, *probes, concurrency=1)
    assert [name[:5] for name in wire.log] == ["0", "again", "Recit", "again"]


# -- the first exchange ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "reason"),
    [
        (attempt(None, failure="connect"), "it was connect"),
        (attempt(None, failure="dns"), "it was dns"),
        (attempt(401), "the provider refuses the key: HTTP 401"),
        (attempt(403), "the provider refuses access: HTTP 403"),
        (attempt(402), "the account of the key has no credit: HTTP 402"),
        (attempt(404, b"<html>"), "https://example.org/v1/chat/completions does not exist: HTTP 404"),
        (attempt(301), "https://example.org/v1/chat/completions redirects (HTTP 301)"),
        (attempt(503, b"", AT_ONCE), "the plainest request gets HTTP 503 after 4 attempts"),
        (attempt(500), "the plainest request gets HTTP 500"),
        (attempt(418), "the plainest request gets HTTP 418"),
        (
            attempt(200, b"{", failure="silence"),
            "the plainest request gets no whole answer: it was silence; "
            "if it needs longer, raise limits in its entry of providers.yaml",
        ),
        (
            attempt(200, b"{", failure="too-large"),
            "the plainest request gets an answer without an end: it was too-large",
        ),
        (
            attempt(200, b"<html>", {"Content-Type": "Text/HTML; charset=utf-8"}),
            "https://example.org/v1/chat/completions answers with a web page: HTTP 200",
        ),
    ],
    ids=lambda value: value[-30:] if isinstance(value, str) else None,
)
def test_where_the_plainest_request_fails_nothing_else_is_sent(
    monkeypatch: pytest.MonkeyPatch, first: Attempt, reason: str
) -> None:
    monkeypatch.setattr("random.uniform", lambda low, high: 0.0)
    wire = Wire(lambda name, time: first)
    found = carry_out(wire, *questions(3))
    assert {request.body for request, _ in wire.sent} == {wire.sent[0][0].body}
    assert [one.last.failure and one.last.failure.kind for one in found[1:]] == ["not-asked"] * 2
    (why,) = failures(found[1:])
    assert why.startswith(reason)
    assert found[0].last == first


@pytest.mark.parametrize("status", [200, 201, 400, 422], ids=by_value)
def test_what_may_be_about_one_parameter_stops_nobody(status: int) -> None:
    found = carry_out(Wire(lambda name, time: attempt(status)), *questions(3))
    assert [one.last.status for one in found] == [status] * 3


@pytest.mark.parametrize("status", [400, 403, 404])
@pytest.mark.parametrize("change", [to_be_refused, either])
def test_a_refusal_that_was_asked_for_stops_nobody(change: Callable[[Probe], Probe], status: int) -> None:
    probes = [probe | change for probe in questions(3)]
    found = carry_out(Wire(lambda name, time: attempt(status)), *probes)
    assert [one.last.status for one in found] == [status] * 3


def test_one_target_that_cannot_be_reached_is_no_harm_to_another() -> None:
    class Half(Wire):
        async def send(self, request: Request, how: Sending) -> Attempt:
            if '"bad"' in request.body:
                return attempt(None, failure="dns")
            return await super().send(request, how)

    one = provider()
    found = carry_out(Half(), *questions(3), at=[Target(one, "bad"), Target(one, "good")])
    assert sorted((one.model, one.last.status) for one in found if one.model == "good") == [("good", 200)] * 3
    assert {one.last.status for one in found if one.model == "bad"} == {None}


def test_an_empty_plan_sends_nothing() -> None:
    assert carry_out(Wire()) == []


def test_a_first_exchange_without_a_reason_still_stops() -> None:
    found = carry_out(Wire(lambda name, time: attempt(None)), *questions(3))
    assert failures(found) == {"there was no response"}
    assert [one.last.failure is None for one in found] == [True, False, False]


# -- attempts and budgets -------------------------------------------------------------------------------


def test_not_now_is_asked_again_also_where_a_refusal_is_wanted() -> None:
    def answer(name: str, time: int) -> Attempt:
        return attempt(503, b"", AT_ONCE) if time == 1 else FINE

    found = carry_out(Wire(answer), ask("q", "q"), ask("no", "no") | to_be_refused)
    assert {one.probe: [each.status for each in one.attempts] for one in found} == {
        "q": [503, 200],
        "no": [503, 200],
    }


def test_a_ceiling_on_requests_counts_retries() -> None:
    def answer(name: str, time: int) -> Attempt:
        return attempt(503, b"", AT_ONCE) if (name, time) == ("0", 1) else FINE

    wire = Wire(answer)
    found = carry_out(wire, *questions(6), budget=Budget(max_requests=4))
    assert len(wire.sent) == 4
    assert len(found) == 6
    assert failures(found) == {"the ceiling of 4 requests is reached (--max-requests)"}


def billed(prompt: int, completion: int) -> Attempt:
    usage = {"prompt_tokens": prompt, "completion_tokens": completion}
    return attempt(200, {"choices": [], "usage": usage})


@pytest.mark.parametrize(
    ("budget", "reason"),
    [
        (Budget(max_cost=1.0), "it could pass the ceiling of $1 (--max-cost)"),
        (Budget(max_tokens=1_000_000), "it could pass the ceiling of 1000000 tokens (--max-tokens)"),
    ],
)
@pytest.mark.parametrize(("states", "asked"), [(300_000, 3), (250_000, 3), (100, 8)])
def test_a_ceiling_is_never_passed_and_nearly_reached(
    budget: Budget, reason: str, states: int, asked: int
) -> None:
    budget = Budget(None, budget.max_cost, budget.max_tokens)
    target = Target(provider(price=Price(1.0, 1.0)), "m")
    probes = [ask(f"q{number}", str(number), max_tokens=300_000) for number in range(8)]
    wire = Wire(lambda name, time: billed(0, states))
    found = carry_out(wire, *probes, at=[target], budget=budget)
    assert len(wire.sent) == asked
    # At most three may be under way, though eight slots are free; and what is free again is used.
    assert wire.most <= 3
    assert budget.tokens == asked * states <= 1_000_000
    assert failures(found) == ({reason} if asked < 8 else set())


def test_what_does_not_fit_lets_smaller_requests_pass() -> None:
    small = [ask(f"q{number}", str(number), max_tokens=10) for number in range(3)]
    large = ask("large", "large", max_tokens=5000)
    wire = Wire(lambda name, time: billed(10, 10))
    carry_out(wire, small[0], large, *small[1:], budget=Budget(max_tokens=1000))
    assert sorted(wire.log) == ["0", "1", "2"]


def test_what_came_to_nothing_counts_as_much_as_it_may_have_cost() -> None:
    budget = Budget(max_tokens=1000)
    wire = Wire(lambda name, time: attempt(None, failure="timeout-first-byte") if name == "1" else FINE)
    carry_out(wire, *[ask(f"q{n}", str(n), max_tokens=300) for n in range(2)], budget=budget)
    assert budget.completion_tokens == 300


def test_a_ceiling_below_the_first_request_is_named_as_such() -> None:
    target = Target(provider(price=Price(1.0, 1.0)), "m")
    found = carry_out(Wire(), *questions(3), at=[target], budget=Budget(max_cost=0.0))
    assert failures(found) == {"it could pass the ceiling of $0 (--max-cost)"}
    assert len(found) == 3


def test_a_ceiling_holds_over_all_targets() -> None:
    wire = Wire()
    targets = [Target(provider(name), "m") for name in "ab"]
    carry_out(wire, *questions(4), at=targets, budget=Budget(max_requests=5))
    assert len(wire.sent) == 5

"""The plan: every request once, in order, and what it will cost."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.asking.change import after, copies, costing, setting
from conformance.asking.plan import Plan, cost, plan
from conformance.asking.probe import Probe
from conformance.contracts.chat.probes.ask import ask
from conformance.contracts.chat.probes.named import COUNT, NATO, OK
from conformance.provider.model import Price, Provider, Target
from tests.contracts.chat.cases.recorded import SILENT

PROVIDER = Provider("p", "https://example.org/v1", ("a", "b"), SILENT)
TARGET = Target(PROVIDER, "a")


def planned(*probes: Probe) -> Plan:
    (one,) = plan({TARGET: probes})
    return one


def test_the_same_request_is_sent_once_whoever_asks_for_it() -> None:
    assert planned(COUNT, OK, ask("", "") | setting(x=1), replace(COUNT, name="counting")).requests == 3


def test_copies_are_all_sent() -> None:
    assert planned(OK, *copies(3, OK)).requests == 4


def test_the_order_is_that_given_but_for_what_must_go_before() -> None:
    following = COUNT | after(NATO)
    assert planned(OK, following, NATO, COUNT, OK).probes == (OK, NATO, following, COUNT)


def test_what_a_probe_follows_is_sent_too() -> None:
    following = OK | after(NATO)
    assert set(planned(following).probes) == {NATO, following}
    assert planned(following, NATO).requests == 2


@given(st.lists(st.integers(0, 6), max_size=12))
def test_a_plan_has_each_probe_once_whatever_the_order(numbers: list[int]) -> None:
    probes = [ask(f"p{number}", str(number)) | costing(number % 3) for number in numbers]
    one = planned(*probes)
    assert sorted(probe.name for probe in one.probes) == sorted({probe.name for probe in probes})
    assert set(one.probes) == set(planned(*reversed(probes)).probes)


def test_estimates_add_up() -> None:
    one = planned(COUNT, NATO)
    assert one.prompt_tokens == COUNT.prompt_tokens + NATO.prompt_tokens
    assert one.completion_tokens == 99
    assert planned().requests == planned().prompt_tokens == planned().completion_tokens == 0


def test_each_target_has_a_plan_of_its_own_in_the_order_given() -> None:
    other = Target(PROVIDER, "b")
    first, second = plan({other: [COUNT], TARGET: [COUNT, OK]})
    assert (first.target, first.requests, second.target, second.requests) == (other, 1, TARGET, 2)


@pytest.mark.parametrize(
    ("price", "expected"),
    [(None, None), (Price(3.0, 15.0), 0.0093), (Price(0.0, 0.0), 0.0)],
)
def test_cost_is_in_dollars_for_a_million_tokens(price: Price | None, expected: float | None) -> None:
    assert cost(price, 1100, 400) == (None if expected is None else pytest.approx(expected))


def test_the_cost_of_a_plan_follows_the_price_of_its_provider() -> None:
    assert planned(COUNT).cost is None
    priced = Target(replace(PROVIDER, price=Price(1.0, 2.0)), "a")
    (one,) = plan({priced: [COUNT]})
    assert one.cost == pytest.approx((COUNT.prompt_tokens + 2 * COUNT.completion_tokens) / 1e6)

"""Which model reasons, what it may refuse then, and which of its answers say nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conformance.asking.change import setting
from conformance.asking.probe import Probe
from conformance.contracts.chat.probes.ask import ask
from conformance.contracts.chat.probes.change import max_tokens, stop
from conformance.contracts.chat.probes.named import COUNT, OK
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.reasoning import cut_short, may_refuse, no_room, reasons
from conformance.wire.record import Attempt
from tests.contracts.chat.cases.recorded import SILENT, attempt, claiming, exchange
from tests.ids import by_value

NO_ROOM = attempt(400, {"error": {"message": "Please try again with higher max_tokens.", "param": None}})
ADAPTED = ("limit raised to 1024 tokens",)


def answer(
    text: str | None = "1 2 3", reason: str = "stop", billed: int | None = 3, thought: int = 0, **message: Any
) -> Attempt:
    """An answer, and what it bills, if it says so."""
    counts = {"prompt_tokens": 3, "completion_tokens": billed, "total_tokens": 3 + (billed or 0)}
    usage = {**counts, "completion_tokens_details": {"reasoning_tokens": thought}}
    said = {"role": "assistant", "content": text, **message}
    body = {"choices": [{"index": 0, "message": said, "finish_reason": reason}]}
    return attempt(200, body if billed is None else {**body, "usage": usage})


def seen(probe: Probe, made: Attempt, *adapted: str) -> View:
    return View(replace(exchange(probe, made), adapted=adapted))


PLAIN = seen(COUNT, answer())
THINKER = seen(COUNT, answer(thought=7))


@pytest.mark.parametrize(
    "adapted", [ADAPTED, ("max_completion_tokens in place of max_tokens", "other words")]
)
def test_adapted_requests_show_that_the_model_reasons(adapted: tuple[str, ...]) -> None:
    assert reasons(seen(COUNT, answer(), *adapted))
    assert reasons(seen(COUNT, attempt(500), *adapted))


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (answer(), False),
        (answer(thought=1), True),
        (answer(reasoning_content="Hm."), True),
        (answer("<think>\nHm.\n</think>\n\n1 2"), True),
        (answer(" \n<think>Hm."), True),
        (answer("1 2 <think>"), False),
        (attempt(400, {"error": {"message": "No."}}), False),
        (attempt(200, b"no JSON"), False),
        (attempt(429), False),
        (NO_ROOM, False),
    ],
    ids=by_value,
)
def test_an_answer_shows_that_the_model_reasons(made: Attempt, expected: bool) -> None:
    assert reasons(seen(COUNT, made)) is expected


def test_a_temperature_left_out_shows_nothing() -> None:
    assert not reasons(seen(COUNT, answer(), "temperature left out"))


@pytest.mark.parametrize(
    ("probe", "made", "expected"),
    [
        (COUNT | max_tokens(20), answer("", "length", 20), True),
        (COUNT | max_tokens(20), answer(" \n", "length", 20), True),
        (COUNT | max_tokens(20), answer(None, "length", 20), True),
        (COUNT | max_tokens(20), answer("", "length", None), True),
        (COUNT | max_tokens(20), answer("", "length", 18), True),
        (COUNT | max_tokens(20), answer("", "length", 17), False),
        (COUNT | max_tokens(20), answer("1", "length", 20), False),
        (COUNT | max_tokens(20), answer("", "stop", 20), False),
        (COUNT | max_tokens(16), answer("", "length", 16), True),
        (COUNT | max_tokens(15), answer("", "length", 15), False),
        (ask("bare", "x"), answer("", "length", 20), False),
        (ask("new", "x", max_completion_tokens=20), answer("", "length", 20), True),
        (ask("both", "x", max_tokens=9, max_completion_tokens=20), answer("", "length", 20), True),
        (COUNT | max_tokens(20) | setting(tools=[]), answer("", "length", 20), False),
        (COUNT | max_tokens(20) | setting(functions=[]), answer("", "length", 20), False),
        (COUNT | max_tokens("20"), answer("", "length", 20), False),
    ],
    ids=by_value,
)
def test_who_says_nothing_within_a_limit_thinks(probe: Probe, made: Attempt, expected: bool) -> None:
    assert reasons(seen(probe, made)) is expected


CLAIMS = claiming(stop={"unless_reasoning": True, "max": 4}, seed=True)
STOPPED = COUNT | stop("x")
REFUSED = seen(STOPPED, attempt(400, {"error": {"message": "'stop' is not supported with this model."}}))


def test_what_is_left_to_a_model_that_reasons_may_be_refused_by_its_name() -> None:
    assert may_refuse(CLAIMS, "stop", REFUSED, [PLAIN, THINKER, REFUSED])


@pytest.mark.parametrize(
    ("claim", "refusal", "recorded"),
    [
        ("stop", REFUSED, [PLAIN, REFUSED]),
        ("seed", seen(OK | setting(seed=1), attempt(400, {"error": {"message": "no seed"}})), [THINKER]),
        ("stop", seen(STOPPED, attempt(400, {"error": {"message": "No."}})), [THINKER]),
        ("stop", REFUSED, [THINKER, seen(COUNT | stop("y", "z"), answer())]),
    ],
    ids=["does not reason", "not left to it", "another name", "served with another value"],
)
def test_anything_else_may_not(claim: str, refusal: View, recorded: list[View]) -> None:
    assert not may_refuse(CLAIMS, claim, refusal, recorded)


@pytest.mark.parametrize(
    ("members", "status", "serves"),
    [
        ({"temperature": 0}, 200, True),
        ({"temperature": 1.5}, 200, True),
        ({"temperature": 1}, 200, False),
        ({"temperature": None}, 200, False),
        ({}, 200, False),
        ({"temperature": 0}, 400, False),
    ],
    ids=by_value,
)
def test_whoever_serves_a_value_that_has_an_effect_leaves_nothing_out(
    members: dict[str, Any], status: int, serves: bool
) -> None:
    claims = claiming(temperature={"unless_reasoning": True, "default": 1})
    hot = ask("hot", "x", temperature=2)
    refusal = seen(hot, attempt(400, {"error": {"message": "Unsupported.", "param": "temperature"}}))
    other = seen(ask("other", "y", **members), answer() if status == 200 else attempt(status))
    thinker = seen(OK, answer(thought=3))
    assert may_refuse(claims, "temperature", refusal, [thinker, refusal, other]) is not serves


@pytest.mark.parametrize("value", [{}, []])
def test_what_is_empty_has_no_effect(value: Any) -> None:
    other = seen(OK | setting(stop=value), answer())
    assert may_refuse(CLAIMS, "stop", REFUSED, [THINKER, other])


def test_a_limit_without_room_is_no_fault_of_a_model_that_reasons() -> None:
    refusal = seen(COUNT | max_tokens(5), NO_ROOM)
    assert no_room(refusal, [THINKER, refusal])
    assert not no_room(refusal, [PLAIN, refusal])
    assert not no_room(REFUSED, [THINKER])


def test_what_is_cut_short_is_the_first_of_those_whose_limit_only_bounds_the_cost() -> None:
    cut = seen(COUNT, answer("1 2", "length", 120))
    refused = seen(OK, NO_ROOM)
    keys = {COUNT.key, OK.key}
    assert cut_short([THINKER, cut], keys, [THINKER, cut]) is cut
    assert cut_short([THINKER, cut], {OK.key}, [THINKER, cut]) is None
    assert cut_short([PLAIN, cut], keys, [PLAIN, cut]) is None
    assert cut_short([THINKER], keys, [THINKER]) is None
    for unread in (attempt(400), attempt(429), attempt(200, b"no JSON")):
        assert cut_short([seen(COUNT, unread), cut], keys, [THINKER]) is cut
    # A refusal that says so needs no other sign: within its limit there is room for what was asked for.
    assert cut_short([cut, refused], keys, [PLAIN]) is refused
    assert cut_short([refused], {COUNT.key}, [PLAIN]) is None


def test_documents_that_say_nothing_leave_nothing_to_anybody() -> None:
    assert not may_refuse(SILENT, "stop", REFUSED, [THINKER])


def test_without_a_limit_or_an_answer_nothing_is_cut() -> None:
    assert not seen(ask("bare", "x"), answer("", "length")).cut
    assert not seen(COUNT, attempt(400, {"error": {"message": "No."}})).cut
    assert seen(COUNT, answer("1 2", "length", 120)).cut

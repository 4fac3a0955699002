"""Cases about every exchange: which they get, and how many verdicts become one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conformance.asking.change import path, setting, to_be_refused
from conformance.asking.probe import Probe, fetch
from conformance.contracts.chat.probes.named import COUNT, COUNT_STREAM
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.selecting import (
    all_answers,
    every_answer,
    every_plain_answer,
    every_refusal,
    every_response,
    every_stream,
)
from conformance.judging.saying import assume, concerns, warn
from conformance.judging.verdict import Verdict
from conformance.wire.record import Exchange
from tests.contracts.chat.cases.recorded import attempt, exchange, judgement
from tests.ids import by_value
from tests.judging.making import ANSWER, NO, SEEDED, STREAM, case_of, told


def test_a_failure_outweighs_a_warning_and_says_where_and_how_often() -> None:
    def picky(answer: View) -> None:
        if answer.probe == COUNT.name:
            warn("tolerable")
        assert answer.probe == "?", f"bad {answer.probe}"

    every = [exchange(probe, attempt(200, ANSWER)) for probe in (COUNT, SEEDED, COUNT | setting(top_p=1))]
    found = judgement(case_of(picky, on=every_plain_answer), *every)
    assert found.verdict is Verdict.FAIL
    assert found.message == ("bad count seed=7 (2 of 3 answers that were not streamed, first: count seed=7)")
    assert told(found) == [((one.id,), f"bad {one.probe}") for one in every[1:]]
    assert found.offending == tuple(one.id for one in every[1:])
    assert found.consulted == tuple(one.id for one in every)


def test_a_warning_is_found_among_passes() -> None:
    def picky(answer: View) -> None:
        if answer.probe == COUNT.name:
            warn("tolerable")

    every = [exchange(probe, attempt(200, ANSWER)) for probe in (SEEDED, COUNT)]
    assert judgement(case_of(picky, on=every_answer), *every).verdict is Verdict.WARN


def test_one_answer_that_passes_outweighs_one_that_cannot_be_seen() -> None:
    every = [exchange(COUNT, attempt(200, b"<html>")), exchange(SEEDED, attempt(200, ANSWER))]
    found = judgement(case_of(holds_of_answer, on=every_answer), *every)
    assert (found.verdict, found.see, found.offending) == (Verdict.PASS, None, ())


def holds_of_answer(answer: View) -> None:
    assert answer.text


def test_where_no_answer_can_be_seen_there_is_no_verdict() -> None:
    found = judgement(case_of(holds_of_answer, on=every_answer), exchange(COUNT, attempt(200, b"<html>")))
    assert (found.verdict, found.see) == (Verdict.INCONCLUSIVE, "envelope.one-json-object")


def test_where_no_exchange_is_concerned_it_is_not_applicable() -> None:
    def cases(answer: View) -> None:
        concerns(False, "no logprobs")

    every = [exchange(COUNT, attempt(200, ANSWER)), exchange(SEEDED, attempt(200, ANSWER))]
    assert judgement(case_of(cases, on=every_answer), *every).verdict is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("recorded", "expected", "message"),
    [
        ((), Verdict.INCONCLUSIVE, "this run has no stream"),
        ((exchange(COUNT, attempt(200, ANSWER)),), Verdict.INCONCLUSIVE, "this run has no stream"),
        ((exchange(COUNT_STREAM, attempt(None, failure="connect")),), Verdict.ERROR, "it was connect"),
        ((exchange(COUNT_STREAM, attempt(429)),), Verdict.ERROR, "HTTP 429 after 1 attempts"),
        (
            (exchange(COUNT_STREAM, attempt(400, NO)),),
            Verdict.INCONCLUSIVE,
            "the request was not served: HTTP 400: seed is not supported",
        ),
    ],
    ids=by_value,
)
def test_where_nothing_was_selected_the_reason_is_what_became_of_the_requests(
    recorded: tuple[Exchange, ...], expected: Verdict, message: str
) -> None:
    found = judgement(case_of(holds_of_answer, on=every_stream), *recorded)
    assert (found.verdict, found.message, found.consulted) == (expected, message, ())


def test_an_error_in_the_place_of_the_only_answer_is_said_and_by_which_requirement() -> None:
    case = case_of(holds_of_answer, on=every_plain_answer)
    found = judgement(case, exchange(COUNT, attempt(200, NO)))
    assert (found.verdict, found.see) == (Verdict.INCONCLUSIVE, "envelope.no-error-in-success")
    assert (found.message, found.consulted) == ("there is an error in the answer", ())
    unwanted = exchange(COUNT | to_be_refused, attempt(200, ANSWER))
    assert judgement(case, unwanted).message == "this run has no answer that was not streamed"
    cut = exchange(COUNT, attempt(200, {"choices": [], "error": None}, failure="cut"))
    assert judgement(case, cut).message == "this run has no answer that was not streamed"


def test_the_only_exchange_is_not_counted() -> None:
    found = judgement(case_of(fails, on=every_answer), exchange(COUNT, attempt(200, ANSWER)))
    assert found.message == "bad (the answer, first: count)"
    assert told(found) == [(found.offending, "bad")]


def test_of_two_exchanges_it_is_said_how_many_were_looked_at() -> None:
    every = [exchange(COUNT, attempt(200, ANSWER)), exchange(SEEDED, attempt(400, NO))]
    found = judgement(case_of(fails, on=every_response), *every)
    assert found.message == "bad (2 of 2 responses, first: count)"


def fails(view: View) -> None:
    raise AssertionError("bad")


def test_a_finding_shows_twenty_exchanges_and_names_all() -> None:
    every = [exchange(COUNT | setting(seed=seed), attempt(200, ANSWER)) for seed in range(22)]
    found = judgement(case_of(fails, on=every_answer), *every)
    assert told(found) == [((one.id,), "bad") for one in every[:20]]
    assert found.offending == tuple(one.id for one in every)


def test_without_a_finding_the_first_of_the_most_telling_exchanges_stands_for_all() -> None:
    every = [exchange(COUNT | setting(seed=seed), attempt(200, ANSWER)) for seed in range(4)]
    first, second, _, fourth = (one.id for one in every)

    def unseen(answer: View) -> None:
        concerns(answer.id != first, "not concerned")
        assume(answer.id == fourth, f"cannot say of {answer.id}")
        concerns(False, "not concerned")

    def unconcerned(answer: View) -> None:
        concerns(False, f"not concerned by {answer.id}")

    found = judgement(case_of(unseen, on=every_answer), *every)
    assert (found.verdict, found.message) == (Verdict.INCONCLUSIVE, f"cannot say of {second}")
    found = judgement(case_of(unconcerned, on=every_answer), *every)
    assert (found.verdict, found.message) == (Verdict.NOT_APPLICABLE, f"not concerned by {first}")


def test_of_answers_that_come_together_those_that_cannot_be_read_are_left_out() -> None:
    def together(answers: tuple[View, ...]) -> None:
        raise AssertionError(" ".join(view.text for view in answers))

    page, good = exchange(SEEDED, attempt(200, b"<html>")), exchange(COUNT, attempt(200, ANSWER))
    case = case_of(together, on=all_answers)
    assert judgement(case, page, good).message == "1 2 3"
    found = judgement(case, page)
    assert (found.verdict, found.see) == (Verdict.INCONCLUSIVE, "envelope.one-json-object")


def test_all_answers_come_together_in_the_order_of_sending() -> None:
    def together(answers: tuple[View, ...]) -> None:
        raise AssertionError(" ".join(view.probe for view in answers))

    late, early = (
        replace(exchange(COUNT, attempt(200, ANSWER)), id="x1000"),
        exchange(SEEDED, attempt(200, ANSWER)),
    )
    found = judgement(case_of(together, on=all_answers), late, replace(early, id="x999"))
    assert (found.message, found.consulted) == ("count seed=7 count", ("x999", "x1000"))


@pytest.mark.parametrize(
    ("probe", "status", "body", "chosen"),
    [
        (COUNT, 200, ANSWER, "answer plain success response"),
        (COUNT_STREAM, 200, STREAM, "answer stream success response"),
        (COUNT, 200, NO, "success response"),
        (COUNT, 201, b"", "answer plain success response"),
        (COUNT, 400, NO, "response refusal"),
        (COUNT, 399, b"", "response"),
        (COUNT, 499, b"", "response refusal"),
        (COUNT | to_be_refused, 500, b"", "response refusal"),
        (COUNT | path("elsewhere", "/embeddings"), 400, NO, "response"),
        (COUNT | path("read", "/chat/completions", "GET"), 400, NO, "response"),
        (fetch("models", "/models"), 200, ANSWER, "response"),
        (COUNT, 500, b"", "response"),
        (COUNT, 302, b"", "response"),
    ],
    ids=by_value,
)
def test_which_exchanges_a_case_gets(probe: Probe, status: int, body: Any, chosen: str) -> None:
    from conformance.contracts.chat import selecting as module

    selectors = {
        "answer": module.every_answer,
        "plain": module.every_plain_answer,
        "stream": module.every_stream,
        "success": module.every_success,
        "response": module.every_response,
        "refusal": every_refusal,
    }
    recorded = exchange(probe, attempt(status, body))
    got = [
        name
        for name, on in selectors.items()
        if judgement(case_of(lambda view: None, on=on), recorded).consulted
    ]
    assert got == chosen.split()


@pytest.mark.parametrize(("failure", "consulted"), [("cut", False), ("reset", True), ("held-open", True)])
def test_an_answer_that_we_cut_short_is_none_and_any_other_is(failure: str, consulted: bool) -> None:
    recorded = exchange(COUNT, attempt(200, ANSWER, failure=failure))
    found = judgement(case_of(lambda view: None, on=every_answer), recorded)
    assert found.consulted == ((recorded.id,) if consulted else ())


def test_an_exchange_without_a_response_is_nobodys() -> None:
    recorded = exchange(COUNT, attempt(None, failure="connect"))
    assert judgement(case_of(lambda view: None, on=every_refusal), recorded).consulted == ()

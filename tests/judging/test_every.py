"""Cases about every exchange: which they get, and how many verdicts become one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conformance.exchange.record import Exchange
from conformance.exchange.view import View
from conformance.probe.change import setting, to_be_refused
from conformance.probe.named import COUNT, COUNT_STREAM
from conformance.probe.probe import Probe
from conformance.requirement import (
    all_answers,
    concerns,
    every_answer,
    every_plain_answer,
    every_refusal,
    every_stream,
    warn,
)
from conformance.verdict import Verdict
from tests.cases.recorded import attempt, exchange, judgement
from tests.judging.making import ANSWER, NO, SEEDED, STREAM, case_of


def test_a_failure_outweighs_a_warning_and_says_where_and_how_often() -> None:
    def picky(answer: View) -> None:
        if answer.probe == COUNT.name:
            warn("tolerable")
        assert answer.probe == "?", f"bad {answer.probe}"

    every = [exchange(probe, attempt(200, ANSWER)) for probe in (COUNT, SEEDED, COUNT | setting(top_p=1))]
    found = judgement(case_of(picky, on=every_plain_answer), *every)
    assert found.verdict is Verdict.FAIL
    assert found.message == ("bad count seed=7 (2 of 3 answers that were not streamed, first: count seed=7)")
    assert found.detail.splitlines() == [f"{one.id} {one.probe}: bad {one.probe}" for one in every[1:]]
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
)
def test_where_nothing_was_selected_the_reason_is_what_became_of_the_requests(
    recorded: tuple[Exchange, ...], expected: Verdict, message: str
) -> None:
    found = judgement(case_of(holds_of_answer, on=every_stream), *recorded)
    assert (found.verdict, found.message, found.consulted) == (expected, message, ())


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
        (COUNT | to_be_refused, 500, b"", "response refusal"),
        (COUNT, 500, b"", "response"),
        (COUNT, 302, b"", "response"),
    ],
)
def test_which_exchanges_a_case_gets(probe: Probe, status: int, body: Any, chosen: str) -> None:
    from conformance import requirement as module

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


def test_an_exchange_without_a_response_is_nobodys() -> None:
    recorded = exchange(COUNT, attempt(None, failure="connect"))
    assert judgement(case_of(lambda view: None, on=every_refusal), recorded).consulted == ()

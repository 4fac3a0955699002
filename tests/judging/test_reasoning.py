"""What a model that reasons is not accused of, and what it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.judging.verdict import Judgement, Verdict
from conformance.wire.record import Attempt
from tests.contracts.chat.cases.recorded import attempt, claiming, exchange, judgement
from tests.ids import by_value
from tests.judging.making import ANSWER, NO, SEEDED, SERVED, broken, case_of, holds

CUT = {**ANSWER, "choices": [{**ANSWER["choices"][0], "finish_reason": "length"}], "usage": None}  # type: ignore[index]
NO_ROOM = {"error": {"message": "Please try again with higher max_tokens."}}


def judged(made: Attempt, *, reasons: bool = True, wrong: bool = False) -> Judgement:
    """What becomes of a case about seed, which is left to models that reason."""
    adapted = ("limit raised to 1024 tokens",) if reasons else ()
    case = case_of(broken if wrong else holds, claim="seed")
    claims = claiming(seed={"unless_reasoning": True})
    return judgement(case, replace(exchange(SEEDED, made), adapted=adapted), SERVED, claims=claims)


@pytest.mark.parametrize(
    ("status", "reasons", "expected"),
    [
        (400, True, Verdict.UNSUPPORTED),
        (400, False, Verdict.FAIL),
        (500, True, Verdict.FAIL),
        (500, False, Verdict.FAIL),
    ],
    ids=by_value,
)
def test_a_refusal_by_name_is_left_to_it_and_a_crash_is_not(
    status: int, reasons: bool, expected: Verdict
) -> None:
    found = judged(attempt(status, NO), reasons=reasons)
    assert found.verdict is expected
    assert ("as a model that reasons may" in found.message) is (expected is Verdict.UNSUPPORTED)


@pytest.mark.parametrize(
    ("body", "reasons", "wrong", "expected"),
    [
        (CUT, True, True, Verdict.INCONCLUSIVE),
        (CUT, False, True, Verdict.FAIL),
        (CUT, True, False, Verdict.PASS),
        (ANSWER, True, True, Verdict.FAIL),
    ],
    ids=by_value,
)
def test_a_finding_about_an_answer_that_was_cut_short_says_nothing(
    body: object, reasons: bool, wrong: bool, expected: Verdict
) -> None:
    found = judged(attempt(200, body), reasons=reasons, wrong=wrong)
    assert found.verdict is expected
    words = "thoughts took up the limit: count seed=7 was cut short"
    assert (found.message == words) is (expected is Verdict.INCONCLUSIVE)


def test_a_limit_without_room_for_thoughts_decides_nothing() -> None:
    found = judged(attempt(400, NO_ROOM))
    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.message.startswith(
        "the limit leaves no room beside the thoughts: HTTP 400: Please try again"
    )

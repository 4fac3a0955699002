"""The verdicts on log probabilities, on answers made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.contracts.chat.cases import test_logprobs as logprobs
from conformance.contracts.chat.probes.named import COUNT
from conformance.judging.verdict import Verdict
from conformance.provider.claims import profile
from conformance.wire.record import Exchange
from tests.contracts.chat.cases.completions import completion, said
from tests.contracts.chat.cases.recorded import attempt, exchange, verdict
from tests.ids import by_value

CLAIMS = profile("openai")
TEXT = "1 2 3"
CUT = said(logprobs.CUT, TEXT, finish="length", completion=5)
WHOLE = said(COUNT, "1 2 3 4 5")


def token(text: str, logprob: float = -0.1, *others: float) -> dict[str, Any]:
    top = [(text, logprob), *(("x", other) for other in others or (-5.0,))]
    ranked = [{"token": name, "logprob": value, "bytes": None} for name, value in top]
    return {**ranked[0], "top_logprobs": ranked}


def weighed(*tokens: dict[str, Any], completion_tokens: int = 5, text: str = TEXT) -> Exchange:
    body = completion(text, finish="length", completion=completion_tokens)
    body["choices"][0]["logprobs"] = {"content": list(tokens)}
    return exchange(logprobs.WEIGHED, attempt(200, body))


FIVE = tuple(map(token, ("1", " ", "2", " ", "3")))


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (weighed(*FIVE), Verdict.PASS),
        (weighed(token("1", 0.0, -9999.0)), Verdict.PASS),
        (weighed(token("1", logprobs.ROUNDING)), Verdict.PASS),
        (weighed(token("1", 0.5)), Verdict.FAIL),
        (weighed(token("1", -0.5, 0.5)), Verdict.FAIL),
        (weighed(), Verdict.FAIL),
        (weighed(text=""), Verdict.PASS),
        (said(logprobs.WEIGHED, TEXT), Verdict.FAIL),
    ],
    ids=by_value,
)
def test_shape(answer: Exchange, expected: Verdict) -> None:
    assert verdict(logprobs.test_log_probabilities_are_there, answer, claims=CLAIMS) is expected


@pytest.mark.parametrize(
    ("cut", "answer", "expected"),
    [
        (CUT, weighed(*FIVE), Verdict.PASS),
        (CUT, weighed(*FIVE, completion_tokens=6), Verdict.PASS),
        (CUT, weighed(*FIVE, completion_tokens=7), Verdict.WARN),
        (CUT, weighed(*FIVE[:3]), Verdict.WARN),
        (CUT, weighed(text=""), Verdict.INCONCLUSIVE),
        (said(logprobs.CUT, TEXT, completion=9), weighed(*FIVE, completion_tokens=9), Verdict.INCONCLUSIVE),
    ],
    ids=by_value,
)
def test_agreement(cut: Exchange, answer: Exchange, expected: Verdict) -> None:
    case = logprobs.test_log_probabilities_are_those_of_the_text
    assert verdict(case, WHOLE, cut, answer, claims=CLAIMS) is expected


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        (FIVE, Verdict.PASS),
        ((*FIVE, token("4", -1, -2, -3)), Verdict.WARN),
        ((*FIVE[:3], {**FIVE[3], "top_logprobs": []}), Verdict.PASS),
        ((*FIVE[:2], {**FIVE[3], "top_logprobs": []}), Verdict.PASS),
        ((FIVE[0], {**FIVE[3], "top_logprobs": []}), Verdict.WARN),
        (({**FIVE[0], "top_logprobs": []}, {**FIVE[1], "top_logprobs": []}, FIVE[2]), Verdict.WARN),
    ],
    ids=by_value,
)
def test_number_of_alternatives(tokens: tuple[dict[str, Any], ...], expected: Verdict) -> None:
    case = logprobs.test_there_are_as_many_alternatives_as_asked_for
    assert verdict(case, weighed(*tokens), claims=CLAIMS) is expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (weighed(*FIVE), Verdict.PASS),
        (weighed(token("1", -0.70, -0.69)), Verdict.PASS),
        (weighed(token("1", -logprobs.NEAR_TIE, 0.0)), Verdict.PASS),
        (weighed(token("1", -3.0, -0.1)), Verdict.WARN),
        (weighed(token("1", -3.0, -0.1), text="1 3"), Verdict.INCONCLUSIVE),
    ],
    ids=by_value,
)
def test_likeliest(answer: Exchange, expected: Verdict) -> None:
    assert verdict(logprobs.test_the_likeliest_token_is_chosen, CUT, answer, claims=CLAIMS) is expected

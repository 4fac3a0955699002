"""The verdicts on structured output, on answers made by hand."""

from __future__ import annotations

import pytest

from conformance.contracts.chat.cases import test_structured as structured
from conformance.contracts.chat.probes.named import COUNT
from conformance.judging.verdict import Verdict
from conformance.provider.claims import profile
from tests.contracts.chat.cases.completions import completion, refused, said
from tests.contracts.chat.cases.recorded import attempt, exchange, judgement, verdict
from tests.ids import by_value

CLAIMS = profile("openai")
PERSON = '{"name": "Alice", "age": "thirty-30"}'
CAPITAL = '{"verdict": "plum-87"}'


@pytest.mark.parametrize(
    ("text", "finish", "expected"),
    [
        ('{"name": "Alice", "age": 30}', "stop", Verdict.PASS),
        ('\n {"a": []} \n', "stop", Verdict.PASS),
        ('```json\n{"a": 1}\n```', "stop", Verdict.FAIL),
        ('{"a": 1} {"a": 1}', "stop", Verdict.FAIL),
        ('{"a": NaN}', "stop", Verdict.FAIL),
        ("[1]", "stop", Verdict.FAIL),
        ("Alice is 30.", "stop", Verdict.FAIL),
        ('{"a": "       ', "length", Verdict.INCONCLUSIVE),
        ("", "stop", Verdict.INCONCLUSIVE),
    ],
    ids=by_value,
)
def test_json_mode(text: str, finish: str, expected: Verdict) -> None:
    answer = said(structured.JSON_OBJECT, text, finish=finish)
    assert verdict(structured.test_json_mode_gives_an_object, answer, claims=CLAIMS) is expected


def test_json_mode_that_nobody_promised_may_be_refused() -> None:
    case = structured.test_json_mode_gives_an_object
    assert verdict(case, refused(structured.JSON_OBJECT), said(COUNT, "1 2 3")) is Verdict.UNSUPPORTED
    assert verdict(case, said(structured.JSON_OBJECT, "Alice is 30.")) is Verdict.WARN


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PERSON, Verdict.PASS),
        ('{"age": "forty-40", "name": "Bob"}', Verdict.PASS),
        ('{"name": "Alice", "age": 30}', Verdict.FAIL),
        ('{"name": "Alice"}', Verdict.FAIL),
        ('{"name": "Alice", "age": "thirty-30", "x": 1}', Verdict.FAIL),
        ('{"name": ["Alice"], "age": {}}', Verdict.FAIL),
        ("Alice is 30.", Verdict.FAIL),
    ],
    ids=by_value,
)
def test_schema(text: str, expected: Verdict) -> None:
    answer = said(structured.JSON_SCHEMA, text)
    assert verdict(structured.test_text_matches_the_schema, answer, claims=CLAIMS) is expected


@pytest.mark.parametrize(
    ("able", "text", "expected"),
    [
        (PERSON, CAPITAL, Verdict.PASS),
        (PERSON, "The capital of France is Paris.", Verdict.FAIL),
        (PERSON, '{"verdict": "Paris"}', Verdict.FAIL),
        ("Alice is 30.", "The capital of France is Paris.", Verdict.INCONCLUSIVE),
    ],
    ids=by_value,
)
def test_schema_against_the_prompt(able: str, text: str, expected: Verdict) -> None:
    answers = said(structured.JSON_SCHEMA, able), said(structured.AGAINST_THE_PROMPT, text)
    assert verdict(structured.test_schema_holds_against_the_prompt, *answers, claims=CLAIMS) is expected


def test_a_refusal_of_the_model_is_no_way_round_the_schema() -> None:
    body = completion("I cannot say.")
    body["choices"][0]["message"]["refusal"] = "I cannot say."
    refusal = exchange(structured.AGAINST_THE_PROMPT, attempt(200, body))
    case, able = structured.test_schema_holds_against_the_prompt, said(structured.JSON_SCHEMA, PERSON)
    assert verdict(case, able, refusal, claims=CLAIMS) is Verdict.INCONCLUSIVE


def test_refusing_an_unknown_format_says_nothing_where_none_has_an_effect() -> None:
    case, unknown = structured.test_unknown_format_is_refused, refused(structured.UNKNOWN)
    assert verdict(case, said(structured.JSON_OBJECT, "{}"), unknown, claims=CLAIMS) is Verdict.PASS
    found = judgement(case, said(structured.JSON_OBJECT, "Alice"), unknown, claims=CLAIMS)
    assert (found.verdict, found.see) == (Verdict.INCONCLUSIVE, "structured.json-object")

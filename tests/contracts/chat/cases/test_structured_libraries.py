"""The verdicts on schemas as libraries write them, on answers made by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conformance.asking.probe import Probe
from conformance.contracts.chat.cases import test_structured as structured
from conformance.contracts.chat.cases import test_structured_libraries as libraries
from conformance.judging.verdict import Verdict
from conformance.provider.claims import profile
from conformance.wire.record import Exchange
from tests.contracts.chat.cases.completions import refused, said, streamed
from tests.contracts.chat.cases.recorded import SILENT, judgement

PASS, FAIL, WARN, OPEN = Verdict.PASS, Verdict.FAIL, Verdict.WARN, Verdict.INCONCLUSIVE
CLAIMS = profile("openai")
ABLE = said(structured.JSON_SCHEMA, '{"name": "Alice", "age": "thirty-30"}')
ENFORCED = said(structured.AGAINST_THE_PROMPT, '{"verdict": "plum-87"}')
PROSE = "The capital of France is Paris."

REFERRING = {"verdict": {"code": "teal-41"}, "reserve": "plum-87"}
TYPED: dict[str, Any] = {
    "rank": 47,
    "codes": ["teal-41", "plum-87"],
    "remark": None,
    "detail": {"certain": False, "mood": "teal-41"},
}


def judged(case: Any, *exchanges: Exchange, claims: Any = CLAIMS) -> tuple[Verdict, str]:
    found = judgement(case, *exchanges, claims=claims)
    return found.verdict, str(found.message)


@pytest.mark.parametrize(
    ("answer", "expected", "says"),
    [
        pytest.param(REFERRING, PASS, "", id="kept"),
        pytest.param({**REFERRING, "reserve": "x"}, FAIL, 'reserve is "x"', id="not through one reference"),
        pytest.param({**REFERRING, "verdict": {}}, FAIL, "verdict is {}", id="not through two"),
        pytest.param({"reserve": "teal-41"}, FAIL, "verdict is missing", id="a member is missing"),
        pytest.param({**REFERRING, "note": 1}, FAIL, "note is not in the schema", id="a member too many"),
    ],
)
def test_references(answer: Any, expected: Verdict, says: str) -> None:
    one = said(libraries.REFERENCES, json.dumps(answer))
    verdict, message = judged(libraries.test_references_are_resolved, ABLE, ENFORCED, one)
    assert verdict is expected
    assert says in message


@pytest.mark.parametrize(("claims", "expected"), [(CLAIMS, FAIL), (SILENT, WARN)], ids=["documented", "not"])
def test_references_that_are_refused(claims: Any, expected: Verdict) -> None:
    verdict, message = judged(
        libraries.test_references_are_resolved,
        ABLE,
        ENFORCED,
        refused(libraries.REFERENCES),
        claims=claims,
    )
    assert verdict is expected
    assert message == "a schema with `$defs` and `$ref` is refused, though others are served: HTTP 400: no"


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("rank", 40, "rank is 40"),
        ("rank", 48, "rank is 48"),
        ("rank", "41", 'rank is "41"'),
        ("codes", ["teal-41"], 'codes is ["teal-41"]'),
        ("codes", ["teal-41", "x"], "codes is"),
        ("remark", "none", 'remark is "none"'),
        ("detail", {"certain": True}, 'detail is {"certain": true}'),
        ("detail", "teal-41", "detail is"),
    ],
    ids=["too small", "too large", "a string", "too few", "no enum", "not null", "inner member", "no object"],
)
def test_types(name: str, value: Any, says: str) -> None:
    case = libraries.test_types_and_bounds_are_kept
    one = said(libraries.TYPES, json.dumps({**TYPED, name: value}))
    verdict, message = judged(case, ABLE, ENFORCED, one)
    assert verdict is FAIL
    assert says in message
    right = said(libraries.TYPES, json.dumps(TYPED))
    assert judged(case, ABLE, ENFORCED, right)[0] is PASS


@pytest.mark.parametrize(
    ("able", "enforced", "see"),
    [
        (said(structured.JSON_SCHEMA, PROSE), ENFORCED, "structured.json-schema"),
        (ABLE, said(structured.AGAINST_THE_PROMPT, PROSE), "structured.schema-enforced-against-the-prompt"),
    ],
    ids=["not even asked for", "not against the prompt"],
)
def test_what_simpler_schemas_show_is_not_found_again(able: Exchange, enforced: Exchange, see: str) -> None:
    answers = said(libraries.TYPES, PROSE), said(libraries.REFERENCES, PROSE)
    for case in (libraries.test_types_and_bounds_are_kept, libraries.test_references_are_resolved):
        found = judgement(case, able, enforced, *answers, claims=CLAIMS)
        assert (found.verdict, found.see) == (OPEN, see)


def pieces(probe: Probe, text: str, finish: str = "stop") -> Exchange:
    return streamed(probe, *((0, part, None) for part in (text[:5], text[5:])), (0, None, finish))


@pytest.mark.parametrize(
    ("plain", "text", "expected"),
    [
        pytest.param(TYPED, json.dumps(TYPED), PASS, id="kept in both"),
        pytest.param(TYPED, PROSE, FAIL, id="dropped in the stream"),
        pytest.param(TYPED, '{"answer": 1}', FAIL, id="another in the stream"),
        pytest.param({"a": 1}, PROSE, FAIL, id="some JSON plain, prose in the stream"),
        pytest.param({"a": 1}, '{"a": 1}', OPEN, id="not kept in either"),
        pytest.param(None, PROSE, OPEN, id="prose in both"),
    ],
)
def test_schemas_in_streams(plain: Any, text: str, expected: Verdict) -> None:
    whole = said(libraries.TYPES, PROSE if plain is None else json.dumps(plain))
    stream = pieces(libraries.TYPES_STREAMED, text)
    assert judged(libraries.test_schema_is_kept_in_a_stream, whole, stream)[0] is expected


@pytest.mark.parametrize(
    ("plain", "text", "finish", "expected"),
    [
        ('{"a": 1}', '{"a": 2}', "stop", PASS),
        ('{"a": 1}', '```json\n{"a": 1}\n```', "stop", FAIL),
        ('{"a": 1}', '{"a": ', "length", OPEN),
        (PROSE, PROSE, "stop", OPEN),
    ],
    ids=["kept", "fenced", "cut", "prose in both"],
)
def test_json_mode_in_streams(plain: str, text: str, finish: str, expected: Verdict) -> None:
    whole = said(structured.JSON_OBJECT, plain)
    stream = pieces(libraries.JSON_OBJECT_STREAMED, text, finish)
    assert judged(libraries.test_json_mode_holds_in_a_stream, whole, stream)[0] is expected

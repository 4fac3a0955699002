"""What the checks say where a fault of the embedded provider does not show it: words, places, and doubt."""

from __future__ import annotations

import pytest

from conformance.contracts.embeddings.probes.invalid import (
    HUGE_DIMENSIONS,
    NEGATIVE_DIMENSIONS,
    NO_DIMENSIONS,
    UNKNOWN_ENCODING,
    too_many,
)
from conformance.contracts.embeddings.probes.named import BASE64, BATCH, OTHER, TEXT, TEXT_AGAIN, shorter
from conformance.judging.verdict import Verdict
from conformance.provider.claims import differing
from conformance.wire.record import Exchange
from tests.contracts.chat.cases.recorded import attempt
from tests.contracts.embeddings.answers import OPENAI, answered, exchange, judged, listed, packed, refused

A, B = [0.6, 0.8, 0.0], [0.0, 0.6, 0.8]
NEAR_A = [0.6001, 0.7999, 0.0001]
SILENT = differing(OPENAI, {"encoding_format": None, "dimensions": None, "unit-length": None}, {})

SHORT = shorter(OPENAI)


def found(name: str, *exchanges: Exchange, claims: object = OPENAI) -> tuple[Verdict, str]:
    judgement = judged(name, *exchanges, claims=claims)  # type: ignore[arg-type]
    return judgement.verdict, judgement.message


def test_numbers_in_place_of_base64_weigh_what_the_documents_say() -> None:
    pair = answered(TEXT, A), answered(BASE64, A)
    assert found("encoding.base64-honoured", *pair) == (
        Verdict.FAIL,
        "base64 was asked for, and numbers came",
    )
    assert found("encoding.base64-honoured", *pair, claims=SILENT)[0] is Verdict.WARN


def test_base64_that_is_refused_is_unsupported_where_nobody_promised_it() -> None:
    pair = answered(TEXT, A), refused(BASE64)
    assert found("encoding.base64-honoured", *pair)[0] is Verdict.FAIL
    assert found("encoding.base64-honoured", *pair, claims=SILENT)[0] is Verdict.UNSUPPORTED
    for name in ("encoding.base64-is-float32", "encoding.base64-equals-float"):
        others = answered(TEXT_AGAIN, A), refused(UNKNOWN_ENCODING)
        assert found(name, *pair, *others)[0] is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("again", "encoded", "verdict", "said"),
    [
        pytest.param(A, A, Verdict.PASS, "", id="the same"),
        pytest.param(A, NEAR_A, Verdict.WARN, "each request for numbers gives the same", id="rounded"),
        pytest.param(NEAR_A, NEAR_A, Verdict.NOTE, "as they do from request to request", id="unsteady"),
        pytest.param(A, B, Verdict.FAIL, "the cosine is 0.4800", id="another vector"),
        pytest.param(B, A, Verdict.INCONCLUSIVE, "two requests for one text", id="no control"),
    ],
)
def test_base64_against_numbers(
    again: list[float], encoded: list[float], verdict: Verdict, said: str
) -> None:
    one = answered(TEXT, A), answered(TEXT_AGAIN, again), answered(BASE64, packed(encoded))
    outcome, message = found("encoding.base64-equals-float", *one)
    assert outcome is verdict
    assert said in message


def test_big_endian_floats_are_called_by_their_name() -> None:
    pair = answered(TEXT, A), answered(BASE64, packed(A, ">f"))
    assert found("encoding.base64-is-float32", *pair) == (
        Verdict.FAIL,
        "the base64 holds 32-bit floats with the highest byte first",
    )


def test_a_width_is_honoured_or_refused_and_never_ignored() -> None:
    wanted = [0.1] * 256
    wide = answered(TEXT, [0.1] * 300)
    assert found("dimensions.honoured", wide, answered(SHORT, wanted))[0] is Verdict.PASS
    assert found("dimensions.honoured", wide, answered(SHORT, [0.1] * 300)) == (
        Verdict.FAIL,
        "256 dimensions were asked for, and 300 came",
    )
    refusal = found("dimensions.honoured", wide, refused(SHORT))
    assert refusal[0] is Verdict.UNSUPPORTED
    assert ", as some models may: " in refusal[1]
    assert found("dimensions.honoured", wide, answered(SHORT, [0.1] * 300), claims=SILENT)[0] is Verdict.WARN
    same = answered(TEXT, wanted), answered(SHORT, wanted)
    assert found("dimensions.honoured", *same)[0] is Verdict.INCONCLUSIVE


def test_the_width_that_is_asked_for_is_one_that_the_documents_list() -> None:
    listed = differing(OPENAI, {"dimensions": {"values": [512, 64, 128]}}, {})
    assert shorter(listed).members["dimensions"] == 64
    assert SHORT.members["dimensions"] == 256


def test_whoever_ignores_every_width_is_not_accused_of_wrong_ones_too() -> None:
    wide = [0.1] * 300
    wrong = (answered(probe, wide) for probe in (NO_DIMENSIONS, NEGATIVE_DIMENSIONS, HUGE_DIMENSIONS))
    judgement = judged("dimensions.invalid-refused", answered(TEXT, wide), answered(SHORT, wide), *wrong)
    assert (judgement.verdict, judgement.see) == (Verdict.INCONCLUSIVE, "dimensions.honoured")


def batch(text: list[float], other: list[float], *vectors: list[float]) -> list[Exchange]:
    return [
        answered(TEXT, text),
        answered(TEXT_AGAIN, text),
        answered(OTHER, other),
        answered(BATCH, *vectors),
    ]


@pytest.mark.parametrize(
    ("vectors", "verdicts"),
    [
        pytest.param([A, B, A], ("pass", "pass", "pass"), id="right"),
        pytest.param([NEAR_A, B, A], ("pass", "pass", "pass"), id="other last digits"),
        pytest.param([B, A, B], ("inconclusive", "pass", "fail"), id="mixed up"),
        pytest.param([A, B, B], ("inconclusive", "pass", "pass"), id="mixed up at the end"),
        pytest.param([A, A, A], ("pass", "fail", "inconclusive"), id="the first for all"),
        pytest.param([A, B, [0.0, 0.0, 1.0]], ("fail", "pass", "inconclusive"), id="unsteady within"),
        pytest.param([[0.6, 0.0, 0.8]] * 3, ("pass", "fail", "inconclusive"), id="one vector"),
    ],
)
def test_one_defect_of_a_batch_is_one_finding(vectors: list[list[float]], verdicts: tuple[str, ...]) -> None:
    names = ("same-input-same-vector", "different-inputs-differ", "batch-equals-single")
    assert tuple(found(f"vectors.{name}", *batch(A, B, *vectors))[0] for name in names) == verdicts


def test_a_model_to_which_all_texts_are_alike_is_accused_of_nothing() -> None:
    other = [0.61, 0.79, 0.01]
    for name in ("same-input-same-vector", "different-inputs-differ", "batch-equals-single"):
        assert found(f"vectors.{name}", *batch(A, other, A, other, A))[0] is Verdict.PASS


def test_a_service_that_is_less_steady_than_texts_differ_is_not_judged() -> None:
    exchanges = [
        answered(TEXT, A),
        answered(TEXT_AGAIN, [0.61, 0.79, 0.01]),
        answered(OTHER, [0.6, 0.8, 0.015]),
        answered(BATCH, A, [0.6, 0.8, 0.015], A),
    ]
    outcome, message = found("vectors.different-inputs-differ", *exchanges)
    assert outcome is Verdict.INCONCLUSIVE
    assert message == "one text in two requests differs as much as two texts"


def test_a_length_that_nobody_promised_is_a_note() -> None:
    long = answered(TEXT, [3.0, 4.0]), answered(BATCH, [3.0, 4.0], [4.0, 3.0], [3.0, 4.0])
    outcome, message = found("vectors.unit-length", *long)
    assert (outcome, message[:33]) == (Verdict.FAIL, "a vector has the length 5.000 (2 ")
    assert found("vectors.unit-length", *long, claims=SILENT)[0] is Verdict.NOTE


def test_too_many_inputs() -> None:
    (probe,) = too_many(OPENAI)
    assert len(probe.members["input"]) == 2049
    name = "inputs.too-many-refused"
    assert found(name, refused(probe))[0] is Verdict.PASS
    assert found(name, answered(probe, *[[0.1]] * 2049))[0] is Verdict.NOTE
    assert found(name, answered(probe, *[[0.1]] * 2048)) == (
        Verdict.FAIL,
        "2049 inputs got 2048 embeddings",
    )
    large = exchange(probe, attempt(200, b'{"data":[', failure="too-large"))
    assert found(name, large)[0] is Verdict.INCONCLUSIVE
    assert found(name, refused(probe, status=500))[0] is Verdict.FAIL
    assert found(name, refused(probe, status=503))[0] is Verdict.ERROR


@pytest.mark.parametrize("most", [None, 10**6], ids=["unsaid", "a million"])
def test_too_many_inputs_are_sent_only_where_that_costs_little(most: int | None) -> None:
    claims = differing(OPENAI, {"input": None if most is None else {"max": most}}, {})
    assert too_many(claims) == ()
    assert found("inputs.too-many-refused", claims=claims)[0] is Verdict.NOT_APPLICABLE


def test_usage_that_pads() -> None:
    exchanges = [
        answered(TEXT, A, prompt=9),
        answered(OTHER, B, prompt=6),
        answered(BATCH, A, B, A, prompt=27),
    ]
    outcome, message = found("counts.additive", *exchanges)
    assert outcome is Verdict.WARN
    assert message == "a batch has 27 prompt_tokens, and its texts by themselves 2 × 9 + 6 = 24"


def test_the_answer_to_the_plainest_request_is_behind_all_others() -> None:
    judgement = judged("embeddings.one-json-object", refused(TEXT, "This model does not support embeddings"))
    assert judgement.verdict is Verdict.FAIL
    assert judgement.message.startswith("the plainest request gets HTTP 400: This model does not support")
    other = judged("vectors.not-zero", refused(TEXT), refused(BATCH))
    assert (other.verdict, other.see) == (Verdict.INCONCLUSIVE, "embeddings.one-json-object")


def test_a_list_with_another_shape_says_where() -> None:
    body = listed(A)
    body["data"][0]["object"] = "vector"
    judgement = judged("embeddings.matches-schema", exchange(TEXT, attempt(200, body)))
    assert judgement.verdict is Verdict.FAIL
    assert [place.path for one in judgement.findings for place in one.places] == ["$.data[0].object"]

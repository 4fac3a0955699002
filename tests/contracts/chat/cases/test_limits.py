"""The verdicts on limits, on answers made by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conformance.asking.probe import Probe
from conformance.contracts.chat.cases import test_limits as limits
from conformance.contracts.chat.probes.named import COUNT, COUNT_CUT, COUNT_CUT_STREAM, COUNT_STREAM
from conformance.judging.requirement import Case
from conformance.judging.verdict import Verdict
from conformance.provider.claims import profile
from conformance.provider.model import Example
from conformance.wire.record import Exchange, Failure
from tests.contracts.chat.cases.completions import completion, refused, said, streamed
from tests.contracts.chat.cases.recorded import SILENT, attempt, exchange, judgement, verdict
from tests.ids import by_value

CLAIMS = profile("openai")
PASS, FAIL, WARN, OPEN = Verdict.PASS, Verdict.FAIL, Verdict.WARN, Verdict.INCONCLUSIVE
ONE, FIVE, SIXTEEN = COUNT_CUT


def numbers(count: int) -> str:
    return " ".join(map(str, range(1, count + 1)))


def cut(
    probe: Probe, count: int, *, finish: str = "length", billed: int | None = None, thoughts: int = 0
) -> Exchange:
    """An answer of so many numbers that the limit cut."""
    limit = probe.members["max_tokens"]
    body = completion(numbers(count), finish=finish, completion=limit if billed is None else billed)
    body["usage"]["completion_tokens_details"] = {"reasoning_tokens": thoughts}
    return exchange(probe, attempt(200, body))


def found(case: Case, *exchanges: Exchange) -> tuple[Verdict, str | None]:
    result = judgement(case, *exchanges, claims=CLAIMS)
    return result.verdict, result.see


WHOLE = said(COUNT, numbers(20))
CUT = (cut(ONE, 1), cut(FIVE, 5))
SEVENTEEN, SIXTEEN_ONLY = said(COUNT, numbers(17)), said(COUNT, numbers(16))
BOUNDS, LENGTH = "limits.max-tokens-bounds", "limits.finish-reason-length"


@pytest.mark.parametrize(
    ("whole", "last", "expected"),
    [
        (WHOLE, cut(SIXTEEN, 16), PASS),
        (WHOLE, cut(SIXTEEN, 9), PASS),
        (WHOLE, cut(SIXTEEN, 17), FAIL),
        (SEVENTEEN, cut(SIXTEEN, 17), FAIL),
        (SIXTEEN_ONLY, cut(SIXTEEN, 17), OPEN),
    ],
    ids=by_value,
)
def test_bounds(whole: Exchange, last: Exchange, expected: Verdict) -> None:
    assert found(limits.test_max_tokens_bounds_the_text, whole, *CUT, last) == (expected, None)


@pytest.mark.parametrize(
    ("whole", "last", "expected"),
    [
        (WHOLE, cut(SIXTEEN, 16), (PASS, None)),
        (WHOLE, cut(SIXTEEN, 16, finish="stop"), (FAIL, None)),
        (WHOLE, cut(SIXTEEN, 17, finish="stop"), (OPEN, BOUNDS)),
        (SIXTEEN_ONLY, cut(SIXTEEN, 16, finish="stop"), (OPEN, None)),
    ],
    ids=by_value,
)
def test_finish_reason(whole: Exchange, last: Exchange, expected: tuple[Verdict, str | None]) -> None:
    assert found(limits.test_finish_reason_is_length, whole, CUT[1], last) == expected


@pytest.mark.parametrize(
    ("whole", "last", "expected"),
    [
        (WHOLE, cut(SIXTEEN, 8), (PASS, None)),
        (WHOLE, cut(SIXTEEN, 16), (PASS, None)),
        (WHOLE, cut(SIXTEEN, 8, billed=15), (WARN, None)),
        (WHOLE, cut(SIXTEEN, 8, billed=15, thoughts=3), (OPEN, None)),
        (WHOLE, cut(SIXTEEN, 8, thoughts=3), (PASS, None)),
        (WHOLE, cut(SIXTEEN, 8, billed=17), (OPEN, "usage.within-limit")),
        (WHOLE, cut(SIXTEEN, 17, billed=15), (OPEN, BOUNDS)),
        (WHOLE, cut(SIXTEEN, 8, billed=15, finish="stop"), (OPEN, LENGTH)),
        (SIXTEEN_ONLY, cut(SIXTEEN, 8, billed=15), (OPEN, None)),
    ],
    ids=by_value,
)
def test_exactness(whole: Exchange, last: Exchange, expected: tuple[Verdict, str | None]) -> None:
    assert found(limits.test_limit_is_used_up_exactly, whole, *CUT, last) == expected


@pytest.mark.parametrize(
    ("whole", "texts", "expected"),
    [
        (numbers(20), ("1", "1 2 3", "1 2 3 4"), PASS),
        (numbers(20), ("1", "1 2", "1 2"), PASS),
        (numbers(17), ("1", "1 2 3", "1 2"), WARN),
        (numbers(16), ("1", "1 2 3", "1 2"), OPEN),
        (numbers(20), ("1", "1 2 3", "1 2 4 4"), WARN),
        (numbers(20), ("1", "2 3 4", "1 2 3 4"), WARN),
        (numbers(20), ("1", "3 2 1", "1 2 3 4"), OPEN),
        (numbers(20), ("1", "1", "One two"), OPEN),
    ],
    ids=by_value,
)
def test_growth(whole: str, texts: tuple[str, str, str], expected: Verdict) -> None:
    answers = [said(probe, text) for probe, text in zip(COUNT_CUT, texts, strict=True)]
    case = limits.test_text_grows_with_the_limit
    assert found(case, said(COUNT, whole), *answers) == (expected, None)
    assert found(case, said(COUNT, whole), *answers[:2], cut(SIXTEEN, 9, thoughts=3)) == (OPEN, None)


def stream(count: int, finish: str = "length") -> Exchange:
    return streamed(COUNT_CUT_STREAM, (0, numbers(count), None), (0, None, finish))


@pytest.mark.parametrize(
    ("whole", "plain", "streams", "expected"),
    [
        (WHOLE, cut(FIVE, 5), stream(5), (PASS, None)),
        (WHOLE, cut(FIVE, 5), stream(6), (FAIL, None)),
        (WHOLE, cut(FIVE, 5), stream(5, "stop"), (FAIL, None)),
        (said(COUNT, numbers(6)), cut(FIVE, 5), stream(6), (FAIL, None)),
        (said(COUNT, numbers(5)), cut(FIVE, 5), stream(6), (OPEN, None)),
        (WHOLE, cut(FIVE, 6), stream(6), (OPEN, BOUNDS)),
        (WHOLE, cut(FIVE, 5, finish="stop"), stream(6), (OPEN, LENGTH)),
    ],
    ids=by_value,
)
def test_streams(
    whole: Exchange, plain: Exchange, streams: Exchange, expected: tuple[Verdict, str | None]
) -> None:
    assert found(limits.test_limit_holds_in_a_stream, whole, plain, streams) == expected


@pytest.mark.parametrize(
    ("kind", "expected"), [("", PASS), ("runaway", FAIL), ("cut", OPEN), ("reset", PASS)], ids=by_value
)
def test_a_stream_that_does_not_end(kind: str, expected: Verdict) -> None:
    whole = streamed(COUNT_STREAM, (0, "1 2", None), (0, None, "stop"))
    failure = Failure(kind, f"it was {kind}") if kind else None
    one = replace(whole, attempts=(replace(whole.last, failure=failure),))
    assert verdict(limits.test_a_stream_ends_where_its_limit_is_passed, one) is expected


@pytest.mark.parametrize(
    ("whole", "count", "expected"), [(6, 5, PASS), (6, 6, FAIL), (5, 6, OPEN), (20, 20, FAIL)], ids=by_value
)
def test_other_name(whole: int, count: int, expected: Verdict) -> None:
    answers = said(COUNT, numbers(whole)), refused(FIVE), said(limits.OTHER_NAME, numbers(count))
    assert found(limits.test_max_completion_tokens_works, *answers) == (expected, None)


@pytest.mark.parametrize("served", range(3))
def test_invalid_limits(served: int) -> None:
    case = limits.test_invalid_limit_is_refused
    asked = case.probes(CLAIMS)
    assert found(case, *map(refused, asked)) == (PASS, None)
    mixed = [said(one, "1") if number == served else refused(one) for number, one in enumerate(asked)]
    assert found(case, *mixed) == (WARN, None)


@pytest.mark.parametrize(
    ("body", "finish", "expected"),
    [
        ({}, "stop", PASS),
        ({}, "length", WARN),
        ({"max_tokens": 9}, "length", Verdict.NOT_APPLICABLE),
        ({"stream": True}, "length", Verdict.NOT_APPLICABLE),
    ],
    ids=by_value,
)
def test_default(body: dict[str, Any], finish: str, expected: Verdict) -> None:
    example = {"model": "m", "messages": [{"role": "user", "content": "Hi"}], **body}
    claims = replace(SILENT, examples=(Example("hello", example),))
    case = limits.test_default_limit_is_not_tiny
    exchanges = [said(probe, "Hello", finish=finish) for probe in case.probes(claims)]
    assert verdict(case, *exchanges, claims=claims) is expected

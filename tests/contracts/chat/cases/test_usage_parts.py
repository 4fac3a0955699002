"""The verdicts on what completion_tokens is made of, on answers made by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conformance.asking.probe import Probe
from conformance.contracts.chat.cases import test_usage as usage
from conformance.contracts.chat.cases import test_usage_parts as parts
from conformance.contracts.chat.cases.tooling import ONE_AT_A_TIME, TWO, TWO_USAGE
from conformance.contracts.chat.probes.named import COUNT, COUNT_USAGE
from conformance.judging.verdict import Verdict
from conformance.provider.claims import profile
from conformance.wire.record import Exchange
from tests.contracts.chat.cases.completions import EVENT_STREAM, completion, said
from tests.contracts.chat.cases.recorded import attempt, exchange, judgement, verdict
from tests.ids import by_value

PASS, FAIL, WARN, OPEN = Verdict.PASS, Verdict.FAIL, Verdict.WARN, Verdict.INCONCLUSIVE
NONE = Verdict.NOT_APPLICABLE
CLAIMS = profile("openai")
USAGE_STREAM = f"data: {json.dumps({'choices': [], 'usage': completion('')['usage']})}\n\n".encode()
THOUGHTS, TEXT = (
    "Let me think about what was asked for here. " * 2,
    "It is the capital of France, and more so. " * 2,
)


def thinking(
    thoughts: str | None, text: str, stated: int | None, *, billed: int = 60, total: int | None = None
) -> Exchange:
    body = completion(text, completion=billed)
    body["choices"][0]["message"]["reasoning_content"] = thoughts
    body["usage"]["completion_tokens_details"] = {"reasoning_tokens": stated}
    body["usage"]["total_tokens"] = total or body["usage"]["total_tokens"]
    return exchange(COUNT, attempt(200, body))


@pytest.mark.parametrize(
    ("thoughts", "text", "stated", "expected"),
    [
        pytest.param(None, TEXT, 0, NONE, id="no thoughts"),
        pytest.param(THOUGHTS, TEXT, None, NONE, id="not stated"),
        pytest.param(THOUGHTS, TEXT, 30, PASS, id="counted"),
        pytest.param("Hm.", TEXT, 30, PASS, id="a summary"),
        pytest.param(THOUGHTS, TEXT, 0, WARN, id="nothing is counted"),
        pytest.param("Hm.", TEXT, 0, WARN, id="not even a word"),
        pytest.param(THOUGHTS, TEXT, 1, WARN, id="next to nothing is counted"),
        pytest.param(THOUGHTS, TEXT, 60, WARN, id="the text is counted as well"),
        pytest.param(None, TEXT, 60, WARN, id="the text is counted instead"),
        pytest.param(None, "No.", 60, PASS, id="a short text"),
        pytest.param(None, "", 60, PASS, id="no text"),
        pytest.param(THOUGHTS, TEXT, 61, PASS, id="more than all"),
    ],
)
def test_reasoning(thoughts: str | None, text: str, stated: int | None, expected: Verdict) -> None:
    assert verdict(parts.test_reasoning_is_counted, thinking(thoughts, text, stated)) is expected


def test_reasoning_that_is_counted_beside_the_answer() -> None:
    found = judgement(parts.test_reasoning_is_counted, thinking(THOUGHTS, TEXT, 58, total=128))
    assert (found.verdict, found.see) == (OPEN, "usage.total-is-sum")


@pytest.mark.parametrize("group", ["prompt_tokens_details", "completion_tokens_details"])
@pytest.mark.parametrize(
    ("part", "expected"), [(10, PASS), (11, WARN), (-1, WARN), (None, PASS)], ids=by_value
)
def test_every_detail_is_part_of_its_count(group: str, part: int | None, expected: Verdict) -> None:
    body = completion("1", completion=10)
    body["usage"][group] = {"audio_tokens": part}
    assert (
        verdict(parts.test_details_are_within_their_totals, exchange(COUNT, attempt(200, body))) is expected
    )


def calling(probe: Probe, *cities: str, billed: int, prompt: int = 50) -> Exchange:
    """An answer with a call for each city."""
    made: list[dict[str, Any]] = [
        {
            "index": place,
            "id": f"call_{place}",
            "type": "function",
            "function": {"name": "get_weather", "arguments": f'{{"city": "{city}"}}'},
        }
        for place, city in enumerate(cities)
    ]
    if probe.streamed:
        spent = completion("", prompt=prompt, completion=billed)["usage"]
        chunks = [
            {"choices": [{"index": 0, "delta": {"tool_calls": made}, "finish_reason": "tool_calls"}]},
            {"choices": [], "usage": spent},
        ]
        lines = [*map(json.dumps, chunks), "[DONE]"]
        text = "".join(f"data: {line}\n\n" for line in lines)
        return exchange(probe, attempt(200, text.encode(), EVENT_STREAM))
    body = completion(None, finish="tool_calls", prompt=prompt, completion=billed)
    body["choices"][0]["message"]["tool_calls"] = [
        {name: value for name, value in one.items() if name != "index"} for one in made
    ]
    return exchange(probe, attempt(200, body))


@pytest.mark.parametrize(
    ("billed", "counted", "positive"),
    [(20, PASS, PASS), (5, PASS, PASS), (4, WARN, PASS), (0, OPEN, FAIL)],
    ids=by_value,
)
@pytest.mark.parametrize("probe", [TWO, TWO_USAGE], ids=["plain", "streamed"])
def test_calls(probe: Probe, billed: int, counted: Verdict, positive: Verdict) -> None:
    answer = calling(probe, "Paris", "London", billed=billed)
    assert verdict(parts.test_calls_are_counted, answer) is counted
    assert verdict(usage.test_counts_are_positive, answer) is positive


def test_an_answer_without_calls_is_not_concerned() -> None:
    assert verdict(parts.test_calls_are_counted, said(COUNT, "1")) is NONE


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [(10, 20, PASS), (10, 11, PASS), (10, 10, WARN), (1, 1, OPEN), (400, 400, OPEN)],
    ids=by_value,
)
def test_each_call_costs_something(one: int, two: int, expected: Verdict) -> None:
    answers = (
        calling(ONE_AT_A_TIME, "Paris", billed=one),
        calling(TWO, "Paris", "London", billed=two),
    )
    assert judgement(parts.test_every_call_is_counted, *answers, claims=CLAIMS).verdict is expected


@pytest.mark.parametrize("calls", [("Paris",), ("Rome", "London")], ids=["one", "others"])
def test_other_calls_are_not_compared(calls: tuple[str, ...]) -> None:
    answers = calling(ONE_AT_A_TIME, "Paris", billed=10), calling(TWO, *calls, billed=10)
    assert judgement(parts.test_every_call_is_counted, *answers, claims=CLAIMS).verdict is OPEN


@pytest.mark.parametrize(
    ("prompt", "billed", "expected", "see"),
    [
        pytest.param(50, 20, PASS, None, id="the same"),
        pytest.param(50, 23, PASS, None, id="marks of calls"),
        pytest.param(50, 24, WARN, None, id="other calls"),
        pytest.param(20, 20, WARN, None, id="no tools"),
        pytest.param(50, 0, OPEN, "usage.counts-positive", id="nothing"),
    ],
)
def test_streamed_tools(prompt: int, billed: int, expected: Verdict, see: str | None) -> None:
    answers = (
        said(COUNT, "1"),
        exchange(COUNT_USAGE, attempt(200, USAGE_STREAM, EVENT_STREAM)),
        calling(TWO, "Paris", "London", billed=20),
        calling(TWO_USAGE, "Paris", "London", billed=billed, prompt=prompt),
    )
    found = judgement(parts.test_tools_cost_the_same_when_streamed, *answers, claims=CLAIMS)
    assert (found.verdict, found.see) == (expected, see)

"""The verdicts on what prompts are billed for, on answers made by hand."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from conformance.contracts.chat.cases import test_usage_slopes as slopes
from conformance.contracts.chat.cases.tooling import NAMED, REQUIRED, TWO
from conformance.contracts.chat.probes.named import (
    CODES_AT_ONCE,
    LONG_MESSAGE,
    SYSTEM_UNITS,
    TOOL_UNITS,
    UNITS,
)
from conformance.judging.verdict import Judgement, Verdict
from conformance.provider.claims import differing, profile
from conformance.wire.record import Exchange
from tests.contracts.chat.cases.completions import completion, refused, said
from tests.contracts.chat.cases.recorded import attempt, exchange, judgement
from tests.ids import by_value

PASS, WARN, NOTE, OPEN = Verdict.PASS, Verdict.WARN, Verdict.NOTE, Verdict.INCONCLUSIVE
CLAIMS = profile("openai")
AFFINE = "usage.prompt-count-affine"


def units(beside: int, each: int = 10) -> list[Exchange]:
    """The sentence once, twice and four times."""
    return [
        said(probe, "OK", prompt=beside + each * times) for probe, times in zip(UNITS, (1, 2, 4), strict=True)
    ]


def counted(probes: Sequence[object], *prompts: int) -> list[Exchange]:
    return [said(probe, "OK", prompt=tokens) for probe, tokens in zip(probes, prompts, strict=True)]  # type: ignore[arg-type]


def called() -> list[Exchange]:
    calls = [
        {
            "id": "call_1",
            "type": "function",
            "function": {"name": "get_time", "arguments": '{"city":"Paris"}'},
        }
    ]
    body = completion(None, finish="tool_calls")
    body["choices"][0]["message"]["tool_calls"] = calls
    return [exchange(NAMED, attempt(200, body)), said(REQUIRED, "no"), said(TWO, "no")]


@pytest.mark.parametrize(
    ("short", "long", "expected", "says"),
    [
        pytest.param(31, 101, PASS, "", id="exact"),
        pytest.param(31, 105, PASS, "", id="four tokens off"),
        pytest.param(31, 106, WARN, "estimated", id="five tokens off"),
        pytest.param(31, 96, WARN, "estimated", id="five tokens less"),
        pytest.param(41, 181, WARN, "counted 2.0 times", id="twice"),
        pytest.param(21, 21, WARN, "is not counted", id="only what is around it"),
        pytest.param(17, 17, WARN, "was dropped", id="not at all"),
        pytest.param(72, 142, PASS, "", id="45 tokens beside it"),
        pytest.param(73, 143, WARN, "46 tokens beside", id="46 tokens beside it"),
        pytest.param(12, 82, NOTE, "takes the place", id="another in its place"),
    ],
)
def test_system_messages(short: int, long: int, expected: Verdict, says: str) -> None:
    answers = [*units(7), *counted(SYSTEM_UNITS, short, long)]
    found = judgement(slopes.test_system_message_is_counted, *answers, claims=CLAIMS)
    assert found.verdict is expected
    assert says in str(found.message)


@pytest.mark.parametrize(
    ("alone", "system", "expected", "says"),
    [
        pytest.param(7, 31, PASS, "", id="no more than marks"),
        pytest.param(50, 74, PASS, "", id="a short text of the template"),
        pytest.param(51, 70, NOTE, "default system prompt", id="that goes where there is another"),
        pytest.param(51, 75, WARN, "about 51 tokens of a hidden prompt", id="that stays"),
        pytest.param(67, 91, WARN, "about 67 tokens of a hidden prompt", id="a hidden prompt"),
        pytest.param(150, 44, NOTE, "default system prompt", id="a long default"),
        pytest.param(151, 44, WARN, "151 beside it", id="a longer one"),
    ],
)
def test_hidden_prompts(alone: int, system: int, expected: Verdict, says: str) -> None:
    answers = [*units(alone), *counted(SYSTEM_UNITS[:1], system)]
    found = judgement(slopes.test_no_hidden_prompt_is_billed, *answers, claims=CLAIMS)
    assert found.verdict is expected
    assert says in str(found.message)


def test_a_hidden_prompt_shows_without_system_messages() -> None:
    answers = [*units(67), refused(SYSTEM_UNITS[0])]
    assert judgement(slopes.test_no_hidden_prompt_is_billed, *answers, claims=CLAIMS).verdict is WARN


@pytest.mark.parametrize(("most", "expected"), [(67, PASS), (66, WARN), (200, PASS)])
def test_what_is_documented_is_not_hidden(most: int, expected: Verdict) -> None:
    claims = differing(CLAIMS, {"prompt-overhead": {"max": most}}, {})
    answers = [*units(67), *counted(SYSTEM_UNITS[:1], 91)]
    assert judgement(slopes.test_no_hidden_prompt_is_billed, *answers, claims=claims).verdict is expected


@pytest.mark.parametrize(
    ("long", "expected"),
    [(691, PASS), (725, PASS), (657, PASS), (726, WARN), (656, WARN), (500, WARN)],
    ids=by_value,
)
def test_long_prompts(long: int, expected: Verdict) -> None:
    answers = [*units(7), *counted([CODES_AT_ONCE, LONG_MESSAGE], 70, long)]
    assert judgement(slopes.test_a_long_prompt_is_counted_like_a_short_one, *answers).verdict is expected


def tools(short: int, long: int, made: Sequence[Exchange]) -> Judgement:
    answers = [*units(7), *made, *counted(TOOL_UNITS, short, long)]
    return judgement(slopes.test_tools_are_counted, *answers, claims=CLAIMS)


@pytest.mark.parametrize(
    ("short", "long", "expected", "says"),
    [
        pytest.param(60, 130, PASS, "", id="exact"),
        pytest.param(406, 476, PASS, "", id="explained at length"),
        pytest.param(17, 17, WARN, "tools do not count", id="not at all"),
        pytest.param(50, 50, WARN, "is not counted", id="but for the description"),
        pytest.param(60, 139, WARN, "estimated", id="by their JSON"),
        pytest.param(16, 86, OPEN, "less with a tool", id="less than without"),
    ],
)
def test_tools(short: int, long: int, expected: Verdict, says: str) -> None:
    found = tools(short, long, called())
    assert found.verdict is expected
    assert says in str(found.message)


def test_tools_that_are_never_called_need_not_count() -> None:
    found = tools(17, 17, [said(NAMED, "no"), said(REQUIRED, "no"), said(TWO, "no")])
    assert (found.verdict, found.see) == (OPEN, "tools.call-shape")


@pytest.mark.parametrize("case", [slopes.test_system_message_is_counted, slopes.test_tools_are_counted])
def test_without_a_slope_nothing_is_compared(case: object) -> None:
    flat = [said(probe, "OK", prompt=10) for probe in UNITS]
    others = [*called(), *counted(SYSTEM_UNITS, 20, 90), *counted(TOOL_UNITS, 20, 90)]
    found = judgement(case, *flat, *others, claims=CLAIMS)  # type: ignore[arg-type]
    assert (found.verdict, found.see) == (OPEN, AFFINE)

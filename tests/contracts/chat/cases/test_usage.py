"""The verdicts on what is billed, on answers made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.asking.probe import Probe
from conformance.contracts.chat.cases import test_usage as usage
from conformance.contracts.chat.cases import test_usage_parts as parts
from conformance.contracts.chat.probes import prompts
from conformance.contracts.chat.probes.named import (
    COUNT,
    COUNT_CUT,
    COUNT_DEFAULTS,
    COUNT_USAGE,
    NATO,
    NATO_FOUR_STOPS,
    NATO_STOPPED,
    PHRASES,
    UNITS,
)
from conformance.judging.verdict import Verdict
from conformance.provider.claims import profile
from conformance.wire.record import Exchange
from tests.contracts.chat.cases.completions import completion, refused, said
from tests.contracts.chat.cases.recorded import attempt, exchange, judgement, verdict
from tests.ids import by_value

CLAIMS = profile("openai")
INERT = usage.test_stop_strings_do_not_cost_prompt_tokens


def billed(probe: Probe, text: str = "1 2", **members: Any) -> Exchange:
    """A probe that is answered with a text, and with these members of usage."""
    body = completion(text)
    body["usage"] |= members
    return exchange(probe, attempt(200, body))


def reasoning(tokens: int) -> dict[str, Any]:
    return {"completion_tokens_details": {"reasoning_tokens": tokens}}


@pytest.mark.parametrize(
    ("text", "prompt", "completion", "expected"),
    [
        ("1", 1, 1, Verdict.PASS),
        ("1", 0, 1, Verdict.FAIL),
        ("1", 1, 0, Verdict.FAIL),
        ("", 1, 0, Verdict.PASS),
        ("", 1, -1, Verdict.FAIL),
    ],
    ids=by_value,
)
def test_positive(text: str, prompt: int, completion: int, expected: Verdict) -> None:
    one = said(COUNT, text, prompt=prompt, completion=completion)
    assert verdict(usage.test_counts_are_positive, one) is expected


def test_text_of_any_choice_costs_something() -> None:
    assert verdict(usage.test_counts_are_positive, said(COUNT, "", "2", completion=0)) is Verdict.FAIL


@pytest.mark.parametrize(
    ("text", "members", "expected", "see"),
    [
        ("1 2 3", {"completion_tokens": 5}, Verdict.PASS, None),
        ("1 2 3", {"completion_tokens": 6}, Verdict.FAIL, None),
        ("1 2 3", {"completion_tokens": 6, **reasoning(3)}, Verdict.INCONCLUSIVE, None),
        ("1 2 3", {"completion_tokens": 5, **reasoning(3)}, Verdict.PASS, None),
        ("1 2 3 4 5", {"completion_tokens": 6}, Verdict.FAIL, None),
        ("1 2 3 4 5 6", {"completion_tokens": 6}, Verdict.INCONCLUSIVE, "limits.max-tokens-bounds"),
    ],
    ids=by_value,
)
def test_limit(text: str, members: dict[str, Any], expected: Verdict, see: str | None) -> None:
    others = (said(COUNT_CUT[0], "1", completion=1), said(COUNT_CUT[2], "1", completion=16), said(COUNT, "1"))
    case = usage.test_completion_tokens_stay_within_the_limit
    result = judgement(case, billed(COUNT_CUT[1], text, **members), *others, claims=CLAIMS)
    assert (result.verdict, result.see) == (expected, see)


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({}, Verdict.PASS),
        (reasoning(8), Verdict.PASS),
        (reasoning(9), Verdict.WARN),
        (reasoning(-1), Verdict.WARN),
        (reasoning(0), Verdict.PASS),
        ({"prompt_tokens_details": {"cached_tokens": 10}}, Verdict.PASS),
        ({"prompt_tokens_details": {"cached_tokens": 11}}, Verdict.WARN),
    ],
    ids=by_value,
)
def test_details(members: dict[str, Any], expected: Verdict) -> None:
    assert verdict(parts.test_details_are_within_their_totals, billed(COUNT, **members)) is expected


@pytest.mark.parametrize(
    ("size", "members", "cut", "expected"),
    [
        (100, {"completion_tokens": 15}, "1", Verdict.PASS),
        (100, {"completion_tokens": 14}, "1", Verdict.WARN),
        (100, {"completion_tokens": 123}, "1", Verdict.PASS),
        (100, {"completion_tokens": 123}, "", Verdict.PASS),
        (100, {"completion_tokens": 124}, "1", Verdict.WARN),
        (100, {"completion_tokens": 124}, "", Verdict.INCONCLUSIVE),
        (100, {"completion_tokens": 20, **reasoning(1)}, "1", Verdict.INCONCLUSIVE),
        (30, {"completion_tokens": 1}, "1", Verdict.WARN),
        (29, {"completion_tokens": 1}, "1", Verdict.INCONCLUSIVE),
    ],
    ids=by_value,
)
def test_plausible(size: int, members: dict[str, Any], cut: str, expected: Verdict) -> None:
    answers = billed(COUNT, "a" * size, **members), said(NATO, "b" * 40), said(COUNT_CUT[1], cut)
    assert verdict(usage.test_completion_tokens_are_plausible, *answers) is expected


def test_bytes_are_what_is_counted() -> None:
    answers = billed(COUNT, "你" * 20, completion_tokens=60), said(NATO, "b" * 40), said(COUNT_CUT[1], "1")
    assert verdict(usage.test_completion_tokens_are_plausible, *answers) is Verdict.PASS


ANSWERED = (COUNT, NATO, NATO_STOPPED, usage.UNICODE, *PHRASES)


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([(4, 1), (8, 2), (12, 3), (20, 5), (40, 10)], Verdict.WARN),
        ([(4, 1), (8, 2), (12, 3), (20, 5), (40, 19)], Verdict.PASS),
        ([(4, 1), (8, 2), (12, 3), (20, 5)], Verdict.INCONCLUSIVE),
        ([(0, 0), (4, 1), (8, 2), (12, 3), (20, 5)], Verdict.INCONCLUSIVE),
    ],
    ids=by_value,
)
def test_completion_by_a_formula(sizes: list[tuple[int, int]], expected: Verdict) -> None:
    texts = [*sizes, *[sizes[-1]] * (len(ANSWERED) - len(sizes) - 1)]
    answers = [
        said(probe, "a" * size, completion=tokens)
        for probe, (size, tokens) in zip(ANSWERED[:-1], texts, strict=True)
    ]
    case = usage.test_completion_tokens_are_not_estimated
    assert verdict(case, *answers, refused(ANSWERED[-1])) is expected
    thoughtful = billed(ANSWERED[-1], "aaa", completion_tokens=9, **reasoning(2))
    assert verdict(case, *answers, thoughtful) is Verdict.INCONCLUSIVE


ASKED = (COUNT, NATO, PHRASES[0], *UNITS, usage.UNICODE)


def asked(probe: Probe) -> str:
    return str(probe.members["messages"][0]["content"])


@pytest.mark.parametrize(
    ("tokens", "expected", "see"),
    [
        (lambda text: len(text) // 4 + 3, Verdict.WARN, None),
        (lambda text: len(text.split()) + 3, Verdict.WARN, None),
        (lambda text: 7, Verdict.INCONCLUSIVE, "usage.prompt-count-affine"),
        (lambda text: 0 if text == prompts.COUNT else 9, Verdict.INCONCLUSIVE, "usage.counts-positive"),
        (lambda text: 1 if text == prompts.COUNT else 9, Verdict.PASS, None),
    ],
    ids=by_value,
)
def test_prompt_by_a_formula(tokens: Any, expected: Verdict, see: str | None) -> None:
    case = usage.test_prompt_tokens_are_not_estimated
    answers = [said(probe, "1", prompt=tokens(asked(probe))) for probe in ASKED]
    found = judgement(case, *answers)
    assert (found.verdict, found.see) == (expected, see)
    unserved = judgement(case, *answers[:-1], refused(usage.UNICODE))
    assert (unserved.verdict, unserved.see) == (Verdict.INCONCLUSIVE, None)


@pytest.mark.parametrize(
    ("text", "prompt", "completion", "expected"),
    [
        ("1", 1, 1, Verdict.PASS),
        ("1", 0, 1, Verdict.FAIL),
        ("1", 1, 0, Verdict.FAIL),
        ("", 1, 0, Verdict.PASS),
        ("", 0, 1, Verdict.FAIL),
    ],
    ids=by_value,
)
def test_every_ending(text: str, prompt: int, completion: int, expected: Verdict) -> None:
    case, right = usage.test_usage_is_counted_on_every_ending, said(NATO_STOPPED, "1")
    cut = said(COUNT_CUT[1], text, prompt=prompt, completion=completion)
    assert verdict(case, right, cut) is expected


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"input_tokens": 10, "output_tokens": 8}, Verdict.PASS),
        ({"input_tokens": None, "output_tokens": "8"}, Verdict.PASS),
        ({"input_tokens": 8}, Verdict.NOTE),
        ({"output_tokens": 0}, Verdict.NOTE),
    ],
    ids=by_value,
)
def test_extra_members(members: dict[str, Any], expected: Verdict) -> None:
    assert verdict(usage.test_extra_members_agree, billed(COUNT, **members)) is expected


def test_same_prompt() -> None:
    case, cut = usage.test_same_prompt_costs_the_same, [said(probe, "1") for probe in COUNT_CUT]
    rest = (refused(COUNT_DEFAULTS), refused(COUNT_USAGE))
    assert verdict(case, said(COUNT, "1"), *rest, *cut) is Verdict.PASS
    assert verdict(case, said(COUNT, "1", prompt=11), *rest, *cut) is Verdict.FAIL
    uncounted = [billed(probe, prompt_tokens=None) for probe in COUNT_CUT]
    assert verdict(case, said(COUNT, "1"), *rest, *uncounted) is Verdict.INCONCLUSIVE
    assert verdict(case, said(COUNT, "1"), said(COUNT_DEFAULTS, "1"), *uncounted) is Verdict.INCONCLUSIVE
    two = (said(COUNT, "1"), said(COUNT_DEFAULTS, "1"), refused(COUNT_USAGE))
    assert verdict(case, *two, *uncounted) is Verdict.PASS


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((20, 30, 50), Verdict.PASS),
        ((20, 30, 52), Verdict.PASS),
        ((20, 30, 48), Verdict.PASS),
        ((20, 30, 53), Verdict.FAIL),
        ((20, 30, 47), Verdict.FAIL),
        ((20, 20, 20), Verdict.FAIL),
        ((20, 20, 21), Verdict.FAIL),
        ((20, 21, 23), Verdict.PASS),
    ],
    ids=by_value,
)
def test_growth(counts: tuple[int, int, int], expected: Verdict) -> None:
    answers = [said(probe, "OK", prompt=count) for probe, count in zip(UNITS, counts, strict=True)]
    assert verdict(usage.test_prompt_tokens_grow_with_the_text, *answers) is expected


def test_where_nothing_is_counted_that_is_one_finding() -> None:
    one = billed(COUNT, prompt_tokens=0, completion_tokens=0, total_tokens=0)
    found = judgement(usage.test_counts_are_positive, one)
    assert (found.verdict, str(found.message)) == (
        Verdict.FAIL,
        "usage is 0, 0 and 0: nothing is counted (the answer, first: count)",
    )
    assert verdict(usage.test_usage_is_present, one) is Verdict.PASS
    rest = (usage.test_total_is_prompt_plus_completion, parts.test_details_are_within_their_totals)
    assert {judgement(case, one).see for case in rest} == {"usage.counts-positive"}


@pytest.mark.parametrize(("counts", "expected"), [((20, 20, 20), Verdict.PASS), ((20, 20, 29), Verdict.WARN)])
def test_stop_strings(counts: tuple[int, int, int], expected: Verdict) -> None:
    asked = zip((NATO, NATO_STOPPED, NATO_FOUR_STOPS), counts, strict=True)
    answers = [said(probe, "Alfa", prompt=count) for probe, count in asked]
    assert verdict(INERT, *answers, claims=CLAIMS) is expected


def test_escapes() -> None:
    case = usage.test_escaped_text_costs_the_same
    _, escaped = case.probes(CLAIMS)
    plain = said(usage.UNICODE, "1", prompt=30)
    assert verdict(case, plain, said(escaped, "1", prompt=30)) is Verdict.PASS
    assert verdict(case, plain, said(escaped, "1", prompt=80)) is Verdict.NOTE
    assert verdict(case, refused(usage.UNICODE), said(escaped, "1")) is Verdict.NOT_APPLICABLE

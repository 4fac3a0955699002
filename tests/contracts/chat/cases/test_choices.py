"""The verdicts on several choices, on answers made by hand."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from conformance.contracts.chat.cases import test_choices as choices
from conformance.contracts.chat.probes.named import COUNT, PHRASE_CHOICES, PHRASES, THREE_CUT
from conformance.judging.verdict import Verdict
from tests.contracts.chat.cases.completions import all_said, refused, said, streamed
from tests.contracts.chat.cases.recorded import claiming, judgement, verdict
from tests.ids import by_value

CLAIMS = claiming(n=True)
CUT = "1 2 3 4 5 6 7 8"
ONE_STREAMED = streamed(choices.CUT_STREAM, (0, "1 2", None), (0, " 3", "length"))
FOUR = said(PHRASE_CHOICES, *"abcd")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", True),
        ("1", True),
        ("1 2 3 ", True),
        ("1, 2, 3", True),
        ("1 2 3 4 5 6 7 8 9 1", True),
        (" ".join(map(str, range(1, 30))), True),
        (" ".join(map(str, range(1, 20))) + " 99", False),
        ("11 2 2", False),
        ("1 3 5", False),
        ("22", False),
        ("3 2 1", False),
    ],
    ids=by_value,
)
def test_counting(text: str, expected: bool) -> None:
    assert choices.counts(text) is expected


@pytest.mark.parametrize(
    ("usual", "drawn", "expected"),
    [
        ("abcd", "efgh", Verdict.PASS),
        ("abcd", "eeef", Verdict.PASS),
        ("abcd", "eeee", Verdict.WARN),
        ("abcd", "aaaa", Verdict.INCONCLUSIVE),
        ("abcd", "aaab", Verdict.PASS),
        ("abcd", ["e", "", "f", "g"], Verdict.INCONCLUSIVE),
        ("aabc", "eeef", Verdict.PASS),
        ("aabb", "eeee", Verdict.INCONCLUSIVE),
        ("abcd", "e", Verdict.INCONCLUSIVE),
    ],
    ids=by_value,
)
def test_independence(usual: str, drawn: Sequence[str], expected: Verdict) -> None:
    exchanges = [*all_said(PHRASES, usual), said(PHRASE_CHOICES, *drawn)]
    assert verdict(choices.test_choices_are_independent, *exchanges, claims=CLAIMS) is expected


@pytest.mark.parametrize(
    ("single", "billed", "finish", "expected", "see"),
    [
        (16, 24, "length", Verdict.PASS, None),
        (16, 8, "length", Verdict.FAIL, None),
        (16, 8, "stop", Verdict.INCONCLUSIVE, None),
        (14, 21, "length", Verdict.INCONCLUSIVE, "limits.max-tokens-exact"),
    ],
    ids=by_value,
)
def test_billing(single: int, billed: int, finish: str, expected: Verdict, see: str | None) -> None:
    one = said(choices.CUT, CUT, completion=single)
    three = said(THREE_CUT, CUT, CUT, CUT, completion=billed, finish=finish)
    result = judgement(choices.test_all_choices_are_billed, one, three, claims=CLAIMS)
    assert (result.verdict, result.see) == (expected, see)


@pytest.mark.parametrize(
    ("whole", "cut", "three", "expected"),
    [(26, 26, 26, Verdict.PASS), (26, 26, 78, Verdict.WARN), (26, 30, 30, Verdict.INCONCLUSIVE)],
)
def test_prompt(whole: int, cut: int, three: int, expected: Verdict) -> None:
    exchanges = (
        said(COUNT, CUT, prompt=whole),
        said(choices.CUT, CUT, prompt=cut),
        said(THREE_CUT, CUT, CUT, CUT, prompt=three),
    )
    assert verdict(choices.test_prompt_is_billed_once, *exchanges, claims=CLAIMS) is expected


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        ([(0, "1 2", None), (1, "1 2", None), (0, "", "length"), (1, "", "length")], Verdict.PASS),
        ([(1, "1 2", None), (0, "1 2", None), (1, "", "length"), (0, "", "length")], Verdict.WARN),
        ([(0, "1 2", None), (0, "1 2", None), (0, "", "length")], Verdict.FAIL),
        ([(0, "1 2", None), (1, "1 2", None), (0, "", "length"), (1, "", None)], Verdict.FAIL),
        ([(0, "11 ", None), (1, "22 ", None), (0, "", "length"), (1, "", "length")], Verdict.FAIL),
        ([(0, "1 2", None), (1, None, None), (0, "", "length"), (1, "", "length")], Verdict.FAIL),
    ],
    ids=by_value,
)
def test_stream(pieces: list[tuple[int, str | None, str | None]], expected: Verdict) -> None:
    case = choices.test_choices_are_streamed_separately
    two = streamed(choices.TWO_STREAMED, *pieces)
    assert verdict(case, ONE_STREAMED, FOUR, two, claims=CLAIMS) is expected


def test_n_that_is_refused_is_refused_once() -> None:
    case = choices.test_invalid_n_is_refused
    result = judgement(case, *map(refused, case.probes(CLAIMS)), claims=CLAIMS)
    assert (result.verdict, result.see) == (Verdict.INCONCLUSIVE, choices.N)

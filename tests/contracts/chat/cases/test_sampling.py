"""The verdicts on samples, on answers made by hand."""

from __future__ import annotations

import pytest

from conformance.asking.probe import Probe
from conformance.contracts.chat.cases import test_sampling as sampling
from conformance.contracts.chat.cases import test_sampling_steered as sampling_steered
from conformance.contracts.chat.cases import test_sampling_top_p as sampling_top_p
from conformance.contracts.chat.probes.named import PHRASE_CHOICES, PHRASES, PHRASES_SEEDED
from conformance.judging.requirement import Case
from conformance.judging.verdict import Verdict
from conformance.provider.model import Claims
from conformance.wire.record import Exchange
from tests.contracts.chat.cases.completions import all_said, refused, said
from tests.contracts.chat.cases.recorded import claiming, judgement, verdict
from tests.ids import by_value

CLAIMS = claiming(temperature=True, top_p=True, seed=True)
RANGED = claiming(temperature={"min": 0.1, "max": 1})


def wanted(case: Case, name: str, claims: Claims = CLAIMS) -> tuple[Probe, ...]:
    subject = case.subject
    assert hasattr(subject, "wanted")
    found = subject.wanted(claims)[name]
    return (found,) if isinstance(found, Probe) else found


def phrase(letter: str) -> str:
    return f"one two three four {letter}" if letter.isalpha() else ""


def sample(case: Case, **letters: str) -> list[Exchange]:
    """For each parameter of the case a sample, one phrase for each letter."""
    return [
        one for name, sampled in letters.items() for one in all_said(wanted(case, name), map(phrase, sampled))
    ]


@pytest.mark.parametrize(
    ("default", "cold", "hot", "expected"),
    [
        ("abcd", "aaaa", "efgh", Verdict.PASS),
        ("abcd", "aaab", "aefg", Verdict.PASS),
        ("abcd", "aaaa", "aaef", Verdict.PASS),
        ("aaaa", "aaaa", "aaaa", Verdict.WARN),
        ("bbbb", "aaaa", "cccc", Verdict.INCONCLUSIVE),
        ("bcde", "aaaa", "aaaa", Verdict.WARN),
        ("bcde", "fghi", "aaaa", Verdict.WARN),
        ("abcd", "aaaa", "aaaa", Verdict.INCONCLUSIVE),
        ("aaaa", "aaaa", "aaab", Verdict.INCONCLUSIVE),
        ("bbbb", "aaaa", "aaab", Verdict.INCONCLUSIVE),
        ("abcd", "aabc", "aabc", Verdict.INCONCLUSIVE),
        ("abcd", "aaaa", "000b", Verdict.INCONCLUSIVE),
    ],
    ids=by_value,
)
def test_temperature_varies(default: str, cold: str, hot: str, expected: Verdict) -> None:
    case = sampling.test_temperature_varies_the_output
    assert verdict(case, *sample(case, default=default, cold=cold, hot=hot), claims=CLAIMS) is expected


def test_temperature_that_is_ignored_is_one_finding() -> None:
    case = sampling.test_temperature_varies_the_output
    result = judgement(case, *sample(case, default="abcd", cold="efgh", hot="ijkl"), claims=CLAIMS)
    assert result.see == "sampling.temperature-zero-steady"
    steadier = judgement(case, *sample(case, default="abcd", cold="eefg", hot="iijk"), claims=CLAIMS)
    assert (steadier.verdict, steadier.see) == (Verdict.INCONCLUSIVE, None)


@pytest.mark.parametrize(
    ("default", "hot", "see"),
    [
        ("bbbb", "cccc", "sampling.answers-not-replayed"),
        ("bbbb", "aacc", "sampling.answers-not-replayed"),
        ("bbbb", "aaab", None),
        ("bbbb", "baaa", None),
    ],
    ids=by_value,
)
def test_a_replay_is_one_finding(default: str, hot: str, see: str | None) -> None:
    case = sampling.test_temperature_varies_the_output
    result = judgement(case, *sample(case, default=default, cold="aaaa", hot=hot), claims=CLAIMS)
    assert (result.verdict, result.see) == (Verdict.INCONCLUSIVE, see)


def test_answer_to_something_else_is_not_a_sample() -> None:
    case = sampling.test_temperature_varies_the_output
    probes = case.probes(CLAIMS)
    assert verdict(case, *all_said(probes, ["I do not know."] * 12), claims=CLAIMS) is Verdict.INCONCLUSIVE


def test_replay_is_called_by_its_name() -> None:
    case = sampling.test_temperature_varies_the_output
    replayed = [said(probe, phrase("a"), id="chatcmpl-7") for probe in case.probes(CLAIMS)]
    assert judgement(case, *replayed, claims=CLAIMS).message.endswith("with the same id: a replay")


@pytest.mark.parametrize(
    ("default", "cold", "hot", "expected"),
    [
        ("bbbb", "aaaa", "cccc", Verdict.WARN),
        ("bbbb", "aaaa", "cdef", Verdict.WARN),
        ("bbbb", "aaaa", "aaaa", Verdict.WARN),
        ("bbbc", "aaaa", "cccc", Verdict.PASS),
        ("aaaa", "aaaa", "cdef", Verdict.INCONCLUSIVE),
        ("bbbb", "aaaa", "cbdf", Verdict.INCONCLUSIVE),
        ("aaaa", "aaaa", "aaaa", Verdict.INCONCLUSIVE),
        ("bb0b", "aaaa", "cccc", Verdict.INCONCLUSIVE),
    ],
    ids=by_value,
)
def test_replayed_answers(default: str, cold: str, hot: str, expected: Verdict) -> None:
    case = sampling_steered.test_answers_are_not_replayed
    assert verdict(case, *sample(case, default=default, cold=cold, hot=hot), claims=CLAIMS) is expected


@pytest.mark.parametrize(
    ("cold", "expected"),
    [
        ("aaaa", Verdict.PASS),
        ("abaa", Verdict.PASS),
        ("aabb", Verdict.NOTE),
        ("abac", Verdict.NOTE),
        ("abcd", Verdict.WARN),
        ("aaa0", Verdict.INCONCLUSIVE),
    ],
    ids=by_value,
)
def test_zero_is_steady(cold: str, expected: Verdict) -> None:
    case = sampling.test_lowest_temperature_is_steady
    assert verdict(case, *sample(case, default="abcd", cold=cold), claims=CLAIMS) is expected
    silent = sample(case, default="abc0", cold=cold)
    assert verdict(case, *silent, claims=CLAIMS) is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["one two", "one two three", "four", "five"], Verdict.INCONCLUSIVE),
        (["one two", "one two", "one two three", "four"], Verdict.NOTE),
    ],
)
def test_answers_that_are_cut_may_be_the_same(texts: list[str], expected: Verdict) -> None:
    case = sampling.test_lowest_temperature_is_steady
    cold = all_said(wanted(case, "cold"), texts)
    assert verdict(case, *sample(case, default="abcd"), *cold, claims=CLAIMS) is expected


def test_answers_out_of_a_tiny_nucleus_that_are_cut_may_be_the_same() -> None:
    case = sampling_top_p.test_small_nucleus_narrows_the_output
    narrow = all_said(wanted(case, "narrow"), ["five six", "five six seven", "eight"])
    taken = sample(case, default="abcd", cold="aaaa")
    assert verdict(case, *taken, *narrow, claims=CLAIMS) is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("case", "name", "letters", "others"),
    [
        (sampling.test_lowest_temperature_is_steady, "cold", "efgh", {"default": "abcd"}),
        (
            sampling_top_p.test_small_nucleus_narrows_the_output,
            "narrow",
            "bcd",
            {"default": "abcd", "cold": "aaaa"},
        ),
    ],
)
def test_answers_that_were_thought_about_may_differ(
    case: Case, name: str, letters: str, others: dict[str, str]
) -> None:
    spoken = sample(case, **{name: letters}, **others)
    thought = all_said(wanted(case, name), [f"<think>\nHm.\n</think>\n\n{phrase(one)}" for one in letters])
    assert verdict(case, *spoken, claims=CLAIMS) is Verdict.WARN
    assert verdict(case, *sample(case, **others), *thought, claims=CLAIMS) is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("default", "hot", "more", "expected"),
    [
        ("aaab", "efgh", None, Verdict.PASS),
        ("aaaa", "efgh", None, Verdict.WARN),
        ("bbbb", "efgh", None, Verdict.WARN),
        ("aaaa", "efgg", None, Verdict.WARN),
        ("aaaa", "efgh", "aaaa", Verdict.WARN),
        ("aaaa", "efgh", "aaba", Verdict.PASS),
        ("aaaa", "eeff", None, Verdict.INCONCLUSIVE),
    ],
    ids=by_value,
)
def test_default_is_not_zero(default: str, hot: str, more: str | None, expected: Verdict) -> None:
    case = sampling.test_default_temperature_is_not_zero
    choices = said(PHRASE_CHOICES, *map(phrase, more)) if more else refused(PHRASE_CHOICES)
    extra = [choices, *map(refused, PHRASES_SEEDED)]
    taken = sample(case, default=default, cold="aaaa", hot=hot)
    assert verdict(case, *taken, *extra, claims=CLAIMS) is expected


@pytest.mark.parametrize(
    ("default", "narrow", "expected"),
    [
        ("abcd", "aaa", Verdict.PASS),
        ("abcd", "bbb", Verdict.PASS),
        ("abcd", "aab", Verdict.PASS),
        ("abcd", "bbc", Verdict.INCONCLUSIVE),
        ("abcd", "abc", Verdict.INCONCLUSIVE),
        ("abcd", "bcd", Verdict.WARN),
        ("aabc", "bcd", Verdict.WARN),
        ("aabb", "bcd", Verdict.INCONCLUSIVE),
    ],
    ids=by_value,
)
def test_tiny_nucleus(default: str, narrow: str, expected: Verdict) -> None:
    case = sampling_top_p.test_small_nucleus_narrows_the_output
    taken = sample(case, default=default, cold="aaaa", narrow=narrow)
    assert verdict(case, *taken, claims=CLAIMS) is expected


def test_tiny_nucleus_where_temperature_is_refused() -> None:
    case = sampling_top_p.test_small_nucleus_narrows_the_output
    cold = map(refused, wanted(case, "cold"))
    assert verdict(case, *sample(case, default="abcd", narrow="bcd"), *cold, claims=CLAIMS) is Verdict.WARN


@pytest.mark.parametrize(
    ("first", "second", "id", "expected"),
    [
        ("a", "a", "chatcmpl-2", Verdict.PASS),
        ("a", "b", "chatcmpl-2", Verdict.NOTE),
        ("a", "a", "chatcmpl-1", Verdict.INCONCLUSIVE),
    ],
)
def test_seed(first: str, second: str, id: str, expected: Verdict) -> None:
    one, two = PHRASES_SEEDED
    seeded = said(one, phrase(first), id="chatcmpl-1"), said(two, phrase(second), id=id)
    for usual, found in (("abcd", expected), ("aabc", expected), ("aabb", Verdict.INCONCLUSIVE)):
        default = all_said(PHRASES, map(phrase, usual))
        case = sampling_steered.test_same_seed_repeats_the_answer
        assert verdict(case, *default, *seeded, claims=CLAIMS) is found


@pytest.mark.parametrize(
    ("control", "able", "biased", "expected"),
    [
        ("1 2 3", "1 2 3 4", "@@@@@", Verdict.PASS),
        ("1 2 3", "1 2 3 4", "1 2 3", Verdict.WARN),
        ("1 2 3", "1 2 3 4", "1 2, 3", Verdict.WARN),
        ("1 2 3", "1 2 3 4", "1 3 5", Verdict.PASS),
        ("1 2 3", "One two", "1 2 3", Verdict.INCONCLUSIVE),
        (" ", "1 2 3 4", "1 2 3", Verdict.INCONCLUSIVE),
    ],
    ids=by_value,
)
def test_logit_bias(control: str, able: str, biased: str, expected: Verdict) -> None:
    case = sampling_steered.test_logit_bias_selects_tokens
    asked = zip(case.probes(CLAIMS), (control, able, biased), strict=True)
    assert verdict(case, *(said(probe, text) for probe, text in asked), claims=CLAIMS) is expected


def test_range_is_the_documented_one() -> None:
    inside = sampling.test_documented_temperatures_are_accepted.probes(RANGED)
    outside = sampling.test_temperatures_outside_the_range_are_refused.probes(RANGED)
    hot = wanted(sampling.test_temperature_varies_the_output, "hot", RANGED)
    assert [probe.members.get("temperature") for probe in inside] == [None, 0.1, 0.775, 1]
    assert [probe.members["temperature"] for probe in outside] == [0.1, 1, 0.0, 1.1]
    assert {probe.members["temperature"] for probe in hot} == {1}


def test_both_ends_are_named() -> None:
    case = sampling.test_temperatures_outside_the_range_are_refused
    served = [said(probe, "OK") for probe in case.probes(CLAIMS)]
    message = judgement(case, *served, claims=CLAIMS).message
    assert "temperature=-0.1 (HTTP 200)" in message
    assert "temperature=2.1 (HTTP 200)" in message


def test_provider_that_refuses_every_temperature_is_not_praised() -> None:
    case = sampling.test_temperatures_outside_the_range_are_refused
    result = judgement(case, *map(refused, case.probes(CLAIMS)), claims=CLAIMS)
    assert (result.verdict, result.see) == (Verdict.INCONCLUSIVE, sampling.RANGE)


def test_plain_request_that_is_refused_says_nothing_about_temperature() -> None:
    case = sampling.test_documented_temperatures_are_accepted
    assert verdict(case, *map(refused, case.probes(CLAIMS)), claims=CLAIMS) is Verdict.INCONCLUSIVE

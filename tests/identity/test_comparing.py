"""What is said of two sides: the same, different, unstable, or that it cannot be told."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from conformance.identity.comparing import ALPHA, LEVELS, MANY, Compared, Counts, Verdict, compare
from conformance.identity.prompts import TEXTS
from conformance.identity.values import Sample, Side

DRAWS = 999

Write = Callable[[int, int, Random], str | None]
"""From a prompt, the number of the answer and random numbers to a text."""


def letters(prompt: int, number: int, rng: Random) -> str:
    del prompt, number
    return "".join(rng.choices("abc", k=30))


def others(prompt: int, number: int, rng: Random) -> str:
    del prompt, number
    return "".join(rng.choices("abd", k=30))


def written(name: str, write: Write, *, many: int = MANY, tokens: int | None = 10, adapted: str = "") -> Side:
    rng = Random(name)
    spoken = [
        Sample(
            prompt,
            write(prompt, number, rng),
            started=number * TEXTS + prompt,
            prompt_tokens=None if tokens is None else tokens + prompt,
            adapted=(adapted,) if adapted else (),
        )
        for number in range(many)
        for prompt in range(TEXTS)
    ]
    return Side(name, (), spoken)


def found(one: Side, other: Side) -> Compared:
    return compare(one, other, "seed", DRAWS)


ONE = written("one", letters)


def test_the_levels_of_all_tests_make_what_is_stated() -> None:
    assert LEVELS["tokens"] + LEVELS["few"] + LEVELS["many"] + 2 * LEVELS["halves"] == pytest.approx(ALPHA)


def test_sides_that_draw_alike_are_the_same() -> None:
    result = found(ONE, written("other", letters))
    assert result.verdict is Verdict.SAME
    assert [layer.name for layer in result.layers] == ["tokens", "few", "many", "halves", "halves"]
    assert result.counted.kind is Counts.EQUAL
    assert not result.decided


def test_sides_that_draw_otherwise_are_different() -> None:
    result = found(ONE, written("other", others))
    assert result.verdict is Verdict.DIFFERENT
    assert result.decided


def test_few_answers_are_tested_once() -> None:
    few = [written(name, letters, many=4) for name in ("one", "other")]
    assert "many" not in {layer.name for layer in found(*few).layers}


def test_probabilities_alone_decide() -> None:
    def weighed(name: str, value: float) -> Side:
        return Side(name, [Sample(prompt, "", first={"a": value}) for prompt in range(2) for _ in range(5)])

    assert found(weighed("one", -1.0), weighed("other", -1.2)).verdict is Verdict.DIFFERENT
    assert found(weighed("one", -1.0), weighed("other", -1.0)).verdict is Verdict.CANNOT_TELL


def test_a_side_that_changes_under_way_is_unstable_and_not_different() -> None:
    def changing(prompt: int, number: int, rng: Random) -> str:
        return (letters if number < MANY // 2 else others)(prompt, number, rng)

    result = found(ONE, written("other", changing))
    assert result.verdict is Verdict.UNSTABLE
    assert result.reasons == (("unstable", "other"),)


@pytest.mark.parametrize(
    ("write", "why"),
    [
        (lambda prompt, number, rng: None, "no answers: no text"),
        (lambda prompt, number, rng: "", "no answers: no text"),
        (lambda prompt, number, rng: "I cannot help with that.", "one answer to all"),
        (lambda prompt, number, rng: f"answer {prompt}", "always the same answer"),
    ],
    ids=["unreadable", "empty", "a refusal", "greedy"],
)
def test_what_is_no_sample_of_a_distribution_tells_nothing(write: Write, why: str) -> None:
    result = found(ONE, written("other", write))
    assert result.verdict is Verdict.CANNOT_TELL
    assert result.reasons == ((why, "other"),)


def test_a_side_that_had_to_be_asked_otherwise_is_said_to_be() -> None:
    result = found(ONE, written("other", letters, adapted="temperature left out"))
    assert result.reasons == (("adapted: temperature left out", "other"),)


@pytest.mark.parametrize(
    ("tokens", "kind", "least"),
    [(10, Counts.EQUAL, 0), (21, Counts.SHIFTED, 11), (None, Counts.UNKNOWN, 0)],
    ids=["equal", "a hidden prompt", "not stated"],
)
def test_counts_of_prompts_are_compared(tokens: int | None, kind: Counts, least: int) -> None:
    counted = found(ONE, written("other", letters, tokens=tokens)).counted
    assert (counted.kind, counted.least) == (kind, least)


def test_counts_that_differ_from_prompt_to_prompt_are_another_tokenizers() -> None:
    other = written("other", letters)
    spoken = [
        Sample(one.prompt, one.text, one.started, prompt_tokens=2 * (one.prompt_tokens or 0))
        for one in other.spoken
    ]
    counted = found(ONE, Side("other", (), spoken)).counted
    assert (counted.kind, counted.least, counted.most) == (Counts.UNEQUAL, 10, 10 + TEXTS - 1)


def test_a_count_that_changes_for_one_prompt_is_compared_with_nothing() -> None:
    other = written("other", letters)
    spoken = [
        Sample(one.prompt, one.text, one.started, prompt_tokens=int(one.started)) for one in other.spoken
    ]
    assert found(ONE, Side("other", (), spoken)).counted.kind is Counts.UNKNOWN

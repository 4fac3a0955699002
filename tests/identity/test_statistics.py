"""The permutation tests: valid under the hypothesis, able to see a difference, the same for the same seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

import pytest

from conformance.identity.statistics import probabilities, texts

PROMPTS, MANY = 10, 8


def drawn(rng: Random, letters: str) -> Mapping[int, Sequence[str]]:
    return {prompt: ["".join(rng.choices(letters, k=30)) for _ in range(MANY)] for prompt in range(PROMPTS)}


def test_texts_of_one_distribution_are_told_apart_no_more_often_than_stated() -> None:
    found = [
        texts(drawn(Random(2 * n), "abc"), drawn(Random(2 * n + 1), "abc"), "s", 199) for n in range(100)
    ]
    p_values = [one.p for one in found if one is not None]
    # Binomial(100, 0.1): more than 22 has a probability below 1e-4, and the seeds are fixed.
    assert sum(p <= 0.1 for p in p_values) <= 22
    assert min(p_values) < 0.2
    assert max(p_values) > 0.8


def test_texts_of_two_distributions_are_told_apart() -> None:
    found = texts(drawn(Random(1), "abc"), drawn(Random(2), "abd"), "s")
    assert found is not None
    assert found.p == pytest.approx(1 / 5000)
    assert found.prompts == PROMPTS


def test_what_is_equal_has_no_distance() -> None:
    same = {0: ["alfa", "alfa"], 1: ["bravo", "bravo"]}
    found = texts(same, same, "s", 99)
    assert found is not None
    assert (found.distance, found.p) == (0.0, 1.0)


def test_only_the_first_eighty_characters_are_compared() -> None:
    one, other = {0: ["x" * 80 + "a"] * 4}, {0: ["x" * 80 + "b"] * 4}
    found = texts(one, other, "s", 99)
    assert found is not None
    assert found.p == 1.0


def test_the_same_seed_gives_the_same_result() -> None:
    one, other = drawn(Random(1), "abc"), drawn(Random(2), "abc")
    assert texts(one, other, "s", 99) == texts(one, other, "s", 99)


@pytest.mark.parametrize(
    ("one", "other"),
    [({}, {}), ({0: ["a", "b"]}, {1: ["a", "b"]}), ({0: ["a"]}, {0: ["a", "b"]})],
    ids=["nothing", "other prompts", "one answer"],
)
def test_nothing_is_tested_where_there_is_nothing_to_compare(
    one: Mapping[int, Sequence[str]], other: Mapping[int, Sequence[str]]
) -> None:
    assert texts(one, other, "s", 9) is None


def test_probabilities_that_differ_a_little_in_each_request_are_told_apart() -> None:
    one = {0: [{"a": -1.0, "b": -2.0}] * 5, 1: [{"c": -0.5}] * 5}
    other = {0: [{"a": -1.01, "b": -2.0}] * 5, 1: [{"c": -0.5}] * 5}
    alike, differing = probabilities(one, one, "s"), probabilities(one, other, "s")
    assert alike is not None
    assert differing is not None
    assert alike.p == 1.0
    assert differing.p < 0.02


def test_noise_in_the_probabilities_of_both_sides_is_no_difference() -> None:
    rng = Random(3)

    def noisy() -> Mapping[int, Sequence[Mapping[str, float]]]:
        return {prompt: [{"a": rng.gauss(-1, 0.1)} for _ in range(5)] for prompt in range(2)}

    p_values = [
        found.p for _ in range(50) if (found := probabilities(noisy(), noisy(), "s", 199)) is not None
    ]
    assert sum(p <= 0.05 for p in p_values) <= 9


def test_a_token_that_is_not_listed_counts_as_the_last_that_is() -> None:
    one, other = {0: [{"a": -1.0, "b": -2.0}] * 5}, {0: [{"a": -1.0, "c": -2.0}] * 5}
    found = probabilities(one, other, "s")
    assert found is not None
    assert found.distance == 0.0

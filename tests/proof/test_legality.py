"""Nobody is accused of what is legal: every variant leaves every verdict as it was, or says what it changes.

`python -m tests.soak` asks for much more of it.
"""

from __future__ import annotations

from collections import Counter
from itertools import permutations

import pytest
from hypothesis import Phase, given, settings

from conformance.contracts.chat.sources import METHOD
from conformance.judging.catalogue import every_requirement
from conformance.proof.asking import BRISK
from conformance.proof.legality import groups, needs_a_connection, unexpected
from conformance.reference.call import Call, JsonObject
from conformance.reference.fault import on_error
from conformance.reference.faults import FAULTS
from conformance.reference.variant import Variant, legal
from conformance.reference.variants import VARIANTS
from tests.soak.drawing import CHUNKED, combinations, paces, seeds


@pytest.mark.parametrize("group", groups(), ids=lambda group: f"{group[0].name} and {len(group) - 1} more")
def test_what_is_legal_changes_no_verdict(group: tuple[Variant, ...]) -> None:
    found = unexpected(group, pace=BRISK)
    alone = {one.name: unexpected([one], pace=BRISK) for one in group} if found and len(group) > 1 else {}
    assert found == {}, {name: why for name, why in alone.items() if why}


@settings(max_examples=4, derandomize=True, deadline=None, phases=[Phase.generate])
@given(combinations, seeds, paces)
def test_nor_does_any_combination(variants: tuple[Variant, ...], seed: int, pace: float) -> None:
    assert unexpected(variants, seed=seed, pace=pace) == {}


@pytest.mark.parametrize(("seed", "pace"), [(11, 0.004), (12, 0.05)])
def test_nor_do_seed_pace_and_chunking(seed: int, pace: float) -> None:
    assert unexpected(CHUNKED, seed=seed, pace=pace) == {}


def test_every_variant_is_dealt_twice_and_meets_nobody_twice() -> None:
    dealt = Counter(one.name for group in groups() for one in group)
    assert dealt == {name: 1 if needs_a_connection(one) else 2 for name, one in VARIANTS.items()}
    pairs = Counter(frozenset((a.name, b.name)) for group in groups() for a, b in permutations(group, 2))
    assert set(pairs.values()) == {2}
    for group in groups():
        assert max(Counter(aspect for one in group for aspect in one.aspects).values()) == 1
        assert len(group) == 1 or not any(map(needs_a_connection, group))


def test_what_a_variant_says_of_requirements_is_about_some() -> None:
    named = {name for variant in VARIANTS.values() for name in variant.changes}
    assert named <= set(every_requirement())


def test_a_fault_is_no_variant() -> None:
    disguised = legal(METHOD.practice, notes=("stream.usage-only-when-asked",))(FAULTS["done-missing"])
    assert set(unexpected([disguised])) == {"stream.done-once-and-last", "stream.usage-only-when-asked"}


def test_a_variant_that_does_nothing_is_none() -> None:
    @legal(METHOD.practice)
    @on_error()
    def same_as_ever(error: JsonObject, _: Call) -> JsonObject:
        """Errors are as they are."""
        return {**error}

    assert unexpected([same_as_ever]) == {"same-as-ever": "changes nothing"}

"""The catalogue of variants: every one is told, sourced and found by its name."""

from __future__ import annotations

import pytest

from conformance.reference.faults import FAULTS
from conformance.reference.variants import VARIANTS, UnknownVariantError, named, parts


def test_there_are_many() -> None:
    assert len(VARIANTS) >= 150


@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_says_what_it_is_and_what_allows_it(name: str) -> None:
    variant = VARIANTS[name]
    assert variant.summary.endswith(".")
    assert "\n" not in variant.summary
    assert variant.sources
    assert variant.parts
    assert all(part.aims == () for part in variant.parts)


def test_names_and_summaries_are_not_those_of_faults() -> None:
    assert VARIANTS.keys().isdisjoint(FAULTS)
    summaries = [variant.summary for variant in VARIANTS.values()]
    assert len(set(summaries)) == len(summaries)


def test_variants_work_on_each_other_in_the_order_of_the_catalogue() -> None:
    one, other = named(["lines-end-with-crlf", "members-reversed"])
    assert (one.name, other.name) == ("members-reversed", "lines-end-with-crlf")
    assert parts([one, other]) == (*one.parts, *other.parts)


def test_an_unknown_name_is_met_with_the_nearest() -> None:
    with pytest.raises(UnknownVariantError, match=r"unknown variant 'gzipp', did you mean 'gzip'\?"):
        named(["gzipp"])
    with pytest.raises(UnknownVariantError, match="`conformance variants` lists them"):
        named(["?"])

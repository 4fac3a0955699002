"""What is drawn by chance: combinations of variants, seeds, paces."""

from __future__ import annotations

from hypothesis import strategies as st

from conformance import DEFAULT
from conformance.proof.legality import needs_a_connection
from conformance.reference.variant import Variant
from conformance.reference.variants import BY_CONTRACT, named

CHUNKED = named(("pieces-of-any-size", "pace-uneven"))
"""The same answers in other pieces, at other times."""

_COMBINABLE = [
    one for one in BY_CONTRACT[DEFAULT].values() if not one.documents and not needs_a_connection(one)
]


def _compatible(variants: list[Variant]) -> tuple[Variant, ...]:
    """Those that share no aspect with one before them, in the order of the catalogue."""
    taken: dict[str, str] = {}
    for one in variants:
        if not one.aspects & taken.keys():
            taken |= dict.fromkeys(one.aspects, one.name)
    return named([*taken.values()])


combinations = st.lists(st.sampled_from(_COMBINABLE), min_size=1, max_size=16).map(_compatible)
seeds = st.integers(min_value=1, max_value=2**32)
paces = st.sampled_from((0.004, 0.012, 0.06))

"""How alike two vectors are, and how alike a service makes them that should be the same."""

from __future__ import annotations

from typing import Any

from conformance.contracts.embeddings.reading.vector import Vector
from conformance.contracts.embeddings.reading.view import View
from conformance.judging.saying import needs, warn, wrong
from conformance.wire.message import Message
from conformance.wire.place import Place

SAME = 0.999
"""The cosine above which two vectors are of one text.

Batches, kernels and low precision change the last digits: in half precision the cosine stays above 0.9999,
and with weights of eight bits above 0.999.
"""

RELATED = 0.98
"""Below it they are not of one text, whatever the precision."""

EQUAL = 1e-8
"""1 less the cosine, up to which two vectors are one: another order of adding makes 1e-12 of it."""


def apart(one: Vector, other: Vector) -> float:
    """How far the directions of two vectors are from each other: 0 to 2."""
    return max(0.0, 1 - one.cosine(other))


def same(one: Vector, other: Vector, what: str, *where: View | Place, **found: Any) -> None:
    """Says `what`, and how alike they are, unless both vectors are of one text."""
    alike = one.cosine(other)
    if alike < SAME:
        say = warn if alike >= RELATED else wrong
        difference = Message.of(what, **found)
        say("{difference}: their cosine is {cosine:.4f}", *where, difference=difference, cosine=alike)


def steady(text: View, again: View) -> None:
    """Gives up where two requests for one text give different vectors."""
    alike = text.vector.cosine(again.vector) >= SAME
    needs("vectors.same-input-same-vector", alike, "two requests for one text give different vectors")


def mixed_up(batch: View, text: View, other: View) -> bool:
    """Whether the vectors of the batch are those of its texts, but given to others of them."""
    alone = (text.vector, other.vector, text.vector)
    whose = [[one.cosine(vector) >= SAME for vector in alone] for one in batch.vectors]
    given = all(map(any, whose)) and all(map(any, zip(*whose, strict=True)))
    return given and not all(row[place] for place, row in enumerate(whose))


def sound(batch: View, text: View, other: View) -> None:
    """Gives up where batches of texts go wrong: what is wrong with other batches is then no news."""
    first, second, _ = batch.vectors
    needs(
        "vectors.different-inputs-differ",
        apart(first, second) > EQUAL,
        "two texts of a batch have one vector",
    )
    whole = first.cosine(text.vector) >= SAME and second.cosine(other.vector) >= SAME
    needs("vectors.batch-equals-single", whole, "a batch of texts has other vectors than its texts")

"""Requests that should be refused: what is wrong with each is one thing, and its name says which."""

from __future__ import annotations

from conformance.asking.change import setting, to_be_refused
from conformance.asking.probe import Probe
from conformance.contracts.embeddings.probes.ask import ask
from conformance.provider.model import Claims

PLAIN = ask("a", "a")
"""The cheapest request."""

_REFUSED = PLAIN | to_be_refused

EMPTY_TEXT = _REFUSED | setting(input="")
EMPTY_ARRAY = _REFUSED | setting(input=[])

OBJECT_INPUT = _REFUSED | setting(input={"conformance": 1})
NUMBER_INPUT = _REFUSED | setting(input=1)
NULL_INPUT = _REFUSED | setting(input=None)
NESTED_INPUT = _REFUSED | setting(input=[["a"]])

UNKNOWN_ENCODING = _REFUSED | setting(encoding_format="hex")

NO_DIMENSIONS = _REFUSED | setting(dimensions=0)
NEGATIVE_DIMENSIONS = _REFUSED | setting(dimensions=-1)
HUGE_DIMENSIONS = _REFUSED | setting(dimensions=1_000_000)

MOST_INPUTS = 4096
"""Inputs of a token each: were they served all the same, they would cost as much as four pages of text."""


def too_many(claims: Claims) -> tuple[Probe, ...]:
    """One input more than the documents allow; nothing where they state no limit, or a high one."""
    most = claims.detail("input", "max")
    if type(most) is not int or not 0 < most <= MOST_INPUTS:
        return ()
    body = ask("", ["a"] * (most + 1)).body
    return (_REFUSED.changed(f"x{most + 1}", body=body),)

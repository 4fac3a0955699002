"""What an embedding costs in tokens, by the members of its request; the `Costs` of its probes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard

from conformance.asking import tokens

AROUND = 2
"""Tokens that models write around each input: one that begins it and one that ends it."""

HIDDEN = 32
"""What a service may write before each input of its own accord, such as an instruction."""


def prompt(members: Mapping[str, Any]) -> int:
    """The tokens of all inputs, roughly."""
    return sum(AROUND + (tokens.about(one) if isinstance(one, str) else len(one)) for one in inputs(members))


def prompt_at_most(members: Mapping[str, Any]) -> int:
    """The tokens that the inputs can cost."""
    most = (tokens.at_most(one) if isinstance(one, str) else len(one) for one in inputs(members))
    return sum(HIDDEN + one for one in most)


def allowed(members: Mapping[str, Any]) -> int:
    """None: nothing is written."""
    del members
    return 0


def inputs(members: Mapping[str, Any]) -> Iterator[str | list[int]]:
    """Each input by itself: a text, or an array of tokens. What is neither is left out."""
    given = members.get("input")
    if isinstance(given, str) or _is_tokens(given):
        yield given
    elif isinstance(given, list):
        yield from (one for one in given if isinstance(one, str) or _is_tokens(one))


def _is_tokens(value: Any) -> TypeGuard[list[int]]:
    return isinstance(value, list) and bool(value) and all(type(one) is int for one in value)

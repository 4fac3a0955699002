"""A valid request for embeddings, and the rules that make it one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conformance.reference.check import Check, either, integer, invalid, one_of, string
from conformance.reference.embeddings.mind import WIDTH, pieces_of
from conformance.reference.refusal import Refusal, unknown_model

MODELS = ("reference",)
"""The models that give embeddings."""

MOST_INPUTS, MOST_TOKENS = 2048, 8192
"""Inputs of a request, and tokens of an input."""

_LAST_TOKEN = 2**31 - 1


@dataclass(frozen=True, slots=True)
class EmbeddingsRequest:
    """What is to be embedded: the pieces of each input, and how the vectors are to be."""

    model: str
    inputs: tuple[tuple[str | int, ...], ...]
    width: int = WIDTH
    base64: bool = False

    @property
    def tokens(self) -> int:
        """What all inputs cost."""
        return sum(map(len, self.inputs))


def _tokens(value: Any) -> bool:
    return (
        isinstance(value, list)
        and 0 < len(value) <= MOST_INPUTS
        and all(type(one) is int and 0 <= one <= _LAST_TOKEN for one in value)
    )


def _listed(value: Any) -> bool:
    if not isinstance(value, list) or not 0 < len(value) <= MOST_INPUTS:
        return False
    return all(isinstance(one, str) and one for one in value) or all(map(_tokens, value))


_INPUT = either(
    string(shortest=1),
    Check("an array of tokens", _tokens),
    Check(f"an array of 1 to {MOST_INPUTS} non-empty strings or arrays of tokens", _listed),
)

_OPTIONAL: Mapping[str, Check] = {
    "encoding_format": one_of("float", "base64"),
    "dimensions": integer(1, WIDTH),
    "user": string(),
}


def read_request(body: Mapping[str, Any]) -> EmbeddingsRequest:
    """The request that a body describes. Raises Refusal for the first rule that it breaks."""
    for name, check in (("model", string(shortest=1)), ("input", _INPUT)):
        if name not in body:
            missing = f"Missing required parameter: '{name}'."
            raise Refusal(missing, param=name, code="missing_required_parameter")
        check.demand(body[name], name)
    for name, value in body.items():
        if name in ("model", "input"):
            continue
        if name not in _OPTIONAL:
            unknown = f"Unrecognized request argument supplied: {name[:64]}"
            raise Refusal(unknown, param=name[:64], code="unknown_parameter")
        _OPTIONAL[name].demand(value, name)
    if body["model"] not in MODELS:
        raise unknown_model(body["model"])
    inputs = tuple(map(tuple, _pieces(body["input"])))
    longest = max(map(len, inputs))
    if longest > MOST_TOKENS:
        raise invalid("input", f"an input has {longest} tokens, and {MOST_TOKENS} is the most")
    return EmbeddingsRequest(
        body["model"], inputs, body.get("dimensions", WIDTH), body.get("encoding_format") == "base64"
    )


def _pieces(given: Any) -> list[list[str | int]]:
    """What each input is made of."""
    if isinstance(given, str):
        return [pieces_of(given)]
    if type(given[0]) is int:
        return [given]
    return [pieces_of(one) if isinstance(one, str) else one for one in given]

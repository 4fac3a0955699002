"""What is asked of each request parameter of a contract, from its parameters.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from functools import cache
from importlib.resources import files

from conformance import CONTRACTS, DEFAULT
from conformance.wire import own_yaml

ASPECTS: Mapping[str, str] = {
    "accepted": "accepted",
    "effective": "effective",
    "ends": "ends of the range accepted",
    "outside": "outside the range refused",
    "type": "wrong type refused",
    "null": "null is unset",
}
"""What can be asked of a parameter, and how it is called."""


@cache
def parameters(contract: str = DEFAULT) -> Mapping[str, Mapping[str, tuple[str, ...] | str]]:
    """For each parameter and aspect the requirements that decide it, or the reason why none does.

    Nothing, where the contract has no such file.
    """
    file = files("conformance").joinpath("contracts", contract, "parameters.yaml")
    given = own_yaml.load(file.read_bytes())["parameters"] if file.is_file() else {}
    return {
        name: {
            aspect: tuple(said) if isinstance(said, list) else str(said) for aspect, said in aspects.items()
        }
        for name, aspects in given.items()
    }


def exercised_by(requirement: str) -> Mapping[str, tuple[str, ...]]:
    """The parameters that a requirement is about, and which of their aspects it decides."""
    found = {
        name: tuple(
            words
            for aspect, words in ASPECTS.items()
            if isinstance(aspects[aspect], tuple) and requirement in aspects[aspect]
        )
        for contract in CONTRACTS
        for name, aspects in parameters(contract).items()
    }
    return {name: aspects for name, aspects in found.items() if aspects}


class Shows(Enum):
    """What it shows of a claim that a requirement holds: an effect, that it is accepted (where an effect is
    looked for elsewhere, or nowhere), a value beyond its range, or nothing by itself."""

    EFFECT = auto()
    ACCEPTANCE = auto()
    ACCEPTANCE_ALONE = auto()
    RANGE = auto()
    NOTHING = auto()


@cache
def shows(requirement: str, claim: str, contract: str) -> Shows:
    """What a requirement shows of a claim.

    An effect is shown by the first of those that are about it: the others may hold without it, as an answer
    is steady that is always the same. What is no parameter has no effect but its own.
    """
    aspects = parameters(contract).get(claim)
    if aspects is None:
        about = exercised_by(requirement).values()
        accepted = [found for found in about if ASPECTS["accepted"] in found]
        return Shows.ACCEPTANCE_ALONE if accepted else Shows.EFFECT

    def is_in(aspect: str) -> bool:
        return isinstance(aspects[aspect], tuple) and requirement in aspects[aspect]

    if aspects["effective"][:1] == (requirement,):
        return Shows.EFFECT
    if is_in("outside"):
        return Shows.RANGE
    return Shows.ACCEPTANCE if is_in("accepted") and not is_in("effective") else Shows.NOTHING

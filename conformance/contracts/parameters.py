"""What is asked of each request parameter of a contract, from its parameters.yaml."""

from __future__ import annotations

from collections.abc import Mapping
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

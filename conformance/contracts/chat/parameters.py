"""What is asked of each request parameter, from parameters.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

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
def parameters() -> Mapping[str, Mapping[str, tuple[str, ...] | str]]:
    """For each parameter and aspect the requirements that decide it, or the reason why none does."""
    given = own_yaml.load(files(__package__).joinpath("parameters.yaml").read_bytes())["parameters"]
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
        for name, aspects in parameters().items()
    }
    return {name: aspects for name, aspects in found.items() if aspects}

"""How services were seen to deviate from a contract, from its known.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from conformance import CONTRACTS, DEFAULT
from conformance.wire import own_yaml


@dataclass(frozen=True, slots=True)
class Deviation:
    """Something that services were seen to do.

    `seen_in` is empty where it is only feared. `sources` are GitHub threads (owner/repository#number) and
    addresses. `requirements` notice it, which is proven with `faults` of the embedded provider; where there
    are none, `because` says why.
    """

    id: str
    what: str
    seen_in: tuple[str, ...]
    sources: tuple[str, ...]
    requirements: tuple[str, ...]
    faults: tuple[str, ...]
    because: str


@cache
def deviations(contract: str = DEFAULT) -> tuple[Deviation, ...]:
    """Those from a contract, in the order of its file; none where it has no such file."""
    file = files("conformance").joinpath("contracts", contract, "known.yaml")
    given = own_yaml.load(file.read_bytes())["deviations"] if file.is_file() else {}
    return tuple(
        Deviation(
            id=name,
            what=one["what"],
            seen_in=tuple(one["seen_in"]),
            sources=tuple(one["sources"]),
            requirements=tuple(one.get("requirements", ())),
            faults=tuple(one.get("faults", ())),
            because=one.get("because", ""),
        )
        for name, one in given.items()
    )


def noticed_by(requirement: str) -> tuple[Deviation, ...]:
    """The deviations that a requirement notices."""
    return tuple(one for name in CONTRACTS for one in deviations(name) if requirement in one.requirements)

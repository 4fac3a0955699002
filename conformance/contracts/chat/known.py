"""How services were seen to deviate from the contract, from known.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

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
def deviations() -> tuple[Deviation, ...]:
    """All of them, in the order of the file."""
    given = own_yaml.load(files(__package__).joinpath("known.yaml").read_bytes())["deviations"]
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
    return tuple(one for one in deviations() if requirement in one.requirements)

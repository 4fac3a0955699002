"""How often the checks that judge chance are right: each is tried many times, with other random numbers."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from conformance.judging.catalogue import catalogue
from conformance.judging.judge import Judge
from conformance.judging.recording import Recording
from conformance.judging.verdict import Verdict
from conformance.proof.asking import only, recorded
from conformance.proof.kills import VIOLATED
from conformance.provider.claims import profile
from conformance.reference.chat.personas import PERSONAS
from conformance.reference.faults import FAULTS, named

RUNS = 200
"""An accusation that never comes in so many runs comes, 19 to 1, in fewer than 1.5 of a hundred."""

STATISTICAL = (
    "choices.independent",
    "penalties.frequency-reduces-repetition",
    "penalties.presence-reduces-repetition",
    "sampling.temperature-varies-output",
    "sampling.temperature-zero-steady",
    "sampling.temperature-default-not-zero",
    "sampling.top-p-narrows-output",
    "sampling.answers-not-replayed",
    "sampling.logit-bias-selects",
    "sampling.seed-repeats",
    "usage.completion-not-estimated",
)
"""The requirements whose verdict depends on what a model happens to say."""

ABLE = ("reference", "stubborn")
"""The personas that are given the faults: one that never says the same twice, and one that often does."""

INNOCENT = ("reference", "stubborn", "weak", "thinking", "reasoning")
"""Personas that do as the contract says, each in a way of its own."""

Tries = Counter[tuple[str, Verdict]]
"""How often each requirement got each verdict."""

Times = Mapping[str, int]
"""By persona, in how many runs."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Of RUNS runs: in how many a requirement noticed a fault, in how many it was held against an innocent.

    `clean` is in how many of as many runs of everything anything was held against the reference.
    """

    found: Mapping[str, Mapping[str, Times]]
    accused: Mapping[str, Times]
    clean: int


def faults_of(requirement: str) -> list[str]:
    """The faults that a requirement should notice."""
    return [fault.name for fault in FAULTS.values() if requirement in fault.aims]


def tries(names: Iterable[str], seeds: Iterable[int], persona: str, *faults: str) -> Tries:
    """Asks with each seed what these requirements want, and judges them."""
    chosen, claims = tuple(names), profile("openai")
    plan = only(chosen, claims)
    found: Tries = Counter()
    for seed in seeds:
        exchanges = recorded(*named(faults), persona=PERSONAS[persona], seed=seed, asked=plan)
        judge = Judge(claims, Recording.of(exchanges), catalogue())
        found.update((name, judge.judge(catalogue()[name]).verdict) for name in chosen)
    return found


def noticed(tried: Tries, name: str) -> int:
    """In how many tries the requirement was found violated."""
    return sum(tried[name, verdict] for verdict in VIOLATED)


def accused(tried: Tries, name: str) -> int:
    """In how many tries it was held against the provider, which a note is not."""
    return tried[name, Verdict.FAIL] + tried[name, Verdict.WARN]


def measured() -> Rates:
    """All of it, on all cores."""
    pairs = [(name, fault, persona) for name in STATISTICAL for fault in faults_of(name) for persona in ABLE]
    with ProcessPoolExecutor() as pool:
        clean = pool.map(_clean, range(RUNS), chunksize=10)
        against = dict(zip(INNOCENT, pool.map(_against, INNOCENT), strict=True))
        found = dict(zip(pairs, pool.map(_found, *zip(*pairs, strict=True)), strict=True))
        return Rates(
            found={
                name: {
                    fault: {persona: found[name, fault, persona] for persona in ABLE}
                    for fault in faults_of(name)
                }
                for name in STATISTICAL
            },
            accused={name: {one: accused(against[one], name) for one in INNOCENT} for name in STATISTICAL},
            clean=sum(clean),
        )


def _found(name: str, fault: str, persona: str) -> int:
    return noticed(tries([name], range(RUNS), persona, fault), name)


def _against(persona: str) -> Tries:
    return tries(STATISTICAL, range(RUNS), persona)


def _clean(seed: int) -> bool:
    tried = tries(catalogue(), [seed], "reference")
    return any(accused(tried, name) for name in catalogue())


def read(path: Path) -> Rates:
    """What the file says."""
    return Rates(**json.loads(path.read_text(encoding="utf-8")))


def written(rates: Rates) -> str:
    """The text of the file."""
    return json.dumps(asdict(rates), indent=1) + "\n"


def page(rates: Rates) -> str:
    """The figures for people, in Markdown."""
    found = "\n".join(
        f"| `{name}` | `{fault}` | {' | '.join(str(times[persona]) for persona in ABLE)} |"
        for name, faults in rates.found.items()
        for fault, times in faults.items()
    )
    against = "\n".join(
        f"| `{name}` | {' | '.join(str(times[persona]) for persona in INNOCENT)} |"
        for name, times in rates.accused.items()
    )
    return f"""# How often the checks that judge chance are right

The verdict of {len(STATISTICAL)} requirements depends on what a model happens to say. Each was tried {RUNS}
times, with other random numbers each time. `conformance faults --rates tests/proof` measures it again, in two
minutes on two cores.

## The fault is found

*stubborn* is a model with a favourite answer, which about every third of equal questions gets. What it would
have said anyway is no evidence: the rest of its runs is inconclusive, or a pass.

| requirement | fault | of {RUNS} runs, {" | ".join(ABLE)} |
|---|---|{"---|" * len(ABLE)}
{found}

## Who does nothing wrong is accused

A fail or a warn, against personas of the embedded provider that are as they should be.

| requirement | of {RUNS} runs, {" | ".join(INNOCENT)} |
|---|{"---|" * len(INNOCENT)}
{against}

In {rates.clean} of {RUNS} runs of everything was any requirement held against the reference.
"""

"""How often a comparison is right, on the tiny model and llama.cpp: what same.html says of its own power.

    python -m tests.identity.rates

asks llama.cpp for answers of the model and of changes of it, once, draws comparisons from them, and writes
conformance/identity/rates.yaml, which same.html shows, and tests/identity/RATES.md. It takes some minutes,
and needs the extra `engines`.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import httpx2
import yaml

from conformance.identity import asking, comparing
from conformance.identity.comparing import FEW, MANY, Verdict
from conformance.identity.power import PATH
from conformance.identity.prompts import generated
from conformance.identity.values import Sample, Side
from tests.engines.process import announced

SEED = "rates"
TRIALS, NULL_TRIALS = 100, 200
POOL = 96
"""Answers to each prompt that are drawn from; twice as many of the model itself, for both sides."""
WEIGHED = 20
DRAWS = 999
UNDER_WAY = 8
HIDDEN = "You answer briefly and politely."


@dataclass(frozen=True, slots=True)
class Change:
    """A change of the model or of how it is asked; `form` is that of its weights."""

    name: str
    form: str = ""
    temperature: float = 1.0
    system: str = ""


MODEL = Change("none")
CHANGES = (
    Change("f32", form="F32"),
    Change("q5", form="Q5_0"),
    Change("q4", form="Q4_0"),
    Change("system-prompt", system=HIDDEN),
    Change("cooler", temperature=0.8),
)
MIXED = (10, 30, 50)
"""Shares, in percent, of answers that come from the model in 4 bits."""


@dataclass(frozen=True)
class Pool:
    """What was answered, by prompt: texts, and probabilities of the first token."""

    texts: Mapping[int, Sequence[str]]
    first: Mapping[int, Sequence[Mapping[str, float]]]


def side(name: str, pool: Pool, rng: Random, part: slice = slice(None)) -> Side:
    """A side whose answers are drawn from the pool."""
    texts = {prompt: rng.sample(found[part], MANY) for prompt, found in pool.texts.items()}
    first = {prompt: rng.sample(found[part], asking.WEIGHINGS) for prompt, found in pool.first.items()}
    return Side(
        name,
        [Sample(prompt, "", first=one) for prompt, found in first.items() for one in found],
        [Sample(prompt, text, time) for prompt, found in texts.items() for time, text in enumerate(found)],
    )


def mixed(name: str, pool: Pool, other: Pool, share: int, rng: Random) -> Side:
    """A side that is the other model in so many of a hundred answers."""
    one, two = side(name, pool, rng), side(name, other, rng)
    chosen = [b if rng.random() * 100 < share else a for a, b in zip(one.spoken, two.spoken, strict=True)]
    weighed = [b if rng.random() * 100 < share else a for a, b in zip(one.weighed, two.weighed, strict=True)]
    return Side(name, weighed, chosen)


def few(side: Side) -> Side:
    """The side after the first stage, without probabilities."""
    return Side(side.name, (), [one for one in side.spoken if one.started < FEW])


def bare(side: Side) -> Side:
    """The side without probabilities."""
    return Side(side.name, (), side.spoken)


def noticed(one: Side, other: Side, trial: int) -> tuple[bool, bool, bool]:
    """Whether a difference is found after the first stage, after the second, and by probabilities."""

    def found(a: Side, b: Side) -> bool:
        return comparing.compare(a, b, f"{trial}", DRAWS).verdict in (Verdict.DIFFERENT, Verdict.UNSTABLE)

    tokens = comparing.compare(
        Side(one.name, one.weighed), Side(other.name, other.weighed), f"{trial}", DRAWS
    )
    early = found(few(one), few(other))
    return early, found(bare(one), bare(other)), tokens.verdict is Verdict.DIFFERENT


def _trial(job: tuple[str, int, Pool, Pool, int]) -> tuple[bool, bool, bool]:
    name, trial, pool, other, share = job
    rng = Random(f"{name}/{trial}")
    one = side("one", pool, rng, slice(None, POOL))
    two = mixed("other", pool_of_second(pool), other, share, rng) if share else side("other", other, rng)
    return noticed(one, two, trial)


def pool_of_second(pool: Pool) -> Pool:
    """The half of the model's own answers that the first side does not draw from."""
    return Pool(
        {prompt: found[POOL:] for prompt, found in pool.texts.items()},
        {prompt: found[WEIGHED:] for prompt, found in pool.first.items()},
    )


async def _asked(base_url: str, change: Change, many: int) -> Pool:
    spoken, weighed = generated(SEED)
    gate = asyncio.Semaphore(UNDER_WAY)
    system = [{"role": "system", "content": change.system}] if change.system else []

    async def one(client: httpx2.AsyncClient, prompt: str, **members: Any) -> Any:
        messages = [*system, {"role": "user", "content": prompt}]
        body = {"model": "tiny", "messages": messages, "temperature": change.temperature, **members}
        async with gate:
            answer = await client.post("/chat/completions", json=body)
        return answer.json()["choices"][0]

    async with httpx2.AsyncClient(base_url=base_url, timeout=600) as client:
        texts = {
            number: [
                found["message"]["content"]
                for found in await asyncio.gather(
                    *(one(client, prompt, max_tokens=asking.TOKENS) for _ in range(many))
                )
            ]
            for number, prompt in enumerate(spoken)
        }
        first = {
            number: [
                {top["token"]: top["logprob"] for top in found["logprobs"]["content"][0]["top_logprobs"]}
                for found in await asyncio.gather(
                    *(
                        one(client, prompt, max_tokens=1, logprobs=True, top_logprobs=asking.LISTED)
                        for _ in range(many * WEIGHED // POOL)
                    )
                )
            ]
            for number, prompt in enumerate(weighed)
        }
    return Pool(texts, first)


@contextmanager
def served(form: str, folder: Path) -> Iterator[str]:
    """llama.cpp with the model in that form."""
    from tests.identity.weights import requantised

    model = ["--model", str(requantised(form, folder / f"{form}.gguf"))] if form else []
    with announced(["tests.engines.llamacpp", "--until-stdin-closes", *model], os.environ) as base_url:
        yield base_url


def pools(folder: Path) -> Mapping[str, Pool]:
    """What the model and its changes answer."""
    found = {}
    for change in (MODEL, *CHANGES):
        with served(change.form, folder) as base_url:
            many = 2 * POOL if change is MODEL else POOL
            found[change.name] = asyncio.run(_asked(base_url, change, many))
        print(f"asked: {change.name}", file=sys.stderr, flush=True)
    return found


def measured(found: Mapping[str, Pool]) -> list[dict[str, Any]]:
    """How many comparisons noticed each change."""
    model = found[MODEL.name]
    rows: list[tuple[str, int, Pool, int]] = [("none", NULL_TRIALS, pool_of_second(model), 0)]
    rows += [(change.name, TRIALS, found[change.name], 0) for change in CHANGES]
    rows += [(f"mixed-{share}", TRIALS, found["q4"], share) for share in MIXED]
    result = []
    with ProcessPoolExecutor() as workers:
        for name, trials, other, share in rows:
            jobs = [(name, trial, model, other, share) for trial in range(trials)]
            seen = list(workers.map(_trial, jobs, chunksize=5))
            counts = dict(zip(("few", "many", "tokens"), map(sum, zip(*seen, strict=True)), strict=True))
            result.append({"change": name, "trials": trials, **counts})
            print(result[-1], file=sys.stderr, flush=True)
    return result


def page(rows: Sequence[Mapping[str, Any]]) -> str:
    """RATES.md."""
    head = """\
# How often a comparison is right

`conformance same` on the tiny model with llama.cpp, 8-bit weights against a change of it. In so many of so
many comparisons the change was noticed: by 4 texts a prompt, by up to 16, and by the probabilities of first
tokens. `none` is the model against itself: false alarms. `mixed-30` answers three of ten requests with 4-bit
weights. `python -m tests.identity.rates` writes this.

| change | comparisons | 4 texts | 16 texts | probabilities |
|---|---|---|---|---|
"""
    return head + "".join(
        f"| {row['change']} | {row['trials']} | {row['few']} | {row['many']} | {row['tokens']} |\n"
        for row in rows
    )


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        rows = measured(pools(Path(folder)))
    PATH.write_text(yaml.safe_dump(rows, sort_keys=False), encoding="utf-8")
    (Path(__file__).parent / "RATES.md").write_text(page(rows), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""How often the suite cries wolf, over many runs: `python -m tests.soak`.

Without options, fifty runs of the clean embedded provider over HTTP, each with a seed, a pace and pieces of
its own. The exit code is 1 where any verdict is other than it should be. All is drawn from `--seed`.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from random import Random

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded

from conformance.judging.verdict import Verdict
from conformance.proof.asking import recorded as asked
from conformance.proof.judging import judgements
from conformance.proof.legality import recorded, unexpected
from conformance.reference.chat.personas import PERSONAS
from conformance.reference.variant import Variant
from conformance.reference.variants import VARIANTS
from tests.minds import STYLES, at_length, in_style
from tests.soak.drawing import CHUNKED, combinations, paces, seeds

ACCUSED = (Verdict.FAIL, Verdict.WARN, Verdict.ERROR)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--clean", type=int, metavar="N", help="runs of the clean provider (50)")
    parser.add_argument("--each", action="store_true", help="every variant alone, asked everything over HTTP")
    parser.add_argument("--combinations", type=int, default=0, metavar="N", help="combinations of variants")
    parser.add_argument("--models", type=int, default=0, metavar="N", help="runs of each kind of model")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="draw from this seed (1)")
    options = parser.parse_args()
    alone = not options.each and not options.combinations and not options.models
    wrong = sum(_clean_runs(options.clean if options.clean is not None else 50 * alone, options.seed))
    if options.each:
        other = sum(_reported(name, unexpected([one], http=True)) > 0 for name, one in VARIANTS.items())
        print(f"{len(VARIANTS)} variants, each alone over HTTP: {other} judged otherwise", flush=True)
        wrong += other
    if options.combinations:
        wrong += _combinations(options.combinations, options.seed)
    wrong += sum(_models(options.models, options.seed))
    return 1 if wrong else 0


def _models(runs: int, seed: int) -> Iterator[int]:
    """Gives the number of accusations of each kind of model, in so many runs of each."""
    thinkers = [
        at_length(*lengths) for lengths in ((10, 40), (30, 300), (500, 1500), (900, 1200), (1100, 3000))
    ]
    played = [PERSONAS[name] for name in ("weak", "stubborn", "thinking", "reasoning")]
    for persona in (*played, *thinkers, *map(in_style, STYLES)) if runs else ():
        chance, wrong = Random(seed), 0
        for _ in range(runs):
            drawn = chance.getrandbits(32)
            judged = judgements(asked(persona=persona, seed=drawn))
            told = {name: one.message for name, one in judged.items() if one.verdict in ACCUSED}
            wrong += _reported(f"seed {drawn}: {persona.summary}", told)
        print(f"{persona.summary}: {runs} runs, {wrong} accusations", flush=True)
        yield wrong


def _clean_runs(runs: int, seed: int) -> Iterator[int]:
    """Gives the number of accusations of each run."""
    chance = Random(seed)
    total: Counter[str] = Counter()
    begin = time.monotonic()
    for number in range(1, runs + 1):
        drawn, pace = chance.getrandbits(32), round(chance.uniform(0.003, 0.03), 4)
        judged = judgements(recorded(CHUNKED, seed=drawn, pace=pace, http=True))
        counts = Counter(str(one.verdict) for one in judged.values())
        total += counts
        said = ", ".join(f"{count} {verdict}" for verdict, count in counts.most_common())
        print(f"run {number:>3}  seed {drawn:>10}  {pace:.4f} s a token  {said}", flush=True)
        told = {
            name: f"{one.verdict}: {one.message}"
            for name, one in judged.items()
            if one.verdict not in (Verdict.PASS, Verdict.NOT_APPLICABLE)
        }
        _reported("", told)
        yield sum(one.verdict in ACCUSED for one in judged.values())
    if runs:
        said = ", ".join(f"{total[verdict]} {verdict}" for verdict in Verdict)
        print(f"{runs} clean runs in {time.monotonic() - begin:.0f} s: {said}", flush=True)


def _combinations(count: int, seed: int) -> int:
    """The number of combinations that are judged otherwise than they should be."""
    wrong: Counter[bool] = Counter()

    @seeded(seed)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(combinations, seeds, paces)
    def judged(variants: tuple[Variant, ...], seed: int, pace: float) -> None:
        names = " ".join(one.name for one in variants)
        found = unexpected(variants, seed=seed, pace=pace)
        wrong[_reported(f"seed {seed}, {pace} s a token: {names}", found) > 0] += 1

    judged()
    print(f"{sum(wrong.values())} combinations: {wrong[True]} judged otherwise", flush=True)
    return wrong[True]


def _reported(title: str, found: Mapping[str, str]) -> int:
    if found and title:
        print(title)
    for name, why in found.items():
        print(f"    {name}: {why[:160]}", flush=True)
    return len(found)


if __name__ == "__main__":
    sys.exit(main())

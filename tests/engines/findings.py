"""What the suite finds at a real engine, as recorded after each finding was confirmed by hand.

A file in `findings` names, requirement by requirement, the verdict and what the engine really sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from conformance.judging.verdict import Judgement, Verdict

FOLDER = Path(__file__).parent / "findings"
FINDINGS = (Verdict.FAIL, Verdict.WARN, Verdict.NOTE)


@dataclass(frozen=True)
class Finding:
    """A verdict, and the bytes that it rests on."""

    verdict: Verdict
    seen: str


@dataclass(frozen=True)
class Recorded:
    """What is known of an engine.

    `by_chance` shows only when two things happen at once. `undecided` cannot be decided, and says why; what
    is blocked by a finding need not be listed there. What is `left_out` is not asked, for the reason given.
    """

    engine: str
    certain: Mapping[str, Finding]
    by_chance: Mapping[str, Finding]
    undecided: Mapping[str, str]
    left_out: Mapping[str, str]

    def differences(self, judged: Mapping[str, Judgement]) -> list[str]:
        """How the judgements differ from what is recorded: a line for each; none where they agree."""
        found = {name: one for name, one in judged.items() if one.verdict in FINDINGS}
        known = {**self.by_chance, **self.certain}
        lines = [
            f"new: {name} {one.verdict}: {one.message}"
            for name, one in found.items()
            if name not in known or known[name].verdict is not one.verdict
        ]
        lines += [
            f"gone: {name} is {judged[name].verdict}: {judged[name].message}"
            for name in self.certain
            if name in judged and name not in found
        ]
        lines += [
            f"undecided: {name}: {one.message}"
            for name, one in judged.items()
            if one.verdict is Verdict.INCONCLUSIVE and one.see not in known and name not in self.undecided
        ]
        return lines + [
            f"not asked: {name}: {one.message}"
            for name, one in judged.items()
            if one.verdict is Verdict.ERROR and name not in known
        ]


@cache
def recorded(name: str) -> Recorded:
    """The file of an engine."""
    content = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return Recorded(
        content["engine"],
        _findings(content["findings"]),
        _findings(content.get("by_chance", {})),
        content.get("undecided", {}),
        content.get("left_out", {}),
    )


def _findings(content: Mapping[str, Mapping[str, str]]) -> Mapping[str, Finding]:
    return {name: Finding(Verdict(one["verdict"]), one["seen"]) for name, one in content.items()}

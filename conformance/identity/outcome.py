"""What a comparison comes to, as same.json and same.html have it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from conformance import __version__
from conformance.contracts import contract_of
from conformance.identity.comparing import ALPHA, Compared, Counts, Verdict
from conformance.identity.values import Side
from conformance.wire.record import Exchange

FORMAT = "openai-conformance-same/1"


@dataclass(frozen=True, slots=True)
class Asked:
    """One side: what it was asked, what that cost, and what it answered. `stored`: it was asked before."""

    side: Side
    url: str
    stored: bool
    requests: int
    prompt_tokens: int
    completion_tokens: int

    @property
    def answers(self) -> int:
        """How many texts could be read."""
        return sum(map(len, self.side.texts.values()))

    @property
    def distinct(self) -> int:
        """How many of them differ."""
        return sum(len(set(texts)) for texts in self.side.texts.values())


@dataclass(frozen=True, slots=True)
class Outcome:
    """A comparison as it ended. `incomplete` says why not everything was asked."""

    found: Compared
    sides: tuple[Asked, ...]
    prompts: Sequence[str]
    seed: str
    started: datetime
    incomplete: str | None = None

    @property
    def requests(self) -> int:
        """What both sides were asked."""
        return sum(one.requests for one in self.sides)

    @property
    def shown(self) -> Iterator[tuple[str, tuple[tuple[str, ...], ...]]]:
        """A few prompts, and what each side answered first."""
        for number, prompt in enumerate(self.prompts[:4]):
            yield prompt, tuple(one.side.texts.get(number, ())[:3] for one in self.sides)


def asked(side: Side, url: str, exchanges: Sequence[Exchange], *, stored: bool = False) -> Asked:
    """One side, with what its exchanges cost."""
    used = [
        contract_of(one).used(one.request, attempt, one.adapted)
        for one in exchanges
        for attempt in one.attempts
        if attempt.started
    ]
    return Asked(
        side, url, stored, len(used), sum(one.prompt for one in used), sum(one.completion for one in used)
    )


def exit_code(outcome: Outcome) -> int:
    """0 the same, 1 different or counted differently, 7 it cannot be told or not everything was asked."""
    found = outcome.found
    if found.verdict is Verdict.DIFFERENT:
        return 1
    if found.verdict is not Verdict.SAME or outcome.incomplete is not None:
        return 7
    return 1 if found.counted.kind in (Counts.SHIFTED, Counts.UNEQUAL) else 0


def encoded(outcome: Outcome) -> bytes:
    """same.json."""
    return (json.dumps(_members(outcome), indent=1, ensure_ascii=False) + "\n").encode()


def _members(outcome: Outcome) -> dict[str, Any]:
    found = outcome.found
    return {
        "format": FORMAT,
        "suite": __version__,
        "started": outcome.started.isoformat(),
        "seed": outcome.seed,
        "verdict": found.verdict.value,
        "false_alarms_at_most": ALPHA,
        "incomplete": outcome.incomplete,
        "reasons": [{"reason": reason, "side": side} for reason, side in found.reasons],
        "sides": [
            {
                "name": one.side.name,
                "url": one.url,
                "stored": one.stored,
                "requests": one.requests,
                "prompt_tokens": one.prompt_tokens,
                "completion_tokens": one.completion_tokens,
                "answers": one.answers,
                "distinct_answers": one.distinct,
            }
            for one in outcome.sides
        ],
        "tests": [
            {
                "test": layer.name,
                "side": layer.side or None,
                "level": layer.level,
                "p": layer.tested.p if layer.tested else None,
                "distance": round(layer.tested.distance, 6) if layer.tested else None,
                "prompts": layer.tested.prompts if layer.tested else 0,
                "rejects": layer.rejects,
            }
            for layer in found.layers
        ],
        "prompt_counts": {
            "comparison": found.counted.kind.value,
            "prompts": found.counted.prompts,
            "least": found.counted.least,
            "most": found.counted.most,
        },
    }

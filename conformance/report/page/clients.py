"""Which programs work with a target: openai-python by what it made of the bytes, the others by rule.

The rules are in clients.yaml, each with the source that says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from conformance.judging.verdict import Verdict
from conformance.report.language import read_data
from conformance.report.results.results import JudgementResult

Rows = Mapping[str, JudgementResult]
"""The judgements of one target by requirement."""


@dataclass(frozen=True, slots=True)
class ClientRule:
    """What a program makes of a violation of these requirements, in each language, and who says so.

    `reads`: without the first of them, it can read no answer.
    """

    requirements: tuple[str, ...]
    words: Mapping[str, str]
    source: str
    reads: bool = False


@dataclass(frozen=True, slots=True)
class Client:
    """A program. `proven`: it was run over the recorded bytes, and each rule is one of its uses."""

    name: str
    version: str
    source: str
    proven: bool
    rules: tuple[ClientRule, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """A rule, and the judgements that bear on it at one target, worst first."""

    rule: ClientRule
    judgements: tuple[JudgementResult, ...]

    @property
    def verdict(self) -> Verdict | None:
        """The worst of them; None where nothing was decided."""
        decided = [row.verdict for row in self.judgements if row.verdict.decides]
        return min(decided, key=lambda one: one.severity, default=None)

    @property
    def violated(self) -> bool:
        """Whether one of the requirements is violated."""
        return self.verdict is not None and self.verdict.violates


@dataclass(frozen=True, slots=True)
class Fit:
    """How a program gets on with a target: every rule that could be looked at."""

    client: Client
    reasons: tuple[Reason, ...]

    @property
    def against(self) -> tuple[Reason, ...]:
        """Why it does not get on, worst first."""
        return tuple(
            sorted(
                (one for one in self.reasons if one.violated),
                key=lambda one: (one.verdict or Verdict.NOTE).severity,
            )
        )

    @property
    def verdict(self) -> Verdict:
        """Its look: what is only inferred from a rule is a warning, never a failure."""
        if not self.reasons:
            return Verdict.INCONCLUSIVE
        if not self.against:
            return Verdict.PASS
        worst = self.against[0].verdict
        return Verdict.FAIL if self.client.proven and worst is Verdict.FAIL else Verdict.WARN


def fit(client: Client, rows: Rows) -> Fit:
    """How the program gets on with the target that these judgements are about."""
    reasons = [Reason(rule, _bearing(rule.requirements, rows)) for rule in client.rules]
    return Fit(client, tuple(one for one in reasons if one.verdict is not None))


@cache
def clients() -> tuple[Client, ...]:
    """The programs, the one that is proven first."""
    data = read_data("clients.yaml")
    return (*_proven(data), *(_by_rule(one) for one in data["others"]))


def _proven(data: Mapping[str, Any]) -> Sequence[Client]:
    name = "openai-python"
    value = data[name]
    rules = tuple(
        ClientRule(tuple(one["requirements"]), one["use"], value["source"], one.get("reads", False))
        for one in value["proven"]
    )
    return [Client(name, value["version"], value["source"], True, rules)]


def _by_rule(value: Mapping[str, Any]) -> Client:
    rules = tuple(
        ClientRule(tuple(one["requirements"]), one["breaks"], one["source"]) for one in value["rules"]
    )
    return Client(value["name"], "", "", False, rules)


def _bearing(requirements: Sequence[str], rows: Rows) -> tuple[JudgementResult, ...]:
    found = [rows[id] for id in requirements if id in rows]
    return tuple(sorted(found, key=lambda row: row.verdict.severity))

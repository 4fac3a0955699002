"""What was billed against what can be shown: the token counts of a run, where arithmetic says what they are.

No tokenizer is trusted, and none is needed: the counts of related requests have to fit together. Everything
is read from results.json; a row is left out where the run asked nothing that it could rest on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from conformance.asking.probe import Probe
from conformance.contracts.chat.counting import line
from conformance.contracts.chat.probes.named import (
    CHOICE_LIMIT,
    COUNT,
    COUNT_CUT,
    COUNT_DEFAULTS,
    COUNT_USAGE,
    NATO,
    NATO_STOPPED,
    THREE_CUT,
    UNIT_WITH_SYSTEM,
    UNITS,
)
from conformance.judging.verdict import Verdict
from conformance.report.language import Wording
from conformance.report.results.results import JudgementResult, Results, TargetResult

Tokens = tuple[int, int]
"""Prompt and completion tokens, as the answer states them."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one target billed, by the name of the probe, and what was judged of it, by requirement.

    `counted` are the ids of the exchanges whose answers state their tokens.
    """

    billed: Mapping[str, Tokens]
    counted: frozenset[str]
    judged: Mapping[str, JudgementResult]

    def prompts(self, *probes: Probe) -> tuple[int, ...]:
        """The prompt tokens of these probes; of all, or of none."""
        return tuple(prompt for prompt, _ in self._all(probes))

    def completions(self, *probes: Probe) -> tuple[int, ...]:
        """The completion tokens of these probes; of all, or of none."""
        return tuple(completion for _, completion in self._all(probes))

    def _all(self, probes: Sequence[Probe]) -> list[Tokens]:
        found = [self.billed[probe.name] for probe in probes if probe.name in self.billed]
        return found if len(found) == len(probes) else []


@dataclass(frozen=True, slots=True)
class Entry:
    """A cell: the figures, if there are any, and the worst verdict of the requirements that judge them."""

    figures: str
    verdict: Verdict | None
    requirement: str


@dataclass(frozen=True, slots=True)
class Row:
    """What was asked, what the counts have to be, and one entry for each target."""

    asked: str
    shown: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class _Rule:
    key: str
    requirements: tuple[str, ...]
    figures: Callable[[Seen, Wording], str]


def rows(results: Results, say: Wording) -> tuple[Row, ...]:
    """The rows in the order of the section, each with the targets in the order of the run."""
    seen = [_seen(results, target) for target in results.targets]
    limit = {"limit": CHOICE_LIMIT, "all": 3 * CHOICE_LIMIT}
    table = (
        Row(
            say(f"billing.{rule.key}", **limit),
            say(f"billing.{rule.key}.shown", **limit),
            tuple(_entry(rule, one, say) for one in seen),
        )
        for rule in _RULES
    )
    return tuple(row for row in table if any(entry.figures for entry in row.entries))


def _seen(results: Results, target: TargetResult) -> Seen:
    name = (target.provider, target.model)
    billed, counted = {}, set()
    for one in results.exchanges.values():
        stated = one.prompt_tokens is not None and one.completion_tokens is not None
        if (one.provider, one.model) == name and stated:
            billed[one.probe] = (one.prompt_tokens or 0, one.completion_tokens or 0)
            counted.add(one.id)
    judged = {row.requirement: row for row in results.judgements if (row.provider, row.model) == name}
    return Seen(billed, frozenset(counted), judged)


def _entry(rule: _Rule, seen: Seen, say: Wording) -> Entry:
    judged = [seen.judged[name] for name in rule.requirements if name in seen.judged]
    worst = min(judged, key=lambda row: list(Verdict).index(row.verdict), default=None)
    figures = rule.figures(seen, say)
    if worst is None:
        return Entry(figures, None, "")
    return Entry(figures, worst.verdict, worst.requirement)


def _sums(seen: Seen, say: Wording) -> str:
    row = seen.judged.get("usage.total-is-sum")
    answers = [] if row is None else [one for one in row.exchanges if one in seen.counted]
    wrong = 0 if row is None else len(row.offending)
    return say("billing.sums.figures", n=len(answers), wrong=wrong) if answers else ""


def _same_prompt(seen: Seen, _: Wording) -> str:
    probes = (COUNT, COUNT_DEFAULTS, COUNT_USAGE, *COUNT_CUT)
    counts = Counter(seen.billed[probe.name][0] for probe in probes if probe.name in seen.billed)
    if counts.total() < 2:
        return ""
    return ", ".join(f"{count} ({times}×)" for count, times in counts.most_common())


def _repeated(seen: Seen, say: Wording) -> str:
    counts = seen.prompts(*UNITS)
    if not counts:
        return ""
    each, beside = line(*counts)
    return say("billing.repeated.figures", counts=", ".join(map(str, counts)), each=each, beside=beside)


def _system(seen: Seen, _: Wording) -> str:
    counts = seen.prompts(UNITS[0], UNIT_WITH_SYSTEM)
    return f"{counts[1] - counts[0]:+d}" if counts else ""


def _cut(seen: Seen, _: Wording) -> str:
    return ", ".join(map(str, seen.completions(*COUNT_CUT)))


def _choices(seen: Seen, say: Wording) -> str:
    completions, prompts = seen.completions(THREE_CUT), seen.prompts(COUNT, THREE_CUT)
    if not completions:
        return ""
    if not prompts:
        return str(completions[0])
    return say("billing.choices.figures", completion=completions[0], three=prompts[1], one=prompts[0])


def _stopped(seen: Seen, say: Wording) -> str:
    counts = seen.completions(NATO_STOPPED, NATO)
    return say("billing.stopped.figures", stopped=counts[0], whole=counts[1]) if counts else ""


def _streamed(seen: Seen, say: Wording) -> str:
    prompts, completions = seen.prompts(COUNT_USAGE, COUNT), seen.completions(COUNT_USAGE, COUNT)
    if not prompts:
        return ""
    streamed, plain = (f"{prompts[at]} + {completions[at]}" for at in (0, 1))
    return say("billing.streamed.figures", streamed=streamed, plain=plain)


def _formulas(seen: Seen, say: Wording) -> str:
    names = ("usage.prompt-not-estimated", "usage.completion-not-estimated")
    judged = [seen.judged[name] for name in names if name in seen.judged]
    found = [row.message for row in judged if row.verdict in (Verdict.FAIL, Verdict.WARN, Verdict.NOTE)]
    if found:
        return "; ".join(found)
    return (
        say("billing.formulas.none") if judged and all(row.verdict is Verdict.PASS for row in judged) else ""
    )


_RULES = (
    _Rule(
        "sums",
        ("usage.total-is-sum",),
        _sums,
    ),
    _Rule(
        "same-prompt",
        ("usage.same-prompt-same-count",),
        _same_prompt,
    ),
    _Rule(
        "repeated",
        ("usage.prompt-count-affine", "usage.no-hidden-prompt"),
        _repeated,
    ),
    _Rule(
        "system",
        ("usage.system-message-counted",),
        _system,
    ),
    _Rule(
        "cut",
        ("usage.within-limit", "limits.max-tokens-exact"),
        _cut,
    ),
    _Rule(
        "choices",
        ("choices.all-billed", "choices.prompt-billed-once"),
        _choices,
    ),
    _Rule(
        "stopped",
        ("stop.tail-not-billed",),
        _stopped,
    ),
    _Rule(
        "streamed",
        ("stream.same-usage-as-not-streamed",),
        _streamed,
    ),
    _Rule(
        "formulas",
        ("usage.prompt-not-estimated", "usage.completion-not-estimated"),
        _formulas,
    ),
)

REQUIREMENTS = frozenset(name for rule in _RULES for name in rule.requirements)
"""The requirements that judge what is billed."""

"""What chat completions show of a bill."""

from __future__ import annotations

from collections import Counter

from conformance.contracts.billing import Billed, Rule, Say
from conformance.contracts.chat.counting import line
from conformance.contracts.chat.probes.named import (
    CHOICE_LIMIT,
    COUNT,
    COUNT_CUT,
    COUNT_DEFAULTS,
    COUNT_USAGE,
    NATO,
    NATO_STOPPED,
    SYSTEM_UNITS,
    THREE_CUT,
    UNITS,
)
from conformance.judging.verdict import Verdict

GAPS = {"limit": CHOICE_LIMIT, "all": 3 * CHOICE_LIMIT}
"""What the words of the rows leave open."""


def _sums(seen: Billed, say: Say) -> str:
    row = seen.judged.get("usage.total-is-sum")
    answers = [] if row is None else [one for one in row.exchanges if one in seen.counted]
    wrong = 0 if row is None else len(row.offending)
    return say("billing.sums.figures", n=len(answers), wrong=wrong) if answers else ""


def _same_prompt(seen: Billed, _: Say) -> str:
    probes = (COUNT, COUNT_DEFAULTS, COUNT_USAGE, *COUNT_CUT)
    counts = Counter(seen.billed[probe.name][0] for probe in probes if probe.name in seen.billed)
    if counts.total() < 2:
        return ""
    return ", ".join(f"{count} ({times}×)" for count, times in counts.most_common())


def _repeated(seen: Billed, say: Say) -> str:
    counts = seen.prompts(*UNITS)
    if not counts:
        return ""
    each, beside = line(*counts)
    return say("billing.repeated.figures", counts=", ".join(map(str, counts)), each=each, beside=beside)


def _system(seen: Billed, _: Say) -> str:
    counts = seen.prompts(UNITS[0], SYSTEM_UNITS[0])
    return f"{counts[1] - counts[0]:+d}" if counts else ""


def _cut(seen: Billed, _: Say) -> str:
    return ", ".join(map(str, seen.completions(*COUNT_CUT)))


def _choices(seen: Billed, say: Say) -> str:
    completions, prompts = seen.completions(THREE_CUT), seen.prompts(COUNT, THREE_CUT)
    if not completions:
        return ""
    if not prompts:
        return str(completions[0])
    return say("billing.choices.figures", completion=completions[0], three=prompts[1], one=prompts[0])


def _stopped(seen: Billed, say: Say) -> str:
    counts = seen.completions(NATO_STOPPED, NATO)
    return say("billing.stopped.figures", stopped=counts[0], whole=counts[1]) if counts else ""


def _streamed(seen: Billed, say: Say) -> str:
    prompts, completions = seen.prompts(COUNT_USAGE, COUNT), seen.completions(COUNT_USAGE, COUNT)
    if not prompts:
        return ""
    streamed, plain = (f"{prompts[at]} + {completions[at]}" for at in (0, 1))
    return say("billing.streamed.figures", streamed=streamed, plain=plain)


def _formulas(seen: Billed, say: Say) -> str:
    names = ("usage.prompt-not-estimated", "usage.completion-not-estimated")
    judged = [seen.judged[name] for name in names if name in seen.judged]
    found = [row.message for row in judged if row.verdict in (Verdict.FAIL, Verdict.WARN, Verdict.NOTE)]
    if found:
        return "; ".join(found)
    return (
        say("billing.formulas.none") if judged and all(row.verdict is Verdict.PASS for row in judged) else ""
    )


RULES = (
    Rule(
        "sums",
        ("usage.total-is-sum",),
        _sums,
    ),
    Rule(
        "same-prompt",
        ("usage.same-prompt-same-count",),
        _same_prompt,
    ),
    Rule(
        "repeated",
        ("usage.prompt-count-affine", "usage.no-hidden-prompt"),
        _repeated,
    ),
    Rule(
        "system",
        ("usage.system-message-counted",),
        _system,
    ),
    Rule(
        "cut",
        ("usage.within-limit", "limits.max-tokens-exact"),
        _cut,
    ),
    Rule(
        "choices",
        ("choices.all-billed", "choices.prompt-billed-once"),
        _choices,
    ),
    Rule(
        "stopped",
        ("stop.tail-not-billed",),
        _stopped,
    ),
    Rule(
        "streamed",
        ("stream.same-usage-as-not-streamed",),
        _streamed,
    ),
    Rule(
        "formulas",
        ("usage.prompt-not-estimated", "usage.completion-not-estimated"),
        _formulas,
    ),
)

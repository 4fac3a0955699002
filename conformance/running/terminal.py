"""What a run says on a terminal."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from conformance.asking.duration import said
from conformance.asking.lasting import lasting
from conformance.asking.plan import cost
from conformance.asking.prospects import RUNAWAY
from conformance.contracts import named
from conformance.judging.requirement import Requirement
from conformance.judging.verdict import Judgement, Verdict
from conformance.provider.model import Target
from conformance.report.text import MESSAGE, line, wrapped
from conformance.running.run import Run

LIMITS_IGNORED = f"a provider is asked nothing more after {RUNAWAY} tokens that were not allowed"

_IF_IT_THINKS = "  if it thinks"

FINDINGS = 40
"""Findings that are named at the end of a run, and so many reasons why something could not be asked."""

_HANGING = "      "


def explain(run: Run, requirement: Requirement, target: Target, judgement: Judgement, today: date) -> str:
    """A finding in a few lines."""
    known = next((one for one in target.provider.expected if one.requirement == requirement.id), None)
    lines = [
        f"{judgement.verdict.upper()}  {requirement.id}  ({judgement.level})  at {target}",
        f"  obligation  {requirement.statement}",
        f"  finding     {line(judgement.message, MESSAGE) or 'none'}",
    ]
    if known is not None and not (known.sometimes and judgement.verdict.holds):
        passes = judgement.verdict.holds
        expired = known.until is not None and known.until < today and not passes
        what = f"expired on {known.until}" if expired else "passes again"
        lines.append(f"  expected    this known failure {what}: remove or renew it at {known.where}")
    lines += [f"  source      {source.title}: {source.url}" for source in requirement.sources]
    by_id = {one.id: one for one in run.exchanges}
    for name in (judgement.offending or judgement.consulted)[:3]:
        one = by_id[name]
        lines.append(f"  exchange    {one.id} {line(one.probe, 200)}: HTTP {one.last.status or '-'}")
    return "\n".join(lines)


def plan_lines(run: Run, *, verbose: bool) -> Iterator[str]:
    """What would be sent, a line for each target; `verbose` lists the requests too."""
    plans = run.to_send()
    width = max([len(str(plan.target)) for plan in plans] + [len(_IF_IT_THINKS)])
    yield f"{'provider':<{width}}  requests  prompt tokens  completion tokens  cost"
    for plan in plans:
        about = "price unknown" if plan.cost is None else f"~${plan.cost:.4f}"
        yield (
            f"{plan.target!s:<{width}}  {plan.requests:>8}  {'~' + str(plan.prompt_tokens):>13}  "
            f"{'~' + str(plan.completion_tokens):>17}  {about}"
        )
        prompts, answers = plan.tokens_at_most
        price = plan.target.provider.price
        thinking = () if plan.thinking_at_most is None else ((_IF_IT_THINKS, plan.thinking_at_most),)
        for label, most in (("  at most", answers), *thinking):
            dollars = cost(price, prompts, most)
            said = "" if dollars is None else f"${dollars:.4f}"
            yield f"{label:<{width}}  {'':>8}  {prompts:>13}  {most:>17}  {said}".rstrip()
        if verbose:
            yield from (f"    {probe.method} {probe.path}  {probe.name}" for probe in plan.probes)
    for contract in dict.fromkeys(plan.target.contract for plan in plans):
        yield f"at most: {named(contract).bounds}, and"
        yield LIMITS_IGNORED
    yield from time_lines(run)
    yield "nothing was sent"


def time_lines(run: Run, *, all: bool = True) -> Iterator[str]:
    """How long each provider is asked, and whether the run may end before that; or only where it does."""
    end = run.budget.max_time or math.inf
    found = list(lasting(run.to_send()))
    width = max((len(one.provider.name) for one in found), default=0)
    for one in found:
        name, limits = f"time: {one.provider.name:<{width}} ", one.provider.limits
        ends = f": more than --max-time, {said(end)}, so that it" if one.most > end else ""
        if one.least > end:
            yield f"{name} {said(one.least)} at least, at {limits.rpm} requests a minute{ends} cannot finish"
        elif all:
            patience = f"at {limits.timeout:g} s for each answer, and none asked again"
            yield f"{name} {said(one.most)} at most, {patience}{ends and f'{ends} may not finish'}"


def sending_lines(run: Run) -> Iterator[str]:
    """What is about to be sent to each target, and what that will cost."""
    for plan in run.to_send():
        tokens = f"about {plan.prompt_tokens:,} + {plan.completion_tokens:,} tokens"
        price = "no price given"
        if plan.cost is not None and plan.cost_at_most is not None:
            price = f"about ${plan.cost:.4f}, at most ${plan.cost_at_most:.4f}"
            if plan.thinking_at_most is not None:
                most = cost(plan.target.provider.price, plan.tokens_at_most[0], plan.thinking_at_most)
                price += f" (${most:.4f} if it thinks)"
        yield f"asking {plan.target}: {plan.requests} requests, {tokens}, {price}"
    yield from time_lines(run, all=False)


def progress_line(run: Run, done: Mapping[str, tuple[int, int]], width: int) -> str:
    """What has been asked and used so far, in at most so many characters.

    `done` has, by target, how many exchanges have ended, and of how many.
    """
    spent, left = run.budget, [(name, ended, of) for name, (ended, of) in done.items() if ended < of]
    if not left:
        return ""
    ended, total = (sum(counts) for counts in zip(*done.values(), strict=True))
    name, ended, total = left[0] if len(left) == 1 else (f"{len(left)} targets", ended, total)
    parts = [
        f"asking {name}: {ended}/{total}",
        f"{spent.under_way} under way",
        f"{spent.requests} requests",
        f"{spent.prompt_tokens:,} + {spent.completion_tokens:,} tokens",
    ]
    if spent.dollars:
        parts.append(f"${spent.dollars:.4f}")
    line = " · ".join(parts)
    return line if len(line) < width else f"{line[: width - 2]}…"


def answer_lines(run: Run) -> Iterator[str]:
    """What somebody who has to decide wants to know, a line for each target."""
    from conformance.report import show
    from conformance.report.language import wording
    from conformance.report.page.answers import answers

    say, names = wording(), show.names(run.results)
    for target in run.results.targets:
        name = target.at
        rows = {row.requirement: row for row in run.results.judgements if row.at == name}
        if target.closed is not None:
            what = "could not be reached" if target.unreachable else "not tested"
            yield f"{names[name]}: {what}: {target.closed}"
            continue
        parts = []
        for one in answers(target, rows):
            words = say(f"answer.{one.question}.{one.said}", n=one.n, of=one.of)
            uses = ", ".join(reason.rule.words["en"].replace("`", "") for reason in one.uses)
            aside = uses or ", ".join(one.areas)
            parts.append(f"{say(f'question.{one.question}.short')}: {words}{f' ({aside})' if aside else ''}")
        yield f"{names[name]}: {'; '.join(parts)}"


def spent_lines(run: Run) -> Iterator[str]:
    """What each target was charged at, and what the provider states instead."""
    from conformance.report import show
    from conformance.report.language import wording
    from conformance.report.spent import differs, spent

    say, names = wording(), show.names(run.results)
    for target in run.results.targets:
        if target.prompt_tokens or target.completion_tokens:
            why = differs(target, say)
            yield f"{names[target.at]}: {spent(target, say)}{f'; {why}' if why else ''}"


def finding_lines(run: Run, width: int) -> Iterator[tuple[Verdict, str]]:
    """Every finding, worst first, then what could not be asked; what is longer than a line is wrapped."""
    from conformance.report import show
    from conformance.report.results import findings

    names = show.names(run.results)
    found: list[tuple[Verdict, str]] = []
    for row in (row for one in findings.findings(run.results) for row in one.judgements):
        at = f" at {names[row.at]}" if len(names) > 1 else ""
        known = " (known)" if findings.is_known(row) else ""
        found.append((row.verdict, f"{row.verdict} {row.level} {row.requirement}{at}{known}: {row.message}"))
    errors: list[tuple[Verdict, str]] = []
    closed = {one.at for one in run.results.targets if one.untested is not None}
    for group in findings.grouped(run.results, Verdict.ERROR):
        if group.at in closed:
            continue
        at = f" at {names[group.at]}" if len(names) > 1 else ""
        what = show.plural(len(group.judgements), "requirement")
        errors.append((Verdict.ERROR, f"{Verdict.ERROR} {what}{at} could not be asked: {group.message}"))
    for lines in (found, errors):
        for verdict, text in lines[:FINDINGS]:
            yield from ((verdict, piece) for piece in wrapped(text, width, _HANGING))
        if len(lines) > FINDINGS:
            yield Verdict.NOTE, f"and {len(lines) - FINDINGS} more in the report"


def stale_lines(run: Run, width: int) -> Iterator[str]:
    """Every known failure that passes again or has expired, with its place in providers.yaml."""
    from conformance.report import show
    from conformance.report.results import findings

    names = show.names(run.results)
    for row in findings.stale(run.results):
        at = f" at {names[row.at]}" if len(names) > 1 else ""
        yield from wrapped(f"expected {row.requirement}{at}: {row.stale}", width, _HANGING)


def moved_lines(run: Run) -> Iterator[str]:
    """Where an earlier run in the folder was moved."""
    if run.set_aside is not None:
        yield f"{short(run.folder)} had an earlier run in it, which is in {short(run.set_aside)} now"


def count_lines(run: Run) -> Iterator[str]:
    """How many requirements of each level got each verdict, where something could be tested."""
    untested = run.untested()
    tested = [target for target in run.selected if target.at not in untested]
    if not tested:
        return
    found = [judgement for target, judgement in run.judgements() if target in tested]
    columns = [verdict for verdict in Verdict if any(j.verdict is verdict for j in found)]
    names = [str(target) for target in tested]
    width = max(map(len, names)) + 8
    yield " " * width + "".join(f"{column.value:>{len(column.value) + 2}}" for column in columns)
    for target in tested:
        mine = [judgement for one, judgement in run.judgements() if one == target]
        for level in dict.fromkeys(sorted((j.level for j in mine), key=["MUST", "SHOULD", "MAY"].index)):
            counts = [sum(j.level is level and j.verdict is column for j in mine) for column in columns]
            cells = "".join(
                f"{count or '·':>{len(column.value) + 2}}"
                for count, column in zip(counts, columns, strict=True)
            )
            yield f"{str(target) + ' ' + level.value:<{width}}{cells}"


def short(path: Path) -> str:
    """The path from here, where it is below."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)

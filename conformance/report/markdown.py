"""summary.md: the result of a run on one screen, for a pull request or a job summary."""

from __future__ import annotations

from conformance.asking.plan import Tier
from conformance.judging.verdict import Verdict
from conformance.provider.level import Level
from conformance.report import show
from conformance.report.age import age
from conformance.report.language import wording
from conformance.report.results import findings
from conformance.report.results.promises import Promise, PromiseStatus, in_counts
from conformance.report.results.results import JudgementResult, Results, TargetResult
from conformance.report.spent import differs
from conformance.report.text import MESSAGE, code, plain

FINDINGS = 100
"""Lines of findings. A job summary has room for a megabyte, and a reader for less."""

CLOSED = 20
"""Targets of which it is said that nothing could be tested there."""

BROKEN = 20
"""Broken promises that are quoted."""


def render(results: Results) -> str:
    """The summary. The same results give the same text."""
    title = ", ".join(show.names(results).values()) if len(results.targets) <= 4 else ""
    lines = [
        f"# OpenAI compatibility: {plain(title) or show.plural(len(results.targets), 'target')}",
        "",
        *_closed(results),
        plain(findings.lede(results, wording())),
        "",
    ]
    if results.incomplete_because is not None and not all(one.closed for one in results.targets):
        lines += [f"> **Incomplete.** {plain(results.incomplete_because)}", ""]
    if results.tier is not Tier.FULL:
        lines += [wording()(f"tier.{results.tier}"), ""]
    if results.targets:
        lines += _table(results)
    lines += _findings(results)
    lines += _promises(results)
    lines += [
        f"Run of {show.when(results.started)}, {show.seconds(_duration(results))}, "
        f"openai-conformance {plain(results.suite.version)}, catalogue {plain(results.suite.catalogue)}. "
        "The evidence is in report.html.",
    ]
    return "\n".join(lines) + "\n"


def _closed(results: Results) -> list[str]:
    """Why nothing could be tested at a target: whole, and ahead of everything."""
    names = show.names(results)
    lines = []
    for target in results.targets[:CLOSED]:
        if target.closed is not None:
            what = "Not reached" if target.unreachable else "Not tested"
            at = f" {plain(names[target.at])}:" if len(names) > 1 else ""
            lines += [f"> **{what}:**{at} {plain(target.closed, MESSAGE)}", ""]
    return lines


def _duration(results: Results) -> float:
    return (results.finished - results.started).total_seconds()


def _table(results: Results) -> list[str]:
    rows = [
        f"| target | {' | '.join(Level)} | requests | tokens | cost |",
        "| --- | --- | --- | --- | ---: | ---: | ---: |",
    ]
    names = show.names(results)
    for target in results.targets:
        name = plain(names[target.at])
        counts = " | ".join(_counts(target, level) for level in Level)
        tokens = f"{target.prompt_tokens:,} + {target.completion_tokens:,}"
        if differs(target, wording()) and target.stated is not None:
            stated = target.stated
            figures = {"prompt": f"{stated.prompt_tokens:,}", "completion": f"{stated.completion_tokens:,}"}
            tokens += f" {wording()('spent.stated', **figures)}"
        cost = "" if target.cost is None else f"\\{show.money(target.cost)}"
        rows.append(f"| {name} | {counts} | {target.requests:,} | {tokens} | {cost} |")
    return [*rows, "", *_ways(results)]


def _ways(results: Results) -> list[str]:
    """What is particular about the requests."""
    names = show.names(results)
    lines = []
    for target in results.targets:
        at = f" at {plain(names[target.at])}" if len(names) > 1 else ""
        if told := age(target.claims, results.finished.date(), wording()):
            lines.append(f"- The documents of {plain(target.claims.title)} were {told}.")
        if target.proxies:
            lines.append(f"- Requests{at} went through the proxy {plain(', '.join(target.proxies))}.")
        if target.traits:
            lines.append(f"- Requests were adapted to the model{at}: {plain(', '.join(target.traits))}.")
    return [*lines, ""] if lines else []


def _counts(target: TargetResult, level: Level) -> str:
    given = target.counts[level].items()
    return ", ".join(f"{show.SYMBOL[verdict]} {count} {verdict}" for verdict, count in given) or "–"


def _findings(results: Results) -> list[str]:
    names = show.names(results)

    def at(row: JudgementResult) -> str:
        return f" at {plain(names[row.at])}" if len(names) > 1 else ""

    violated = [row for finding in findings.findings(results) for row in finding.judgements]
    found = [_line(row, at(row)) for row in violated if row.verdict is Verdict.FAIL]
    closed = {target.at for target in results.targets[:CLOSED] if target.closed is not None}
    for group in findings.grouped(results, Verdict.ERROR):
        if group.at in closed:
            continue
        what = f"{show.plural(len(group.judgements), 'requirement')}{at(group.judgements[0])}"
        found.append(f"- {_verdict(Verdict.ERROR)} {what} could not be asked: {plain(group.message)}")
    found += [_line(row, at(row)) for row in violated if row.verdict is Verdict.WARN]
    if len(found) > FINDINGS:
        found[FINDINGS:] = [f"- and {len(found) - FINDINGS} more in report.html"]
    stale = ((row, plain(row.stale or "")) for row in findings.stale(results))
    found += [f"- {code(row.requirement)}{at(row)}: {why}" for row, why in stale]
    return [*found, ""] if found else []


def _promises(results: Results) -> list[str]:
    names = show.names(results)
    lines, broken = [], []
    for target in results.targets:
        if target.promises:
            at = f" at {plain(names[target.at])}" if len(names) > 1 else ""
            what = show.plural(len(target.promises), "sentence")
            lines.append(f"- Of {what} in the documents{at}: {in_counts(target.promises, wording())}.")
            lost = (one for one in target.promises if one.status is PromiseStatus.BROKEN)
            broken += [_broken(one, at) for one in lost]
    if len(broken) > BROKEN:
        broken[BROKEN:] = [f"- and {len(broken) - BROKEN} more broken in report.html"]
    return [*lines, *broken, ""] if lines else []


def _broken(promise: Promise, at: str) -> str:
    quotes = " / ".join(f"“{plain(one.text)}” ({plain(one.document)}:{one.line})" for one in promise.quotes)
    return (
        f"- {show.SYMBOL[Verdict.FAIL]} **broken** {code(promise.id)}{at} {quotes}: {plain(promise.because)}"
    )


def _line(row: JudgementResult, at: str) -> str:
    known = " (known)" if findings.is_known(row) else ""
    return f"- {_verdict(row.verdict)} {row.level} {code(row.requirement)}{at}{known}: {plain(row.message)}"


def _verdict(verdict: Verdict) -> str:
    return f"{show.SYMBOL[verdict]} **{verdict}**"

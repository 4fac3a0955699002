"""How figures, verdicts and names are written, the same in every report."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from conformance import DEFAULT
from conformance.judging.verdict import Finding, Verdict
from conformance.report.text import MESSAGE, line
from conformance.wire.record import TargetId

if TYPE_CHECKING:
    from conformance.report.results.results import ExchangeResult, Results

SYMBOL: Mapping[Verdict, str] = {
    Verdict.FAIL: "✕",
    Verdict.ERROR: "!",
    Verdict.WARN: "▲",
    Verdict.INCONCLUSIVE: "?",
    Verdict.UNSUPPORTED: "○",
    Verdict.NOTE: "i",
    Verdict.PASS: "✓",
    Verdict.NOT_APPLICABLE: "–",
}
"""A shape for each verdict, so that none is told by its colour alone."""

_NAMED = 3
"""Exchanges of a finding that are named in its line."""


def names(results: Results) -> Mapping[TargetId, str]:
    """A name for each target: the provider's, with what else it takes to tell it from the others."""
    return {target.at: name(target.at, [one.at for one in results.targets]) for target in results.targets}


def name(at: TargetId, every: Collection[TargetId]) -> str:
    """The provider's name, with the model where it has several, and the contract where it has several."""
    mine = [one for one in every if one.provider == at.provider]
    model = f"/{at.model}" if len({one.model for one in mine}) > 1 else ""
    contract = f" ({at.contract})" if len({one.contract for one in mine}) > 1 else ""
    return f"{at.provider}{model}{contract}"


def model(at: TargetId) -> str:
    """The model of a target, with the contract where it is not the usual one."""
    return at.model if at.contract == DEFAULT else f"{at.model} ({at.contract})"


def told(findings: Sequence[Finding], exchanges: Mapping[str, ExchangeResult]) -> str:
    """Each finding in a line, after the exchanges that it is about; nothing where there is only one."""
    if len(findings) < 2:
        return ""
    return "\n".join(f"{_about(one, exchanges)}: {line(str(one.message), MESSAGE)}" for one in findings)


def _about(finding: Finding, exchanges: Mapping[str, ExchangeResult]) -> str:
    named = [f"{name} {exchanges[name].probe}" if name in exchanges else name for name in finding.exchanges]
    return ", ".join([*named[:_NAMED], *(["…"] if len(named) > _NAMED else [])])


def when(moment: datetime) -> str:
    """Date and time to the minute."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def seconds(value: float | None) -> str:
    """A time; not finer than 10 ms, which is what can be measured."""
    if value is None:
        return "–"
    if value < 10:
        return f"{value:.2f} s"
    if value < 60:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"


def size(count: int) -> str:
    """A number of bytes."""
    return "1 byte" if count == 1 else f"{count:,} bytes"


def money(value: float | None) -> str:
    """US dollars, in cents where that says anything."""
    if value is None:
        return "no price given"
    return f"${value:.4f}" if 0 < value < 1 else f"${value:,.2f}"


def plural(count: int, noun: str) -> str:
    """A count and its noun, such as `1 request` or `2,040 requests`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"

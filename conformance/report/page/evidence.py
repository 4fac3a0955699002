"""What run.html, the page of pytest-html, shows of a judgement. pytest-html escapes nothing; this does."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from html import escape

from conformance.judging.verdict import Verdict
from conformance.provider.level import Level
from conformance.report import show
from conformance.report.page.reproduce import curl
from conformance.report.results.results import ExchangeResult
from conformance.report.text import clip, line, visible

SHOWN = 5
"""Exchanges of a judgement that are shown; the others are counted."""

_COLUMNS = ("verdict", "level", "requirement", "latency")

_VERDICTS, _LEVELS = tuple(map(str, Verdict)), tuple(map(str, Level))

_BOX = "white-space:pre-wrap;overflow-wrap:anywhere;max-height:24em;overflow:auto;margin:.3em 0"


def header_cells() -> list[str]:
    """The cells that the table's header gets beside those of pytest-html."""
    return [
        f'<th class="sortable" data-column-type="{column}">{column.capitalize()}</th>' for column in _COLUMNS
    ]


def cells(judgement: Mapping[str, object]) -> list[str]:
    """The cells that a row gets beside those of pytest-html, in the order of `header_cells`.

    Reads the members verdict, level, requirement and latency (seconds); one that is missing or None leaves
    its cell empty. The table is sorted by the markup in a cell, as text, so what sorts otherwise begins with
    a comment that is in order. A cell has no elements: a click on one would not unfold the row.
    """
    return [
        f'<td class="col-{column}">{before}{escape(line(value, 200))}</td>'
        for column, (before, value) in zip(_COLUMNS, _values(judgement), strict=True)
    ]


def _values(judgement: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    verdict, level, requirement = (
        "" if judgement.get(name) is None else str(judgement[name])
        for name in ("verdict", "level", "requirement")
    )
    symbol = f"{show.SYMBOL[Verdict(verdict)]} " if verdict in _VERDICTS else ""
    yield _order(_VERDICTS.index(verdict)) if symbol else "", f"{symbol}{verdict}"
    yield _order(_LEVELS.index(level)) if level in _LEVELS else "", level
    yield "", requirement
    seconds = judgement.get("latency")
    if isinstance(seconds, (int, float)):
        yield _order(round(seconds * 1000)), show.seconds(seconds)
    else:
        yield "", ""


def _order(number: int) -> str:
    return f"<!--{number:09}-->"


def details(
    message: str, detail: str, exchanges: Sequence[ExchangeResult], offending: Collection[str] = ()
) -> str:
    """The message and the exchanges as folded HTML; those that broke the requirement come first.

    Where all of them did, they were judged together, and none is called the one that broke it.
    """
    parts = [f"<p>{escape(clip(message, 600))}</p>"] if message else []
    if detail:
        parts.append(_pre(clip(detail, 4000)))
    ordered = sorted(exchanges, key=lambda exchange: exchange.id not in offending)
    told_apart = len(exchanges) == 1 or any(exchange.id not in offending for exchange in exchanges)
    parts += [_exchange(exchange, told_apart and exchange.id in offending) for exchange in ordered[:SHOWN]]
    if len(ordered) > SHOWN:
        parts.append(f"<p>{show.plural(len(ordered) - SHOWN, 'more exchange')} in results.json</p>")
    return "".join(parts)


def _exchange(exchange: ExchangeResult, broke: bool) -> str:
    status = "no response" if exchange.status is None else f"HTTP {exchange.status}"
    title = f"{'broke it: ' if broke else ''}{exchange.probe}, {status}, {show.seconds(exchange.latency)}"
    failure = f"{exchange.failure.kind}: {exchange.failure.message}" if exchange.failure else ""
    headers = "\n".join(f"{name}: {value}" for name, value in exchange.response.headers)
    received = "\n\n".join(filter(None, (failure, headers, exchange.response.body)))
    identity = f"exchange {line(exchange.id, 100)}, body of {show.size(exchange.response.length)}"
    return (
        f"<details><summary>{escape(line(title, 300))}</summary>"
        f"{_pre(curl(exchange))}{_pre(received)}"
        f"<p>{escape(identity)}</p></details>"
    )


def _pre(text: str) -> str:
    return f'<pre style="{_BOX}">{escape(visible(text))}</pre>'

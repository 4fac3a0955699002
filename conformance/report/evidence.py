"""What run.html, the page of pytest-html, shows of a judgement. pytest-html escapes nothing; this does."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from html import escape

from conformance.report import show
from conformance.report.reproduce import curl
from conformance.report.results import ExchangeResult
from conformance.report.text import clip, line, visible
from conformance.verdict import Verdict

SHOWN = 5
"""Exchanges of a judgement that are shown; the others are counted."""

_COLUMNS = ("verdict", "level", "requirement", "latency")

_BOX = "white-space:pre-wrap;overflow-wrap:anywhere;max-height:24em;overflow:auto;margin:.3em 0"


def header_cells() -> list[str]:
    """The cells that the table's header gets, for `pytest_html_results_table_header`."""
    return [
        f'<th class="sortable" data-column-type="{column}">{column.capitalize()}</th>' for column in _COLUMNS
    ]


def cells(judgement: Mapping[str, object]) -> list[str]:
    """The cells of a row, for `pytest_html_results_table_row`, in the order of `header_cells`.

    Reads the members verdict, level, requirement and latency (seconds); one that is missing or None leaves
    its cell empty.
    """
    latency = judgement.get("latency")
    values = {
        "verdict": _verdict(judgement.get("verdict")),
        "level": judgement.get("level"),
        "requirement": judgement.get("requirement"),
        "latency": show.seconds(latency) if isinstance(latency, (int, float)) else None,
    }
    return [
        f'<td class="col-{column}">{escape(line(str(value), 200)) if value is not None else ""}</td>'
        for column, value in values.items()
    ]


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


def _verdict(value: object) -> str | None:
    try:
        verdict = Verdict(str(value))
    except ValueError:
        return None if value is None else str(value)
    return f"{show.SYMBOL[verdict]} {verdict}"


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

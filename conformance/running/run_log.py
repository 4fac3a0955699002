"""run.html, the page of pytest-html: what it says of each requirement besides pytest's own outcome.

pytest-html's script finds each test's outcome, id and duration in the cells of its row, so these stay as they
are. It escapes none of what it shows; this does. Registered only where a provider is tested.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from html import escape
from typing import Any

import pytest

from conformance.judging.verdict import Judgement, Verdict
from conformance.report.show import told
from conformance.report.text import line
from conformance.running.folder import REPORT
from conformance.running.item import CaseItem
from conformance.running.run import Run

_TEST_ID = '<td class="col-testId">'

_STYLE = (
    "<style>body, #results-table { color: #333 } .col-testId, .log { overflow-wrap: anywhere } "
    ".extraHTML p { margin: .5em 0 }</style>"
)
"""pytest-html's own text is too pale to read, and its long words make the page wider than the screen."""


class RunLog:
    """The hooks of pytest-html in a session that tests providers."""

    def __init__(self, run: Run) -> None:
        self._run = run

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_report_title(self, report: Any) -> None:
        """Titles the page, and escapes what is known of the machine: a branch may be named like markup."""
        report.title = "Conformance run log"
        report.set_data("environment", _escaped(report.data["environment"]))

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_table_header(self, cells: list[str]) -> None:
        """Adds our columns after the outcome."""
        from conformance.report.page.evidence import header_cells

        cells[1:1] = header_cells()

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_table_row(
        self, report: pytest.TestReport | pytest.CollectReport, cells: list[str]
    ) -> None:
        """Adds our cells after the outcome, empty ones for a test of somebody else's."""
        from conformance.report.page.evidence import cells as cells_of

        own = f"{_TEST_ID}{escape(line(_test_id(report), 1000))}</td>"
        cells[:] = [own if cell.startswith(_TEST_ID) else cell for cell in cells]
        cells[1:1] = cells_of(dict(getattr(report, "user_properties", ())))

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_summary(self, prefix: list[str]) -> None:
        """Says what pytest's counts do not: that the run is incomplete, and where its findings are."""
        if self._run.interrupted is not None:
            prefix.append(f"<p><b>Incomplete:</b> {escape(line(self._run.interrupted, 600))}.</p>")
        prefix.append(f"{_STYLE}<p>This is pytest's log of the run; its findings are in {REPORT}.</p>")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Adds the evidence, escaped and folded, to the one report of an item that becomes a row."""
        report = yield
        if not isinstance(item, CaseItem) or item.judgement is None:
            return report
        if report.when == "call" or (report.when == "setup" and report.failed):
            report.extras = [*getattr(report, "extras", ()), *self._evidence(item.judgement)]
        return report

    def _evidence(self, judgement: Judgement) -> Iterator[dict[str, str | None]]:
        if judgement.verdict is Verdict.PASS:  # the report has the evidence for these; the log stays small
            return
        from conformance.report.page.evidence import details

        known = self._run.results.exchanges
        exchanges = [known[name] for name in judgement.consulted if name in known]
        html = details(judgement.message, told(judgement.findings, known), exchanges, judgement.offending)
        yield {
            "name": "evidence",
            "format_type": "html",
            "content": html,
            "mime_type": None,
            "extension": None,
        }


def _test_id(report: pytest.TestReport | pytest.CollectReport) -> str:
    """As pytest-html writes it."""
    return report.nodeid if report.when == "call" else f"{report.nodeid}::{report.when}"


def _escaped(environment: Mapping[str, object]) -> dict[str, object]:
    """The values; the page shows the keys as text."""
    return {
        name: {escape(str(key)): escape(str(one)) for key, one in value.items()}
        if isinstance(value, Mapping)
        else escape(str(value))
        for name, value in environment.items()
    }

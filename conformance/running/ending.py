"""The end of a session that tests providers: the files of the run, the exit code, and the last words."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import pytest

from conformance.judging.verdict import Verdict
from conformance.report import step_summary
from conformance.running import terminal
from conformance.running.folder import REPORT, RESULTS, SUMMARY, point_latest
from conformance.running.pytest_files import PytestFiles
from conformance.running.run import Run


class Ending:
    """What is done once everything is judged. `notices` are said first.

    `files` are those of pytest's plugins.
    """

    def __init__(self, run: Run, notices: list[str], *, strict: bool, today: datetime) -> None:
        self._run = run
        self._notices = notices
        self._strict = strict
        self._today = today
        self._wrote = False
        self.files: PytestFiles | None = None

    @property
    def _is_known(self) -> bool:
        """Whether there is something to report."""
        return bool(self._run.selected and self._run.exchanges)

    def write(self, session: pytest.Session) -> None:
        """Writes the reports and sets the exit code."""
        if not self._is_known:
            return
        try:
            self._run.write_reports()
            self._wrote = True
            if self._run.folder.parent.name == "reports":
                point_latest(self._run.folder)
        except OSError as error:
            self._not_written(error)
        self._summarise_step()
        if session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            code = self._run.exit_code(strict=self._strict, today=self._today)
            # Where no requirement failed, something else that was run beside the cases may have.
            session.exitstatus = code or session.exitstatus

    def put_files(self, failed: OSError | None) -> None:
        """Puts what pytest's plugins wrote to the rest, unless they could not write it to its end."""
        if self.files is None:
            return
        try:
            if failed is not None:
                raise failed
            if self._wrote:
                self.files.put_into(self._run.folder)
        except OSError as error:
            self._not_written(error)
        self.files.silence()

    def _summarise_step(self) -> None:
        """Where a step of GitHub Actions runs this, its summary is that of the run."""
        chosen = os.environ.get(step_summary.VARIABLE)
        if not chosen or not self._wrote:
            return
        try:
            step_summary.append((self._run.folder / SUMMARY).read_text("utf-8"), Path(chosen))
        except OSError as error:
            self._notices.append(f"the summary of the step could not be written: {error}")

    def _not_written(self, error: OSError) -> None:
        """Takes note of a file that could not be written."""
        where = f": {terminal.short(Path(error.filename))}" if error.filename else ""
        self._notices.append(f"the report could not be written: {error.strerror}{where}")

    def say(self, reporter: pytest.TerminalReporter) -> None:
        """A table of counts for each target, the findings, and where the report is."""
        for notice in self._notices:
            reporter.write_line(notice, yellow=True)
        if not self._is_known:
            return
        for line in terminal.moved_lines(self._run):
            reporter.write_line(line, yellow=True)
        reporter.section("conformance")
        for line in terminal.count_lines(self._run):
            reporter.write_line(line)
        reporter.write_line("")
        for line in terminal.answer_lines(self._run):
            reporter.write_line(line, bold=True)
        for verdict, line in terminal.finding_lines(self._run, reporter._tw.fullwidth):
            reporter.write_line(
                line, red=verdict in (Verdict.FAIL, Verdict.ERROR), yellow=verdict is Verdict.WARN
            )
        for line in terminal.stale_lines(self._run, reporter._tw.fullwidth):
            reporter.write_line(line, red=True)
        reporter.write_line("")
        if self._run.interrupted is not None:
            reporter.write_line(f"incomplete: {self._run.interrupted}", red=True)
        if self._wrote:
            for name in (REPORT, RESULTS):
                reporter.write_line(f"{name}: {terminal.short(self._run.folder / name)}")

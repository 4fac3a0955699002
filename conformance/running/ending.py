"""The end of a session that tests providers: the files of the run, the exit code, and the last words."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from conformance.judging.verdict import Verdict
from conformance.report import step_summary
from conformance.running import terminal
from conformance.running.folder import REPORT, RESULTS, SUMMARY, point_latest
from conformance.running.pytest_files import PytestFiles
from conformance.running.run import Run
from conformance.wire import files

INCOMPLETE = 7
"""The exit code of a run in which nothing failed, but something could not be asked, recorded or reported."""


class Ending:
    """What is done once everything is judged. `notices` are said first.

    `files` are those of pytest's plugins.
    """

    def __init__(self, run: Run, notices: list[str], *, strict: bool, today: datetime) -> None:
        self._run = run
        self._notices = notices
        self._strict = strict
        self._today = today
        self._written: list[str] = []
        self._unwritten: OSError | None = None
        self._defect: Exception | None = None
        self.files: PytestFiles | None = None

    @property
    def _is_known(self) -> bool:
        """Whether there is something to report."""
        return bool(self._run.selected and self._run.exchanges)

    def write(self, session: pytest.Session) -> None:
        """Writes the reports and sets the exit code."""
        if not self._is_known:
            return
        code = 0
        try:
            self._write_reports()
            code = self._run.exit_code(strict=self._strict, today=self._today)
        except Exception as error:
            self._defect = error
        self._summarise_step()
        if self._defect is not None:
            session.exitstatus = pytest.ExitCode.INTERNAL_ERROR
        elif session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            # Where no requirement failed, something else that was run beside the cases may have.
            session.exitstatus = code or session.exitstatus

    def _write_reports(self) -> None:
        try:
            for name, data in self._run.reports():
                files.replace(self._run.folder / name, data)
                self._written.append(name)
            if self._run.folder.parent.name == "reports":
                point_latest(self._run.folder)
        except OSError as error:
            self._unwritten = error

    def put_files(self, session: pytest.Session, failed: OSError | None) -> None:
        """Puts what pytest's plugins wrote to the rest, unless they could not write it to its end."""
        if self.files is None:
            return
        try:
            if failed is not None:
                raise failed
            if self._unwritten is None and self._written:
                self.files.put_into(self._run.folder)
        except OSError as error:
            self._unwritten = self._unwritten or error
        self.files.silence()
        if self._unwritten is not None and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = INCOMPLETE

    def _summarise_step(self) -> None:
        """Where a step of GitHub Actions runs this, its summary is that of the run."""
        chosen = os.environ.get(step_summary.VARIABLE)
        if not chosen or SUMMARY not in self._written:
            return
        try:
            step_summary.append((self._run.folder / SUMMARY).read_text("utf-8"), Path(chosen))
        except OSError as error:
            self._notices.append(f"the summary of the step could not be written: {error}")

    def say(self, reporter: pytest.TerminalReporter, exitstatus: int) -> None:
        """A table of counts for each target, the findings, and where the report is."""
        reporter.ensure_newline()
        for notice in self._notices:
            reporter.write_line(notice, yellow=True)
        if not self._is_known:
            return
        for line in terminal.moved_lines(self._run):
            reporter.write_line(line, yellow=True)
        reporter.section("conformance")
        if self._defect is None:
            self._say_what_was_found(reporter)
        for line in self._shortfalls(exitstatus):
            reporter.write_line(line, red=True)
        for name in (REPORT, RESULTS):
            if name in self._written:
                reporter.write_line(f"{name}: {terminal.short(self._run.folder / name)}")

    def _say_what_was_found(self, reporter: pytest.TerminalReporter) -> None:
        counts = list(terminal.count_lines(self._run))
        for line in [*counts, ""] if counts else []:
            reporter.write_line(line)
        for line in terminal.answer_lines(self._run):
            reporter.write_line(line, bold=True)
        for line in terminal.spent_lines(self._run):
            reporter.write_line(line)
        for verdict, line in terminal.finding_lines(self._run, reporter._tw.fullwidth):
            reporter.write_line(
                line, red=verdict in (Verdict.FAIL, Verdict.ERROR), yellow=verdict is Verdict.WARN
            )
        for line in terminal.stale_lines(self._run, reporter._tw.fullwidth):
            reporter.write_line(line, red=True)
        if counts:
            reporter.write_line("")

    def _shortfalls(self, exitstatus: int) -> Iterator[str]:
        """What could not be done, and how to go on."""
        run, defect, unwritten = self._run, self._defect, self._unwritten
        if run.interrupted is not None:
            nor = "; there is no report either" if run.unwritten and unwritten is not None else ""
            yield f"incomplete: {run.interrupted}{nor}"
        if unwritten is not None and not run.unwritten:
            where = f": {terminal.short(Path(unwritten.filename))}" if unwritten.filename else ""
            yield f"the report could not be written: {unwritten.strerror}{where}"
        if defect is not None:
            yield f"the report could not be made, by a defect of the suite: {type(defect).__name__}: {defect}"
        if run.replayed is not None:
            return
        folder = terminal.short(run.folder)
        if run.interrupted is not None:
            yield f"go on with: pytest {shlex.quote(f'--resume={folder}')}"
        elif unwritten is not None or defect is not None or exitstatus == pytest.ExitCode.INTERNAL_ERROR:
            yield f"everything is recorded; judge it again with: pytest {shlex.quote(f'--replay={folder}')}"

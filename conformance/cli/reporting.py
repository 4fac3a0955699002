"""Reports: to make them again from what a run has found."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.cli.command import MistakeError
from conformance.cli.runs import RUN, add_language, write_reports

if TYPE_CHECKING:
    from conformance.cli.command import Commands


def add(commands: Commands) -> None:
    """Adds `report`."""
    report = commands.add_parser(
        "report", help="make report.html and summary.md again from a results.json", description=""
    )
    report.add_argument("run", type=Path, metavar="RUN", help=RUN)
    add_language(report)
    report.set_defaults(command=_report)


def _report(options: argparse.Namespace) -> int:
    from conformance.report.file import ResultsError, located
    from conformance.report.results import stored

    path = located(options.run)
    try:
        read = stored.read(path)
    except ResultsError as error:
        raise MistakeError(str(error)) from None
    write_reports(read, path.parent, options.lang)
    return 0

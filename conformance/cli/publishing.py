"""What is published of runs."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.cli.command import MistakeError
from conformance.cli.runs import RUN, add_language, add_skip, outlines, write

if TYPE_CHECKING:
    from conformance.cli.command import Commands


def add(commands: Commands) -> None:
    """Adds `history` and `badge`."""
    history = commands.add_parser(
        "history",
        help="make a page of many runs over time",
        description="Writes a page that shows, for each target, how many requirements failed in each run, "
        "and for each requirement that ever changed or is violated, a strip of its verdicts.",
    )
    history.add_argument("runs", type=Path, nargs="+", metavar="RUN", help=RUN)
    history.add_argument("--output", type=Path, required=True, metavar="FILE", help="write the page here")
    history.add_argument("--report", metavar="URL", default="", help="where the latest report is, for a link")
    add_language(history)
    add_skip(history)
    history.set_defaults(command=_history)

    badge = commands.add_parser(
        "badge",
        help="print a badge of a run, as JSON for shields.io",
        description="Prints what the endpoint badge of shields.io reads: publish it, and show "
        "https://img.shields.io/endpoint?url=ITS-ADDRESS",
    )
    badge.add_argument("run", type=Path, metavar="RUN", help=RUN)
    badge.add_argument("--provider", metavar="NAME", help="the badge of one provider (default: of the run)")
    badge.set_defaults(command=_badge)


def _history(options: argparse.Namespace) -> int:
    from conformance.report.across import history_page
    from conformance.report.across.history import HistoryError, history

    try:
        found = history(outlines(options.runs, skip=options.skip_unreadable))
    except HistoryError as error:
        raise MistakeError(str(error)) from None
    write(options.output, history_page.render(found, options.lang, options.report))
    print(options.output)
    return 0


def _badge(options: argparse.Namespace) -> int:
    from conformance.provider.mistakes import suggestion
    from conformance.report.across.badge import badge

    (run,) = outlines([options.run])
    try:
        print(json.dumps(badge(run, options.provider)))
    except LookupError:
        near = suggestion(options.provider, [at.provider for at in run.targets])
        raise MistakeError(f"{options.run} has no provider {options.provider!r}{near}") from None
    return 0

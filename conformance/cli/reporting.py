"""Reports: to make them again from what a run has found."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.cli.command import MistakeError

if TYPE_CHECKING:
    from conformance.cli.command import Commands


def add(commands: Commands) -> None:
    """Adds `report`."""
    report = commands.add_parser(
        "report", help="make report.html and summary.md again from a results.json", description=""
    )
    report.add_argument("run", type=Path, metavar="RUN", help="a results.json, or the folder that holds it")
    report.add_argument(
        "--lang", choices=["en", "zh"], default="en", help="the language of report.html (default: en)"
    )
    report.set_defaults(command=_report)


def _report(options: argparse.Namespace) -> int:
    from conformance.report import file, html, markdown, stored

    path = file.located(options.run)
    try:
        read = stored.read(path)
    except file.ResultsError as error:
        raise MistakeError(str(error)) from None
    for name, text in (
        ("report.html", html.render(read, options.lang)),
        ("summary.md", markdown.render(read)),
    ):
        try:
            (path.parent / name).write_text(text, encoding="utf-8")
        except OSError as error:
            raise MistakeError(f"cannot write {path.parent / name}: {error.strerror}") from None
        print(path.parent / name)
    return 0

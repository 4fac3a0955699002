"""Reading the runs that a command is given, and writing what it makes of them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.cli.command import MistakeError
from conformance.report.file import ResultsError, located
from conformance.wire import files

if TYPE_CHECKING:
    import argparse

    from conformance.report.results.outline import Outline
    from conformance.report.results.results import Results

RUN = "a results.json, or the folder that holds it"


def add_skip(parser: argparse.ArgumentParser) -> None:
    """Adds the option that `outlines` is given as `skip`."""
    parser.add_argument(
        "--skip-unreadable",
        action="store_true",
        help="leave out earlier runs that cannot be read, such as those of another format, naming each",
    )


def outlines(runs: Sequence[Path], *, skip: bool = False) -> list[Outline]:
    """The outlines of the runs. `skip`: what cannot be read is named on stderr and left out."""
    from conformance.report.results.outline import read

    found = []
    for path in each_once(runs):
        try:
            found.append(read(path))
        except ResultsError as error:
            if not skip:
                raise MistakeError(str(error)) from None
            print(f"conformance: left out: {error}", file=sys.stderr)
    return found


def every(runs: Sequence[Path]) -> dict[str, Results]:
    """The results of the runs as a whole, by the path that messages name them by."""
    from conformance.report.results.stored import read

    found = {}
    for path in each_once(runs):
        try:
            found[str(path)] = read(path)
        except ResultsError as error:
            raise MistakeError(str(error)) from None
    return found


def each_once(runs: Sequence[Path]) -> list[Path]:
    """The files that are meant. Raises MistakeError where one is named twice."""
    paths = [located(run) for run in runs]
    seen: set[Path] = set()
    for path in paths:
        if (real := path.resolve()) in seen:
            raise MistakeError(f"{path} is named twice; leave one out")
        seen.add(real)
    return paths


def add_language(parser: argparse.ArgumentParser) -> None:
    """Adds the option that says in which language a page is written."""
    parser.add_argument("--lang", choices=["en", "zh"], default="en", help="the language of the page (en)")


def write_reports(results: Results, folder: Path, language: str) -> None:
    """Writes report.html and summary.md, and says where."""
    from conformance.report import markdown
    from conformance.report.page import html

    for name, text in (
        ("report.html", html.render(results, language)),
        ("summary.md", markdown.render(results)),
    ):
        write(folder / name, text)
        print(folder / name)


def write(path: Path, text: str) -> None:
    """Writes a file, as a whole."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        files.replace(path, text.encode())
    except OSError as error:
        raise MistakeError(f"cannot write {path}: {error.strerror}") from None

"""Several runs: side by side, and folded into one."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.cli.command import MistakeError
from conformance.cli.runs import RUN, add_language, every, write, write_reports

if TYPE_CHECKING:
    from conformance.cli.command import Commands


def add(commands: Commands) -> None:
    """Adds `compare` and `merge`."""
    compare = commands.add_parser(
        "compare",
        help="put the targets of runs side by side",
        description="Prints the figures of all targets, and what fails at one alone. With --output, writes "
        "a page with one matrix over all of them. Runs that were judged by different catalogues are refused.",
    )
    compare.add_argument("runs", type=Path, nargs="+", metavar="RUN", help=RUN)
    compare.add_argument("--output", type=Path, metavar="FILE", help="write the page here")
    compare.add_argument(
        "--across-catalogues",
        action="store_true",
        help="compare runs of different catalogues, setting apart what is not the same requirement in all",
    )
    add_language(compare)
    compare.set_defaults(command=_compare)

    merge = commands.add_parser(
        "merge",
        help="fold runs of different targets into one, such as those of separate CI jobs",
        description="Writes results.json, report.html, summary.md and, where all runs have one, "
        "journal.jsonl of a run that has the targets of all. No target may be there twice, and all have to "
        "be judged by the same catalogue.",
    )
    merge.add_argument("runs", type=Path, nargs="+", metavar="RUN", help=RUN)
    merge.add_argument("--output", type=Path, required=True, metavar="DIR", help="where the files go")
    merge.add_argument(
        "--verdicts-only",
        action="store_true",
        help="write only results.json, without any evidence: to keep many runs for diff and history",
    )
    add_language(merge)
    merge.set_defaults(command=_merge)


def _compare(options: argparse.Namespace) -> int:
    from conformance.report.across import compare_page, comparison_text
    from conformance.report.across.comparison import ComparisonError, compare
    from conformance.report.results.merging import CataloguesError, MergeError

    runs = every(options.runs)
    try:
        found = compare(runs, across_catalogues=options.across_catalogues)
    except CataloguesError as error:
        raise MistakeError(f"{error}, or compare them all the same with --across-catalogues") from None
    except (MergeError, ComparisonError) as error:
        raise MistakeError(str(error)) from None
    print(comparison_text.as_text(found), end="")
    if options.output is not None:
        write(options.output, compare_page.render(found, options.lang))
        print(options.output)
    return 0


def _merge(options: argparse.Namespace) -> int:
    from conformance.report.results import merging, stored
    from conformance.running.folder import JOURNAL, RESULTS, BusyError, Claim, set_aside

    runs = every(options.runs)
    folder: Path = options.output
    if str(folder.resolve()) in {str(Path(name).parent.resolve()) for name in runs}:
        raise MistakeError(f"{folder} is one of the runs; name another folder with --output")
    try:
        merged = merging.merge(runs)
    except merging.MergeError as error:
        raise MistakeError(str(error)) from None
    bare = options.verdicts_only
    try:
        with Claim(folder):
            if (aside := set_aside(folder, None)) is not None:
                print(f"{folder} had an earlier run in it, which is in {aside} now", file=sys.stderr)
            stored.write(merging.verdicts_only(merged) if bare else merged, folder / RESULTS)
            print(folder / RESULTS)
            if not bare:
                _join([Path(name).parent / JOURNAL for name in runs], folder / JOURNAL)
                write_reports(merged, folder, options.lang)
    except BusyError as busy:
        raise MistakeError(str(busy)) from None
    except OSError as error:
        raise MistakeError(f"cannot write to {folder}: {error.strerror}") from None
    return 0


def _join(journals: Sequence[Path], path: Path) -> None:
    """Joins the journals; where one is missing there is none, because it would not be the whole."""
    from conformance.report.results.merging import prefix
    from conformance.wire import journal
    from conformance.wire.journals import join

    try:
        read = [journal.read(each) for each in journals]
    except journal.JournalError as error:
        print(f"conformance: no {path.name} is written: {error}", file=sys.stderr)
        return
    for damaged in (line for one in read for line in one.damaged):
        print(f"conformance: {damaged}", file=sys.stderr)
    join(read, path, prefix)
    print(path)

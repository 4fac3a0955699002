"""Runs over time: what changed from one to the next."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.cli.command import MistakeError
from conformance.cli.runs import RUN, add_skip, each_once, outlines

if TYPE_CHECKING:
    from conformance.cli.command import Commands


def add(commands: Commands) -> None:
    """Adds `diff`."""
    diff = commands.add_parser(
        "diff",
        help="say what changed since an earlier run, and fail where something got worse",
        description="Compares a run with an earlier one: what fails newly, what passes newly, what vanished "
        "and what is new. Exit code 1 where something got worse, else 0. Of several earlier runs the latest "
        "counts; what that could not decide is taken from the one before.",
    )
    diff.add_argument("old", type=Path, nargs="+", metavar="OLD", help=RUN)
    diff.add_argument("new", type=Path, metavar="NEW", help="the run to compare with them")
    form = diff.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON")
    form.add_argument("--markdown", action="store_true", help="print Markdown")
    diff.add_argument("--strict", action="store_true", help="a newly violated SHOULD counts as worse, too")
    add_skip(diff)
    diff.set_defaults(command=_diff)


def _diff(options: argparse.Namespace) -> int:
    from conformance.report import difference_text as text
    from conformance.report.difference import difference

    each_once([*options.old, options.new])
    (new,) = outlines([options.new])
    old = outlines(options.old, skip=options.skip_unreadable)
    if not old:
        raise MistakeError("none of the earlier runs can be read, so there is nothing to compare with")
    found = difference(old, new)
    if options.json:
        print(json.dumps(text.as_data(found, strict=options.strict), indent=1))
    else:
        form = text.as_markdown if options.markdown else text.as_text
        print(form(found, strict=options.strict), end="")
    return 1 if found.regressions(strict=options.strict) else 0

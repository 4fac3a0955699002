"""Runs over time: what changed from one to the next."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.cli.runs import RUN, add_skip, each_once, outlines

if TYPE_CHECKING:
    from conformance.cli.command import Commands
    from conformance.report.across.difference import Difference


def add(commands: Commands) -> None:
    """Adds `diff` and `issues`."""
    diff = commands.add_parser(
        "diff",
        help="say what changed since an earlier run, and fail where something got worse",
        description="Compares a run with an earlier one: what fails newly, what passes newly, what vanished "
        "and what is new. Exit code 1 where something got worse, else 0. Of several earlier runs the latest "
        "counts; what that could not decide is taken from the one before.",
    )
    _what_to_compare(diff)
    form = diff.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON")
    form.add_argument("--markdown", action="store_true", help="print Markdown")
    diff.set_defaults(command=_diff)

    issues = commands.add_parser(
        "issues",
        help="open an issue on GitHub for each regression, and close it when it is gone",
        description="Compares as `diff` does. Opens one issue for each regression, comments on it where it "
        "is open already, and closes it when the requirement holds again or is a known failure. Works by "
        "`gh`, which has to be allowed to write issues.",
    )
    _what_to_compare(issues)
    issues.add_argument(
        "--dry-run", action="store_true", help="print what would be done; read and write nothing"
    )
    issues.set_defaults(command=_issues)


def _what_to_compare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("old", type=Path, nargs="+", metavar="OLD", help=RUN)
    parser.add_argument("new", type=Path, metavar="NEW", help="the run to compare with them")
    parser.add_argument("--strict", action="store_true", help="a newly violated SHOULD counts as worse, too")
    add_skip(parser)


def _difference(options: argparse.Namespace) -> Difference | None:
    """What changed; None where unreadable runs were left out, and none is left to compare with."""
    from conformance.report.across.difference import difference

    each_once([*options.old, options.new])
    (new,) = outlines([options.new])
    old = outlines(options.old, skip=options.skip_unreadable)
    if not old:
        print("no earlier run can be read, so nothing is compared", file=sys.stderr)
        return None
    if all(run.started > new.started for run in old):
        print("the earlier runs began after the new one: are they the right way round?", file=sys.stderr)
    return difference(old, new)


def _diff(options: argparse.Namespace) -> int:
    from conformance.report.across import difference_text as text

    found = _difference(options)
    if found is None:
        return 0
    if options.json:
        print(json.dumps(text.as_data(found, strict=options.strict), indent=1))
    else:
        form = text.as_markdown if options.markdown else text.as_text
        print(form(found, strict=options.strict), end="")
    return 1 if found.regressions(strict=options.strict) else 0


def _issues(options: argparse.Namespace) -> int:
    from conformance.cli import github
    from conformance.report.across.issues import Action, plan

    found = _difference(options)
    if found is None:
        return 0
    known = [] if options.dry_run else github.open_issues()
    planned = plan(found, known, github.run_link(), strict=options.strict)
    if not options.dry_run and any(step.action is Action.OPEN for step in planned.steps):
        github.make_label()
    for step in planned.steps:
        if not options.dry_run:
            github.take(step)
        print(f"{step.action}: {step.title or f'#{step.number}'}")
        if options.dry_run:
            print(step.body)
    if planned.more:
        print(f"{planned.more} more regressions get no issue of their own: there are too many at once")
    return 0

"""Recordings: to judge what anyone recorded, without a request."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.cli.command import MistakeError
from conformance.cli.runs import add_language

if TYPE_CHECKING:
    from conformance.cli.command import Commands
    from conformance.provider.model import Claims, Target
    from conformance.recordings.collecting import Account
    from conformance.running.run import Run
    from conformance.wire.record import Exchange

LISTED = 10
"""Hosts or models that are named where one is not found."""

SHOWN = 10
"""Entries that could not be read and are named on the terminal; the report has no more than their number."""


def add(commands: Commands) -> None:
    """Adds `judge`."""
    judge = commands.add_parser(
        "judge",
        help="judge recordings: HAR files, cassettes of VCR, nock, Polly and others, journals, pairs",
        description="Judges requests to any endpoint that the suite knows, and model lists, in recordings "
        "that others made, by host and model. Sends nothing. What a recording does not show makes checks "
        "inconclusive, not failed. Exit code as of a run: 0 nothing failed, 1 something did, 7 something "
        "could not be read.",
    )
    judge.add_argument(
        "recordings", nargs="+", type=Path, metavar="FILE", help="a recording, or a folder with recordings"
    )
    judge.add_argument(
        "--claims", default="openai", metavar="PROFILE", help="what the documents promise (openai)"
    )
    judge.add_argument(
        "--report-dir", type=Path, metavar="DIR", help="where to write (a new folder in reports)"
    )
    judge.add_argument("--strict", action="store_true", help="a violated SHOULD counts as a failure")
    judge.add_argument("--most", type=_count, metavar="N", help="judge so many exchanges at most (10,000)")
    judge.add_argument(
        "--host", action="append", metavar="HOST", help="judge what this host answered (repeatable)"
    )
    judge.add_argument(
        "--model", action="append", metavar="ID", help="judge what this model answered (repeatable)"
    )
    add_language(judge)
    judge.set_defaults(command=_judge)


def _count(text: str) -> int:
    if text.isdecimal() and int(text) > 0:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no number of exchanges")


def _profile_of(name: str, contract: str) -> Claims:
    """The profile of that name; of a contract that has none of it, what OpenAI documents."""
    from conformance.provider.claims import profile, profiles

    return profile(name if name in profiles(contract) else "openai", contract)


def _judge(options: argparse.Namespace) -> int:
    from conformance import CONTRACTS
    from conformance.contracts import named as contract
    from conformance.judging.catalogue import catalogue
    from conformance.provider.claims import profiles
    from conformance.provider.mistakes import suggestion
    from conformance.recordings.collecting import MOST, Collection
    from conformance.recordings.formats import TITLES
    from conformance.recordings.judged import judged
    from conformance.running.folder import BusyError, Claim, folder_for, point_latest

    if options.claims not in profiles():
        near = suggestion(options.claims, profiles())
        raise MistakeError(f"unknown profile {options.claims!r}{near}; there are {', '.join(profiles())}")
    collection = Collection(options.most or MOST)
    for named in options.recordings:
        if not named.exists():
            raise MistakeError(f"{named} does not exist")
        collection.add(named)
    claims = {one: _profile_of(options.claims, one) for one in CONTRACTS}
    targets = list(collection.targets(claims, {one: list(catalogue(one).values()) for one in CONTRACTS}))
    account = collection.account
    if not targets:
        for line in _account_lines(account):
            print(line)
        endpoints = " or ".join(contract(one).endpoint for one in CONTRACTS)
        raise MistakeError(f"no request to {endpoints} was found; `judge` reads {', '.join(TITLES)}")
    targets = _chosen(targets, options.host, "host", lambda target: target.provider.name)
    targets = _chosen(targets, options.model, "model", lambda target: target.model)
    now = datetime.now(UTC)
    folder = options.report_dir or folder_for([target for target, _ in targets], Path("reports"), now)
    try:
        with Claim(folder, new=options.report_dir is None) as claim:
            run = judged(targets, account, claim.folder, options.lang)
    except BusyError as busy:
        raise MistakeError(str(busy)) from None
    except OSError as error:
        raise MistakeError(
            f"cannot write to {folder}: {error.strerror}; choose another --report-dir"
        ) from None
    if options.report_dir is None:
        point_latest(run.folder)
    for line in _lines(run, account):
        print(line)
    return run.exit_code(strict=options.strict, today=now)


Found = list[tuple["Target", "list[Exchange]"]]


def _chosen(targets: Found, wanted: Sequence[str] | None, what: str, name: Callable[[Target], str]) -> Found:
    """The targets of these names; all where none is given."""
    from conformance.provider.mistakes import suggestion

    if not wanted:
        return targets
    names = list(dict.fromkeys(name(target) for target, _ in targets))
    for one in wanted:
        if one not in names:
            listed = ", ".join(names[:LISTED]) + (f" and {len(names) - LISTED} more" * (len(names) > LISTED))
            raise MistakeError(f"no {what} {one!r}{suggestion(one, names)}; there are {listed}")
    return [(target, exchanges) for target, exchanges in targets if name(target) in wanted]


def _lines(run: Run, account: Account) -> Iterator[str]:
    from conformance.cli.judged_lines import defect_lines, host_lines
    from conformance.report.text import MESSAGE, line
    from conformance.running import terminal
    from conformance.running.folder import REPORT, RESULTS

    yield from _account_lines(account)
    yield ""
    yield from host_lines(run.results)
    untested = run.untested()
    yield from (f"{line(str(at), MESSAGE)}: not tested: {line(why, MESSAGE)}" for at, why in untested.items())
    requirements = {
        case.requirement.id: case.requirement for cases in run.selected.values() for case in cases
    }
    yield from defect_lines(run, requirements)
    yield ""
    yield from terminal.moved_lines(run)
    for name in (REPORT, RESULTS):
        yield f"{name}: {terminal.short(run.folder / name)}"


def _account_lines(account: Account) -> Iterator[str]:
    yield account.words
    for one in account.named[:SHOWN]:
        yield f"  left out: {one}"
    if account.unread > SHOWN:
        yield f"  left out: {account.unread - SHOWN} more"

"""What is published of runs."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.cli.command import MistakeError
from conformance.cli.runs import RUN, outlines

if TYPE_CHECKING:
    from conformance.cli.command import Commands


def add(commands: Commands) -> None:
    """Adds `badge`."""
    badge = commands.add_parser(
        "badge",
        help="print a badge of a run, as JSON for shields.io",
        description="Prints what the endpoint badge of shields.io reads: publish it, and show "
        "https://img.shields.io/endpoint?url=ITS-ADDRESS",
    )
    badge.add_argument("run", type=Path, metavar="RUN", help=RUN)
    badge.add_argument("--provider", metavar="NAME", help="the badge of one provider (default: of the run)")
    badge.set_defaults(command=_badge)


def _badge(options: argparse.Namespace) -> int:
    from conformance.provider.faults import suggestion
    from conformance.report.badge import badge

    (run,) = outlines([options.run])
    try:
        print(json.dumps(badge(run, options.provider)))
    except LookupError:
        near = suggestion(options.provider, [name for name, _ in run.targets])
        raise MistakeError(f"{options.run} has no provider {options.provider!r}{near}") from None
    return 0

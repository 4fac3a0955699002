"""`conformance …`: what is not a test run. Each module of this package adds commands of one kind."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper

from conformance.cli import (
    accepting,
    beginning,
    comparing,
    explaining,
    importing,
    judging,
    providers,
    publishing,
    reporting,
    sameness,
    serving,
    watching,
)
from conformance.cli.command import MistakeError

GROUPS = (
    serving,
    explaining,
    judging,
    beginning,
    importing,
    providers,
    reporting,
    comparing,
    sameness,
    watching,
    accepting,
    publishing,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command. Returns the exit code: its own, or 2 for Ctrl-C and for a mistake, in one line."""
    parser = argparse.ArgumentParser(
        prog="conformance",
        description="Beside `pytest --provider NAME`, which tests a provider.",
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for group in GROUPS:
        group.add(commands)
    options = parser.parse_args(arguments)
    if isinstance(sys.stdout, TextIOWrapper):
        # A character that this terminal cannot show is written out, and ends nothing.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        code: int = options.command(options)
        sys.stdout.flush()
    except MistakeError as mistake:
        print(f"conformance: {mistake}", file=sys.stderr)
        return mistake.code
    except KeyboardInterrupt:
        print("conformance: interrupted", file=sys.stderr)
        return 2
    except BrokenPipeError:  # whoever read the output has seen enough, as in `conformance faults | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code

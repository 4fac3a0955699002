"""Known failures: to accept those of a run until they are mended."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.cli.command import MistakeError
from conformance.cli.runs import RUN, outlines
from conformance.wire import files

if TYPE_CHECKING:
    from conformance.cli.command import Commands
    from conformance.provider.expecting import Entries


def add(commands: Commands) -> None:
    """Adds `baseline`."""
    baseline = commands.add_parser(
        "baseline",
        help="print the failures of a run as known failures for providers.yaml",
        description="Prints what has to stand under `expected` in providers.yaml for the failures of a run "
        "to be known: until they pass again, or for 90 days. --write adds it there.",
    )
    baseline.add_argument("run", type=Path, metavar="RUN", help=RUN)
    baseline.add_argument("--strict", action="store_true", help="a violated SHOULD, too")
    baseline.add_argument("--write", action="store_true", help="add the entries to providers.yaml")
    baseline.add_argument(
        "--providers-file", type=Path, metavar="FILE", help="another file than providers.yaml here"
    )
    baseline.set_defaults(command=_baseline)


def _baseline(options: argparse.Namespace) -> int:
    from conformance.judging.catalogue import catalogue
    from conformance.provider.expecting import as_yaml
    from conformance.provider.load import FILE_NAME
    from conformance.report.across.baseline import baseline

    (run,) = outlines([options.run])
    found = baseline(run, catalogue(), strict=options.strict)
    for notice in found.notices:
        print(f"conformance: {notice}", file=sys.stderr)
    if not found.entries:
        print("nothing fails that is not expected already", file=sys.stderr)
    elif options.write:
        file = Path.cwd() / FILE_NAME if options.providers_file is None else options.providers_file
        for provider, expected in _write(file, found.entries).items():
            print(f"{file}: {provider}: {len(expected)} added")
    else:
        print(as_yaml(found.entries), end="")
    return 0


def _write(file: Path, entries: Entries) -> Entries:
    """Adds what is missing to the file, which is replaced as a whole. Returns what that was."""
    from conformance.provider.expecting import EditError, added, missing
    from conformance.provider.mistakes import ProvidersError

    real = file.resolve()  # a link stays one
    try:
        data = real.read_bytes()
        left = missing(data, str(file), entries)
        files.replace(real, added(data, str(file), left))
    except (EditError, ProvidersError) as error:
        raise MistakeError(str(error)) from None
    except OSError as error:
        raise MistakeError(f"cannot edit {file}: {error.strerror}") from None
    return left

"""Claims out of what others list."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from conformance import DEFAULT
from conformance.cli.command import InputError

if TYPE_CHECKING:
    from conformance.cli.command import Commands


def add(commands: Commands) -> None:
    """Adds `claims import`."""
    claims = commands.add_parser(
        "claims", help="make a claims profile of a list of models", description="Works with claims profiles."
    )
    kinds = claims.add_subparsers(title="commands", required=True, metavar="COMMAND")
    make = kinds.add_parser(
        "import",
        help="make a profile of a file",
        description="Makes a dated claims profile of a file that says what a model takes: OpenRouter's list "
        "of models or endpoints, a provider's own /models that says it, or the catalog of the package "
        "modelparams. Fetches nothing.",
    )
    make.add_argument("kind", choices=("openrouter", "models", "modelparams"))
    make.add_argument("files", nargs="+", type=Path, metavar="FILE")
    make.add_argument("--model", metavar="ID", help="the model (of modelparams: PROVIDER/MODEL)")
    make.add_argument(
        "--read", metavar="DAY", help="the day on which the file was fetched (default: its date)"
    )
    make.add_argument("--url", metavar="URL", help="where a provider's own list was fetched")
    make.add_argument(
        "--output", type=Path, metavar="FILE", help="write the profile there (default: print it)"
    )
    make.add_argument(
        "--against", metavar="PROFILE", help="print how it differs from a profile of the suite instead"
    )
    make.set_defaults(command=_import)


def _import(options: argparse.Namespace) -> int:
    from datetime import UTC, date, datetime

    from conformance.provider.claims import parse, profile, profiles, vocabulary
    from conformance.provider.importing import imported
    from conformance.provider.mistakes import ProvidersError, shown, suggestion
    from conformance.provider.printing import as_profile, differences
    from conformance.provider.stating import date_fault

    if options.read is not None and (fault := date_fault("--read", options.read)):
        raise InputError(fault)
    if options.kind == "models" and options.url is None:
        raise InputError(
            "a provider's own list needs the address that it was fetched from: --url=https://…/models"
        )
    if options.against is not None and options.against not in profiles(DEFAULT):
        near = suggestion(options.against, profiles(DEFAULT)) or f"; there are {', '.join(profiles(DEFAULT))}"
        raise InputError(f"unknown profile {shown(options.against)}{near}")
    try:
        files = [(str(path), path.read_bytes()) for path in options.files]
        age = min(path.stat().st_mtime for path in options.files)
    except OSError as error:
        raise InputError(f"{error.filename}: cannot be read: {error.strerror}") from None
    read = date.fromisoformat(options.read) if options.read else datetime.fromtimestamp(age, UTC).date()
    try:
        found = imported(options.kind, files, options.model, list(vocabulary(DEFAULT)))
        text = as_profile(found, read, ", ".join(Path(name).name for name, _ in files), options.url or "")
        made = parse(text.encode(), "imported.yaml")
    except ProvidersError as error:
        raise InputError(str(error)) from None
    if options.against is not None:
        print("\n".join(differences(made, profile(options.against, DEFAULT))) or "no difference")
    elif options.output is None:
        print(text, end="")
    else:
        try:
            options.output.write_text(text, "utf-8")
        except OSError as error:
            raise InputError(f"{options.output}: cannot be written: {error.strerror}") from None
        print(f"{options.output}: {len(made.claims)} claims of {found.model}, read on {read}")
    return 0

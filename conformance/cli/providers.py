"""The providers that there are to test."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.cli.command import MistakeError

if TYPE_CHECKING:
    from conformance.cli.command import Commands


def add(commands: Commands) -> None:
    """Adds `providers`."""
    providers = commands.add_parser(
        "providers",
        help="list the providers of providers.yaml",
        description="Lists the providers, their models, and which of the variables that hold their keys are "
        "set here. Sends nothing, and shows no key.",
    )
    providers.add_argument(
        "--providers-file", type=Path, metavar="FILE", help="another file than providers.yaml here"
    )
    providers.add_argument(
        "--remote", action="store_true", help="leave out those at an address that only this machine has"
    )
    providers.add_argument("--json", action="store_true", help="print JSON on one line, such as for a matrix")
    providers.set_defaults(command=_providers)


def _providers(options: argparse.Namespace) -> int:
    from conformance.provider.direct import is_here
    from conformance.provider.load import find, load
    from conformance.provider.mistakes import ProvidersError
    from conformance.provider.secrets import variables

    file = options.providers_file
    try:
        found = (find([Path.cwd()]) if file is None else load(file)).entries.values()
    except ProvidersError as error:
        raise MistakeError(str(error)) from None
    chosen = [one for one in found if not (options.remote and is_here(one.base_url))]
    if options.json:
        rows = [{"name": one.name, "models": [*one.models], "variables": [*variables(one)]} for one in chosen]
        print(json.dumps(rows))
        return 0
    width = max((len(one.name) for one in chosen), default=0)
    for one in chosen:
        keys = [f"${name} {'is' if os.environ.get(name) else 'is not'} set" for name in variables(one)]
        where = "embedded" if one.embedded else one.base_url
        print(f"{one.name:<{width}}  {where}  {', '.join(one.models)}  {', '.join(keys)}".rstrip())
    return 0

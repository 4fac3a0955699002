"""The providers that there are to test."""

from __future__ import annotations

import argparse
import ipaddress
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from conformance.cli.command import MistakeError

if TYPE_CHECKING:
    from conformance.cli.command import Commands
    from conformance.provider.model import Provider


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
    from conformance.provider.faults import ProvidersError
    from conformance.provider.load import find, load
    from conformance.provider.secrets import variables

    file = options.providers_file
    try:
        found = (find([Path.cwd()]) if file is None else load(file)).entries.values()
    except ProvidersError as error:
        raise MistakeError(str(error)) from None
    chosen = [one for one in found if not (options.remote and _is_here(one))]
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


def _is_here(provider: Provider) -> bool:
    """Whether its address means this machine. The embedded provider is wherever the suite is."""
    host = urlsplit(provider.base_url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")

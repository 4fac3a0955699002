"""The catalogue: to list the requirements, and to explain one."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from conformance import CONTRACTS, DEFAULT
from conformance.cli.command import MistakeError

if TYPE_CHECKING:
    from conformance.cli.command import Commands
    from conformance.provider.model import Claims


def add(commands: Commands) -> None:
    """Adds `list` and `explain`."""
    listing = commands.add_parser(
        "list",
        help="list the requirements, as a provider sees them",
        description="Lists the requirements by area, with the level that each has for a provider.",
    )
    listing.add_argument("--area", metavar="AREA", help="only those of an area, such as stop")
    listing.add_argument(
        "--level", type=str.upper, choices=["MUST", "SHOULD", "MAY"], help="only those of a level"
    )
    _whom(listing)
    listing.add_argument("--json", action="store_true", help="print JSON, with sources and probes")
    listing.set_defaults(command=_list)

    explain = commands.add_parser(
        "explain",
        help="say everything about one requirement",
        description="Says what a requirement states, how binding it is and why, where it comes from, what is "
        "asked, how it is judged, and who was seen to violate it.",
    )
    explain.add_argument("requirement", metavar="REQUIREMENT", help="an id, such as stop.not-in-output")
    _whom(explain)
    explain.set_defaults(command=_explain)


def _whom(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--provider", metavar="NAME", help="by what its documents say (default: by the OpenAI reference)"
    )
    parser.add_argument(
        "--contract",
        choices=CONTRACTS,
        help=f"what is asked (default: {DEFAULT}, or whatever has the id)",
    )
    parser.add_argument(
        "--providers-file", type=Path, metavar="FILE", help="another file than providers.yaml here"
    )


def _list(options: argparse.Namespace) -> int:
    from conformance.cli import describe
    from conformance.judging.catalogue import catalogue
    from conformance.provider.mistakes import suggestion

    contract = options.contract or DEFAULT
    claims = _claims(options, contract)
    cases = list(catalogue(contract).values())
    if options.area is not None:
        areas = list(dict.fromkeys(case.requirement.area for case in cases))
        if options.area not in areas:
            near = suggestion(options.area, areas)
            raise MistakeError(f"unknown area {options.area!r}{near}; there are {', '.join(areas)}")
        cases = [case for case in cases if case.requirement.area == options.area]
    if options.level is not None:
        cases = [case for case in cases if case.level(claims) == options.level]
    if options.json:
        print(describe.to_json(describe.as_data(cases, claims)))
    else:
        print(describe.listing(cases, claims))
    return 0


def _explain(options: argparse.Namespace) -> int:
    from conformance.cli import describe
    from conformance.judging.catalogue import catalogue
    from conformance.provider.mistakes import suggestion

    asked = [options.contract] if options.contract else CONTRACTS
    known = {contract: catalogue(contract) for contract in asked}
    contract = next((name for name, cases in known.items() if options.requirement in cases), None)
    if contract is None:
        near = suggestion(options.requirement, [id for cases in known.values() for id in cases])
        raise MistakeError(
            f"unknown requirement {options.requirement!r}{near}; `conformance list` lists them"
        )
    case, claims = known[contract][options.requirement], _claims(options, contract)
    print(describe.explanation(case, claims, datetime.now(UTC).date()))
    return 0


def _claims(options: argparse.Namespace, contract: str) -> Claims:
    """What the documents of the provider say that was named; those of OpenAI where none was."""
    from conformance.provider.claims import profile
    from conformance.provider.load import find, load
    from conformance.provider.mistakes import ProvidersError
    from conformance.provider.select import SelectionError, select

    if options.provider is None and options.providers_file is None:
        return profile("openai", contract)
    try:
        file = options.providers_file
        providers = find([Path.cwd()]) if file is None else load(file)
        chosen = select(providers, [options.provider] if options.provider else [], contracts=[contract])
    except (ProvidersError, SelectionError) as error:
        raise MistakeError(str(error)) from None
    return chosen.targets[0].claims

"""`conformance …`: what is not a test run."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conformance.provider.model import Claims


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command. Returns the exit code: 0, or 2 for a mistake of the user, named in one line."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.command(options)
        sys.stdout.flush()
    except _MistakeError as mistake:
        print(f"conformance: {mistake}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # whoever read the output has seen enough, as in `conformance faults | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


class _MistakeError(Exception):
    """The user got something wrong."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="conformance",
        description="Beside `pytest --provider NAME`, which tests a provider.",
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    serve = commands.add_parser(
        "serve",
        help="run the embedded provider on 127.0.0.1",
        description="Runs the embedded provider, a strict OpenAI-compatible server with a small "
        "deterministic model, on 127.0.0.1 until it is interrupted.",
    )
    serve.add_argument(
        "--port", type=_port, default=8000, help="port to listen on; 0 takes a free one (8000)"
    )
    serve.add_argument(
        "--api-key",
        metavar="KEY",
        default=os.environ.get("CONFORMANCE_SERVE_KEY"),
        help="ask for this key (default: $CONFORMANCE_SERVE_KEY, else none is asked for)",
    )
    serve.add_argument(
        "--fault", action="append", default=[], metavar="NAME", help="have this defect; repeat it for several"
    )
    serve.add_argument(
        "--persona",
        default="reference",
        metavar="NAME",
        help="be this service: reference (the default), weak, thinking, reasoning, text-only, toapis, "
        "toapis-glm-5, tokmodel or toki",
    )
    serve.set_defaults(command=_serve)

    faults = commands.add_parser("faults", help="list the defects that the embedded provider can have")
    faults.set_defaults(command=_faults)

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

    report = commands.add_parser(
        "report", help="make report.html and summary.md again from a results.json", description=""
    )
    report.add_argument("run", type=Path, metavar="RUN", help="a results.json, or the folder that holds it")
    report.set_defaults(command=_report)
    return parser


def _whom(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--provider", metavar="NAME", help="by what its documents say (default: by the OpenAI reference)"
    )
    parser.add_argument(
        "--providers-file", type=Path, metavar="FILE", help="another file than providers.yaml here"
    )


def _port(text: str) -> int:
    if text.isdecimal() and int(text) < 2**16:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no port: a number from 0 to 65535 is wanted")


def _serve(options: argparse.Namespace) -> int:
    from conformance.reference import personas, run_forever
    from conformance.reference.faults.catalogue import UnknownFaultError, named

    try:
        persona, faults = personas.named(options.persona), named(options.fault)
    except (personas.UnknownPersonaError, UnknownFaultError) as error:
        raise _MistakeError(str(error)) from None

    def announce(url: str) -> None:
        print(f"serving {url} (models: {', '.join(persona.models)}); Ctrl-C stops it", flush=True)
        print(f"{options.persona}: {persona.summary}", flush=True)

    try:
        run_forever(options.port, options.api_key, faults, announce, persona)
    except OSError as error:
        raise _MistakeError(
            f"cannot listen on 127.0.0.1:{options.port}: {error.strerror}; choose another --port, or 0"
        ) from None
    return 0


def _faults(_: argparse.Namespace) -> int:
    from conformance.reference.faults.catalogue import FAULTS

    width = max(map(len, FAULTS))
    for name, fault in FAULTS.items():
        print(f"{name:<{width}}  {fault.summary}")
    return 0


def _list(options: argparse.Namespace) -> int:
    from conformance import describe
    from conformance.catalogue import catalogue
    from conformance.provider.faults import suggestion

    claims = _claims(options)
    cases = list(catalogue().values())
    if options.area is not None:
        areas = list(dict.fromkeys(case.requirement.area for case in cases))
        if options.area not in areas:
            near = suggestion(options.area, areas)
            raise _MistakeError(f"unknown area {options.area!r}{near}; there are {', '.join(areas)}")
        cases = [case for case in cases if case.requirement.area == options.area]
    if options.level is not None:
        cases = [case for case in cases if case.level(claims) == options.level]
    if options.json:
        print(describe.to_json(describe.as_data(cases, claims)))
    else:
        print(describe.listing(cases, claims))
    return 0


def _explain(options: argparse.Namespace) -> int:
    from conformance import describe
    from conformance.catalogue import catalogue
    from conformance.provider.faults import suggestion

    cases = catalogue()
    case = cases.get(options.requirement)
    if case is None:
        near = suggestion(options.requirement, cases)
        raise _MistakeError(
            f"unknown requirement {options.requirement!r}{near}; `conformance list` lists them"
        )
    print(describe.explanation(case, _claims(options)))
    return 0


def _claims(options: argparse.Namespace) -> Claims:
    """What the documents of the provider say that was named; those of OpenAI where none was."""
    from conformance.provider.claims import profile
    from conformance.provider.faults import ProvidersError
    from conformance.provider.load import find, load
    from conformance.provider.select import SelectionError, select

    if options.provider is None and options.providers_file is None:
        return profile("openai")
    try:
        file = options.providers_file
        providers = find([Path.cwd()]) if file is None else load(file)
        chosen = select(providers, [options.provider] if options.provider else [])
    except (ProvidersError, SelectionError) as error:
        raise _MistakeError(str(error)) from None
    return chosen.targets[0].provider.claims


def _report(options: argparse.Namespace) -> int:
    from conformance.report import html, markdown, results

    path = options.run / "results.json" if options.run.is_dir() else options.run
    try:
        read = results.read(path)
    except results.ResultsError as error:
        raise _MistakeError(str(error)) from None
    for name, text in (("report.html", html.render(read)), ("summary.md", markdown.render(read))):
        try:
            (path.parent / name).write_text(text, encoding="utf-8")
        except OSError as error:
            raise _MistakeError(f"cannot write {path.parent / name}: {error.strerror}") from None
        print(path.parent / name)
    return 0

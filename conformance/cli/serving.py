"""The embedded provider: to run it, and to list what can be wrong with it, or unusual and right."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from conformance import DEFAULT
from conformance.cli.command import MistakeError
from conformance.wire import files

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from conformance.cli.command import Commands
    from conformance.reference.fault import Fault
    from conformance.reference.variant import Variant


def add(commands: Commands) -> None:
    """Adds `serve`, `faults` and `variants`."""
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
        "--variant",
        action="append",
        default=[],
        metavar="NAME",
        help="do this, which is unusual and legal; repeat it for several",
    )
    serve.add_argument(
        "--persona",
        default="reference",
        metavar="NAME",
        help="be this service: reference (the default), weak, stubborn, thinking, reasoning, text-only, "
        "toapis, toapis-glm-5, tokmodel, toki, or as any other claims profile has it",
    )
    serve.add_argument(
        "--seed",
        type=int,
        metavar="N",
        help="draw answers and ids from this seed: equal requests then get equal answers in every run",
    )
    serve.set_defaults(command=_serve)

    faults = commands.add_parser(
        "faults",
        help="list the defects that the embedded provider can have",
        description="Lists the defects that the embedded provider can have, one at a time or together.",
    )
    faults.add_argument(
        "--matrix",
        type=Path,
        metavar="DIR",
        help="try every defect, and write into DIR/kills.txt which requirements notice it; takes a minute or "
        "two, and seconds with --fault or --requirement",
    )
    faults.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="NAME",
        help="with --matrix: try only this defect, print its line, and keep the others (repeatable)",
    )
    faults.add_argument(
        "--requirement",
        action="append",
        default=[],
        metavar="ID",
        help="with --matrix: try only the defects that this requirement should notice (repeatable)",
    )
    faults.add_argument(
        "--rates",
        type=Path,
        metavar="DIR",
        help="try the requirements that judge chance 200 times, and write into DIR how often they are right "
        "(RATES.md, rates.json)",
    )
    faults.set_defaults(command=_faults)

    variants = commands.add_parser(
        "variants",
        help="list what is unusual and legal, and what allows it",
        description="Lists what the embedded provider can do that is unusual and legal. Of one variant it "
        "says what allows it, and what the suite may say about it.",
    )
    variants.add_argument("variant", nargs="?", metavar="NAME", help="say all about this one")
    variants.set_defaults(command=_variants)


def _port(text: str) -> int:
    if text.isdecimal() and int(text) < 2**16:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no port: a number from 0 to 65535 is wanted")


def _serve(options: argparse.Namespace) -> int:
    from conformance.reference import run_forever, variants
    from conformance.reference.chat import personas
    from conformance.reference.faults import UnknownFaultError, named

    try:
        persona = personas.named(options.persona)
        faults = (*variants.parts(variants.named(options.variant)), *named(options.fault))
    except (personas.UnknownPersonaError, UnknownFaultError, variants.UnknownVariantError) as error:
        raise MistakeError(str(error)) from None

    def announce(url: str) -> None:
        print(f"serving {url} (models: {', '.join(persona.models)}); Ctrl-C stops it", flush=True)
        print(f"{options.persona}: {persona.summary}", flush=True)

    try:
        run_forever(options.port, options.api_key, faults, announce, persona, options.seed)
    except OSError as error:
        raise MistakeError(
            f"cannot listen on 127.0.0.1:{options.port}: {error.strerror}; choose another --port, or 0"
        ) from None
    return 0


def _faults(options: argparse.Namespace) -> int:
    from conformance.reference.faults import BY_CONTRACT

    if options.matrix is not None:
        return _matrix(options.matrix, options.fault, options.requirement)
    if options.fault or options.requirement:
        raise MistakeError("--fault and --requirement choose lines of the matrix: say --matrix DIR, too")
    if options.rates is not None:
        return _rates(options.rates)
    _list({contract: faults.values() for contract, faults in BY_CONTRACT.items()})
    return 0


def _list(of: Mapping[str, Iterable[Fault | Variant]]) -> None:
    """A line for each: its name, its contract, and what it does."""
    rows = [(one.name, contract, one.summary) for contract, found in of.items() for one in found]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for name, contract, summary in rows:
        print(f"{name:<{widths[0]}}  {contract:<{widths[1]}}  {summary}")


def _matrix(folder: Path, names: Sequence[str], requirements: Sequence[str]) -> int:
    from conformance.proof import kills, matrix
    from conformance.reference.faults import FAULTS

    _folder(folder)
    chosen = _chosen(names, requirements)
    found = kills.measured(chosen or tuple(FAULTS))
    path = folder / matrix.NAME
    if chosen:
        print("\n".join(matrix.line(name, found[name]) for name in chosen))
        kept = matrix.read(path.read_text(encoding="utf-8")) if path.exists() else {}
        both = {**kept, **found}
        found = {name: both[name] for name in FAULTS if name in both}
    _write(folder, {matrix.NAME: matrix.written(found)})
    unnoticed = sorted(matrix.empty(found))
    if unnoticed and not chosen:
        raise MistakeError(f"no defect is noticed by {', '.join(unnoticed)}")
    return 0


def _chosen(names: Sequence[str], requirements: Sequence[str]) -> tuple[str, ...]:
    """The defects that are named, and those that these requirements should notice, in their order."""
    from conformance.judging.catalogue import every_requirement
    from conformance.reference.faults import FAULTS, UnknownFaultError, named

    try:
        wanted = {fault.name for fault in named(names)}
    except UnknownFaultError as error:
        raise MistakeError(str(error)) from None
    if unknown := sorted(set(requirements) - set(every_requirement())):
        raise MistakeError(f"unknown requirement {unknown[0]!r}; `conformance list` lists them")
    return tuple(
        name for name, fault in FAULTS.items() if name in wanted or set(requirements) & set(fault.aims)
    )


def _rates(folder: Path) -> int:
    from conformance.proof import rates

    _folder(folder)
    found = rates.measured()
    _write(folder, {"rates.json": rates.written(found), "RATES.md": rates.page(found)})
    return 0


def _folder(folder: Path) -> None:
    if not folder.is_dir():
        raise MistakeError(f"{folder} is no folder; make it first, or name another one")


def _write(folder: Path, texts: Mapping[str, str]) -> None:
    for name, text in texts.items():
        try:
            files.replace(folder / name, text.encode())
        except OSError as error:
            raise MistakeError(f"cannot write {folder / name}: {error.strerror}") from None
        print(folder / name)


def _variants(options: argparse.Namespace) -> int:
    from conformance.reference.variants import BY_CONTRACT, UnknownVariantError, contract_of, named

    if options.variant is None:
        _list({contract: variants.values() for contract, variants in BY_CONTRACT.items()})
        return 0
    try:
        (variant,) = named([options.variant])
    except UnknownVariantError as error:
        raise MistakeError(str(error)) from None
    print(f"{variant.name}: {variant.summary}\n\nWhat allows it:")
    for source in variant.sources:
        print(f"  {source.title}\n  {source.url}")
        if source.quote:
            print(f"  “{source.quote}”")
    if variant.documents:
        stated = ", ".join(f"{name}: {json.dumps(value)}" for name, value in variant.documents.items())
        claims = f"claims: {{profile: openai, but: {{{stated}}}}}"
        contract = contract_of(variant.name)
        entry = claims if contract == DEFAULT else f"contracts: {{{contract}: {{{claims}}}}}"
        print(f"\nWhat the documents of such a service state:\n  {entry}")
    if variant.changes:
        print("\nWhat the suite says otherwise:")
        width = max(map(len, variant.changes))
        for name, verdict in variant.changes.items():
            print(f"  {name:<{width}}  {verdict}")
    return 0

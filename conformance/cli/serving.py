"""The embedded provider: to run it, and to list what can be wrong with it."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

from conformance.cli.command import MistakeError

if TYPE_CHECKING:
    from conformance.cli.command import Commands


def add(commands: Commands) -> None:
    """Adds `serve` and `faults`."""
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
    serve.add_argument(
        "--seed",
        type=int,
        metavar="N",
        help="draw answers and ids from this seed: equal requests then get equal answers in every run",
    )
    serve.set_defaults(command=_serve)

    faults = commands.add_parser("faults", help="list the defects that the embedded provider can have")
    faults.set_defaults(command=_faults)


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


def _faults(_: argparse.Namespace) -> int:
    from conformance.reference.faults.catalogue import FAULTS

    width = max(map(len, FAULTS))
    for name, fault in FAULTS.items():
        print(f"{name:<{width}}  {fault.summary}")
    return 0

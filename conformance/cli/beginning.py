"""Providers to begin with: the entries of vendors and engines, as providers.yaml has them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.cli.command import InputError

if TYPE_CHECKING:
    from conformance.cli.command import Commands

YOURS = "your-model"


def add(commands: Commands) -> None:
    """Adds `init`."""
    init = commands.add_parser(
        "init",
        help="write the entry of a vendor or an engine into providers.yaml",
        description="Writes the five lines of a vendor or an engine into providers.yaml, which is made where "
        "there is none. Without a name, lists those that there are.",
    )
    init.add_argument("name", nargs="?", metavar="NAME", help="a vendor or an engine, such as groq")
    init.add_argument("--model", metavar="ID", help="the model to test")
    init.add_argument("--providers-file", type=Path, default=Path("providers.yaml"), metavar="FILE")
    init.add_argument(
        "--print", action="store_true", dest="prints", help="print the lines, and write nothing"
    )
    init.set_defaults(command=_init)


def _init(options: argparse.Namespace) -> int:
    from conformance.provider.addresses import vendors
    from conformance.provider.mistakes import shown, suggestion

    known = vendors()
    if options.name is None:
        for name, one in known.items():
            print(f"{name:<{max(map(len, known))}}  {one['base_url']}")
        return 0
    if options.name not in known:
        near = suggestion(options.name, known) or f"; there are {', '.join(known)}"
        raise InputError(f"unknown vendor {shown(options.name)}{near}")
    lines = snippet(options.name, options.model)
    if options.prints:
        print("providers:\n" + lines, end="")
        return 0
    _added(options.providers_file, options.name, lines)
    print(f"{options.name} is in {options.providers_file}: pytest --provider {options.name}")
    if (key := known[options.name].get("key")) is not None:
        print(f"its key: export {key}=…")
    if YOURS in lines:
        print(f"write the id of a model in place of {YOURS}, or choose one with --model ID")
    return 0


def snippet(name: str, model: str | None = None) -> str:
    """The lines of an entry, as they stand in providers.yaml."""
    import json

    from conformance.provider.addresses import vendors

    one = vendors()[name]
    chosen = model or one.get("model", YOURS)
    key = [f"    api_key: ${{{one['key']}}}"] if "key" in one else []
    return "\n".join(
        [
            f"  {name}:",
            f"    base_url: {one['base_url']}",
            *key,
            f"    models: [{json.dumps(chosen) if model else chosen}]",
            f"    claims: {name}",
            "",
        ]
    )


def _added(path: Path, name: str, lines: str) -> None:
    """Puts the entry at the end of the file, where the file stays what it was but for that."""
    from conformance.provider.load import parse
    from conformance.provider.mistakes import ProvidersError

    file = str(path)
    try:
        text = path.read_text("utf-8") if path.exists() else "providers:\n"
        before = dict(parse(text.encode(), file).entries) if path.exists() else {}
        if name in before:
            raise InputError(f"{before[name].where}: {name} is there already; nothing was written")
        whole = text.rstrip("\n") + "\n" + ("\n" if before else "") + lines
        after = parse(whole.encode(), file).entries
        if [*after] != [*before, name]:
            raise InputError(f"{file}: its entries do not end the file; add these lines to them:\n{lines}")
        path.write_text(whole, "utf-8")
    except ProvidersError as error:
        raise InputError(str(error)) from None
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise InputError(f"{file}: cannot be written: {why}") from None

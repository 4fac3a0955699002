"""Whether two targets answer as the same model would."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from conformance import DEFAULT
from conformance.cli.command import MistakeError
from conformance.cli.runs import add_language, write

if TYPE_CHECKING:
    from conformance.cli.command import Commands
    from conformance.identity.session import Session, Stored
    from conformance.provider.model import Target
    from conformance.wire.journal import Journal

JSON, PAGE, JOURNAL = "same.json", "same.html", "journal.jsonl"


def add(commands: Commands) -> None:
    """Adds `same`."""
    same = commands.add_parser(
        "same",
        help="compare two targets by their answers: do they answer as the same model would?",
        description="Asks both sides the same prompts, at the same time, and tests whether their answers "
        "come from one distribution: at most 660 requests of 24 tokens, fewer where a difference shows "
        "early. At most 1 in 100 comparisons of sides that answer alike says otherwise. Exit code: 0 same, "
        "1 different, or counted differently, 7 it cannot be told.",
    )
    same.add_argument("one", metavar="A", help="an entry of providers.yaml, or NAME/MODEL")
    same.add_argument(
        "other", nargs="?", metavar="B", help="another one, or a file of answers that --save has written"
    )
    same.add_argument("--save", type=Path, metavar="FILE", help="ask A alone, and keep its answers in FILE")
    same.add_argument("--plan", action="store_true", help="say what it would cost, and send nothing")
    same.add_argument(
        "--resume", type=Path, metavar="DIR", help="go on with a comparison that was interrupted"
    )
    same.add_argument("--providers-file", type=Path, metavar="FILE", help="another file than providers.yaml")
    same.add_argument(
        "--report-dir", type=Path, metavar="DIR", help="where to write (a new folder in reports)"
    )
    same.add_argument("--max-tokens", type=_tokens, metavar="N", help="stop before so many tokens are used")
    add_language(same)
    same.set_defaults(command=_same)


def _tokens(text: str) -> int:
    if text.isdecimal() and int(text) > 0:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no number of tokens")


def _same(options: argparse.Namespace) -> int:
    from conformance.wire import journal

    if (options.other is None) == (options.save is None):
        raise MistakeError("name two sides, A and B, or one with --save FILE, to keep its answers")
    try:
        resumed = _read(options.resume) if options.resume else None
        recorded = _read(Path(options.other)) if options.other and Path(options.other).exists() else None
    except journal.JournalError as error:
        raise MistakeError(str(error)) from None
    names = [options.one] if options.other is None or recorded else [options.one, options.other]
    targets = _targets(names, options.providers_file, sends=not options.plan)
    session = _session(options, targets, recorded, resumed)
    if options.plan:
        print(*_plan_lines(session), sep="\n")
        return 0
    return _carried_out(session, options)


def _read(path: Path) -> Journal:
    """A journal, or that of a folder."""
    from conformance.running.folder import JOURNAL
    from conformance.wire import journal

    return journal.read(path / JOURNAL if path.is_dir() else path)


def _targets(names: Sequence[str], file: Path | None, *, sends: bool) -> list[Target]:
    """The targets of these names, each one model."""
    from conformance.provider.load import find, load
    from conformance.provider.mistakes import ProvidersError
    from conformance.provider.select import SelectionError, select

    found: list[Target] = []
    try:
        providers = find([Path.cwd()]) if file is None else load(file)
        for name in names:
            entry, _, model = (name, "", "") if name in providers.entries else name.partition("/")
            chosen = select(providers, [entry], model or None, os.environ if sends else None, [DEFAULT])
            if len(chosen.targets) > 1:
                models = ", ".join(f"{entry}/{one.model}" for one in chosen.targets)
                raise MistakeError(f"{entry} has several models: name one of {models}")
            found += chosen.targets
    except (ProvidersError, SelectionError) as error:
        raise MistakeError(str(error)) from None
    if len({target.at for target in found}) < len(found):
        raise MistakeError(f"both sides are {names[0]}; each side is compared with itself anyway")
    return found


def _session(
    options: argparse.Namespace, targets: Sequence[Target], recorded: Journal | None, resumed: Journal | None
) -> Session:
    from conformance.asking.budget import Budget
    from conformance.identity.session import Session, StoredError, stored_in
    from conformance.running.folder import folder_for
    from conformance.running.options import access

    stored: Stored | None = None
    known = recorded or resumed
    seed = known.nonce if known is not None else secrets.token_hex(6)
    try:
        if recorded is not None:
            stored = stored_in(recorded)
        if resumed is not None:
            stored_in(resumed)
    except StoredError as error:
        raise MistakeError(str(error)) from None
    if recorded and resumed and recorded.nonce != resumed.nonce:
        raise MistakeError(f"{options.resume} was asked other prompts than {options.other}; start a new one")
    now = datetime.now(UTC)
    folder = options.resume or options.report_dir or folder_for(targets, Path("reports"), now)
    return Session(
        targets, stored, folder, access, seed, resumed=resumed, budget=Budget(max_tokens=options.max_tokens)
    )


def _plan_lines(session: Session) -> Iterator[str]:
    """What it would cost at most, stage by stage."""
    names = ("probabilities of first tokens", "4 texts to each prompt", "16 texts to each prompt")
    yield "stage by stage, as long as no difference shows; each line counts what was asked before"
    for name, plans in zip(names, session.plans(), strict=True):
        for one in plans:
            price = "price unknown" if one.cost is None else f"~${one.cost:.4f}"
            yield (
                f"{one.target}: {name}: {one.requests} requests, "
                f"~{one.prompt_tokens} + {one.completion_tokens} tokens, {price}; "
                f"{one.thinking_at_most} completion tokens at most if it thinks"
            )
    yield "nothing was sent"


def _carried_out(session: Session, options: argparse.Namespace) -> int:
    from conformance.asking.discretion import Crash
    from conformance.identity import outcome, page, telling
    from conformance.report.language import wording
    from conformance.running.folder import BusyError, Claim

    try:
        with Claim(session.folder, new=not (options.report_dir or options.resume)) as claim:
            session.folder = claim.folder
            _ask(session)
            found = session.outcome()
            if found is None:
                return _saved(session, options.save)
            files = {JSON: outcome.encoded(found).decode(), PAGE: page.render(found, options.lang)}
            for name, text in files.items():
                write(session.folder / name, text)
    except BusyError as busy:
        raise MistakeError(str(busy)) from None
    except Crash as crash:
        print(f"conformance: {crash}", file=sys.stderr)
        return 3
    except OSError as error:
        raise MistakeError(f"cannot write to {session.folder}: {error.strerror}") from None
    print(*telling.lines(found, wording(options.lang)), sep="\n")
    for name in (PAGE, JSON, JOURNAL):
        print(f"{name}: {_short(session.folder / name)}")
    if found.incomplete is not None:
        print(f"go on with: conformance same {options.one} {options.other} --resume {_short(session.folder)}")
    return outcome.exit_code(found)


def _ask(session: Session) -> None:
    """Carries it out, with a line of progress on a terminal. Ctrl-C ends the asking, and nothing else."""
    shows = sys.stderr.isatty()

    def progress(target: Target, ended: int, total: int) -> None:
        if shows:
            print(f"\r\x1b[Kasking {target}: {ended} of {total}", end="", file=sys.stderr, flush=True)

    session.signals.heed()
    try:
        session.carry_out(progress)
    except KeyboardInterrupt:
        pass
    finally:
        session.signals.restore()
        if shows:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _saved(session: Session, file: Path) -> int:
    """Keeps the answers of the one side."""
    from conformance.wire import files

    kept = session.folder / JOURNAL
    (side,) = session.sides()
    answers = sum(map(len, side.texts.values()))
    if session.ended is not None or not answers:
        why = session.ended or "no answer could be read; the journal has what came back"
        print(f"incomplete: {why}", file=sys.stderr)
        again = f"{session.targets[0]} --save {file} --resume {_short(session.folder)}"
        print(f"go on with: conformance same {again}")
        return 7
    file.parent.mkdir(parents=True, exist_ok=True)
    files.replace(file, kept.read_bytes())
    print(f"{answers} answers of {side.name}: {file}; compare with: conformance same NAME {file}")
    return 0


def _short(path: Path) -> str:
    from conformance.running.terminal import short

    return short(path)

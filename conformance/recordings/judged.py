"""A run that sends nothing: recorded exchanges, every requirement, and the reports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from conformance import CONTRACTS
from conformance.asking.asking import Access
from conformance.judging.catalogue import catalogue
from conformance.provider.model import Target
from conformance.recordings.collecting import Account
from conformance.recordings.sharing import judges
from conformance.running.folder import JOURNAL, set_aside
from conformance.running.run import Run
from conformance.wire import journal
from conformance.wire.record import Exchange


def judged(
    targets: Sequence[tuple[Target, Sequence[Exchange]]], account: Account, folder: Path, language: str = "en"
) -> Run:
    """Judges every requirement at each target, and writes the files of a run. Raises OSError."""
    run = Run(
        [target for target, _ in targets],
        folder,
        lambda _: Access(""),
        judges=judges(targets, {name: catalogue(name) for name in CONTRACTS}),
    )
    run.exchanges = [one for _, exchanges in targets for one in exchanges]
    run.selected = {target: list(catalogue(target.contract).values()) for target, _ in targets}
    run.language = language
    run.interrupted = account.shortfall
    sent = [one.last.started for one in run.exchanges if one.last.started]
    if sent:
        run.started = datetime.fromtimestamp(min(sent), UTC)
    folder.mkdir(parents=True, exist_ok=True)
    run.set_aside = set_aside(folder, None)
    asked = [(target.at, target.provider.base_url) for target, _ in targets]
    with journal.Writer(folder / JOURNAL, run.started.isoformat(), asked) as writer:
        for one in run.exchanges:
            writer.write(one)
    run.write_reports()
    return run

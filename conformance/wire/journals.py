"""Several journals as one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from conformance.wire.journal import Journal, Writer


def join(journals: Sequence[Journal], path: Path, rename: Callable[[str, int], str]) -> None:
    """Writes a journal with the exchanges of all. `rename` makes an id of an id and the place of its journal,
    counted from 1; a single journal keeps its ids."""
    targets = dict.fromkeys(target for one in journals for target in one.targets)
    with Writer(path, min(one.started for one in journals), targets) as writer:
        for number, one in enumerate(journals, 1):
            for exchange in one.exchanges:
                id = rename(exchange.id, number) if len(journals) > 1 else exchange.id
                writer.write(replace(exchange, id=id))

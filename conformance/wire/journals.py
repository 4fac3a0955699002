"""Several journals as one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from conformance.wire.journal import Journal, Writer


def join(journals: Sequence[Journal], path: Path, rename: Callable[[str, int], str]) -> None:
    """Writes a journal with the exchanges of all. `rename` makes an id of an id and the place of its journal,
    counted from 1; a single journal keeps its ids."""
    targets = dict.fromkeys(target for one in journals for target in one.targets)
    started = min(one.started for one in journals)
    with Writer(path, started, targets, providers=_agreed(journals)) as writer:
        for number, one in enumerate(journals, 1):
            for exchange in one.exchanges:
                id = rename(exchange.id, number) if len(journals) > 1 else exchange.id
                writer.write(replace(exchange, id=id))


def _agreed(journals: Sequence[Journal]) -> Mapping[str, Any]:
    """What all say of a provider, if they say the same."""
    said = [item for one in journals for item in one.providers.items()]
    return {
        name: entry for name, entry in said if all(other == entry for also, other in said if also == name)
    }

"""Which description of a provider counts where a recorded run is judged again."""

from __future__ import annotations

from dataclasses import replace

from conformance.judging.catalogue import every_requirement
from conformance.provider.load import Providers
from conformance.provider.model import Provider
from conformance.provider.travelling import arrived
from conformance.wire.journal import Journal


def described(file: Providers, recorded: Journal, *, chosen: bool) -> Providers:
    """The providers of the file, and those of a recorded run as its journal describes them.

    The file counts where it describes the same endpoint, and where somebody has `chosen` it: a claim that was
    put right there is what a run is judged again for. An entry of that name for another address is somebody
    else. The embedded provider has no address, and its journal knows what a variant stated.
    Raises ProvidersError where the description in the journal is wrong.
    """
    found: dict[str, Provider] = {}
    for at, url in recorded.targets:
        name = at.provider
        mine, entry = file.entries.get(name), recorded.providers.get(name)
        if name in found or entry is None:
            continue
        (theirs,) = arrived({name: entry}, str(recorded.path)).entries.values()
        if mine is not None and (chosen or _is_the_same(mine, theirs, url)):
            continue
        # What has another name by now is expected no more; in a file that is written today it is a mistake.
        known = tuple(one for one in theirs.expected if one.requirement in every_requirement())
        found[name] = replace(theirs, expected=known)
    return replace(file, entries={**file.entries, **found})


def _is_the_same(mine: Provider, theirs: Provider, url: str) -> bool:
    return not (mine.embedded or theirs.embedded) and mine.base_url == url

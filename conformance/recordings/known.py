"""Recognises the suite's own requests in what others recorded: behind a proxy, a run is a recording too."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from conformance.asking.probe import MODEL, NONCE, Credential, Probe
from conformance.judging.requirement import Case
from conformance.provider.model import Claims
from conformance.recordings.entry import json_value
from conformance.wire.record import Exchange

_REFUSED_KEY = frozenset({401, 403})


class Probes:
    """The probes of some cases, by what they send. Samples of one request are told apart by their order."""

    def __init__(self, cases: Iterable[Case], claims: Claims) -> None:
        self._by_request: dict[str, list[Probe]] = defaultdict(list)
        probes = {probe.key: probe for case in cases for probe in case.probes(claims)}
        for probe in probes.values():
            told = probe.credential is Credential.VALID and probe.cut_after is None and not probe.headers
            if told and NONCE not in f"{probe.body}{probe.path}":
                self._by_request[_identity(probe.method, probe.path, probe.body or "", MODEL)].append(probe)

    def recognised(self, exchanges: Iterable[tuple[Exchange, str]]) -> Iterator[Exchange]:
        """The exchanges of one target, each as that of the probe it equals, if it equals one.

        Each comes with the base URL that it was sent to.

        Which key was sent is not in a recording, so a refused key is no answer to a probe with a valid one.
        """
        used: dict[str, int] = defaultdict(int)
        for one, base in exchanges:
            path = one.request.address.removeprefix(base)
            identity = _identity(one.request.method, path, one.request.body, one.model)
            probes = self._by_request.get(identity, ())
            number = used[identity]
            if not one.unseen or number >= len(probes) or one.last.status in _REFUSED_KEY:
                yield one
                continue
            used[identity] += 1
            probe = probes[number]
            yield replace(
                one,
                key=probe.key,
                probe=f"{one.probe}: {probe.name}",
                expects=probe.expects.value,
                claims=tuple(sorted(probe.claims)),
            )


def _identity(method: str, path: str, body: str, model: str) -> str:
    """The same for requests that say the same, whatever their layout and model."""
    try:
        value: Any = json_value(body)
    except (ValueError, RecursionError):
        value = body
    if isinstance(value, dict) and value.get("model") == model:
        value = {**value, "model": MODEL}
    return json.dumps([method, path.replace(model, MODEL), value], sort_keys=True)

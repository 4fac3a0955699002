"""Exchanges made by hand, and what a case says of them."""

from __future__ import annotations

import json
from itertools import count
from typing import Any

from conformance.asking.probe import Probe
from conformance.asking.request import render
from conformance.judging.judge import Judge
from conformance.judging.recording import Recording
from conformance.judging.requirement import Case
from conformance.judging.verdict import Judgement, Verdict
from conformance.provider.claims import differing
from conformance.provider.model import Claims, Provider, Target
from conformance.wire.record import Attempt, Exchange, Failure

SILENT = Claims("silent", "documents that say nothing", "https://example.org", {}, {})

BASE = "https://example.org/v1"
JSON = {"content-type": "application/json"}

_ids = count(1)


def claiming(**claims: Any) -> Claims:
    """Claims as in providers.yaml; an underscore stands for a hyphen."""
    return differing(SILENT, {name.replace("_", "-"): value for name, value in claims.items()}, {})


def attempt(
    status: int | None,
    body: Any = b"",
    headers: dict[str, str] = JSON,
    *,
    failure: str = "",
    started: float = 1_767_225_600.0,
) -> Attempt:
    """One try that took a second. A body that is not bytes is sent as JSON."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Attempt(
        started=started,
        ended=1.0,
        status=status,
        http_version="HTTP/1.1",
        headers=tuple(headers.items()),
        chunks=((0.5, data),) if data else (),
        failure=Failure(failure, f"it was {failure}") if failure else None,
    )


def exchange(probe: Probe, *attempts: Attempt, model: str = "m") -> Exchange:
    """What became of a probe."""
    target = Target(Provider("p", BASE, (model,), SILENT), model)
    return Exchange(
        id=f"x{next(_ids):03d}",
        provider="p",
        model=model,
        probe=probe.name,
        key=probe.key,
        request=render(probe, target, BASE, "nonce"),
        attempts=attempts,
        expects=probe.expects.value,
        claims=tuple(sorted(probe.claims)),
    )


def judgement(case: Case, *exchanges: Exchange, claims: Claims = SILENT) -> Judgement:
    """What the case says of the exchanges."""
    return Judge(claims, Recording.of(exchanges), {case.requirement.id: case}).judge(case)


def verdict(case: Case, *exchanges: Exchange, claims: Claims = SILENT) -> Verdict:
    """The verdict of the case on the exchanges."""
    return judgement(case, *exchanges, claims=claims).verdict

"""Answers with embeddings made by hand, and what a case says of them."""

from __future__ import annotations

import base64
import struct
from collections.abc import Sequence
from itertools import count
from typing import Any

from conformance.asking.probe import Probe
from conformance.asking.request import render
from conformance.contracts.embeddings.probes.named import TEXT
from conformance.contracts.embeddings.reading.view import View
from conformance.judging.catalogue import catalogue
from conformance.judging.judge import Judge
from conformance.judging.recording import Recording
from conformance.judging.verdict import Judgement
from conformance.provider.claims import profile
from conformance.provider.model import Claims, Provider, Target
from conformance.wire.record import Attempt, Exchange
from tests.contracts.chat.cases.recorded import BASE, attempt

OPENAI = profile("openai", "embeddings")

NAME = "embeddings"

_ids = count(1)


def exchange(probe: Probe, *attempts: Attempt) -> Exchange:
    """What became of a probe."""
    target = Target(Provider("p", BASE, ("m",), OPENAI), "m", NAME)
    return Exchange(
        id=f"x{next(_ids):03d}",
        provider="p",
        model="m",
        probe=probe.name,
        key=probe.key,
        request=render(probe, target, BASE, "nonce"),
        attempts=attempts,
        expects=probe.expects.value,
        claims=tuple(sorted(probe.claims)),
        contract=NAME,
    )


def listed(*vectors: Any, prompt: Any = 9, **members: Any) -> dict[str, Any]:
    """A list of these embeddings."""
    data = [{"object": "embedding", "index": at, "embedding": one} for at, one in enumerate(vectors)]
    usage = {"prompt_tokens": prompt, "total_tokens": prompt}
    return {"object": "list", "data": data, "model": "m", "usage": usage, **members}


def packed(numbers: Sequence[float], form: str = "<f") -> str:
    """Base64 of the numbers."""
    data = struct.pack(f"{form[0]}{len(numbers)}{form[1]}", *numbers)
    return base64.b64encode(data).decode()


def answered(probe: Probe, *vectors: Any, **members: Any) -> Exchange:
    """A probe that is answered with these embeddings."""
    return exchange(probe, attempt(200, listed(*vectors, **members)))


def refused(probe: Probe, message: str = "no", status: int = 400) -> Exchange:
    """A probe that is refused."""
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": None}
    return exchange(probe, attempt(status, {"error": error}))


def of(body: Any, probe: Probe = TEXT) -> View:
    """The view of a response to a probe."""
    return View(exchange(probe, attempt(200, body)))


def judged(name: str, *exchanges: Exchange, claims: Claims = OPENAI) -> Judgement:
    """What a requirement says of the exchanges."""
    cases = catalogue(NAME)
    return Judge(claims, Recording.of(exchanges), cases).judge(cases[name])

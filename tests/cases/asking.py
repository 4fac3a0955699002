"""Asks an embedded provider everything, and judges what it answers.

Most faults strike before HTTP does, so the provider is called directly, and its pauses are written down
instead of waited for. Faults of the connection are asked over one.
"""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from email.utils import formatdate
from functools import cache
from itertools import accumulate
from types import SimpleNamespace
from typing import Any, ClassVar
from unittest import mock
from urllib.parse import unquote, urlsplit

from conformance.catalogue import catalogue
from conformance.exchange.asking import Access, Work, ask_all
from conformance.exchange.record import Attempt, Exchange, Failure, Request
from conformance.exchange.transport import Sending
from conformance.exchange.view import View
from conformance.judging import Judge, Recording, _Result
from conformance.probe.plan import Plan, plan
from conformance.provider.claims import profile
from conformance.provider.load import embedded
from conformance.provider.model import Claims, Target
from conformance.reference import Config, answer, serving
from conformance.reference.call import Call, Reply
from conformance.reference.faults.fault import Fault, Stage
from conformance.reference.personas import REFERENCE, Persona
from conformance.reference.service import Service
from conformance.requirement import Case
from conformance.verdict import Judgement, Verdict

OF_THE_CONNECTION = {
    "brotli-unasked",
    "gzip-claimed",
    "open-after-done",
    "stream-compressed-at-the-end",
    "worker-lost-by-abort",
}
"""Faults of a reply that show only once a client receives it."""

NOW = time.time()

PASSED = _Result(Verdict.PASS)

KEY = "sk-test-0123456789abcdef"


def everything(claims: str | Claims) -> Plan:
    """What the whole catalogue wants sent to a provider with these claims."""
    return _of_a_profile(claims) if isinstance(claims, str) else _of(claims)


@cache
def _of_a_profile(name: str) -> Plan:
    return _of(profile(name))


def _of(claims: Claims) -> Plan:
    target = Target(replace(embedded(), claims=claims), "reference")
    wanted = [probe for case in catalogue().values() for probe in case.probes(claims)]
    (found,) = plan({target: wanted})
    return found


def recorded(*faults: Fault, claims: str | Claims = "openai", persona: Persona = REFERENCE) -> list[Exchange]:
    """The exchanges with an embedded provider that plays this persona and has these faults."""
    found: list[Exchange] = []

    def ask(url: str, send: Callable[[Request, Sending], Awaitable[Attempt]] | None) -> None:
        work = Work(everything(claims), Access(url, KEY), 1)
        asyncio.run(ask_all([work], "0123456789ab", found.append, lambda *_: None, send=send))

    if any(fault.stage is Stage.WIRE or fault.name in OF_THE_CONNECTION for fault in faults):
        with serving(KEY, faults=faults, persona=persona) as url:
            ask(url, None)
    else:
        ask("http://embedded/v1", _Direct(faults, persona).send)
    return found


def judgements(exchanges: Sequence[Exchange], claims: str | Claims = "openai") -> Mapping[str, Judgement]:
    """Every judgement, by requirement."""
    promised = profile(claims) if isinstance(claims, str) else claims
    known = _flawless(claims) if isinstance(claims, str) else {}
    fresh = Recording.of(exchanges).views
    views = {key: known.get(view.exchange, view) for key, view in fresh.items()}
    judge = _Remembering(promised, Recording(views), catalogue())
    return {name: judge.judge(case) for name, case in catalogue().items()}


@cache
def _flawless(claims: str) -> Mapping[Exchange, View]:
    """How the exchanges without any fault read: most of them are the same with a fault."""
    return {one: View(one) for one in recorded(claims=claims)}


class _Remembering(Judge):
    """Judges once what no fault has touched: judging is pure."""

    passed: ClassVar[set[tuple[str, View]]] = set()

    def _on_one(self, case: Case, view: View, extras: Mapping[str, Claims]) -> _Result:
        this = (case.requirement.id, view)
        if this in self.passed:
            return PASSED
        result = super()._on_one(case, view, extras)
        name = self._claims.profile
        ours = self._claims is profile(name) and _flawless(name).get(view.exchange) is view
        if result == PASSED and ours:
            self.passed.add(this)
        return result


@contextmanager
def _steady(occasion: str) -> Iterator[None]:
    """Makes ids, dates and samples the same on the same occasion: what no fault touches is then equal."""
    chance = random.Random(occasion)
    with (
        mock.patch.object(secrets, "token_hex", lambda size: f"{chance.getrandbits(8 * size):0{2 * size}x}"),
        mock.patch.object(secrets, "randbits", chance.getrandbits),
        mock.patch.object(answer, "time", SimpleNamespace(time=lambda: NOW)),
    ):
        yield


class _Direct:
    """Stands for the network and the HTTP server."""

    def __init__(self, faults: Sequence[Fault], persona: Persona) -> None:
        self._service = Service(Config(KEY, faults=tuple(faults), persona=persona))
        self._memory: dict[str, Any] = {}
        self._asked: Counter[str] = Counter()

    async def send(self, request: Request, how: Sending) -> Attempt:
        path = unquote(urlsplit(request.url).path).replace("/v1/../", "/")
        headers = (*request.headers, *how.private)
        self._asked[request.body] += 1
        with _steady(f"{path} {request.body} {self._asked[request.body]}"):
            reply = self._routed(Call(request.method, path, headers, request.body.encode(), self._memory))
        arrivals = accumulate(frame.delay for frame in reply.frames)
        chunks = tuple((at, frame.data) for at, frame in zip(arrivals, reply.frames, strict=True))
        failure = None
        if how.cut_after is not None and len(chunks) > how.cut_after:
            chunks, failure = chunks[: how.cut_after], Failure("cut", "hung up on purpose")
        ended = chunks[-1][0] if chunks else 0.0
        shown = (*reply.headers, ("Date", formatdate(NOW, usegmt=True)))
        return Attempt(NOW, ended, reply.status, "HTTP/1.1", shown, chunks, failure)

    def _routed(self, call: Call) -> Reply:
        chat, models = "/v1/chat/completions", "/v1/models"
        if call.path == "/v1beta/models":
            return self._service.models(call)
        if call.path == chat:
            return (
                self._service.chat(call)
                if call.method == "POST"
                else self._service.wrong_method(call, "POST")
            )
        if call.method == "GET" and call.path == models:
            return self._service.models(call)
        if call.method == "GET" and call.path.startswith(f"{models}/"):
            return self._service.model(call, call.path.removeprefix(f"{models}/"))
        return self._service.unknown_path(call)

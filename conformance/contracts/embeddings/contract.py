"""Embeddings, as the core asks for them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType, ModuleType
from typing import Any

from conformance.asking.probe import Probe
from conformance.asking.spent import Used
from conformance.contracts import HOST, cases_in
from conformance.contracts.billing import Rule
from conformance.contracts.contract import Contract
from conformance.contracts.embeddings.asking import NeverOver, NothingWritten, Traits
from conformance.contracts.embeddings.billing import RULES
from conformance.contracts.embeddings.probes.ask import ENDPOINT, GIVEN
from conformance.contracts.embeddings.probes.costs import inputs
from conformance.contracts.embeddings.probes.invalid import EMPTY_ARRAY, NUMBER_INPUT, PLAIN
from conformance.contracts.embeddings.probes.named import TEXT
from conformance.contracts.embeddings.reading import usage
from conformance.contracts.embeddings.reading.view import LIST, View
from conformance.contracts.hidden import CannotSee
from conformance.contracts.view import View as AnyView
from conformance.judging.recording import Binding
from conformance.provider.model import Claims
from conformance.wire.record import Attempt, Exchange, Request


class Embeddings:
    """POST /embeddings."""

    name = "embeddings"
    title = "embeddings"
    endpoint = ENDPOINT
    basic = LIST
    plain, control, streamed = PLAIN, TEXT, TEXT
    mistyped, empty, empty_streamed = NUMBER_INPUT, EMPTY_ARRAY, EMPTY_ARRAY
    unknown = Traits()
    bounds = "with the worst tokenizer, and what a service may write around each input"
    billing: Sequence[Rule] = RULES
    gaps: Mapping[str, object] = MappingProxyType({})

    def view(self, exchange: Exchange) -> View:
        """The exchange, read as a list of embeddings."""
        return View(exchange)

    def modules(self) -> Iterable[ModuleType]:
        """One for each area."""
        return cases_in(HOST, __package__)

    def thinking_at_most(self, probes: Iterable[Probe]) -> int | None:
        """No model thinks before it gives an embedding."""
        del probes
        return None

    def weight(self, probe: Probe) -> int:
        """By its inputs."""
        return sum(1 for _ in inputs(probe.members))

    def says_something(self, exchange: Exchange) -> bool:
        """An answer that can be read."""
        try:
            return View(exchange).legible
        except CannotSee:
            return False

    def meter(self) -> NothingWritten:
        """Nothing streams."""
        return NothingWritten()

    def ending(self) -> NeverOver:
        """Nothing streams."""
        return NeverOver()

    def interrupted(self, attempt: Attempt) -> bool:  # noqa: ARG002 - nothing of it matters
        """Nothing streams."""
        return False

    def used(self, request: Request, attempt: Attempt, adapted: Collection[str]) -> Used:
        """As the report will read it from the record, so that both have the same figure."""
        del adapted
        return usage.used(request, attempt)

    def stated(self, body: bytes) -> tuple[int | None, int | None]:
        """By the usage object; there is no text that could cost."""
        prompt = usage.stated(body)
        return prompt, None if prompt is None else 0

    def may_refuse(self, claims: Claims, claim: str, refusal: AnyView, recorded: Iterable[AnyView]) -> str:
        """Documents say of some parameters that not every model has them."""
        del refusal, recorded
        return "as some models may" if claims.detail(claim, "or_refused") else ""

    def is_in_mode(self, mode: str, recorded: Iterable[AnyView]) -> bool:
        """There are no modes."""
        del mode, recorded
        return False

    def no_room(self, refusal: AnyView, recorded: Iterable[AnyView]) -> bool:
        """There is no limit."""
        del refusal, recorded
        return False

    def cut_short(
        self, views: Iterable[AnyView], bounded: Collection[str], recorded: Iterable[AnyView]
    ) -> AnyView | None:
        """There is no limit."""
        del views, bounded, recorded
        return None

    def compared(self, requirement: str, views: Sequence[AnyView]) -> Iterable[Binding]:
        """What others recorded is not compared."""
        del requirement, views
        return ()

    def hidden(self, requirement: str, exchange: Exchange) -> str | None:
        """Nothing that is looked at gets lost in a recording of whole bodies."""
        del requirement, exchange
        return None

    def unproven(self, requirement: str) -> str | None:
        """Nothing."""
        del requirement
        return None

    def exercised(self, members: Mapping[str, Any]) -> Collection[str]:
        """By the members of the request, and whether its input is text."""
        found = set(map(str, members)) - GIVEN
        return found if all(isinstance(one, str) for one in inputs(members)) else {*found, "token-input"}

    def cut_off(self, body: bytes, members: Mapping[str, Any], status: int) -> str:
        """By how JSON ends."""
        del members
        text = body.strip()
        whole = not 200 <= status < 300 or not text.startswith(b"{") or text.endswith(b"}")
        return "" if whole else "the recording ends within the answer"

    def tells(self, data: str) -> bool:
        """Nothing streams."""
        del data
        return False


CONTRACT: Contract = Embeddings()

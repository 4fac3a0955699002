"""Chat completions, as the core asks for them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from types import ModuleType

from conformance.contracts import cases_in
from conformance.contracts.chat import reasoning
from conformance.contracts.chat.probes.ask import ENDPOINT
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.recorded.comparisons import DECIDED
from conformance.contracts.chat.recorded.evidence import PROVES_NOTHING, hidden
from conformance.contracts.contract import Contract
from conformance.contracts.view import View as AnyView
from conformance.judging.judge import Binding
from conformance.provider.model import Claims
from conformance.wire.record import Exchange


class Chat:
    """POST /chat/completions."""

    name = "chat"
    title = "chat completions"
    endpoint = ENDPOINT
    basic = "envelope.one-json-object"

    def view(self, exchange: Exchange) -> View:
        """The exchange, read as a chat completion."""
        return View(exchange)

    def modules(self) -> Iterable[ModuleType]:
        """One for each area."""
        return cases_in(__package__)

    def may_refuse(self, claims: Claims, claim: str, refusal: AnyView, recorded: Iterable[AnyView]) -> bool:
        """Models that reason may refuse some parameters."""
        return reasoning.may_refuse(claims, claim, _own(refusal), map(_own, recorded))

    def no_room(self, refusal: AnyView, recorded: Iterable[AnyView]) -> bool:
        """Thoughts may use up the limit before the first word."""
        return reasoning.no_room(_own(refusal), map(_own, recorded))

    def cut_short(
        self, views: Iterable[AnyView], bounded: Collection[str], recorded: Iterable[AnyView]
    ) -> AnyView | None:
        """Thoughts may use up a limit that is there only to bound cost."""
        return reasoning.cut_short(map(_own, views), bounded, map(_own, recorded))

    def compared(self, requirement: str, views: Sequence[AnyView]) -> Iterable[Binding]:
        """By what the requests have in common."""
        find = DECIDED.get(requirement)
        return () if find is None else find(tuple(map(_own, views)))

    def hidden(self, requirement: str, exchange: Exchange) -> str | None:
        """By what a requirement looks at."""
        return hidden(requirement, exchange)

    def unproven(self, requirement: str) -> str | None:
        """By what recorders do."""
        return PROVES_NOTHING.get(requirement)


def _own(view: AnyView) -> View:
    assert isinstance(view, View)
    return view


CONTRACT: Contract = Chat()

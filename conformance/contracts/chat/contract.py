"""Chat completions, as the core asks for them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import ModuleType
from typing import Any

from conformance.asking.probe import Probe
from conformance.asking.spent import Used
from conformance.contracts import HOST, cases_in
from conformance.contracts.chat import reasoning
from conformance.contracts.chat.billing import GAPS, RULES
from conformance.contracts.chat.probes.ask import ENDPOINT
from conformance.contracts.chat.probes.invalid import EMPTY_MESSAGES, EMPTY_MESSAGES_STREAMED, NUMBER_MESSAGE
from conformance.contracts.chat.probes.named import COUNT, COUNT_STREAM, OK
from conformance.contracts.chat.reading.meter import THOUGHT_SLACK, VISIBLE_SLACK, Meter
from conformance.contracts.chat.reading.telling import tells
from conformance.contracts.chat.reading.usage import sent, token_counts, used
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.recorded.comparisons import DECIDED
from conformance.contracts.chat.recorded.evidence import PROVES_NOTHING, hidden
from conformance.contracts.chat.recorded.recognising import cut_short, exercised, interrupted
from conformance.contracts.chat.traits import ROOM, WITH_ROOM, Traits, allowed_thinking, says_something
from conformance.contracts.contract import Contract
from conformance.contracts.view import View as AnyView
from conformance.judging.recording import Binding
from conformance.provider.model import Claims
from conformance.wire.record import Attempt, Exchange, Request
from conformance.wire.scanning import DoneScanner


class Chat:
    """POST /chat/completions."""

    name = "chat"
    title = "chat completions"
    endpoint = ENDPOINT
    basic = "envelope.one-json-object"
    plain, control, streamed = OK, COUNT, COUNT_STREAM
    mistyped, empty, empty_streamed = NUMBER_MESSAGE, EMPTY_MESSAGES, EMPTY_MESSAGES_STREAMED
    unknown = Traits()
    billing, gaps = RULES, GAPS
    bounds = (
        "with the worst tokenizer, and every answer as long as its request allows, which is mostly\n"
        f"{ROOM} tokens for a model that thinks before it answers; what is asked again comes on top.\n"
        f"Where limits are ignored, a stream is cut {VISIBLE_SLACK} tokens past four times its limit\n"
        f"({THOUGHT_SLACK} for thoughts)"
    )

    def view(self, exchange: Exchange) -> View:
        """The exchange, read as a chat completion."""
        return View(exchange)

    def modules(self) -> Iterable[ModuleType]:
        """One for each area."""
        return cases_in(HOST, __package__)

    def thinking_at_most(self, probes: Iterable[Probe]) -> int | None:
        """Models that think get room for it."""
        return allowed_thinking(probes)

    def weight(self, probe: Probe) -> int:
        """By its messages."""
        return len(probe.members.get("messages") or ())

    def says_something(self, exchange: Exchange) -> bool:
        """Visible text."""
        return says_something(View(exchange))

    def meter(self) -> Meter:
        """What counts the text of the deltas."""
        return Meter()

    def ending(self) -> DoneScanner:
        """What looks for [DONE]."""
        return DoneScanner()

    def interrupted(self, attempt: Attempt) -> bool:
        """Without a finish_reason."""
        return interrupted(attempt)

    def used(self, request: Request, attempt: Attempt, adapted: Collection[str]) -> Used:
        """As the report will read it from the record, so that both have the same figure."""
        return used(sent(request), attempt, thinks=WITH_ROOM in adapted)

    def stated(self, body: bytes) -> tuple[int | None, int | None]:
        """By the usage object."""
        return token_counts(body)

    def may_refuse(self, claims: Claims, claim: str, refusal: AnyView, recorded: Iterable[AnyView]) -> str:
        """Models that reason may refuse some parameters."""
        left = reasoning.may_refuse(claims, claim, _own(refusal), map(_own, recorded))
        return "as a model that reasons may" if left else ""

    def is_in_mode(self, mode: str, recorded: Iterable[AnyView]) -> bool:
        """By whether anything shows that it thinks."""
        return any(map(reasoning.reasons, map(_own, recorded))) is (mode == "thinking")

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

    def exercised(self, members: Mapping[str, Any]) -> Collection[str]:
        """By the members of the request, and what its messages hold."""
        return exercised(members)

    def cut_off(self, body: bytes, members: Mapping[str, Any], status: int) -> str:
        """By how JSON and streams end."""
        return cut_short(body, members, status)

    def tells(self, data: str) -> bool:
        """By what the deltas hold."""
        return tells(data)


def _own(view: AnyView) -> View:
    assert isinstance(view, View)
    return view


CONTRACT: Contract = Chat()

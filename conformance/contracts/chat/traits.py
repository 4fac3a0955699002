"""What kind of model answers, as far as requests must be adapted to it: learnt once, from the first exchange.

Some models have one temperature, some take their limit under its new name only, and some think before they
answer, at the expense of the limit. That is legal where it is documented, and no reason to leave everything
else unexamined. So the members that a probe has for steadiness or to bound cost are adapted. What a probe is
about is not: its refusal is evidence.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from conformance.asking.probe import Probe
from conformance.contracts.chat.reading.view import View
from conformance.contracts.hidden import CannotSee
from conformance.wire.record import Exchange

ROOM = 1024
"""Tokens that leave room for thoughts about an easy question."""

WITHOUT_TEMPERATURE = "temperature left out"
LEAST = 64
"""Tokens that every limit may be set to. Services that refuse small limits were seen to begin at 16."""

WITH_ROOM = f"limit raised to {ROOM} tokens"
_ENOUGH = f"limit raised to {LEAST} tokens"
NEW_NAME = "max_completion_tokens in place of max_tokens"


@dataclass(frozen=True, slots=True)
class Traits:
    """What is known of a model.

    `fixed_temperature`: it refuses any temperature but its own. `completion_limit_only`: it takes a limit as
    max_completion_tokens, and refuses max_tokens. `thinks`: it spends tokens before the first word it says.
    `no_small_limit`: it refuses limits of a few tokens.
    """

    fixed_temperature: bool = False
    completion_limit_only: bool = False
    thinks: bool = False
    no_small_limit: bool = False

    def adapted(self, probe: Probe) -> tuple[Probe, tuple[str, ...]]:
        """The probe as this model can be sent it, and what was changed, in words. Its identity is another."""
        members, words = dict(probe.members), []
        inert = probe.inert.intersection(members)
        if self.fixed_temperature and "temperature" in inert:
            del members["temperature"]
            words.append(WITHOUT_TEMPERATURE)
        for raised, least, said in ((self.thinks, ROOM, WITH_ROOM), (self.no_small_limit, LEAST, _ENOUGH)):
            if raised and "max_tokens" in inert and members["max_tokens"] < least:
                members["max_tokens"] = least
                words.append(said)
        if self.completion_limit_only and "max_tokens" in inert:
            # In the same place, so that nothing else about the request changes.
            members = {
                "max_completion_tokens" if name == "max_tokens" else name: value
                for name, value in members.items()
            }
            words.append(NEW_NAME)
        if not words:
            return probe, ()
        # A body with \u escapes is ASCII, and stays it.
        escapes = (probe.body or "").isascii()
        body = json.dumps(members, ensure_ascii=escapes, separators=(",", ":"))
        return replace(probe, body=body), tuple(words)

    def after_the_first(self, exchange: Exchange) -> Traits:
        """What is known once the first exchange has ended as well."""
        return learn(self, View(exchange))

    def after(self, probe: Probe, exchange: Exchange) -> Traits:
        """What is known once any other exchange has ended as well."""
        return learn_limit(self, probe, View(exchange))

    def recalled(self, first: Exchange, adapted: Collection[str]) -> Traits:
        """What was known in a run that had this first exchange, and adapted its requests in these ways."""
        return recalled(View(first), adapted)


def allowed_thinking(probes: Iterable[Probe]) -> int:
    """The completion tokens that requests allow a model that thinks, whose limits are raised.

    One more answer may have been cut before that was known.
    """
    limits = [(probe.allowed, Traits(thinks=True).adapted(probe)[0].allowed) for probe in probes]
    return sum(raised for _, raised in limits) + max((plain for plain, _ in limits), default=0)


def learn(traits: Traits, first: View) -> Traits:
    """What is known once this exchange has ended as well. It takes nothing back."""
    if first.last.status in (400, 422):
        return _from_a_refusal(traits, first)
    try:
        silent = not first.text.strip() and first.finish_reason == "length"
        return replace(traits, thinks=traits.thinks or silent or first.thinks)
    except CannotSee:
        return traits


def learn_limit(traits: Traits, sent: Probe, refused: View) -> Traits:
    """What is known once a request was refused for a limit that it has only to bound its cost."""
    inert = "max_tokens" in sent.inert.intersection(sent.members)
    if not inert or refused.last.status not in (400, 422):
        return traits
    small = refused.small_limit and (refused.limit or 0) < LEAST
    return replace(
        traits,
        thinks=traits.thinks or refused.out_of_room,
        no_small_limit=traits.no_small_limit or (small and not refused.out_of_room),
    )


def recalled(first: View, adapted: Collection[str]) -> Traits:
    """What was known in a run that had this first exchange, and adapted its requests in these ways."""
    known = Traits(
        fixed_temperature=WITHOUT_TEMPERATURE in adapted,
        completion_limit_only=NEW_NAME in adapted,
        thinks=WITH_ROOM in adapted,
        no_small_limit=_ENOUGH in adapted,
    )
    return known if first.last.status in (400, 422) else learn(known, first)


def says_something(answer: View) -> bool:
    """Whether the request was served with visible text."""
    try:
        return bool(answer.text.strip())
    except CannotSee:
        return False


def _from_a_refusal(traits: Traits, refused: View) -> Traits:
    renamed = refused.blames("max_tokens") and refused.blames("max_completion_tokens")
    return replace(
        traits,
        fixed_temperature=traits.fixed_temperature
        or (refused.blames("temperature") and "temperature" in refused.request),
        completion_limit_only=traits.completion_limit_only or (renamed and "max_tokens" in refused.request),
        thinks=traits.thinks or refused.out_of_room,
    )

"""What of a recording says nothing about the provider, because it does not let us in, and why.

Where the plain request is refused for the key, the account, the model or the path, nothing is evidence: not
from the beginning, and not from the moment on at which it began. What was judged before stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from conformance.asking.diagnosis import sentence
from conformance.asking.obstacle import Obstacle, obstacle
from conformance.asking.probe import Expects
from conformance.provider.model import Provider
from conformance.wire.record import UNASKED, Exchange


@dataclass(frozen=True, slots=True)
class Standing:
    """`why` is the one sentence, and `shown` the ids of the exchanges that show it.

    `untested`: nothing at all could be tested. `barred` are the keys of the exchanges that are no evidence;
    those that were asked aside are none in any case.
    """

    why: str = ""
    untested: bool = False
    barred: frozenset[str] = frozenset()
    shown: tuple[str, ...] = ()


OPEN = Standing()
"""Everything is evidence."""


def standing(provider: Provider | None, exchanges: Iterable[Exchange]) -> Standing:
    """How the exchanges with a target of the provider stand."""
    sent = sorted((one for one in exchanges if _was_sent(one)), key=lambda one: (one.last.started, one.id))
    aside = [one for one in sent if one.expects == Expects.NOTHING]
    plain = [one for one in aside if one.id.endswith("-plain")]
    asked = [one for one in sent if one.expects == Expects.ANSWER and one.request.method == "POST"]
    decisive = plain or asked
    found = {one.id: obstacle(one.last) for one in (*plain, *asked)}
    if decisive and all(found.values()):
        return _standing(provider, decisive[0], aside, sent, untested=True)
    served = [one for one in asked if one.last.succeeded and not found[one.id]]
    return _ended(provider, sent, served, aside)


def _ended(
    provider: Provider | None, sent: Sequence[Exchange], served: Sequence[Exchange], aside: Sequence[Exchange]
) -> Standing:
    """Where the plain request was refused in the middle, and nothing was served after that."""
    again = [one for one in aside if "-again" in one.id]
    last = max((one.last.started for one in served), default=0.0)
    over = next((one for one in again if one.last.started >= last and obstacle(one.last)), None)
    if over is None:
        return OPEN
    end = obstacle(over.last)
    barred = [
        one
        for one in sent
        if _same(obstacle(one.last), end) and (one.expects == Expects.ANSWER or one.last.started >= last)
    ]
    return _standing(provider, over, aside, barred, untested=False)


def _standing(
    provider: Provider | None,
    shows: Exchange,
    aside: Sequence[Exchange],
    barred: Iterable[Exchange],
    *,
    untested: bool,
) -> Standing:
    why = sentence(provider, shows, aside) or ""
    return Standing(why, untested, frozenset(one.key for one in barred), (shows.id,))


def _was_sent(exchange: Exchange) -> bool:
    failure = exchange.last.failure
    return failure is None or failure.kind not in UNASKED


def _same(one: Obstacle | None, other: Obstacle | None) -> bool:
    return one is not None and other is not None and one.kind is other.kind

"""What a recording is evidence of: only of what cannot come from recording, editing or chance.

These rules hold for every contract; those of one contract are in its own `recorded`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from conformance.contracts.hidden import CannotSee
from conformance.contracts.view import View
from conformance.wire.record import NO_MODEL, Exchange, Unseen

V = TypeVar("V", bound=View)

LISTED = "models.lists-the-configured"

A_DAY = 86400
"""Seconds within which a list of models says something of the model that answers."""

WITHOUT_A_BODY = frozenset({"transport.request-id", "transport.no-redirect", "transport.no-bot-wall"})
"""Requirements that look at status and headers alone."""

_OF_IDS = frozenset({"envelope.id-unique", "envelope.id-prefix", "stream.id-created-model-constant"})
"""Requirements that an id which was replaced neither keeps nor violates."""

_REDACTED = re.compile(
    r"(?i)redact|filter|scrub|saniti|mask|placeholder|anonymi|normali[sz]ed|<[^>]*>|\*{3}|x{5}"
)
"""What recorders and their users put in the place of an id."""


def hidden(requirement: str, view: View, recorded: Iterable[View]) -> str | None:
    """Why a recorded exchange does not show what the requirement is about, or None where it does."""
    exchange = view.exchange
    if not exchange.unseen:
        return None
    if Unseen.TRUTH in exchange.unseen:
        return f"the recording does not show {Unseen.TRUTH}"
    if Unseen.BODY in exchange.unseen and requirement not in WITHOUT_A_BODY:
        return f"the recording does not show {Unseen.BODY}"
    if requirement == LISTED and exchange.model != NO_MODEL:
        return _apart(exchange, recorded)
    if requirement in _OF_IDS and any(map(_REDACTED.search, _ids(view))):
        return "the id was replaced in the recording"
    return None


def _ids(view: View) -> Iterator[str]:
    """The ids that an answer states, in each of its chunks."""
    try:
        yield from (str(one.value.get("id")) for one in view.documents if isinstance(one.value, dict))
    except CannotSee:
        return


def _apart(asked: Exchange, recorded: Iterable[View]) -> str | None:
    """Why a list of models says nothing about the model, which is listed for some time only."""
    answers = [view for view in recorded if view.exchange.request.method == "POST" and view.last.succeeded]
    if not answers:
        return "the recording has no answer of the model"
    listed = _time(asked)
    times = [time for time in map(_answered, answers) if time]
    if not listed or not times:
        return "the recording does not say when the models were listed, or when the model answered"
    if min(abs(time - listed) for time in times) > A_DAY:
        return "the models were listed more than a day before or after the model answered"
    return None


def _answered(view: View) -> float:
    return _time(view.exchange) or identity(view)[1] or 0.0


def _time(exchange: Exchange) -> float:
    """When the request was sent, as far as the recorder or a header says so; 0 where neither does."""
    return exchange.last.started


def originals(views: Sequence[V]) -> Sequence[V]:
    """The exchanges without copies: one answer may be kept twice, edited or not."""
    seen: set[object] = set()
    found = []
    for view in views:
        one = identity(view)
        if not view.exchange.unseen or None in one or one not in seen:
            found.append(view)
        seen.add(one)
    return found


def identity(view: View) -> tuple[str | None, int | None]:
    """The id and the time that an answer states. Two answers that share both are one."""
    try:
        first: Any = next((one.value for one in view.documents if isinstance(one.value, dict)), {})
    except CannotSee:
        return None, None
    name, created = first.get("id"), first.get("created")
    return (
        name if isinstance(name, str) and name else None,
        created if isinstance(created, int) and not isinstance(created, bool) else None,
    )

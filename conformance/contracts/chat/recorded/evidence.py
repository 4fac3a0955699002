"""What each requirement looks at in an exchange that a recording may not show.

A requirement that is not named here needs the request, the status and the body as JSON or events: what every
recording has. The tests judge blameless recordings in every format, so one that is forgotten here shows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from conformance.wire.record import Exchange, Unseen

RESTS_ON: Mapping[str, tuple[Unseen, ...]] = MappingProxyType(
    {
        "envelope.created-monotone": (Unseen.START, Unseen.DURATION),
        "envelope.json-strict": (Unseen.BYTES,),
        "envelope.model-names-the-requested": (Unseen.MODEL,),
        "models.lists-the-configured": (Unseen.MODEL,),
        "stream.closes-after-done": (Unseen.ENDING,),
        "stream.framing": (Unseen.BYTES,),
        "stream.incremental": (Unseen.ARRIVALS,),
        "transport.complete-framing": (Unseen.ENDING,),
        "transport.content-encoding": (Unseen.ENDING,),
        "transport.json-utf8": (Unseen.BYTES, Unseen.ENCODING),
    }
)
"""What of an exchange has to be seen, by requirement."""

READS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        name: re.compile(pattern)
        for name, pattern in {
            "sdk.": r"content-type",
            "stream.content-type": r"content-type",
            "transport.json-utf8": r"content-type",
            "transport.request-id": r".*(?:request-?id|trace|correlation-id).*",
        }.items()
    }
)
"""Headers that have to be there, by requirement or area: a recorder may have left out what is not."""

ANSWER_ALONE = re.compile(
    r"envelope\.(?:object-constant|id-.*|created-integer|index-is-position|role-assistant|finish-reason-known"
    r"|matches-schema|extra-members-listed|nullable-members-present|json-strict)"
    r"|usage\.(?:present-and-integer|total-is-sum|counts-positive|details-within-parent|extra-members-agree)"
    r"|stream\.(?:framing|chunks-are-chunks|id-created-model-constant|choice-index-and-delta|deltas-are-text"
    r"|role-once-first|finish-reason-once|done-.*|matches-schema|characters-whole)"
)
"""Requirements that an answer keeps or violates by itself, whatever was asked."""

PROVES_NOTHING: Mapping[str, str] = MappingProxyType(
    {
        "errors.key-never-echoed": "nothing recorded repeats a key; but recorders remove keys themselves",
    }
)
"""Why a requirement that is not violated in a recording may be violated all the same."""


def hidden(requirement: str, exchange: Exchange) -> str | None:
    """Why a recorded exchange does not show what the requirement is about, or None where it does."""
    if not exchange.unseen:
        return None
    if Unseen.REQUEST in exchange.unseen and not ANSWER_ALONE.fullmatch(requirement):
        return f"the recording does not show {Unseen.REQUEST}"
    for fact in RESTS_ON.get(requirement, ()):
        if fact in exchange.unseen:
            return f"the recording does not show {fact}"
    header = READS.get(requirement) or READS.get(requirement.partition(".")[0] + ".")
    if header is not None and Unseen.HEADERS in exchange.unseen and not _has(exchange, header):
        what = "Content-Type" if header.pattern == "content-type" else "such header"
        return f"the recording has no {what}; the recorder may have left it out"
    dated = Unseen.START not in exchange.unseen or exchange.last.header("date") is not None
    if requirement == "envelope.created-now-in-seconds" and not dated:
        return "the recording has no Date header, and does not say when the request was sent"
    return None


def _has(exchange: Exchange, header: re.Pattern[str]) -> bool:
    return any(header.fullmatch(name.lower()) for name, _ in exchange.last.headers)

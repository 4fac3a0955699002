"""When a stream begins: a long one as early as a short one, or it was written to its end before."""

from __future__ import annotations

from conformance.asking.change import header, stream
from conformance.contracts.chat.cases.streaming import stream_requirement
from conformance.contracts.chat.probes.named import (
    COUNT_CUT_STREAM,
    COUNT_STREAM,
    COUNT_USAGE,
    PARALLEL,
    PHRASES_SEEDED,
)
from conformance.contracts.chat.reading.telling import tells
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.sources import OPENAI
from conformance.judging.requirement import SHOULD, controls, probes
from conformance.judging.saying import assume, needs, wrong

LONG, SHORT = 20, 7
"""Words of a stream that takes long to write, and of one that does not."""

TIMES = 2.0
"""How much later the first word of each long stream comes than that of each short one, at least."""

LATER = 0.15
"""Seconds by which it comes later, at least."""


def told(view: View) -> list[float]:
    """When the events came that say something: text or thoughts."""
    return [event.time for event in view.payloads if tells(event.data)]


def begins(views: tuple[View, ...], least: int, most: int) -> list[float]:
    """When those of the streams began that have so many words."""
    return [
        min(told(view))
        for view in views
        if view.served and least <= len(view.text.split()) <= most and told(view)
    ]


@stream_requirement(
    "stream.begins-before-the-end",
    SHOULD,
    source=OPENAI.stream,
    hurts="Users wait for the whole answer, which is then handed out bit by bit, as if just written.",
)
@controls(
    short=(
        COUNT_CUT_STREAM,
        COUNT_CUT_STREAM | header("Accept", "text/event-stream"),
        PHRASES_SEEDED[0] | stream,
    )
)
@probes(streams=(COUNT_STREAM, COUNT_USAGE, *PARALLEL))
def test_a_long_stream_begins_as_early_as_a_short_one(
    short: tuple[View, ...], streams: tuple[View, ...]
) -> None:
    """A stream begins when the first words are written: a long one no later than a short one."""
    count = streams[0]
    spread = told(count)[-1] - told(count)[0] if count.served and told(count) else 0.0
    needs("stream.incremental", spread > 0, "the stream arrives at once")
    late, early = begins(streams, LONG, 999), begins(short, 1, SHORT)
    assume(len(late) > 2 and len(early) > 1, "there are too few long and short streams with text to compare")
    # Of five and three that begin at random, all the long ones come after the short ones 1 time in 56; each
    # by so much, far less often.
    held = min(late) >= TIMES * max(early) and min(late) - max(early) >= LATER
    assert not held, wrong(
        "{count} long streams begin after {late:.2f} s at the earliest, short ones after {early:.2f} s at "
        "the latest: the answer is written to its end before any of it is sent",
        *(view for view in streams if view.served),
        count=len(late),
        late=min(late),
        early=max(early),
    )

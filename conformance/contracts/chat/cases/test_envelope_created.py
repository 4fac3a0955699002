"""`created`: when an answer was made, in seconds."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any

from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.selecting import (
    all_answers,
    every_answer,
)
from conformance.contracts.chat.sources import CLIENTS, OPENAI
from conformance.contracts.hidden import Blocked
from conformance.judging.requirement import MUST, SHOULD, requirement
from conformance.judging.saying import assume, needs, wrong
from conformance.wire.excerpt import describe
from conformance.wire.record import Unseen, http_date
from conformance.wire.strict_json import is_integer

MILLISECONDS = 10**11
"""A time stamp above this is not in seconds: it would lie more than a thousand years ahead."""

CLOCK_TOLERANCE = 120
"""Seconds by which `created` may differ from the time of the response."""

A_DAY = 86400
"""Seconds; a time stamp further off is wrong in itself."""

SKEW = 5
"""Seconds by which the clocks of one service's machines may differ."""


def _ended(view: View) -> float:
    return view.last.started + view.last.ended


def _created(view: View) -> int:
    created: Any = view.objects[0].get("created") if view.objects else None
    if not is_integer(created):
        raise Blocked("envelope.created-integer", "created is not an integer", view.at("created"))
    return int(created)


@requirement(
    "envelope.created-integer",
    MUST,
    source=(OPENAI.created, OPENAI.chunk_created),
    hurts="Strictly typed clients cannot decode the answer.",
)
@every_answer
def test_created_is_an_integer(answer: View) -> None:
    """`created` is a JSON integer."""
    for item in answer.objects:
        created = item.get("created")
        assert is_integer(created), wrong(
            "created is {created}", answer.at("created", item), created=describe(created)
        )


@requirement(
    "envelope.created-now-in-seconds",
    MUST,
    source=(OPENAI.created, CLIENTS.async_openai),
    hurts="async-openai fails on a time stamp beyond 32 bits; logs are sorted wrongly.",
)
@every_answer
def test_created_is_now_in_seconds(answer: View) -> None:
    """`created` is the time of the answer as a Unix time stamp in seconds."""
    created = _created(answer)
    where = answer.at("created", answer.objects[0])
    assert created >= 0, wrong("created is {created}: before 1970", where, created=describe(created))
    assert created < MILLISECONDS, wrong(
        "created is {created}: not in seconds", where, created=describe(created)
    )
    dated = http_date(answer.header("date") or "") is not None
    off = created - answer.last.clock.timestamp()
    if abs(off) > CLOCK_TOLERANCE + answer.seconds:
        told = Unseen.START not in answer.exchange.unseen
        assume(told, "the recording does not say when the request was sent, and may have been edited")
        assume(dated, "without a Date header, this machine's clock could be the one that is wrong")
        wrong(
            "created is {created} ({shown}), {off:+d} s from the response's Date",
            where,
            created=created,
            shown=datetime.fromtimestamp(created, UTC).isoformat(),
            off=round(off),
        )


@requirement("envelope.created-monotone", SHOULD, source=OPENAI.created)
@all_answers
def test_created_does_not_go_back(answers: tuple[View, ...]) -> None:
    """`created` does not go back from one request to the next."""
    assume(len(answers) > 1, "there is only one answer")
    by_end = sorted(answers, key=_ended)
    ends = list(map(_ended, by_end))
    latest = list(accumulate(map(_created, by_end), max))
    for later in answers:
        created = _created(later)
        plausible = abs(created - later.last.clock.timestamp()) < A_DAY
        needs("envelope.created-now-in-seconds", plausible, "created is {created}", created=describe(created))
        before = bisect_right(ends, later.last.started)
        older = latest[before - 1] - created if before else 0
        assert older <= SKEW, wrong(
            "{probe} came later, but is {older} s older",
            later.at("created", later.objects[0]),
            probe=later.probe,
            older=older,
        )

"""Transport: a request is served when it is sent, not only when it is sent again, or alone."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.asking.interval import wilson
from conformance.asking.tally import tally
from conformance.contracts.host.probes import CONTROL, STREAMED
from conformance.contracts.host.selecting import asks_the_endpoint
from conformance.contracts.host.sources import METHOD, OPENAI
from conformance.contracts.sources import RFC
from conformance.contracts.view import View
from conformance.judging.requirement import MAY, SHOULD, every, requirement
from conformance.judging.saying import concerns, needs, note, wrong
from conformance.wire.message import Message

RARE = 0.01
"""The rate up to which requests may get lost: it happens to the best."""

FEW = 3
"""Fewer are an accident, however few requests there were."""

every_request = every("request", asks_the_endpoint, CONTROL, STREAMED, together=True)


@requirement(
    "transport.first-attempt-served",
    SHOULD,
    source=(OPENAI.errors, RFC.server_error),
    hurts="Programs wait and pay for what an SDK sends again, and fail where nothing does.",
)
@every_request
def test_requests_are_served_the_first_time(requests: Sequence[View]) -> None:
    """A request is served at the first attempt, not only when it is sent again."""
    found = tally(view.exchange for view in requests)
    needs(
        "transport.several-at-once",
        found.unwelcome is None,
        "requests get lost for the sake of others",
    )
    lost, tried = found.first.lost, found.first.tried
    if not lost:
        return
    low, high = wilson(lost, tried)
    where = [view for view in requests if view.id in found.saved]
    said = (
        "{lost} of {tried} requests were lost at first ({low} to {high} of all), and served when sent again"
    )
    bounds = {"low": f"{low:.1%}", "high": f"{high:.1%}"}
    if lost < FEW or low <= RARE:
        note(said, *where, lost=lost, tried=tried, **bounds)
    wrong(said, *where, lost=lost, tried=tried, **bounds)


@requirement(
    "transport.several-at-once",
    MAY,
    source=METHOD.practice,
    hurts="Whoever has more than one user has to queue requests, and to send again what got lost.",
)
@every_request
def test_several_requests_at_once_are_all_served(requests: Sequence[View]) -> None:
    """Requests that are under way at the same time are all served."""
    found = tally(view.exchange for view in requests)
    concerns(found.company.beside.tried, "no two requests were under way at the same time")
    if (shows := found.unwelcome) is not None:
        wrong(
            "{lost} of {beside} {what} beside others were lost, and {lost_alone} of {alone} that went alone",
            *(view for view in requests if view.id in found.saved),
            lost=shows.beside.lost,
            beside=shows.beside.tried,
            what=Message("requests" if shows is found.company else "streams"),
            lost_alone=shows.alone.lost,
            alone=shows.alone.tried,
        )

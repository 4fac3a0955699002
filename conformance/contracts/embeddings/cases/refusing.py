"""Whether what should be refused was."""

from __future__ import annotations

from conformance.contracts.embeddings.reading.view import View
from conformance.contracts.hidden import NotAsked, NotRecorded
from conformance.judging.saying import wrong
from conformance.wire.record import NOT_NOW


def all_refused(*views: View) -> None:
    """Each of these requests is refused; one that could not be asked hides nothing about the others.

    A server error is no refusal either.
    """
    served, unknown = [], []
    for view in views:
        try:
            if view.status in NOT_NOW:
                raise NotAsked("HTTP {status} says nothing about the request", status=view.status)
            if not view.refused:
                served.append(view)
        except (NotAsked, NotRecorded) as reason:
            unknown.append(reason)
    if served:
        said = ", ".join(f"`{view.probe}` (HTTP {view.status})" for view in served)
        wrong("not refused: {requests}", *(view.at_status() for view in served), requests=said)
    if unknown:
        raise unknown[0]

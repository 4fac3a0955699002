"""What several areas ask of requests that should be refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from conformance.contracts.hidden import NotAsked, NotRecorded
from conformance.contracts.view import View
from conformance.judging.saying import needs, wrong


def members(view: View) -> Mapping[str, Any]:
    """The members of the body, or none where it is no JSON object."""
    value = view.document.value
    return value if isinstance(value, dict) else {}


def outage(view: View) -> bool:
    """A gateway's error page, which says nothing about the request."""
    return view.status in (502, 503, 504) and "error" not in members(view)


def speaks(view: View) -> None:
    """The response says something about the request: 429 does not, nor does an outage."""
    if view.status == 429 or outage(view):
        raise NotAsked("HTTP {status} says nothing about the request", status=view.status)


def all_refused(*views: View) -> None:
    """Each of these requests is refused; one that could not be asked hides nothing about the others."""
    served, unknown = [], []
    for view in views:
        try:
            speaks(view)
            if not view.refused:
                served.append(view)
        except (NotAsked, NotRecorded) as reason:
            unknown.append(reason)
    assert not served, not_refused(*served)
    if unknown:
        raise unknown[0]


def are_refused(*views: View) -> None:
    """Each of these requests is refused.

    A server error is no refusal either, but it is the finding of another requirement.
    """
    crashed = any(view.status >= 500 for view in views)
    needs("errors.client-mistake-never-5xx", not crashed, "an invalid request is a server error")
    served = [view for view in views if not view.refused]
    assert not served, not_refused(*served)


def not_refused(*served: View) -> NoReturn:
    """Says of these requests that they were not refused, each with its status."""
    listed = ", ".join(f"{view.probe} (HTTP {view.status})" for view in served)
    wrong("not refused: {served}", *(view.at_status() for view in served), served=listed)

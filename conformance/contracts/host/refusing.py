"""What several areas ask of requests that should be refused."""

from __future__ import annotations

from typing import NoReturn

from conformance.contracts.view import View
from conformance.judging.saying import needs, wrong


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

"""What several areas ask of requests that should be refused."""

from __future__ import annotations

from conformance.contracts.chat.reading.view import View
from conformance.judging.saying import needs


def not_refused(*views: View) -> str:
    """The probes that were served all the same, each with its status.

    A server error is no refusal either, but it is the finding of another requirement.
    """
    crashed = any(view.status >= 500 for view in views)
    needs("errors.client-mistake-never-5xx", not crashed, "an invalid request is a server error")
    return ", ".join(f"{view.probe} (HTTP {view.status})" for view in views if not view.refused)

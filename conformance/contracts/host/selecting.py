"""The kinds of exchanges that a case can judge one by one, by whichever contract they were asked."""

from __future__ import annotations

from conformance.contracts import contract_of
from conformance.contracts.host.probes import CONTROL, EMPTY_STREAMED, NO_KEY, STREAMED
from conformance.contracts.view import View
from conformance.judging.requirement import every

every_response = every("response", lambda v: v.last.status is not None, CONTROL, STREAMED)
"""The case gets every response of any status."""


def asks_the_endpoint(view: View) -> bool:
    """Whether it is a POST to the documented address."""
    request = view.exchange.request
    return request.method == "POST" and request.address.endswith(contract_of(view.exchange).endpoint)


def refusal(view: View) -> bool:
    """Whether it is a 4xx response of the endpoint, or a 5xx where a 4xx would be right."""
    status = view.last.status
    if status is None or not asks_the_endpoint(view):
        return False
    return status >= 400 and (status < 500 or view.exchange.expects != "answer")


every_refusal = every("refusal", refusal, NO_KEY, EMPTY_STREAMED)
"""The case gets each refusal."""

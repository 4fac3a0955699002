"""Recorded exchanges, as the official SDK reads them."""

from __future__ import annotations

from functools import partial

from conformance.contracts.chat import sdk as client
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.sources import CLIENTS
from conformance.judging.requirement import requirement
from conformance.judging.saying import assume
from conformance.wire.record import Attempt

sdk_requirement = partial(requirement, source=CLIENTS.openai_python)


def response(view: View) -> Attempt:
    """The response as the SDK would have got it, also where it broke off."""
    failure = view.last.failure
    attempt = view.response if failure and failure.kind in ("reset", "incomplete") else view.require_answer()
    assume(client.replayable(attempt), "the response is too large to be replayed")
    return attempt

"""The kinds of exchanges that a case can judge one by one, whatever they were sent for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.asking.probe import Expects
from conformance.contracts.chat.probes.ask import ENDPOINT
from conformance.contracts.chat.probes.invalid import (
    EMPTY_MESSAGES_STREAMED,
    NO_KEY,
    TEXT_STREAM,
    TOOL_WITHOUT_CALL,
)
from conformance.contracts.chat.probes.named import COUNT, COUNT_STREAM, COUNT_USAGE
from conformance.contracts.view import View
from conformance.judging.requirement import every


def _answered(view: View) -> bool:
    return view.exchange.request.method == "POST" and view.last.succeeded


def is_answer(view: View) -> bool:
    """Whether it is an answer to a valid request."""
    # What an answer to an invalid request should look like is nowhere said.
    valid = view.exchange.expects != Expects.REFUSAL
    return valid and _answered(view) and not _cut(view) and _top(view).get("error") is None


def _cut(view: View) -> bool:
    return view.last.failure is not None and view.last.failure.kind == "cut"


def _top(view: View) -> Mapping[str, Any]:
    return view.document.value if not view.streamed and isinstance(view.document.value, dict) else {}


every_answer = every("answer", is_answer, COUNT, COUNT_USAGE)
"""The case gets each successful answer, streamed or not, whatever it was asked for."""

every_plain_answer = every("answer that was not streamed", lambda v: is_answer(v) and not v.streamed, COUNT)
"""The case gets each successful answer that was not streamed."""

every_stream = every("stream", lambda v: is_answer(v) and v.streamed, COUNT_STREAM)
"""The case gets each successful streamed answer."""

all_answers = every("answer", is_answer, COUNT, COUNT_USAGE, together=True)
"""The case gets all successful answers at once, in the order of sending."""

every_success = every("2xx response", _answered, COUNT, COUNT_STREAM)
"""The case gets each 2xx response to a chat-completions request, even one that carries an error."""

every_response = every("response", lambda v: v.last.status is not None, COUNT, COUNT_STREAM)
"""The case gets every response of any status."""


def _refusal(view: View) -> bool:
    request, status = view.exchange.request, view.last.status
    chat = request.method == "POST" and request.address.endswith(ENDPOINT)
    if not chat or status is None:
        return False
    return status >= 400 and (status < 500 or view.exchange.expects != "answer")


every_refusal = every("refusal", _refusal, NO_KEY, EMPTY_MESSAGES_STREAMED, TEXT_STREAM, TOOL_WITHOUT_CALL)
"""The case gets each 4xx response to a chat-completions request, and each 5xx where a 4xx would be right."""

"""The kinds of exchanges that a case can judge one by one, whatever they were sent for."""

from __future__ import annotations

from conformance.asking.probe import Expects
from conformance.contracts.embeddings.probes.ask import ENDPOINT
from conformance.contracts.embeddings.probes.named import BATCH, TEXT
from conformance.contracts.view import View
from conformance.judging.requirement import every


def _answer(view: View) -> bool:
    # What an answer to an invalid request should look like is nowhere said.
    request, valid = view.exchange.request, view.exchange.expects != Expects.REFUSAL
    return valid and request.method == "POST" and request.address.endswith(ENDPOINT) and view.last.succeeded


every_answer = every("answer", _answer, TEXT, BATCH)
"""The case gets each successful answer, whatever was asked."""

all_answers = every("answer", _answer, TEXT, BATCH, together=True)
"""The case gets all successful answers at once, in the order of sending."""

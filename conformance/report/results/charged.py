"""What exchanges are charged at: the figure that a run counts towards its ceilings, read from the record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from conformance.asking.spent import Doubt
from conformance.contracts import contract_of
from conformance.report.results.results import Stated
from conformance.wire.record import Exchange


def charged(exchanges: Iterable[Exchange]) -> tuple[int, int, Stated]:
    """Tokens of prompts and answers as a run counts them, and what the answers state."""
    prompt = completion = 0
    stated: Counter[str] = Counter()
    doubts: Counter[Doubt] = Counter()
    for exchange in exchanges:
        contract = contract_of(exchange)
        for attempt in exchange.attempts:
            # An answer that another followed was one to the request as it was before it was adapted.
            adapted = () if attempt.succeeded and attempt is not exchange.last else exchange.adapted
            used = contract.used(exchange.request, attempt, adapted)
            prompt, completion = prompt + used.prompt, completion + used.completion
            if used.doubt is not None:
                doubts[used.doubt] += 1
            if attempt.status == 200:
                given = contract.stated(attempt.body)
                stated.update(prompt=given[0] or 0, completion=given[1] or 0)
    counted = {doubt.value: doubts[doubt] for doubt in Doubt if doubts[doubt]}
    return prompt, completion, Stated(stated["prompt"], stated["completion"], counted)

"""What answers with embeddings show of a bill."""

from __future__ import annotations

from conformance.contracts.billing import Billed, Rule, Say
from conformance.contracts.embeddings.probes.named import BASE64, BATCH, OTHER, TEXT, TEXT_AGAIN


def _batch(seen: Billed, say: Say) -> str:
    counts = seen.prompts(BATCH, TEXT, OTHER)
    if not counts:
        return ""
    together, one, other = counts
    return say("billing.batch.figures", together=together, sum=2 * one + other, one=one, other=other)


def _same_input(seen: Billed, _: Say) -> str:
    return ", ".join(map(str, seen.prompts(TEXT, TEXT_AGAIN, BASE64)))


RULES = (
    Rule("batch", ("counts.additive",), _batch),
    Rule("same-input", ("counts.same-input-same-count",), _same_input),
)

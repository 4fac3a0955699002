"""Findings name the exchanges that they are about, and the places in them: faults whose places are known."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from conformance.proof.kills import effect
from conformance.reference.faults import FAULTS
from conformance.report.results.marks import mark

STOPPED = 'nato stop="Foxtrot"'
CONTENT = "$.choices[0].message.content"
COMPLETION = "$.usage.completion_tokens"
PROMPT = "$.usage.prompt_tokens"

KNOWN: Mapping[tuple[str, str], list[tuple[str, int | None, str]]] = {
    ("completion-always-one", "stop.tail-not-billed"): [(STOPPED, None, COMPLETION)],
    ("stop-included", "stop.not-in-output"): [(STOPPED, None, CONTENT)],
    ("stop-leaks-in-stream", "stop.never-leaks-in-stream"): [
        ('nato stream stop="Echo\\nFoxtrot"', 11, "$.choices[0].delta.content")
    ],
    ("echoes-mixed-up", "transport.no-cross-talk"): [("echo badger-29-cedar", None, CONTENT)],
    ("any-scheme-served", "auth.wrong-scheme-refused"): [("ok key: scheme", None, "status")],
    ("allowed-methods-unsaid", "errors.unknown-path-and-method"): [("GET /chat/completions", None, "status")],
    ("prompt-billed-per-choice", "choices.prompt-billed-once"): [("count max_tokens=8 n=3", None, PROMPT)],
    ("prompt-count-grows-too-fast", "usage.prompt-count-affine"): [
        ("unit x1 max_tokens=2", None, PROMPT),
        ("unit x2 max_tokens=2", None, PROMPT),
        ("unit x4 max_tokens=2", None, PROMPT),
    ],
    ("id-repeated", "envelope.id-unique"): [("count", None, "$.id"), (STOPPED, None, "$.id")],
}
"""By fault and requirement: the exchanges, events and paths that its first finding names."""


@pytest.mark.parametrize(("fault", "requirement"), KNOWN, ids=["-".join(one) for one in KNOWN])
def test_a_finding_names_its_exchanges_and_its_places(fault: str, requirement: str) -> None:
    found = effect(FAULTS[fault])
    probes = {one.id: one.probe for one in found.exchanges}
    judged = found.judged[requirement]
    places = judged.findings[0].places
    assert [(probes[one.exchange], one.event, one.path) for one in places] == KNOWN[fault, requirement]
    assert [probes[name] for name in judged.offending] == [probe for probe, _, _ in KNOWN[fault, requirement]]
    by_id = {one.id: one for one in found.exchanges}
    assert all(mark(place, by_id[place.exchange].last) for place in places)

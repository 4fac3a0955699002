"""The envelope of a response: JSON that every parser reads alike."""

from __future__ import annotations

from conformance.contracts.host.selecting import every_response
from conformance.contracts.sources import RFC
from conformance.contracts.view import View
from conformance.judging.requirement import MUST, requirement
from conformance.judging.saying import concerns, wrong


@requirement(
    "envelope.json-strict",
    MUST,
    source=(RFC.json_names, RFC.json_numbers, RFC.json_strings, RFC.json_utf8),
    hurts="Parsers differ in what they make of it: one client sees another answer than the next.",
)
@every_response
def test_json_is_strict(answer: View) -> None:
    """JSON has no duplicate names, no NaN or Infinity, no byte order mark and no raw control characters."""
    kinds = ("duplicate-key", "nan", "bom", "control-character")
    readable = [(number, one) for number, one in enumerate(answer.documents) if one.readable]
    concerns(readable, "no response is JSON")
    for number, document in readable:
        faults = [fault for fault in document.violations if fault.kind in kinds]
        assert not faults, wrong(
            "{fault} at {where}",
            answer.at_fault(faults[0], number),
            fault=faults[0].message,
            where=faults[0].where,
        )

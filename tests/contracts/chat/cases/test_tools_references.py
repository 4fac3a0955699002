"""The verdicts on tools whose parameters have references, on answers made by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conformance.asking.probe import Probe
from conformance.contracts.chat.cases import test_tools_references as references
from conformance.contracts.chat.cases.tooling import NAMED, REQUIRED, TWO
from conformance.judging.verdict import Verdict
from conformance.provider.claims import profile
from conformance.wire.record import Exchange
from tests.contracts.chat.cases.completions import completion, refused, said
from tests.contracts.chat.cases.recorded import attempt, exchange, judgement

PASS, FAIL, OPEN = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE


def reserving(probe: Probe, arguments: Any) -> Exchange:
    function = {"name": "reserve_seat", "arguments": json.dumps(arguments)}
    body = completion(None, finish="tool_calls")
    body["choices"][0]["message"]["tool_calls"] = [{"id": "call_1", "type": "function", "function": function}]
    return exchange(probe, attempt(200, body))


STRICT = reserving(REQUIRED, {"seat": "teal-41"})
OTHERS = (said(TWO, "no"), said(NAMED, "no"))
BOOKED = {"place": {"seat": "teal-41"}, "extra": None}


@pytest.mark.parametrize(
    ("able", "answer", "expected", "says"),
    [
        pytest.param(STRICT, reserving(references.REFERRING_TOOL, BOOKED), PASS, "", id="kept"),
        pytest.param(
            STRICT,
            reserving(references.REFERRING_TOOL, {**BOOKED, "extra": "12-F"}),
            FAIL,
            'extra is "12-F"',
            id="not kept",
        ),
        pytest.param(STRICT, refused(references.REFERRING_TOOL), FAIL, "is refused", id="refused"),
        pytest.param(STRICT, said(references.REFERRING_TOOL, "no"), OPEN, "no call", id="no call"),
        pytest.param(
            reserving(REQUIRED, {"seat": "12-F"}),
            reserving(references.REFERRING_TOOL, {}),
            OPEN,
            "no strict schema",
            id="none is kept",
        ),
    ],
)
def test_references_in_tools(able: Exchange, answer: Exchange, expected: Verdict, says: str) -> None:
    case = references.test_references_in_tools_are_resolved
    found = judgement(case, able, *OTHERS, answer, claims=profile("openai"))
    assert found.verdict is expected
    assert says in str(found.message)

"""What streams with tools have in common with the same request not streamed, on answers made by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conformance.asking.change import stream
from conformance.asking.probe import Probe
from conformance.contracts.chat.cases import test_tools_streamed as cases
from conformance.contracts.chat.cases import tooling
from conformance.judging.verdict import Verdict
from conformance.provider.claims import profile
from conformance.wire.record import Exchange
from tests.contracts.chat.cases.completions import EVENT_STREAM, refused, said
from tests.contracts.chat.cases.recorded import attempt, exchange, judgement
from tests.contracts.chat.cases.test_tools import PARIS, call, calling

CLAIMS = profile("openai")

TEAL = '{"seat": "teal-41"}'
RESERVED = calling(tooling.REQUIRED, call(tooling.RESERVE, TEAL))
BOOK = json.dumps(
    {"guest": {"name": "Alice", "age": 30}, "seats": 2, "area": "inside", "dishes": ["soup"], "vegan": False}
)


def streaming(
    probe: Probe,
    *pieces: tuple[str, str],
    text: str = "",
    finish: str | None = "tool_calls",
    late: bool = False,
) -> Exchange:
    """A stream that says a text, and calls these tools with these arguments, in two pieces each."""
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": text}]
    for number, (name, arguments) in enumerate(pieces):
        opened = {"index": number, "id": f"call_{number}", "type": "function"}
        half = len(arguments) // 2
        deltas.append({"tool_calls": [{**opened, "function": {"name": name, "arguments": arguments[:half]}}]})
        deltas.append({"tool_calls": [{"index": number, "function": {"arguments": arguments[half:]}}]})
    reasons = [None] * len(deltas) + [finish]
    deltas.append({})
    if late:
        deltas[-2:], reasons[-2:] = deltas[-2:][::-1], reasons[-2:][::-1]
    lines = [
        json.dumps({"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]})
        for delta, reason in zip(deltas, reasons, strict=True)
    ]
    body = "".join(f"data: {line}\n\n" for line in (*lines, "[DONE]")).encode()
    return exchange(probe, attempt(200, body, EVENT_STREAM))


def compared(plain: Exchange, streamed: Exchange) -> tuple[Verdict, str, str | None]:
    found = judgement(cases.test_streams_have_the_same_calls, plain, streamed, claims=CLAIMS)
    return found.verdict, found.message, found.see


FORCED = tooling.REQUIRED | stream


@pytest.mark.parametrize(
    ("streamed", "words"),
    [
        pytest.param(
            streaming(FORCED, text=TEAL, finish="stop"), 'calls no tool, but says \'{"seat"', id="text"
        ),
        pytest.param(streaming(FORCED, finish="stop"), "calls no tool, but says ''", id="empty"),
        pytest.param(streaming(FORCED, ("other", TEAL)), "calls other; not streamed", id="another"),
        pytest.param(
            streaming(FORCED, (tooling.RESERVE, TEAL), (tooling.RESERVE, TEAL)),
            "reserve_seat, reserve",
            id="two",
        ),
        pytest.param(streaming(FORCED, (tooling.RESERVE, TEAL[:-2])), "no JSON object", id="broken"),
        pytest.param(streaming(FORCED, (tooling.RESERVE, '{"seat": 41}')), "is a number", id="another type"),
        pytest.param(refused(FORCED), "gets HTTP 400: no", id="refused"),
    ],
)
def test_what_is_right_not_streamed_and_wrong_in_the_stream_is_a_failure(
    streamed: Exchange, words: str
) -> None:
    verdict, message, _ = compared(RESERVED, streamed)
    assert verdict is Verdict.FAIL
    assert words in message


def test_a_stream_with_the_same_calls_passes() -> None:
    assert compared(RESERVED, streaming(FORCED, (tooling.RESERVE, TEAL)))[0] is Verdict.PASS


def test_what_is_cut_is_compared_with_nothing() -> None:
    assert compared(RESERVED, streaming(FORCED, finish="length"))[0] is Verdict.PASS


def test_a_call_in_the_streamed_text_is_found_by_another_requirement() -> None:
    text = f'<call name="{tooling.RESERVE}" seat="teal-41"/>'
    streamed = streaming(FORCED, text=text, finish="stop")
    assert compared(RESERVED, streamed)[2] == tooling.IN_TEXT
    found = judgement(tooling_case(), streamed, claims=CLAIMS)
    assert (found.verdict, tooling.RESERVE in found.message) == (Verdict.FAIL, True)


def tooling_case() -> Any:
    from conformance.contracts.chat.cases.test_tools import test_a_call_is_not_written_into_the_text

    return test_a_call_is_not_written_into_the_text


def test_a_forbidden_call_in_the_stream_alone_is_a_failure() -> None:
    plain = said(tooling.FORBIDDEN, "It is sunny.")
    streamed = streaming(tooling.FORBIDDEN | stream, (tooling.WEATHER, PARIS))
    assert compared(plain, streamed)[0] is Verdict.FAIL


@pytest.mark.parametrize(
    ("late", "expected"),
    [pytest.param(False, Verdict.PASS, id="before"), pytest.param(True, Verdict.FAIL, id="after")],
)
def test_the_finish_comes_after_the_last_piece(late: bool, expected: Verdict) -> None:
    streamed = streaming(tooling.TWO_STREAMED, (tooling.WEATHER, PARIS), late=late)
    case = cases.test_no_piece_of_a_call_comes_after_the_finish
    assert judgement(case, streamed, claims=CLAIMS).verdict is expected


NOTE = '{"text": "Alfa Bravo Charlie Delta Echo Foxtrot Golf'


@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        pytest.param(
            calling(tooling.CUT, call("save_note", NOTE), finish="length"), Verdict.PASS, id="says so"
        ),
        pytest.param(
            calling(tooling.CUT, call("save_note", NOTE), finish="stop"), Verdict.INCONCLUSIVE, id="room"
        ),
        pytest.param(
            streaming(tooling.CUT | stream, ("save_note", NOTE)),
            Verdict.FAIL,
            id="a stream that is said to be whole",
        ),
        pytest.param(
            streaming(tooling.CUT | stream, ("save_note", '{"text": "a"}')),
            Verdict.INCONCLUSIVE,
            id="a short note",
        ),
        pytest.param(
            exchange(tooling.CUT, attempt(500, {"error": {"message": "no"}})), Verdict.FAIL, id="500"
        ),
        pytest.param(
            exchange(tooling.CUT, *[attempt(502, {"error": {"message": "no"}})] * 2),
            Verdict.FAIL,
            id="502 twice",
        ),
        pytest.param(
            exchange(tooling.CUT, attempt(502, {"error": {"message": "no"}})),
            Verdict.INCONCLUSIVE,
            id="502 once",
        ),
    ],
)
def test_a_cut_call(plain: Exchange, expected: Verdict) -> None:
    named = calling(tooling.NAMED, call(tooling.TIME), finish="stop")
    found = judgement(cases.test_a_cut_call_says_so, named, plain, claims=CLAIMS)
    assert found.verdict is expected, found.message

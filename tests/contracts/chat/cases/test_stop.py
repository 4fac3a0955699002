"""The verdicts on stop sequences, on answers made by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from conformance.asking.probe import Probe
from conformance.contracts.chat.cases import test_stop as stop
from conformance.contracts.chat.probes import prompts
from conformance.contracts.chat.probes.named import (
    COUNT,
    COUNT_CUT,
    COUNT_DEFAULTS,
    COUNT_STREAM,
    NATO,
    NATO_FOUR_STOPS,
    NATO_FOUR_STOPS_STREAMED,
    NATO_STOPPED,
    WORD,
)
from conformance.judging.requirement import Case
from conformance.judging.verdict import Verdict
from conformance.wire.record import Exchange
from tests.contracts.chat.cases.completions import completion, refused, said, streamed
from tests.contracts.chat.cases.recorded import attempt, claiming, exchange, judgement, verdict
from tests.ids import by_value

CLAIMS = claiming(stop={"max": 4})
WHOLE = "\n".join(prompts.NATO_WORDS)
BEFORE = "Alfa\nBravo\nCharlie\nDelta\nEcho\n"
TO_GOLF = BEFORE + "Foxtrot\nGolf"
SHORT = "Alfa\nBravo\nCharlie\nDelta\n"
MANY = stop.one_too_many(CLAIMS)["many"]
RIGHT = {
    NATO: WHOLE,
    NATO_STOPPED: BEFORE,
    NATO_FOUR_STOPS: BEFORE,
    stop.STREAMED: SHORT,
    stop.FIRST: "",
    MANY: BEFORE,
    NATO_FOUR_STOPS_STREAMED: BEFORE,
    stop.FIRST_STREAMED: "",
    COUNT: prompts.COUNTED,
    COUNT_STREAM: prompts.COUNTED,
}

Change = Mapping[Probe, Any]


def answers(case: Case, change: Change) -> list[Exchange]:
    """What is right but for these: a text, a text and a finish reason, or an exchange."""

    def made(probe: Probe) -> Exchange:
        said_now = change.get(probe, RIGHT[probe])
        if isinstance(said_now, Exchange):
            return said_now
        text, finish = said_now if isinstance(said_now, tuple) else (said_now, "stop")
        if probe.streamed:
            return streamed(probe, (0, text, None), (0, None, finish))
        return said(probe, text, finish=finish, completion=60 if probe is NATO else 13)

    return [made(probe) for probe in case.probes(CLAIMS)]


def found(case: Case, change: Change) -> tuple[Verdict, str | None]:
    result = judgement(case, *answers(case, change), claims=CLAIMS)
    return result.verdict, result.see


PASS, FAIL, WARN, NOTE = Verdict.PASS, Verdict.FAIL, Verdict.WARN, Verdict.NOTE
OPEN = Verdict.INCONCLUSIVE
NO_EFFECT = {NATO_STOPPED: WHOLE}
STOPS = "stop.string-stops"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, PASS),
        (NO_EFFECT, FAIL),
        ({NATO_STOPPED: BEFORE + "Foxtrot"}, PASS),
        ({NATO_STOPPED: TO_GOLF}, FAIL),
        ({NATO: BEFORE + "Foxtrot", **NO_EFFECT}, OPEN),
        ({NATO: "Golf", **NO_EFFECT}, OPEN),
    ],
    ids=by_value,
)
def test_stopping(change: Change, expected: Verdict) -> None:
    assert found(stop.test_generation_ends_at_a_stop_string, change) == (expected, None)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, (PASS, None)),
        ({NATO_STOPPED: BEFORE + "Foxtrot"}, (FAIL, None)),
        (NO_EFFECT, (OPEN, STOPS)),
        ({NATO: BEFORE, NATO_STOPPED: BEFORE + "Foxtrot"}, (OPEN, None)),
    ],
    ids=by_value,
)
def test_leaving_out(change: Change, expected: tuple[Verdict, str | None]) -> None:
    assert found(stop.test_stop_string_is_not_in_the_text, change) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, PASS),
        ({NATO_STOPPED: BEFORE + "Foxtrot"}, PASS),
        ({NATO_STOPPED: "Alfa Bravo Charlie Delta Echo"}, PASS),
        ({NATO_STOPPED: "Alfa\nBravo\n"}, WARN),
        ({NATO_STOPPED: ""}, WARN),
        ({NATO_STOPPED: "Alpha\nBravo\nCharlie\nDelta\nEcho\n"}, OPEN),
        ({NATO: BEFORE, NATO_STOPPED: ""}, OPEN),
    ],
    ids=by_value,
)
def test_all_before(change: Change, expected: Verdict) -> None:
    assert found(stop.test_stopped_text_is_all_that_came_before, change) == (expected, None)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, (PASS, None)),
        ({NATO_STOPPED: (BEFORE, "length")}, (FAIL, None)),
        ({NATO_STOPPED: (TO_GOLF, "length")}, (OPEN, STOPS)),
        ({NATO: BEFORE, NATO_STOPPED: (BEFORE, "length")}, (OPEN, None)),
    ],
    ids=by_value,
)
def test_finish_reason(change: Change, expected: tuple[Verdict, str | None]) -> None:
    assert found(stop.test_finish_reason_is_stop, change) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, (PASS, None)),
        ({NATO_FOUR_STOPS: WHOLE}, (FAIL, None)),
        ({NATO_FOUR_STOPS: WHOLE, **NO_EFFECT}, (OPEN, STOPS)),
        ({NATO: BEFORE, NATO_FOUR_STOPS: WHOLE}, (OPEN, None)),
    ],
    ids=by_value,
)
def test_fourth_of_four(change: Change, expected: tuple[Verdict, str | None]) -> None:
    assert found(stop.test_fourth_of_four_stop_strings_works, change) == expected


CRASHED = exchange(stop.FIRST, attempt(500, {"error": {"message": "no"}}))
REFUSED = exchange(stop.FIRST, attempt(499, {"error": {"message": "no"}}))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, (PASS, None)),
        ({stop.FIRST: "Bravo\nCharlie"}, (OPEN, None)),
        ({stop.FIRST: "Alfa\nBravo"}, (FAIL, None)),
        ({stop.FIRST: "Alfa"}, (PASS, None)),
        ({stop.FIRST: "I begin: Alfa Bravo"}, (FAIL, None)),
        ({stop.FIRST: "Alfa\nBravo", NATO: "Bravo Alfa"}, (OPEN, None)),
        ({stop.FIRST: "Alfa\nBravo", **NO_EFFECT}, (OPEN, STOPS)),
        ({stop.FIRST: "Alfa\nBravo", NATO_FOUR_STOPS: WHOLE}, (OPEN, stop.SEVERAL)),
        ({stop.FIRST: CRASHED}, (OPEN, "stop.at-first-token")),
        ({stop.FIRST: REFUSED}, (FAIL, None)),
    ],
    ids=by_value,
)
def test_second_of_three(change: Change, expected: tuple[Verdict, str | None]) -> None:
    assert found(stop.test_second_of_three_stop_strings_works, change) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, PASS),
        ({NATO_FOUR_STOPS: WHOLE}, PASS),
        ({NATO_FOUR_STOPS: SHORT}, FAIL),
        ({NATO_FOUR_STOPS: "Alfa\n"}, FAIL),
        ({NATO_FOUR_STOPS: ""}, FAIL),
        ({NATO_FOUR_STOPS: "Here: Alfa"}, OPEN),
        ({NATO_FOUR_STOPS: "Here: Alfa Foxtrot"}, FAIL),
        ({NATO_FOUR_STOPS: "Alfa\n", NATO: "Bravo@ " + WHOLE}, OPEN),
        ({NATO_FOUR_STOPS: "Alfa\n", NATO: WHOLE + " Delta@"}, OPEN),
        ({NATO_FOUR_STOPS: "Alfa\n", NATO: BEFORE}, OPEN),
    ],
    ids=by_value,
)
def test_partial_match(change: Change, expected: Verdict) -> None:
    assert found(stop.test_part_of_a_stop_string_does_not_stop, change) == (expected, None)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, (NOTE, None)),
        ({MANY: refused(MANY)}, (PASS, None)),
        ({MANY: refused(MANY), NATO: BEFORE, **NO_EFFECT}, (PASS, None)),
        ({MANY: TO_GOLF}, (WARN, None)),
        ({MANY: TO_GOLF, NATO: BEFORE}, (OPEN, None)),
        ({MANY: TO_GOLF, **NO_EFFECT}, (OPEN, STOPS)),
        ({MANY: TO_GOLF, NATO_FOUR_STOPS: WHOLE}, (OPEN, stop.SEVERAL)),
    ],
    ids=by_value,
)
def test_one_too_many(change: Change, expected: tuple[Verdict, str | None]) -> None:
    assert found(stop.test_one_stop_string_too_many_is_not_dropped_silently, change) == expected


@pytest.mark.parametrize("most", [1, 4])
def test_one_more_than_documented_is_asked(most: int) -> None:
    stops = stop.one_too_many(claiming(stop={"max": most}))["many"].members["stop"]
    assert (len(stops), stops[-1]) == (most + 1, WORD)


LISTED = WHOLE.replace("\n", ", ")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, (PASS, None)),
        ({stop.STREAMED: WHOLE}, (WARN, None)),
        ({stop.STREAMED: BEFORE}, (PASS, None)),
        ({stop.STREAMED: WHOLE, NATO: LISTED}, (OPEN, None)),
        ({stop.STREAMED: WHOLE, NATO: BEFORE + "Foxtrot"}, (OPEN, None)),
        ({stop.STREAMED: WHOLE, **NO_EFFECT}, (OPEN, STOPS)),
        ({stop.STREAMED: WHOLE, NATO_FOUR_STOPS_STREAMED: WHOLE}, (OPEN, stop.WHEN_STREAMED)),
    ],
    ids=by_value,
)
def test_several_tokens(change: Change, expected: tuple[Verdict, str | None]) -> None:
    assert found(stop.test_stop_string_of_several_tokens_and_a_newline_works, change) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, (PASS, None)),
        ({stop.STREAMED: BEFORE}, (FAIL, None)),
        ({stop.STREAMED: BEFORE, NATO: LISTED}, (OPEN, None)),
        ({stop.STREAMED: BEFORE, NATO: BEFORE + "Foxtrot"}, (OPEN, None)),
        ({stop.STREAMED: WHOLE}, (OPEN, "stop.newline-and-multi-token")),
    ],
    ids=by_value,
)
def test_leaking(change: Change, expected: tuple[Verdict, str | None]) -> None:
    assert found(stop.test_no_part_of_a_stop_string_leaks_into_the_stream, change) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, (PASS, None)),
        ({stop.FIRST: "\n"}, (PASS, None)),
        ({stop.FIRST: ("", "length")}, (WARN, None)),
        ({stop.FIRST: "Alfa"}, (WARN, None)),
        ({stop.FIRST: "Alfa", NATO: "Here: " + WHOLE}, (OPEN, None)),
        ({NATO: "\n" + WHOLE}, (PASS, None)),
        ({stop.FIRST: "Alfa", **NO_EFFECT}, (OPEN, STOPS)),
        ({stop.FIRST: "Alfa", NATO_STOPPED: BEFORE + "Foxtrot"}, (OPEN, "stop.not-in-output")),
        ({stop.FIRST: "Alfa", NATO_STOPPED: (BEFORE, "length")}, (OPEN, "stop.finish-reason-stop")),
        ({stop.FIRST: "Alfa Bravo"}, (OPEN, "stop.second-of-three-works")),
    ],
    ids=by_value,
)
def test_first_token(change: Change, expected: tuple[Verdict, str | None]) -> None:
    assert found(stop.test_stop_string_at_the_very_beginning, change) == expected


def spent(probe: Probe, text: str, tokens: int, *, thoughts: int = 0) -> Exchange:
    """An answer that cost so many tokens, some of them for thinking."""
    body = completion(text, completion=tokens)
    body["usage"]["completion_tokens_details"] = {"reasoning_tokens": thoughts}
    return exchange(probe, attempt(200, body))


@pytest.mark.parametrize(
    ("whole", "cut", "expected"),
    [
        (spent(NATO, WHOLE, 60), spent(NATO_STOPPED, BEFORE, 59), PASS),
        (spent(NATO, WHOLE, 60), spent(NATO_STOPPED, BEFORE, 60), WARN),
        (spent(NATO, WHOLE, 60), spent(NATO_STOPPED, BEFORE, 61), WARN),
        (spent(NATO, WHOLE, 60), spent(NATO_STOPPED, BEFORE, 60, thoughts=9), OPEN),
        (spent(NATO, WHOLE, 60, thoughts=9), spent(NATO_STOPPED, BEFORE, 60), OPEN),
        (spent(NATO, WHOLE, 60, thoughts=9), spent(NATO_STOPPED, BEFORE, 20, thoughts=9), PASS),
        (spent(NATO, BEFORE, 13), spent(NATO_STOPPED, BEFORE, 13), OPEN),
        (spent(NATO, WHOLE, 60), spent(NATO_STOPPED, WHOLE, 60), OPEN),
    ],
    ids=by_value,
)
def test_billing(whole: Exchange, cut: Exchange, expected: Verdict) -> None:
    case, five = stop.test_text_after_the_stop_is_not_billed, spent(COUNT_CUT[1], "1 2 3", 5)
    assert verdict(case, whole, cut, five, claims=CLAIMS) is expected


@pytest.mark.parametrize(("billed", "expected"), [(59, PASS), (60, OPEN)])
def test_billing_of_silent_thoughts(billed: int, expected: Verdict) -> None:
    case, silent = stop.test_text_after_the_stop_is_not_billed, spent(COUNT_CUT[1], "", 5)
    pair = spent(NATO, WHOLE, 60), spent(NATO_STOPPED, BEFORE, billed)
    assert verdict(case, *pair, silent, claims=CLAIMS) is expected


@pytest.mark.parametrize(("text", "expected"), [("1 2", PASS), ("1 2 3", PASS), ("2 3", NOTE)])
def test_null(text: str, expected: Verdict) -> None:
    pair = said(COUNT, "1 2 3"), said(COUNT_DEFAULTS, text)
    assert verdict(stop.test_null_means_unset, *pair, claims=CLAIMS) is expected


SAME_TEXT = "stream.same-text-as-not-streamed"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, (PASS, None)),
        ({NATO_FOUR_STOPS_STREAMED: WHOLE}, (FAIL, None)),
        ({NATO_FOUR_STOPS_STREAMED: BEFORE + "Fox"}, (FAIL, None)),
        ({NATO_FOUR_STOPS_STREAMED: "Alfa\n"}, (FAIL, None)),
        ({NATO_FOUR_STOPS_STREAMED: BEFORE.strip() + "\n\n"}, (PASS, None)),
        ({NATO_FOUR_STOPS_STREAMED: (BEFORE, "tool_calls")}, (FAIL, None)),
        ({stop.FIRST_STREAMED: WHOLE}, (FAIL, None)),
        ({stop.FIRST_STREAMED: "Alfa"}, (FAIL, None)),
        ({stop.FIRST_STREAMED: WHOLE, stop.FIRST: WHOLE}, (PASS, None)),
        ({NATO_FOUR_STOPS_STREAMED: WHOLE, NATO_FOUR_STOPS: WHOLE}, (OPEN, stop.SEVERAL)),
        ({NATO_FOUR_STOPS_STREAMED: WHOLE, NATO: LISTED}, (FAIL, None)),
        ({NATO_FOUR_STOPS_STREAMED: "Alfa\n", NATO_FOUR_STOPS: "Alfa Beta"}, (OPEN, None)),
        ({COUNT_STREAM: prompts.COUNTED * 2, NATO_FOUR_STOPS_STREAMED: BEFORE * 2}, (OPEN, SAME_TEXT)),
    ],
    ids=by_value,
)
def test_in_a_stream(change: Change, expected: tuple[Verdict, str | None]) -> None:
    assert found(stop.test_stop_strings_work_in_a_stream_too, change) == expected

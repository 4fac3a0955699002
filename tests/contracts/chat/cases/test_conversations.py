"""Long, odd and several messages, on answers made by hand."""

from __future__ import annotations

import json

import pytest

from conformance.asking.change import raw
from conformance.contracts.chat.cases import test_messages_long as long
from conformance.contracts.chat.cases import test_messages_odd as odd
from conformance.contracts.chat.cases import test_vision as vision
from conformance.contracts.chat.cases.conversing import PARTS, USER_TWICE, USERS
from conformance.contracts.chat.probes import prompts
from conformance.contracts.chat.probes.invalid import AFTER_A_REFUSAL, EMPTY_MESSAGES, MALFORMED_JSON
from conformance.contracts.chat.probes.named import (
    ALONE,
    AT_ONCE,
    CODES_AT_ONCE,
    COUNT,
    COUNT_STREAM,
    LONG_MESSAGE,
    OK,
    ORDERED_BY_SYSTEM,
    PRIVATE,
    PRIVATE_STREAMED,
    UNITS,
)
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.recorded.comparisons import DECIDED
from conformance.judging.verdict import Verdict
from conformance.provider.claims import profile
from conformance.wire.record import Exchange
from tests.contracts.chat.cases.completions import completion, refused, said, streamed
from tests.contracts.chat.cases.recorded import attempt, exchange, verdict
from tests.ids import by_value

CLAIMS = profile("openai")
FAIL, WARN, NOTE, PASS, OPEN = Verdict.FAIL, Verdict.WARN, Verdict.NOTE, Verdict.PASS, Verdict.INCONCLUSIVE
ALL = " ".join(prompts.CODES.values())
UNIT_COUNTS = [said(UNITS[0], "Yes.", prompt=17), said(UNITS[-1], "Yes.", prompt=47)]
ABLE = said(CODES_AT_ONCE, ALL)


@pytest.mark.parametrize(
    ("text", "tokens", "able", "expected"),
    [
        pytest.param("copper violet", 700, ALL, PASS, id="whole"),
        pytest.param("copper violet", 10, ALL, PASS, id="whole, and badly counted"),
        pytest.param("copper", 700, ALL, FAIL, id="the end is not known"),
        pytest.param("copper", 700, "What?", OPEN, id="not even in a short text"),
        pytest.param("violet", 700, ALL, OPEN, id="the beginning is counted, and not known"),
        pytest.param("violet", 500, ALL, FAIL, id="the beginning is not counted"),
        pytest.param("What?", 500, "What?", FAIL, id="not counted, whatever the model can do"),
        pytest.param(" ", 700, ALL, OPEN, id="no text"),
    ],
)
def test_a_long_message(text: str, tokens: int, able: str, expected: Verdict) -> None:
    exchanges = (said(CODES_AT_ONCE, able), *UNIT_COUNTS, said(LONG_MESSAGE, text, prompt=tokens))
    assert verdict(long.test_a_long_message_reaches_the_model_whole, *exchanges) is expected


def test_the_long_message_has_3000_characters() -> None:
    text = LONG_MESSAGE.members["messages"][0]["content"]
    assert 2900 < len(text) < 3200
    assert text.index(prompts.CODES_TOLD["second"]) > 2900


PLACED = exchange(
    long.SYSTEMS, attempt(400, {"error": {"message": "System message must be at the beginning."}})
)


@pytest.mark.parametrize(
    ("answer", "able", "system", "twice", "expected"),
    [
        pytest.param(said(long.SYSTEMS, ALL), ALL, "Pineapple", "saffron", PASS, id="all are read"),
        pytest.param(said(long.SYSTEMS, "saddle"), ALL, "Pineapple", "saffron", FAIL, id="the last"),
        pytest.param(said(long.SYSTEMS, "saddle"), "What?", "Pineapple", "saffron", OPEN, id="a weak model"),
        pytest.param(said(long.SYSTEMS, "walnut"), ALL, "Paris", "saffron", OPEN, id="no system message"),
        pytest.param(
            said(long.SYSTEMS, "violet walnut saddle"), ALL, "Pineapple", "What?", OPEN, id="the first of two"
        ),
        pytest.param(refused(long.SYSTEMS), ALL, "Pineapple", "saffron", FAIL, id="refused"),
        pytest.param(refused(long.SYSTEMS), ALL, "Pineapple", None, OPEN, id="as any two of a role"),
        pytest.param(PLACED, ALL, "Pineapple", None, FAIL, id="refused for its place"),
    ],
)
def test_several_system_messages(
    answer: Exchange, able: str, system: str, twice: str | None, expected: Verdict
) -> None:
    exchanges = (
        said(CODES_AT_ONCE, able),
        said(ORDERED_BY_SYSTEM, system),
        said(USERS, "saffron"),
        refused(USER_TWICE) if twice is None else said(USER_TWICE, twice),
        said(PARTS, "saffron"),
        answer,
    )
    assert verdict(long.test_every_system_message_is_read, *exchanges, claims=CLAIMS) is expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (said(long.EMPTY, "Saffron."), PASS),
        (refused(long.EMPTY), WARN),
        (exchange(long.EMPTY, attempt(500, {})), WARN),
        (said(long.EMPTY, "You have none."), WARN),
        (said(long.EMPTY, " "), OPEN),
    ],
    ids=by_value,
)
def test_an_empty_turn(answer: Exchange, expected: Verdict) -> None:
    exchanges = said(AT_ONCE, "Saffron."), said(USERS, "Saffron."), answer
    assert verdict(long.test_an_empty_turn_of_the_assistant_is_accepted, *exchanges) is expected


@pytest.mark.parametrize(
    ("status", "expected"), [(200, PASS), (400, NOTE), (500, FAIL), (503, FAIL)], ids=by_value
)
def test_a_prefill(status: int, expected: Verdict) -> None:
    case = long.test_a_conversation_that_ends_with_the_assistant_is_no_crash
    assert verdict(case, exchange(long.PREFILLED, attempt(status, {}))) is expected


TEXT = prompts.PARALLEL["private"]
COUNTS = said(COUNT, prompts.COUNTED), streamed(COUNT_STREAM, (0, prompts.COUNTED, "stop"))


def without(*items: str, mark: str = "") -> str:
    """The text with a mark in place of these items."""
    text = TEXT
    for item in items:
        text = text.replace(item, mark)
    return text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(TEXT, PASS, id="as sent"),
        pytest.param(f"Sure: {TEXT}", PASS, id="wordy"),
        pytest.param(without("987-65-4321", mark="<US_SSN>"), WARN, id="a mark"),
        pytest.param(without("987-65-4321", mark="[REDACTED]"), WARN, id="brackets"),
        pytest.param(without("987-65-4321", mark="***-**-4321"), WARN, id="stars"),
        pytest.param(without("987-65-4321", "212-555-0142", mark="1-2"), WARN, id="two other numbers"),
        pytest.param(without("987-65-4321", mark="98-765-4321"), OPEN, id="one slip"),
        pytest.param("I cannot share that.", OPEN, id="the model declines"),
    ],
)
def test_what_looks_private(text: str, expected: Verdict) -> None:
    case = odd.test_what_looks_private_comes_back_as_it_was_sent
    right = streamed(PRIVATE_STREAMED, (0, TEXT, "stop"))
    assert verdict(case, *COUNTS, said(PRIVATE, text), right) is expected
    masked = streamed(PRIVATE_STREAMED, (0, text, "stop"))
    assert verdict(case, *COUNTS, said(PRIVATE, TEXT), masked) is expected


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        pytest.param(refused(odd.FILE), PASS, id="refused"),
        pytest.param(said(odd.FILE, "Saffron.", prompt=10), PASS, id="read"),
        pytest.param(said(odd.FILE, "What file?", prompt=12), WARN, id="dropped"),
        pytest.param(said(odd.FILE, "I cannot tell.", prompt=300), PASS, id="counted"),
        pytest.param(exchange(odd.FILE, attempt(500, {})), WARN, id="a crash"),
        pytest.param(
            exchange(odd.FILE, attempt(200, {**completion("What?"), "usage": None})), OPEN, id="nobody knows"
        ),
    ],
)
def test_a_file(file: Exchange, expected: Verdict) -> None:
    exchanges = said(ALONE, "I do not know."), refused(EMPTY_MESSAGES), refused(odd.SOUND), file
    assert verdict(odd.test_a_part_that_cannot_be_read_is_refused, *exchanges) is expected


@pytest.mark.parametrize(
    ("status", "expected"), [(200, PASS), (400, PASS), (500, FAIL), (502, FAIL)], ids=by_value
)
def test_half_a_character(status: int, expected: Verdict) -> None:
    exchanges = refused(MALFORMED_JSON), exchange(odd.HALF, attempt(status, {}))
    assert verdict(odd.test_half_a_character_is_no_crash, *exchanges) is expected


def test_half_a_character_is_sent_as_such() -> None:
    assert json.loads(odd.HALF.body or "")["messages"][0]["content"] == "Say OK \ud83d"


@pytest.mark.parametrize(
    ("status", "expected"), [(200, PASS), (400, PASS), (413, FAIL), (500, FAIL), (502, FAIL)], ids=by_value
)
def test_a_large_body(status: int, expected: Verdict) -> None:
    exchanges = said(OK, "OK"), exchange(odd.LARGE, attempt(status, {}))
    assert verdict(odd.test_a_large_body_is_accepted, *exchanges) is expected


IMAGE, QUESTION = said(vision.IMAGE, "Yellow", prompt=265), said(AFTER_A_REFUSAL, "None", prompt=10)


@pytest.mark.parametrize(
    ("text", "tokens", "expected"),
    [
        pytest.param("Yellow and blue.", 540, PASS, id="both"),
        pytest.param("Yellow and blue.", 285, PASS, id="both, though one is counted"),
        pytest.param("Yellow.", 285, WARN, id="one is not counted"),
        pytest.param("Yellow.", 540, WARN, id="one is not seen"),
        pytest.param("Blue.", 540, WARN, id="the first is not seen"),
        pytest.param("Green and red.", 540, OPEN, id="a model that sees little"),
    ],
)
def test_two_images(text: str, tokens: int, expected: Verdict) -> None:
    two = said(vision.SEVERAL, text, prompt=tokens)
    assert verdict(vision.test_every_image_is_seen, IMAGE, QUESTION, two, claims=CLAIMS) is expected


SEVERAL_READ, HALF_READ = "messages.every-system-message-read", "messages.half-character-no-crash"
LATE = {"role": "system", "content": "b"}
TURNS = [{"role": "system", "content": "a"}, {"role": "user", "content": "hi"}]


@pytest.mark.parametrize(
    ("requirement", "messages", "answer", "decided"),
    [
        pytest.param(SEVERAL_READ, [*TURNS, LATE], (400, "System message must be first."), True, id="late"),
        pytest.param(
            SEVERAL_READ, TURNS, (400, "System message must be first."), False, id="at the beginning"
        ),
        pytest.param(SEVERAL_READ, [*TURNS, LATE], (400, "No credit."), False, id="for another reason"),
        pytest.param(HALF_READ, [{"role": "user", "content": "\ud83d"}], (500, "Oh."), True, id="half"),
        pytest.param(HALF_READ, [{"role": "user", "content": "\ud83d"}], (400, "Oh."), False, id="refused"),
        pytest.param(HALF_READ, [{"role": "user", "content": "🙂"}], (500, "Oh."), False, id="a whole one"),
    ],
)
def test_what_one_recorded_exchange_decides(
    requirement: str, messages: list[dict[str, str]], answer: tuple[int, str], decided: bool
) -> None:
    body = json.dumps({"model": "m", "messages": messages})
    status, message = answer
    probe = raw("recorded", body)(OK)
    view = View(exchange(probe, attempt(status, {"error": {"message": message}})))
    assert bool(list(DECIDED[requirement]([view]))) is decided

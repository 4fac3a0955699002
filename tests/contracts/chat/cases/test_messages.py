"""The verdicts on conversations, on answers made by hand: the provider's faults, and the model's."""

from __future__ import annotations

import json
import unicodedata

import pytest

from conformance.asking.probe import Probe
from conformance.contracts.chat.cases import streaming
from conformance.contracts.chat.cases import test_messages as messages
from conformance.contracts.chat.cases import test_messages_text as messages_text
from conformance.contracts.chat.cases.conversing import PARTS, USER_TWICE, USERS
from conformance.contracts.chat.probes.named import (
    ALONE,
    AT_ONCE,
    COUNT,
    COUNT_CUT,
    ORDERED_BY_DEVELOPER,
    ORDERED_BY_SYSTEM,
)
from conformance.contracts.chat.probes.prompts import UNICODE
from conformance.judging.verdict import Verdict
from conformance.wire.record import Exchange
from tests.contracts.chat.cases.completions import completion, refused, said, streamed
from tests.contracts.chat.cases.recorded import attempt, claiming, exchange, judgement, verdict
from tests.ids import by_value

HALF = len(UNICODE) // 2
CLAIMS = claiming(multi_turn=True, system_role=True, developer_role=True, text_parts=True)


@pytest.mark.parametrize(
    ("told", "also", "able", "tokens", "expected"),
    [
        ("Saffron.", "marigold", "saffron", 30, Verdict.PASS),
        ("Saffron.", "marigold", "saffron", 10, Verdict.PASS),
        ("I do not know.", "I do not know.", "saffron", 30, Verdict.FAIL),
        ("I do not know.", "I do not know.", "what?", 30, Verdict.INCONCLUSIVE),
        ("I do not know.", "I do not know.", "what?", 11, Verdict.INCONCLUSIVE),
        ("I do not know.", "I do not know.", "what?", 10, Verdict.FAIL),
        ("I do not know.", "I do not know.", "what?", 9, Verdict.FAIL),
        ("Marigold.", "I do not know.", "saffron", 30, Verdict.INCONCLUSIVE),
        ("I do not know.", "marigold", "saffron", 30, Verdict.INCONCLUSIVE),
        ("", "", "saffron", 30, Verdict.INCONCLUSIVE),
    ],
    ids=by_value,
)
def test_history(told: str, also: str, able: str, tokens: int, expected: Verdict) -> None:
    exchanges = (
        said(ALONE, "I do not know.", prompt=10),
        said(AT_ONCE, able),
        said(USERS, told, prompt=tokens),
        said(messages.ASSISTANTS, also, prompt=tokens),
    )
    assert verdict(messages.test_history_is_used, *exchanges, claims=CLAIMS) is expected
    guessed = said(ALONE, "Saffron?"), *exchanges[1:]
    assert verdict(messages.test_history_is_used, *guessed, claims=CLAIMS) is Verdict.INCONCLUSIVE


def uncounted(probe: Probe, text: str) -> Exchange:
    """An answer without usage."""
    return exchange(probe, attempt(200, completion(text) | {"usage": None}))


@pytest.mark.parametrize(
    ("alone", "twice", "told", "able", "expected"),
    [
        ("No.", said(USER_TWICE, "Saffron.", prompt=30), "saffron", "saffron", Verdict.PASS),
        ("No.", said(USER_TWICE, "No.", prompt=10), "saffron", "saffron", Verdict.WARN),
        ("No.", said(USER_TWICE, "No.", prompt=9), "saffron", "saffron", Verdict.WARN),
        ("No.", said(USER_TWICE, "No.", prompt=11), "saffron", "saffron", Verdict.INCONCLUSIVE),
        ("No.", said(USER_TWICE, "No.", prompt=10), "what?", "saffron", Verdict.INCONCLUSIVE),
        ("No.", uncounted(USER_TWICE, "No."), "saffron", "saffron", Verdict.WARN),
        ("No.", uncounted(USER_TWICE, "No."), "saffron", "what?", Verdict.INCONCLUSIVE),
        ("No.", uncounted(USER_TWICE, " "), "saffron", "saffron", Verdict.INCONCLUSIVE),
        (None, said(USER_TWICE, "No.", prompt=10), "saffron", "saffron", Verdict.WARN),
    ],
    ids=by_value,
)
def test_same_role(alone: str | None, twice: Exchange, told: str, able: str, expected: Verdict) -> None:
    exchanges = (
        said(ALONE, alone) if alone else uncounted(ALONE, "No."),
        said(AT_ONCE, able),
        said(USERS, told),
        twice,
    )
    case = messages.test_two_messages_of_one_role_are_both_read
    assert verdict(case, *exchanges, claims=CLAIMS) is expected


@pytest.mark.parametrize("served", [True, False])
def test_names(served: bool) -> None:
    case, plain = messages.test_name_of_a_participant_is_accepted, said(AT_ONCE, "saffron")
    named = said(messages.NAMED, "saffron") if served else refused(messages.NAMED)
    expected = Verdict.PASS if served else Verdict.UNSUPPORTED
    assert verdict(case, plain, named, claims=CLAIMS) is expected


@pytest.mark.parametrize(
    ("told", "own", "tokens", "expected"),
    [
        ("saffron", "marigold", 30, Verdict.PASS),
        ("saffron", "I have none.", 30, Verdict.WARN),
        ("saffron", "I have none.", 20, Verdict.FAIL),
        ("saffron", "saffron", 30, Verdict.INCONCLUSIVE),
        ("I do not know.", "I have none.", 20, Verdict.INCONCLUSIVE),
    ],
    ids=by_value,
)
def test_assistant_turn(told: str, own: str, tokens: int, expected: Verdict) -> None:
    exchanges = (
        said(ALONE, "I do not know."),
        said(messages.UNTOLD, "I have none.", prompt=20),
        said(USERS, told),
        said(messages.ASSISTANTS, own, prompt=tokens),
    )
    assert verdict(messages.test_assistant_turn_is_context, *exchanges, claims=CLAIMS) is expected
    guessed = exchanges[0], said(messages.UNTOLD, "Marigold."), *exchanges[2:]
    assert verdict(messages.test_assistant_turn_is_context, *guessed, claims=CLAIMS) is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("changed", "swapped", "able", "expected"),
    [
        ("violet", "copper", "violet", Verdict.PASS),
        ("copper", "violet", "violet", Verdict.WARN),
        ("copper", "violet", "copper", Verdict.INCONCLUSIVE),
        ("violet", "violet", "violet", Verdict.INCONCLUSIVE),
        ("copper or violet", "copper or violet", "violet", Verdict.INCONCLUSIVE),
        ("I do not know.", "I do not know.", "violet", Verdict.INCONCLUSIVE),
        ("copper", "copper", "violet", Verdict.INCONCLUSIVE),
        ("copper", "copper or violet", "violet", Verdict.INCONCLUSIVE),
        ("copper", "violet", "copper, then violet", Verdict.INCONCLUSIVE),
    ],
    ids=by_value,
)
def test_order(changed: str, swapped: str, able: str, expected: Verdict) -> None:
    exchanges = (
        said(messages.CHANGED_AT_ONCE, able),
        said(messages.CHANGED, changed),
        said(messages.CHANGED_BACK, swapped),
    )
    assert verdict(messages.test_order_of_messages_is_kept, *exchanges, claims=CLAIMS) is expected


@pytest.mark.parametrize(
    ("ordered", "able", "tokens", "expected"),
    [
        ("PINEAPPLE", "PINEAPPLE", 30, Verdict.PASS),
        ("Paris", "Pineapple.", 30, Verdict.FAIL),
        ("Paris", "Paris", 30, Verdict.INCONCLUSIVE),
        ("Paris", "Paris", 14, Verdict.FAIL),
        ("Paris", "Paris", 9, Verdict.INCONCLUSIVE),
        ("", "PINEAPPLE", 30, Verdict.INCONCLUSIVE),
    ],
    ids=by_value,
)
def test_system(ordered: str, able: str, tokens: int, expected: Verdict) -> None:
    exchanges = (
        said(messages.FRANCE, "Paris", prompt=14),
        said(messages.ORDERED_BY_USER, able),
        said(ORDERED_BY_SYSTEM, ordered, prompt=tokens),
    )
    assert verdict(messages.test_system_message_is_obeyed, *exchanges, claims=CLAIMS) is expected
    unasked = said(messages.FRANCE, "Pineapple.", prompt=14), *exchanges[1:]
    assert verdict(messages.test_system_message_is_obeyed, *unasked, claims=CLAIMS) is Verdict.INCONCLUSIVE


def test_a_server_that_repeats_the_question_obeys_nobody() -> None:
    """The word stands in the answer only because it stood in what was asked."""
    order = json.loads(said(messages.ORDERED_BY_USER, "").request.body)["messages"][-1]["content"]
    exchanges = (
        said(messages.FRANCE, "What is the capital of France?", prompt=14),
        said(messages.ORDERED_BY_USER, f"Echo: {order}"),
        said(ORDERED_BY_SYSTEM, "Echo: What is the capital of France?", prompt=28),
    )
    found = verdict(messages.test_system_message_is_obeyed, *exchanges, claims=CLAIMS)
    assert found is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("answer", "system", "expected"),
    [
        (said(ORDERED_BY_DEVELOPER, "PINEAPPLE"), "PINEAPPLE", Verdict.PASS),
        (said(ORDERED_BY_DEVELOPER, "Paris", prompt=30), "PINEAPPLE", Verdict.FAIL),
        (said(ORDERED_BY_DEVELOPER, "Paris", prompt=30), "Paris", Verdict.INCONCLUSIVE),
        (said(ORDERED_BY_DEVELOPER, "Paris", prompt=14), "Paris", Verdict.FAIL),
        (said(ORDERED_BY_DEVELOPER, "Paris", prompt=13), "PINEAPPLE", Verdict.FAIL),
        (said(ORDERED_BY_DEVELOPER, "Paris", prompt=13), "Paris", Verdict.INCONCLUSIVE),
        (said(ORDERED_BY_DEVELOPER, "", prompt=30), "PINEAPPLE", Verdict.INCONCLUSIVE),
        (refused(ORDERED_BY_DEVELOPER), "PINEAPPLE", Verdict.FAIL),
    ],
    ids=by_value,
)
def test_developer(answer: Exchange, system: str, expected: Verdict) -> None:
    without = said(messages.FRANCE, "Paris", prompt=14)
    controls = without, said(ORDERED_BY_SYSTEM, system)
    case = messages.test_developer_message_is_obeyed
    assert verdict(case, *controls, answer, claims=CLAIMS) is expected
    unasked = said(messages.FRANCE, "Pineapple.", prompt=14), controls[1], answer
    if answer.last.status == 200:
        assert verdict(case, *unasked, claims=CLAIMS) is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("string", "parts", "tokens", "cut", "expected"),
    [
        ("saffron", "saffron", 24, 10, Verdict.PASS),
        ("saffron", "saffron", 28, 10, Verdict.PASS),
        ("saffron", "saffron", 29, 10, Verdict.WARN),
        ("saffron", "saffron", 20, 10, Verdict.PASS),
        ("saffron", "saffron", 19, 10, Verdict.WARN),
        ("what?", "what?", 20, 10, Verdict.INCONCLUSIVE),
        ("what?", "what?", 19, 10, Verdict.FAIL),
        ("saffron", "saffron", 24, 11, Verdict.INCONCLUSIVE),
        ("saffron", "saffron", 1, 1, Verdict.INCONCLUSIVE),
        ("saffron", "what?", 24, 10, Verdict.FAIL),
        ("saffron", "what?", 12, 10, Verdict.FAIL),
        ("what?", "what?", 12, 10, Verdict.FAIL),
        ("what?", "what?", 24, 10, Verdict.INCONCLUSIVE),
    ],
    ids=by_value,
)
def test_text_parts(string: str, parts: str, tokens: int, cut: int, expected: Verdict) -> None:
    exchanges = (
        said(AT_ONCE, string, prompt=24),
        said(PARTS, parts, prompt=tokens),
        said(COUNT, "1 2 3"),
        said(COUNT_CUT[-1], "1 2 3", prompt=cut),
    )
    assert (
        verdict(messages_text.test_text_parts_are_the_same_as_a_string, *exchanges, claims=CLAIMS) is expected
    )


def test_refused_temperature_is_not_taken_for_a_refused_conversation() -> None:
    case = messages.test_assistant_turn_is_context
    assert verdict(case, *map(refused, case.probes(CLAIMS)), claims=CLAIMS) is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (UNICODE, Verdict.PASS),
        (f"Here it is: {UNICODE}", Verdict.PASS),
        (unicodedata.normalize("NFC", UNICODE), Verdict.NOTE),
        (UNICODE.replace("\\", ""), Verdict.NOTE),
        (UNICODE.encode().decode("latin-1"), Verdict.FAIL),
        (UNICODE.encode().decode("cp1252", "replace"), Verdict.FAIL),
        (UNICODE.encode("ascii", "replace").decode(), Verdict.FAIL),
        (UNICODE.encode("ascii", "ignore").decode(), Verdict.FAIL),
        ("".join(c if ord(c) <= 0xFFFF else "?" for c in UNICODE), Verdict.FAIL),
        ("".join(c if ord(c) <= 0xFFFF else "\ufffd" for c in UNICODE), Verdict.FAIL),
        (UNICODE.replace("👩", "\ud83d"), Verdict.FAIL),
        (UNICODE.replace("你好", r"\u4f60\u597d"), Verdict.FAIL),
        (UNICODE.replace("café", "caf?"), Verdict.FAIL),
        (UNICODE.replace("Ω", "?"), Verdict.INCONCLUSIVE),
        (UNICODE[: HALF + 1].replace("café", "caf\ufffd"), Verdict.FAIL),
        (UNICODE[:HALF].replace("café", "caf\ufffd"), Verdict.INCONCLUSIVE),
        ("naïve caf\ufffd and so on, and so on, with words that nobody sent", Verdict.INCONCLUSIVE),
        ("naïve café 你好", Verdict.INCONCLUSIVE),
        ("I cannot do that.", Verdict.INCONCLUSIVE),
        ("", Verdict.INCONCLUSIVE),
    ],
    ids=by_value,
)
def test_unicode(text: str, expected: Verdict) -> None:
    case = messages_text.test_text_comes_back_as_it_was_sent
    in_a_stream = text.encode("utf-8", "replace").decode() if expected is Verdict.FAIL else text
    exchanges = (
        said(streaming.UNICODE, text),
        streamed(messages_text.UNICODE_STREAMED, (0, in_a_stream, "stop")),
    )
    assert verdict(case, *exchanges) is expected


def test_characters_lost_in_the_stream_only_are_the_streams_finding() -> None:
    halves = streamed(messages_text.UNICODE_STREAMED, (0, UNICODE.replace("👩", "\ufffd\ufffd"), "stop"))
    result = judgement(
        messages_text.test_text_comes_back_as_it_was_sent, said(streaming.UNICODE, UNICODE), halves
    )
    assert (result.verdict, result.see) == (Verdict.INCONCLUSIVE, "stream.characters-whole")


def test_characters_that_the_model_itself_garbles_are_nobodys_finding() -> None:
    text = "naïve caf\ufffd and so on, and so on, with words that nobody sent"
    pair = said(streaming.UNICODE, text), streamed(messages_text.UNICODE_STREAMED, (0, text, "stop"))
    result = judgement(messages_text.test_text_comes_back_as_it_was_sent, *pair)
    assert (result.verdict, result.see) == (Verdict.INCONCLUSIVE, None)

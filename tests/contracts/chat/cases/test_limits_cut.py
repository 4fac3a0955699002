"""The verdicts on answers that the limit cut, on answers made by hand."""

from __future__ import annotations

import pytest

from conformance.contracts.chat.cases import test_limits as limits
from conformance.contracts.chat.cases import test_limits_cut as cut
from conformance.contracts.chat.probes.named import COUNT, COUNT_CUT, COUNT_CUT_STREAM
from conformance.contracts.chat.probes.prompts import COUNTED, RARE_EMOJI
from conformance.judging.verdict import Verdict
from conformance.provider.claims import profile
from conformance.wire.record import Exchange
from tests.contracts.chat.cases.completions import refused, said, streamed
from tests.contracts.chat.cases.recorded import attempt, exchange, judgement, verdict
from tests.ids import by_value

CLAIMS = profile("openai")
PASS, FAIL, WARN, NOTE, OPEN = Verdict.PASS, Verdict.FAIL, Verdict.WARN, Verdict.NOTE, Verdict.INCONCLUSIVE
ONE, FIVE, SIXTEEN = COUNT_CUT
TWO_EMOJI = RARE_EMOJI[:2]
BETWEEN = said(FIVE, "1 2 3", finish="length", completion=5)
WITHIN = cut.test_a_limit_within_a_character_leaves_the_text_valid


def streamed_text(text: str) -> Exchange:
    return streamed(cut.WITHIN_STREAMED, *((0, one, None) for one in text), (0, None, "length"))


@pytest.mark.parametrize(
    ("plain", "stream", "expected"),
    [
        pytest.param(TWO_EMOJI, TWO_EMOJI, PASS, id="held back"),
        pytest.param("", "", PASS, id="nothing whole yet"),
        pytest.param(f'"{TWO_EMOJI}', TWO_EMOJI, PASS, id="quoted"),
        pytest.param(TWO_EMOJI + "\ufffd", TWO_EMOJI, NOTE, id="replaced"),
        pytest.param(TWO_EMOJI, TWO_EMOJI + "\ufffd\ufffd", NOTE, id="replaced in the stream"),
        pytest.param(TWO_EMOJI, "\ufffd" * 6, FAIL, id="each piece read by itself"),
        pytest.param("\ufffd" * 6, "\ufffd" * 6, OPEN, id="the model writes them"),
        pytest.param(TWO_EMOJI + "ð\x9f", TWO_EMOJI, FAIL, id="as Latin-1"),
        pytest.param(TWO_EMOJI, TWO_EMOJI + "ðŸ", FAIL, id="as Windows-1252 in the stream"),
        pytest.param(TWO_EMOJI + "\ud83e", TWO_EMOJI, FAIL, id="half a pair"),
        pytest.param("I cannot", TWO_EMOJI, OPEN, id="no copy"),
    ],
)
def test_within_a_character(plain: str, stream: str, expected: Verdict) -> None:
    answers = said(cut.WITHIN, plain), streamed_text(stream)
    assert verdict(WITHIN, BETWEEN, *answers) is expected


def test_a_crash_within_a_character() -> None:
    crashed = exchange(cut.WITHIN, attempt(500, {"error": {"message": "invalid utf-8 sequence"}}))
    found = judgement(WITHIN, BETWEEN, crashed, streamed_text(""), claims=CLAIMS)
    assert found.verdict is FAIL
    assert str(found.message) == (
        "cut within a character, the answer is an error: HTTP 500: invalid utf-8 sequence"
    )


@pytest.mark.parametrize(
    ("whole", "five", "sixteen", "expected"),
    [
        pytest.param(39, "1 2 3", "1 2 3 4 5 6 7 8", PASS, id="spaces apart"),
        pytest.param(39, "1 2", "1 2 3 4 5 6 7 8", WARN, id="one is lost"),
        pytest.param(39, "1 2 3", "1 2 3 4 5 6 7", WARN, id="one is lost further on"),
        pytest.param(20, "1 2 3 4 5", "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16", PASS, id="with their spaces"),
        pytest.param(20, "1 2 3 4", "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16", WARN, id="a word is lost"),
        pytest.param(21, "1 2 3 4", "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15", OPEN, id="one opens or ends it"),
        pytest.param(21, "1 2 3", "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15", WARN, id="more is lost than that"),
        pytest.param(50, "1 2 3", "1 2 3 4 5 6 7 8", PASS, id="digit by digit"),
        pytest.param(28, "1 2", "1 2 3", OPEN, id="in some other way"),
    ],
)
def test_billed_is_delivered(whole: int, five: str, sixteen: str, expected: Verdict) -> None:
    answers = (
        said(COUNT, COUNTED, completion=whole),
        said(FIVE, five, finish="length", completion=5),
        said(SIXTEEN, sixteen, finish="length", completion=16),
    )
    assert verdict(cut.test_what_is_billed_is_delivered, *answers) is expected


@pytest.mark.parametrize(
    ("plain", "stream", "expected"),
    [
        ("1 2 3", "1 2 3", PASS),
        ("1 2 ", "1 2", PASS),
        ("1 2 3", "1 2", WARN),
        ("1 2", "1 2 3", WARN),
        ("1 2 3", "1, 2", OPEN),
        ("1 2 3", "", OPEN),
    ],
    ids=by_value,
)
def test_same_when_streamed(plain: str, stream: str, expected: Verdict) -> None:
    answers = (
        said(COUNT, COUNTED),
        said(FIVE, plain, finish="length", completion=5),
        streamed(COUNT_CUT_STREAM, (0, stream, None), (0, None, "length")),
    )
    assert verdict(cut.test_a_cut_answer_is_the_same_when_streamed, *answers) is expected


@pytest.mark.parametrize(
    ("older", "text", "expected"),
    [
        (BETWEEN, "1 2 3", PASS),
        (BETWEEN, "1 2 3 4", PASS),
        (BETWEEN, "1", FAIL),
        (BETWEEN, "", FAIL),
        (BETWEEN, "One", OPEN),
        (refused(FIVE), "", PASS),
    ],
    ids=by_value,
)
def test_the_newer_limit_counts_the_answer_only(older: Exchange, text: str, expected: Verdict) -> None:
    answers = (said(COUNT, COUNTED), older, said(limits.OTHER_NAME, text, finish="length"))
    assert judgement(limits.test_max_completion_tokens_works, *answers, claims=CLAIMS).verdict is expected

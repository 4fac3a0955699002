"""What is asked streamed and plain, on answers made by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from conformance.contracts.chat.cases import test_logprobs as logprobs
from conformance.contracts.chat.cases import test_sampling_steered as steered
from conformance.contracts.chat.cases import test_stream_twins as twins
from conformance.contracts.chat.cases import test_transport as transport
from conformance.contracts.chat.probes import prompts
from conformance.contracts.chat.probes.invalid import (
    NO_CHOICES,
    NO_CHOICES_STREAMED,
    UNKNOWN_MODEL,
    UNKNOWN_MODEL_STREAMED,
)
from conformance.contracts.chat.probes.named import (
    COUNT,
    COUNT_CUT,
    COUNT_STREAM,
    COUNT_USAGE,
    PARALLEL,
    PHRASES,
    PHRASES_SEEDED,
    PRIVATE,
)
from conformance.judging.verdict import Verdict
from conformance.provider.claims import profile
from conformance.wire.record import Attempt, Exchange
from tests.contracts.chat.cases.completions import EVENT_STREAM, all_said, completion, refused, said, streamed
from tests.contracts.chat.cases.recorded import attempt, exchange, judgement, verdict

CLAIMS = profile("openai")
FAIL, WARN, PASS, OPEN = Verdict.FAIL, Verdict.WARN, Verdict.PASS, Verdict.INCONCLUSIVE
WHOLE = prompts.COUNTED
PIECES = [piece for number in WHOLE.split() for piece in (" ", number)][1:]
THOUGHT = "The user wants numbers, from one to twenty."


def in_pieces(probe: Any, *pieces: str, thought: str = "", finish: str = "stop") -> Exchange:
    """A stream of these pieces, after a thought if there is one."""
    made = streamed(probe, *((0, piece, None) for piece in pieces), (0, None, finish))
    if not thought:
        return made
    chunk = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "delta": {"reasoning_content": thought}, "finish_reason": None}],
    }
    body = f"data: {json.dumps(chunk)}\n\n".encode() + made.last.body
    return exchange(probe, attempt(200, body, EVENT_STREAM))


def thinking(text: str = WHOLE) -> Exchange:
    """A plain answer with its thoughts apart."""
    body = completion(text)
    body["choices"][0]["message"]["reasoning_content"] = THOUGHT
    return exchange(COUNT, attempt(200, body))


@pytest.mark.parametrize(
    ("pieces", "expected", "words"),
    [
        pytest.param(PIECES, PASS, "", id="the same"),
        pytest.param([*PIECES, "\n"], PASS, "", id="a line break more"),
        pytest.param(["\n\n", *PIECES], WARN, "white space", id="line breaks before"),
        pytest.param([*PIECES, WHOLE], FAIL, "doubled", id="doubled"),
        pytest.param([copy for one in PIECES for copy in (one, one)], FAIL, "doubled", id="each piece twice"),
        pytest.param([PIECES[0], *PIECES], FAIL, "comes twice", id="the first piece twice"),
        pytest.param([*PIECES, PIECES[-1]], FAIL, "comes twice", id="the last piece twice"),
        pytest.param(PIECES[::2], FAIL, "white space is lost", id="joined"),
        pytest.param(list("1 2 3 4 5 6 7 8 9 1 0 11 12 13 14 15 16 17 18 19 20"), FAIL, "torn", id="torn"),
        pytest.param(["".join(PIECES[:n]) for n in range(1, 40)], FAIL, "so far", id="cumulative"),
        pytest.param(["<think>Hm.</think>", *PIECES], FAIL, "'<think>'", id="a thought in tags"),
        pytest.param(["Hm.\n</think>\n\n", *PIECES], FAIL, "'</think>'", id="the closing tag alone"),
        pytest.param(["[THINK]Hm.[/THINK]", *PIECES], FAIL, "'[THINK]'", id="tags of another family"),
        pytest.param(["Well, here it is: ", *PIECES], FAIL, "before the answer", id="more than plain"),
        pytest.param(PIECES[:9], OPEN, "ends early", id="cut and not said"),
    ],
)
def test_what_a_stream_makes_of_a_text(pieces: list[str], expected: Verdict, words: str) -> None:
    streams = [in_pieces(probe, *pieces) for probe in (COUNT_STREAM, COUNT_USAGE)]
    cut = said(COUNT_CUT[-1], "1 2 3", finish="length")
    found = judgement(twins.test_text_is_the_same_as_not_streamed, said(COUNT, WHOLE), cut, *streams)
    assert (found.verdict, words in found.message) == (expected, True)


@pytest.mark.parametrize(
    ("streams", "expected"),
    [
        pytest.param(("3 5 7", "3 5 7"), FAIL, id="both alike"),
        pytest.param(("3 5 7", "2 4 6 8"), WARN, id="each in its way"),
        pytest.param(("3 5 7", WHOLE), OPEN, id="one of two"),
    ],
)
def test_who_is_right_plain_and_wrong_in_every_stream(streams: tuple[str, str], expected: Verdict) -> None:
    made = [in_pieces(probe, text) for probe, text in zip((COUNT_STREAM, COUNT_USAGE), streams, strict=True)]
    case = twins.test_text_is_the_same_as_not_streamed
    cut = said(COUNT_CUT[-1], "1 2 3", finish="length")
    assert verdict(case, said(COUNT, WHOLE), cut, *made) is expected
    other = said(COUNT_CUT[-1], "One, two", finish="length")
    assert verdict(case, said(COUNT, WHOLE), other, *made) is OPEN


@pytest.mark.parametrize(
    ("pieces", "thought", "expected"),
    [
        pytest.param([WHOLE], THOUGHT, PASS, id="apart in both"),
        pytest.param([WHOLE], "", PASS, id="apart, and not streamed"),
        pytest.param(["I should count now. ", WHOLE], "", FAIL, id="another thought before the text"),
        pytest.param([THOUGHT, WHOLE], "", FAIL, id="its thought before the text"),
        pytest.param([THOUGHT, WHOLE], THOUGHT, FAIL, id="its thought in both places"),
        pytest.param([], THOUGHT + WHOLE, FAIL, id="the text among the thoughts"),
    ],
)
def test_where_thoughts_are_streamed(pieces: list[str], thought: str, expected: Verdict) -> None:
    streams = [in_pieces(probe, *pieces, thought=thought) for probe in (COUNT_STREAM, COUNT_USAGE)]
    assert verdict(twins.test_text_is_the_same_as_not_streamed, thinking(), *streams) is expected


EVENT = b"data: Number of choices must be greater than 0.\n\n"
ERROR = b'data: {"error":{"message":"no"}}\n\ndata: [DONE]\n\n'
FINE = in_pieces(COUNT_STREAM, "OK").last


@pytest.mark.parametrize(
    ("plain", "stream", "expected"),
    [
        pytest.param(attempt(400, {}), attempt(400, {}), PASS, id="refused"),
        pytest.param(attempt(400, {}), attempt(200, EVENT, EVENT_STREAM), FAIL, id="a bare text"),
        pytest.param(attempt(200, {}), attempt(200, EVENT, EVENT_STREAM), FAIL, id="a text, served plain"),
        pytest.param(attempt(400, {}), attempt(200, ERROR, EVENT_STREAM), FAIL, id="an event"),
        pytest.param(attempt(400, {}), attempt(200, {"error": {}}), FAIL, id="an object"),
        pytest.param(attempt(400, {}), FINE, FAIL, id="served"),
        pytest.param(attempt(200, {}), FINE, PASS, id="served both ways"),
    ],
)
def test_a_refusal_of_a_stream(plain: Attempt, stream: Attempt, expected: Verdict) -> None:
    exchanges = (
        exchange(NO_CHOICES, plain),
        exchange(NO_CHOICES_STREAMED, stream),
        refused(UNKNOWN_MODEL),
        refused(UNKNOWN_MODEL_STREAMED),
    )
    assert verdict(twins.test_what_is_refused_plain_is_refused_in_a_stream, *exchanges) is expected


def weighed(*tokens: tuple[str, float], alternatives: int = 2) -> list[dict[str, Any]]:
    """The log probabilities of these tokens."""
    return [
        {
            "token": token,
            "logprob": logprob,
            "bytes": None,
            "top_logprobs": [{"token": token, "logprob": logprob, "bytes": None}] * alternatives,
        }
        for token, logprob in tokens
    ]


def weighed_stream(text: str, content: list[dict[str, Any]] | None) -> Exchange:
    """A stream whose one chunk with text has these log probabilities."""
    made = in_pieces(logprobs.WEIGHED_STREAMED, text, finish="length")
    first = {"logprobs": {"content": content}} if content is not None else {}
    old = '"finish_reason": null'
    new = f'"finish_reason": null, {json.dumps(first)[1:-1]}' if first else old
    body = made.last.body.replace(old.encode(), new.encode())
    return exchange(logprobs.WEIGHED_STREAMED, attempt(200, body, EVENT_STREAM))


TOKENS = (("1", -0.1), (" 2", -0.2))


@pytest.mark.parametrize(
    ("text", "content", "expected"),
    [
        pytest.param("1 2", weighed(*TOKENS), PASS, id="the same"),
        pytest.param("1 2", weighed(("1", -0.3), (" 2", -0.1)), PASS, id="computed anew"),
        pytest.param("1 2", None, FAIL, id="none"),
        pytest.param("1 2", weighed(*TOKENS[:1]), FAIL, id="of some of the text"),
        pytest.param("1 2", weighed(*TOKENS, alternatives=1), FAIL, id="fewer alternatives"),
        pytest.param("1 2", weighed(("1", -0.1), (" 2", -7.0)), FAIL, id="of something else"),
        pytest.param("1 3", weighed(("1", -0.1), (" 3", -0.2)), OPEN, id="another answer"),
        pytest.param("", None, OPEN, id="no text"),
    ],
)
def test_log_probabilities(text: str, content: list[dict[str, Any]] | None, expected: Verdict) -> None:
    body = completion("1 2", finish="length")
    body["choices"][0]["logprobs"] = {"content": weighed(*TOKENS)}
    plain = exchange(logprobs.WEIGHED, attempt(200, body))
    case = logprobs.test_log_probabilities_are_streamed_too
    assert verdict(case, plain, weighed_stream(text, content), claims=CLAIMS) is expected


@pytest.mark.parametrize(
    ("seeded", "text", "expected"),
    [
        pytest.param("aa", "a", PASS, id="the same"),
        pytest.param("aa", "z", WARN, id="another"),
        pytest.param("ab", "z", OPEN, id="no seed repeats"),
    ],
)
def test_seeds(seeded: str, text: str, expected: Verdict) -> None:
    samples = [*all_said(PHRASES, "wxyv"), *all_said(PHRASES_SEEDED, seeded)]
    stream = in_pieces(steered.SEEDED_STREAMED, text)
    case = steered.test_a_seed_gives_the_same_answer_in_a_stream
    assert verdict(case, *samples, stream, claims=CLAIMS) is expected


TEXTS = tuple(prompts.PARALLEL.values())
LOST = tuple(text.replace(" ", "", 1) for text in TEXTS)


@pytest.mark.parametrize(
    ("texts", "plain", "expected"),
    [
        pytest.param(TEXTS, TEXTS[-1], PASS, id="each its own"),
        pytest.param(tuple(f"Sure, for example: {text}." for text in TEXTS), TEXTS[-1], PASS, id="wordy"),
        pytest.param((TEXTS[0], "eagle copper heron", TEXTS[2]), TEXTS[-1], FAIL, id="a word of another"),
        pytest.param((TEXTS[0], "eagle copper heron", TEXTS[2]), "No.", FAIL, id="whatever the model can do"),
        pytest.param(LOST, TEXTS[-1], FAIL, id="all damaged"),
        pytest.param((TEXTS[0], TEXTS[1], LOST[2]), TEXTS[-1], OPEN, id="one damaged"),
        pytest.param(LOST, "No.", OPEN, id="a model that cannot copy"),
    ],
)
def test_cross_talk_of_streams(texts: tuple[str, ...], plain: str, expected: Verdict) -> None:
    streams = [in_pieces(probe, text) for probe, text in zip(PARALLEL, texts, strict=True)]
    case = transport.test_parallel_streams_are_not_mixed_up
    assert verdict(case, said(PRIVATE, plain), *streams) is expected


def test_a_stream_of_another_kind_gets_words_of_a_text() -> None:
    streams = [in_pieces(probe, text) for probe, text in zip(PARALLEL, TEXTS, strict=True)]
    mixed = in_pieces(COUNT_STREAM, "1 2 pigeon 4")
    case = transport.test_parallel_streams_are_not_mixed_up
    assert verdict(case, said(PRIVATE, TEXTS[-1]), *streams, mixed) is FAIL


def test_streams_that_were_sent_one_after_another_show_nothing() -> None:
    streams = [in_pieces(probe, text) for probe, text in zip(PARALLEL, TEXTS, strict=True)]
    apart = [
        replace(one, attempts=(replace(one.last, started=one.last.started + 10 * number),))
        for number, one in enumerate(streams)
    ]
    case = transport.test_parallel_streams_are_not_mixed_up
    assert verdict(case, said(PRIVATE, TEXTS[-1]), *apart) is OPEN

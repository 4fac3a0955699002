"""What openai-python makes of streams: read chunk by chunk, and put together by its helper."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conformance.contracts.chat import sdk as client
from conformance.contracts.chat.sdk import Said, SdkCall
from conformance.wire.record import Attempt
from tests.ids import by_value
from tests.wire.recordings import (
    COMPLETION,
    DONE,
    FIRST,
    HELLO,
    LAST,
    MIDDLE,
    USAGE,
    call,
    calling,
    chunk,
    event,
    hello,
    merged,
    response,
    stream,
)

WHOLE = HELLO + DONE
SILENT_ERROR = {"message": "overloaded", "code": 500}


def sent(body: bytes, media_type: str = "text/event-stream", **others: Any) -> Attempt:
    return response(body, media_type, **others)


def each(**changes: Any) -> Attempt:
    """The stream that says Hello, with other members in each chunk."""
    return stream(*(merged(one, changes) for one in (FIRST, MIDDLE, LAST)))


def without_blank_lines(body: bytes) -> bytes:
    return body.replace(b"\n\n", b"\n")


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(hello(), id="as documented"),
        pytest.param(sent(HELLO), id="no sentinel"),
        pytest.param(sent(WHOLE + HELLO), id="data after the sentinel"),
        pytest.param(stream(HELLO, done=b"data:[DONE]\n\n"), id="sentinel without the space"),
        pytest.param(stream(HELLO, done=b"data: [DONE] \n\n"), id="sentinel with a space after it"),
        pytest.param(stream(HELLO, done=b"event: done\ndata: [DONE]\n\n"), id="sentinel of type done"),
        pytest.param(stream(HELLO, failure="held-open"), id="held open after the sentinel"),
        pytest.param(sent(WHOLE.replace(b"data: ", b"data:")), id="data without the space"),
        pytest.param(sent(WHOLE.replace(b"data: {", b"data:  {")), id="two spaces before JSON"),
        pytest.param(sent(WHOLE.replace(b"\n", b"\r")), id="CR"),
        pytest.param(sent(WHOLE.replace(b"\n", b"\r\n")), id="CR LF"),
        pytest.param(sent(WHOLE.replace(b"\n", b"\r\n"), pieces=1), id="CR LF, byte by byte"),
        pytest.param(sent(WHOLE, pieces=1), id="byte by byte"),
        pytest.param(sent(WHOLE.replace(b", ", b",\ndata: ")), id="JSON on several data lines"),
        pytest.param(hello(between=b": PING\n\n\n\n"), id="comments and blank lines"),
        pytest.param(sent(WHOLE, "application/json"), id="called JSON"),
        pytest.param(sent(WHOLE, "text/plain"), id="called text"),
        pytest.param(each(error=None), id="error null"),
        pytest.param(each(error={}), id="error empty"),
        pytest.param(stream(chunk(choices=[]), HELLO), id="first chunk without choices"),
        pytest.param(stream(HELLO, LAST), id="finish_reason twice"),
        pytest.param(stream(FIRST, chunk({"content": "lo"}, "stop")), id="finish_reason with text"),
        pytest.param(stream(FIRST, {**MIDDLE, "id": "other"}, LAST), id="ids differ"),
        pytest.param(each(created=1_760_000_000_000), id="created in ms"),
        pytest.param(each(obfuscation="xyz"), id="obfuscation"),
        pytest.param(hello(before=event(chunk({"filler": "x" * 900_000}))), id="a large event"),
    ],
)
def test_it_reads_validates_and_puts_together(answer: Attempt) -> None:
    seen = client.iterate(answer)
    assert (seen.raised, seen.result) == (None, "ChatCompletionChunk")
    assert seen.choices == (Said("Hello", "str", None, "stop"),)
    assert client.iterate(answer, strict=True).raised is None
    assert client.accumulate(answer).choices == (Said("Hello", "str", "assistant", "stop"),)


@pytest.mark.parametrize(
    ("answer", "name", "chunks"),
    [
        pytest.param(stream(HELLO, done=b"data:  [DONE]\n\n"), "JSONDecodeError", 3, id="two spaces"),
        pytest.param(stream(HELLO, done=b"data: [done]\n\n"), "JSONDecodeError", 3, id="[done]"),
        # Without a blank line at the very end there is no event at all, and no exception.
        pytest.param(sent(without_blank_lines(WHOLE) + b"\n"), "JSONDecodeError", 0, id="no blank lines"),
        pytest.param(sent(WHOLE.replace(b", ", b",\n")), "JSONDecodeError", 0, id="raw newline in JSON"),
        pytest.param(
            stream(FIRST, json.dumps(MIDDLE) + json.dumps(LAST)), "JSONDecodeError", 1, id="two documents"
        ),
        pytest.param(hello(before=b"retry: 3000\n\n"), "JSONDecodeError", 0, id="retry alone"),
        pytest.param(hello(between=b"event: ping\n\n"), "JSONDecodeError", 1, id="ping without data"),
        pytest.param(hello(between=b"data:\n\n"), "JSONDecodeError", 1, id="empty data"),
        pytest.param(hello(between=b"id: 1\n\n"), "JSONDecodeError", 1, id="id alone"),
        pytest.param(
            hello(between='data: {"é": 1}\n\n'.encode("latin-1")), "UnicodeDecodeError", 1, id="Latin-1"
        ),
        pytest.param(stream(FIRST, done=b"", failure="incomplete"), "APIConnectionError", 1, id="cut off"),
        pytest.param(stream(FIRST, done=b"", failure="reset"), "APIConnectionError", 1, id="reset"),
        pytest.param(stream(FIRST, {"error": {"message": "overloaded"}}), "APIError", 1, id="error"),
        pytest.param(
            stream(FIRST, {"error": {"message": "overloaded"}, "choices": []}),
            "APIError",
            1,
            id="error with choices",
        ),
        pytest.param(
            stream(FIRST, b"event: error\n" + event({"error": {"message": "overloaded"}})),
            "APIError",
            1,
            id="error as an event",
        ),
        pytest.param(stream(FIRST, {"error": "overloaded"}), "APIError", 1, id="error as text"),
    ],
)
def test_it_raises_under_way(answer: Attempt, name: str, chunks: int) -> None:
    for seen in (client.iterate(answer), client.accumulate(answer), client.iterate(answer, strict=True)):
        assert seen.raised is not None
        assert (seen.raised.name, seen.chunks, seen.choices) == (name, chunks, None)
        assert seen.raised.own == name.startswith("API")


def test_an_error_says_what_it_is() -> None:
    reported = client.iterate(stream(FIRST, {"error": {"message": "overloaded"}})).raised
    assert reported is not None
    assert str(reported) == "APIError: overloaded"
    vague = client.iterate(stream(FIRST, {"error": "overloaded"})).raised
    assert vague is not None
    assert vague.message == "An error occurred during streaming"


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(sent(WHOLE.replace(b"data:", b"Data:")), id="Data:"),
        pytest.param(sent(WHOLE.replace(b"data:", b" data:")), id="indented"),
        pytest.param(sent(without_blank_lines(WHOLE)), id="no blank line anywhere"),
        pytest.param(response(COMPLETION), id="a completion"),
        pytest.param(response({"error": {"message": "no"}}), id="an error under status 200"),
        pytest.param(response(b"<html>", "text/html"), id="HTML"),
        pytest.param(response(b""), id="nothing"),
    ],
)
def test_it_gives_nothing_in_silence(answer: Attempt) -> None:
    seen = client.iterate(answer)
    assert (seen.raised, seen.chunks, seen.choices) == (None, 0, ())
    helped = client.accumulate(answer).raised
    assert helped is not None
    assert helped.name == "AssertionError"


@pytest.mark.parametrize(
    ("answer", "text", "reason", "role"),
    [
        pytest.param(sent(HELLO[:-1]), "Hello", None, "assistant", id="last blank line missing"),
        pytest.param(sent(HELLO[: len(event(FIRST)) + 40]), "Hel", None, "assistant", id="ends in a line"),
        pytest.param(hello(before=b"\xef\xbb\xbf"), "lo", "stop", None, id="byte order mark"),
        pytest.param(stream(FIRST, SILENT_ERROR), "Hel", None, "assistant", id="error of another shape"),
        pytest.param(
            stream(FIRST, b"event: error\n" + event(SILENT_ERROR)),
            "Hel",
            None,
            "assistant",
            id="event of type error",
        ),
        pytest.param(
            hello(between=b"event: ping\n" + event({"type": "ping"})), "Hello", "stop", "assistant", id="ping"
        ),
        pytest.param(
            stream(*(chunk({"role": "assistant", "content": text}) for text in ("Hel", "l", "o")), LAST),
            "Hello",
            "stop",
            "assistantassistantassistant",
            id="role in every delta",
        ),
        pytest.param(
            stream(chunk({"role": "assistant", "content": "Hel"}, ""), MIDDLE, LAST),
            "Hello",
            "stop",
            "assistant",
            id="finish_reason empty before the end",
        ),
        pytest.param(
            stream(chunk({"role": "assistant"}), chunk({"content": "\ud83d"}), chunk({"content": "\ude00"})),
            "\ud83d\ude00",
            None,
            "assistant",
            id="half characters",
        ),
        pytest.param(stream(FIRST, chunk({}, "length")), "Hel", "length", "assistant", id="cut at the limit"),
        pytest.param(
            stream(FIRST, chunk({}, "content_filter")), "Hel", "content_filter", "assistant", id="filtered"
        ),
    ],
)
def test_it_loses_or_corrupts_in_silence(
    answer: Attempt, text: str, reason: str | None, role: str | None
) -> None:
    assert client.iterate(answer).choices == (Said(text, "str", None, reason),)
    assert client.accumulate(answer).choices == (Said(text, "str", role, reason),)


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        pytest.param(stream(HELLO, done=b'data: "[DONE]"\n\n'), "AttributeError", id="sentinel quoted"),
        pytest.param(stream(HELLO, chunk(choices=None, usage=USAGE)), "TypeError", id="choices null"),
        pytest.param(stream(HELLO, chunk(choices=..., usage=USAGE)), "TypeError", id="choices missing"),
        pytest.param(stream(HELLO, chunk(None)), "AttributeError", id="delta null"),
        pytest.param(stream(HELLO, chunk()), "AttributeError", id="delta missing"),
        pytest.param(
            stream(HELLO, chunk(choices=[{"index": 0, "message": {"content": ""}}])),
            "AttributeError",
            id="message for delta",
        ),
        pytest.param(stream(chunk({"content": ""}, index=...), HELLO), "TypeError", id="index missing"),
        pytest.param(stream(chunk({"content": ""}, index=1), HELLO), "IndexError", id="index 1 first"),
        pytest.param(each(object="chat.completion"), "AssertionError", id="object chat.completion"),
    ],
)
def test_only_the_helper_raises(answer: Attempt, name: str) -> None:
    seen = client.iterate(answer)
    assert seen.raised is None
    assert seen.first is not None
    assert seen.first.text == "Hello"
    helped = client.accumulate(answer).raised
    assert helped is not None
    assert (helped.name, helped.own) == (name, False)


def test_a_quoted_sentinel_reaches_the_user_as_text() -> None:
    assert client.iterate(stream(HELLO, done=b'data: "[DONE]"\n\n')).result == "ChatCompletionChunk, str"


@pytest.mark.parametrize(
    ("answer", "path", "text"),
    [
        pytest.param(each(id=...), "$.id", None, id="no id"),
        pytest.param(each(object="chat.completion"), "$.object", "chat.completion", id="object"),
        pytest.param(
            stream(chunk({}, ""), HELLO), "$.choices[0].finish_reason", "", id="empty finish_reason"
        ),
        pytest.param(each(service_tier="turbo"), "$.service_tier", "turbo", id="service_tier"),
    ],
)
def test_strict_validation_says_where(answer: Attempt, path: str, text: str | None) -> None:
    strict = client.iterate(answer, strict=True).raised
    assert strict is not None
    assert [(one.path, one.text) for one in strict.mismatches] == [(path, text)]


@pytest.mark.parametrize(
    ("answer", "read", "put_together"),
    [
        pytest.param(stream(HELLO, chunk(choices=[], usage=USAGE)), (9, 2, 11), (9, 2, 11), id="last"),
        pytest.param(stream({**FIRST, "usage": USAGE}, MIDDLE, LAST), (9, 2, 11), None, id="early"),
        pytest.param(hello(), None, None, id="none"),
    ],
)
def test_usage(answer: Attempt, read: object, put_together: object) -> None:
    assert client.iterate(answer).usage == read
    assert client.accumulate(answer).usage == put_together


@pytest.mark.parametrize(
    ("answer", "calls"),
    [
        (calling(call(arguments="{"), {"index": 0, "function": {"arguments": "}"}}), [("call_1", "f", "{}")]),
        (calling(call(), call(1, "g", id="call_2")), [("call_1", "f", "{}"), ("call_2", "g", "{}")]),
        # id and name in every fragment; all calls with the index 0
        (calling(call(arguments="{"), call(arguments="}")), [("call_1call_1", "ff", "{}")]),
        (calling(call(), call(name="g", id="call_2")), [("call_1call_2", "fg", "{}{}")]),
    ],
    ids=by_value,
)
def test_tool_calls(answer: Attempt, calls: list[tuple[str, str, str]]) -> None:
    assert client.iterate(answer).raised is None
    seen = client.accumulate(answer).first
    assert seen is not None
    assert seen.calls == tuple(SdkCall(*one) for one in calls)


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        pytest.param(calling(call(...)), "TypeError", id="no index"),
        pytest.param(calling(call(1)), "IndexError", id="numbered from 1"),
        pytest.param(
            calling(call(), {"index": 0, "type": "", "function": {"arguments": ""}}),
            "AssertionError",
            id="type empty",
        ),
    ],
)
def test_tool_calls_that_the_helper_cannot_put_together(answer: Attempt, name: str) -> None:
    assert client.iterate(answer).raised is None
    helped = client.accumulate(answer).raised
    assert helped is not None
    assert helped.name == name

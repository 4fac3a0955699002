"""What a case sees of an exchange, and which requirement is to blame for what it cannot see."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.asking.change import either, raw, to_be_refused
from conformance.asking.probe import fetch
from conformance.contracts.chat.probes.named import COUNT, COUNT_STREAM
from conformance.contracts.chat.reading.choices import Choice
from conformance.contracts.chat.reading.view import Usage
from conformance.contracts.hidden import Blocked, NotAsked
from conformance.contracts.view import Crashed, Refused
from tests.contracts.chat.answers import USAGE, answer, choice, delta, of, plain, streamed
from tests.contracts.chat.cases.recorded import attempt
from tests.ids import by_value

# -- HTTP -----------------------------------------------------------------------------------------------


def test_the_request_is_read_back() -> None:
    view = plain({})
    assert (view.request["temperature"], view.streamed, view.probe) == (0, False, "count")
    assert of(COUNT_STREAM, attempt(200)).streamed
    assert dict(of(fetch("models", "/models"), attempt(200)).request) == {}
    assert dict(of(COUNT | raw("broken", '{"model":'), attempt(200)).request) == {}


def test_status_headers_and_time() -> None:
    view = plain({}, 201, headers={"Content-Type": "Application/JSON; charset=utf-8", "X-A": "b"})
    assert (view.status, view.media_type, view.header("x-a"), view.header("x-b")) == (
        201,
        "application/json",
        "b",
        None,
    )
    assert view.seconds == 1.0
    assert plain({}, headers={}).media_type == ""


def test_the_last_attempt_counts() -> None:
    view = of(COUNT, attempt(503), attempt(200, {"choices": [choice("second")]}))
    assert (view.status, view.text) == (200, "second")


@pytest.mark.parametrize(
    ("status", "served"), [(199, False), (200, True), (299, True), (300, False)], ids=by_value
)
def test_a_2xx_is_an_answer(status: int, served: bool) -> None:
    view = plain({"choices": [choice()]}, status)
    assert (view.served, view.last.succeeded) == (served, served)


@pytest.mark.parametrize("status", [400, 401, 404, 422, 499], ids=by_value)
def test_a_4xx_is_a_refusal(status: int) -> None:
    view = plain({"error": {"message": "no\n\n such  thing", "code": None}}, status)
    assert (view.refused, view.served) == (True, False)
    assert view.error == {"message": "no\n\n such  thing", "code": None}
    assert str(view.refusal_in_words) == f"HTTP {status}: no such thing"


@pytest.mark.parametrize("status", [200, 201, 302, 399, 500, 503], ids=by_value)
def test_anything_else_is_none(status: int) -> None:
    assert not plain({}, status).refused


def test_429_says_nothing_about_the_request() -> None:
    with pytest.raises(NotAsked, match="429"):
        _ = of(COUNT | to_be_refused, attempt(429)).refused


@pytest.mark.parametrize("status", [429, 502, 503, 504], ids=by_value)
def test_not_now_is_no_answer_unless_a_refusal_was_asked_for(status: int) -> None:
    for probe in (COUNT, COUNT | either):
        with pytest.raises(NotAsked, match=f"HTTP {status} after 2 attempts"):
            _ = of(probe, attempt(status), attempt(status)).served
    assert not of(COUNT | to_be_refused, attempt(status)).served


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"error": {"param": "seed"}}, "seed"),
        ({"error": {"param": None}}, None),
        ({"error": {"param": ["seed"]}}, None),
        ({"error": {}}, None),
        (b"<html>", None),
    ],
    ids=by_value,
)
def test_the_parameter_that_an_error_names(body: Any, name: str | None) -> None:
    assert plain(body, 400).named_parameter == name


def test_a_refusal_without_words_is_shown_in_part() -> None:
    assert str(plain(b"<html>" + b"x" * 500, 400).refusal_in_words) == "HTTP 400: <html>" + "x" * 114
    assert str(plain(b"\xff\xfe", 400).refusal_in_words) == "HTTP 400: \ufffd\ufffd"
    assert (
        str(plain({"error": {"message": 5}}, 400).refusal_in_words) == 'HTTP 400: {"error": {"message": 5}}'
    )


# -- what stands in the way -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind", ["dns", "connect", "tls", "timeout-connect", "timeout-first-byte", "not-asked"], ids=by_value
)
def test_without_a_response_nothing_was_asked(kind: str) -> None:
    view = plain(b"", None, failure=kind)  # type: ignore[arg-type]
    for name in ("status", "whole", "json", "text", "usage", "refused", "media_type"):
        with pytest.raises(NotAsked, match=f"it was {kind}"):
            getattr(view, name)


@pytest.mark.parametrize("kind", ["silence", "timeout"])
def test_an_answer_that_does_not_end_in_time_is_not_judged(kind: str) -> None:
    with pytest.raises(NotAsked, match="did not end in time"):
        _ = plain({"choices": [choice()]}, failure=kind).text


@pytest.mark.parametrize(
    ("kind", "owner"),
    [
        ("reset", "transport.complete-framing"),
        ("incomplete", "transport.complete-framing"),
        ("too-large", "transport.complete-framing"),
        ("runaway", "limits.stream-ends"),
        ("encoding", "transport.content-encoding"),
    ],
    ids=by_value,
)
def test_an_answer_that_breaks_off_is_a_fault_of_the_transport(kind: str, owner: str) -> None:
    with pytest.raises(Blocked, match=f"it was {kind}") as blocked:
        _ = plain({"choices": [choice()]}, failure=kind).text
    assert blocked.value.requirement == owner


@pytest.mark.parametrize("kind", ["held-open", "cut"])
def test_an_answer_that_is_complete_enough_is_read(kind: str) -> None:
    assert plain({"choices": [choice()]}, failure=kind).text == "1 2 3"


def test_refused_and_crashed_carry_the_view() -> None:
    for status, kind in ((400, Refused), (499, Refused), (500, Crashed), (501, Crashed)):
        view = plain({"error": {"message": "no"}}, status)
        with pytest.raises(kind, match=f"HTTP {status}: no") as caught:
            _ = view.text
        assert caught.value.view is view  # type: ignore[attr-defined]


PLAIN_OWNERS = [
    ("json", b"", "envelope.one-json-object", "empty"),
    ("json", b"<html>", "envelope.one-json-object", "not-json"),
    ("json", [1], "envelope.one-json-object", "list"),
    ("text", {}, "envelope.one-choice-by-default", "no choices"),
    ("text", {"choices": []}, "envelope.one-choice-by-default", "no choices"),
    ("text", {"choices": 5}, "envelope.one-choice-by-default", "no choices"),
    ("text", {"choices": [None]}, "envelope.matches-schema", "choices[0].message"),
    ("text", {"choices": [choice(), {"message": "x"}]}, "envelope.matches-schema", "choices[1].message"),
    ("text", {"choices": [choice(["x"])]}, "envelope.content-text", "list"),
    ("finish_reason", {"choices": [choice(reason=None)]}, "envelope.finish-reason-known", "no finish_reason"),
    ("finish_reason", {"choices": [choice(reason=7)]}, "envelope.finish-reason-known", "no finish_reason"),
    ("usage", {}, "usage.present-and-integer", "no usage"),
    ("usage", {"usage": None}, "usage.present-and-integer", "no usage"),
    ("usage", {"usage": [1]}, "usage.present-and-integer", "no usage"),
    (
        "usage",
        {"usage": {**USAGE, "total_tokens": 8.0, "prompt_tokens": True}},
        "usage.present-and-integer",
        "usage.prompt_tokens, usage.total_tokens",
    ),
    ("error", {}, "errors.json-error-object", "no error object"),
    ("error", {"error": "no"}, "errors.json-error-object", "no error object"),
]


@pytest.mark.parametrize(("name", "body", "owner", "words"), PLAIN_OWNERS)
def test_what_hides_a_plain_answer(name: str, body: Any, owner: str, words: str) -> None:
    with pytest.raises(Blocked) as blocked:
        getattr(plain(body), name)
    assert blocked.value.requirement == owner
    assert words in str(blocked.value)


def test_a_redirect_hides_the_answer() -> None:
    for view in (plain(b"", 307), of(COUNT_STREAM, attempt(301)), plain(b"", 399)):
        with pytest.raises(Blocked, match="HTTP 3") as blocked:
            _ = view.text
        assert blocked.value.requirement == "transport.no-redirect"


STREAM_OWNERS = [
    ("chunks", (), "stream.chunks-are-chunks"),
    ("chunks", (b"data: 5\n\n",), "stream.chunks-are-chunks"),
    ("text", (b"data: {\n\n",), "stream.chunks-are-chunks"),
    ("text", ({"choices": [{"index": 0}]},), "stream.choice-index-and-delta"),
    ("text", ({"choices": [7]},), "stream.choice-index-and-delta"),
    ("text", (delta("x", index=None),), "stream.choice-index-and-delta"),
    ("text", (delta("x", index=1.0),), "stream.choice-index-and-delta"),
    ("text", (delta(["x"]),), "stream.deltas-are-text"),
    ("text", ({"choices": []},), "stream.choices-present"),
    ("text", ({"choices": "x"},), "stream.choices-present"),
    ("finish_reason", (delta("x"),), "stream.finish-reason-once"),
    ("usage", (delta("x", "stop"),), "stream.usage-chunk-last"),
    ("usage", ({"choices": [], "usage": {"total_tokens": 1}},), "usage.present-and-integer"),
]


@pytest.mark.parametrize(("name", "events", "owner"), STREAM_OWNERS)
def test_what_hides_a_streamed_answer(name: str, events: tuple[Any, ...], owner: str) -> None:
    with pytest.raises(Blocked) as blocked:
        getattr(streamed(*events), name)
    assert blocked.value.requirement == owner


@pytest.mark.parametrize(
    ("body", "owner", "words"),
    [
        (
            {"object": "chat.completion", "choices": []},
            "stream.content-type",
            "one JSON object, not a stream",
        ),
        (b"[]", "stream.framing", "[]"),
        (b'{"a": 1, "a": 2}', "stream.framing", "none of the field names"),
        (b"<html>hello", "stream.framing", "<html>hello"),
        (b": nothing\n\n", "stream.chunks-are-chunks", "no events, but b': nothing"),
        (b'data: {"choices": []}', "stream.framing", "no event is ended by a blank line"),
        (b'\xef\xbb\xbfdata: {"choices": []}\n\n', "stream.framing", "byte order mark"),
        (b'data: {"choices": []}\ndata: {"choices": []}\n\n', "stream.framing", "event 1"),
        (b'data: {"choices": []} {}\n\n', "stream.chunks-are-chunks", "not one JSON object"),
    ],
    ids=[
        "JSON",
        "an array",
        "a name twice",
        "a page",
        "comments",
        "no blank line at the end",
        "BOM",
        "no blank line between",
        "two objects",
    ],
)
def test_what_is_no_stream(body: Any, owner: str, words: str) -> None:
    with pytest.raises(Blocked) as blocked:
        _ = of(COUNT_STREAM, attempt(200, body)).text
    assert blocked.value.requirement == owner
    assert words in str(blocked.value)


def test_a_page_instead_of_an_answer_is_a_wall_not_a_refusal() -> None:
    wall = attempt(403, b"<html>Are you human?", {"content-type": "text/html; charset=utf-8"})
    with pytest.raises(Blocked, match="HTTP 403 with a page") as blocked:
        _ = of(COUNT, wall).text
    assert blocked.value.requirement == "transport.no-bot-wall"
    with pytest.raises(Refused):
        _ = plain({"error": {"message": "no"}}, 403).text
    page = {"content-type": "text/html"}
    with pytest.raises(Blocked, match="HTTP 503 with a page"):
        _ = of(COUNT | to_be_refused, attempt(503, b"<html>", page)).text
    for status in (500, 502, 504):
        with pytest.raises(Crashed):
            _ = of(COUNT | to_be_refused, attempt(status, b"<html>", page)).text


def test_an_error_next_to_choices_hides_nothing_and_one_without_them_everything() -> None:
    assert answer(choice(), error={"message": "no"}).text == "1 2 3"
    empty: list[dict[str, Any]] = [{}, {"choices": []}, {"choices": None}]
    for choices in empty:
        with pytest.raises(Blocked, match="instead of an answer HTTP 200: no") as blocked:
            _ = plain({"error": {"message": "no"}, **choices}).text
        assert blocked.value.requirement == "envelope.no-error-in-success"


# -- answers --------------------------------------------------------------------------------------------


def test_a_plain_answer() -> None:
    view = answer(choice())
    assert (view.text, view.finish_reason, view.served) == ("1 2 3", "stop", True)
    (only,) = view.choices
    assert only == Choice(0, "1 2 3", "stop", "assistant", {"role": "assistant", "content": "1 2 3"})
    assert view.objects == (view.json,)
    assert view.usage == Usage(3, 5, 8, USAGE)
    assert [document.value for document in view.documents] == [view.json]


def test_of_several_choices_the_first_one_counts() -> None:
    first = choice("a", "stop", 0, tool_calls=[])
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    second = choice("b", "length", 1, reasoning="hm", tool_calls=[call])
    written = {"content": [{"token": "a", "logprob": -0.5, "top_logprobs": []}]}
    view = answer(first | {"logprobs": written}, second | {"logprobs": None})
    assert (view.text, view.finish_reason, view.thinks, view.tool_calls) == ("a", "stop", False, ())
    assert [one.chosen.token for one in view.logprobs] == ["a"]


def test_choices_are_in_the_order_of_their_index_and_without_one_in_their_own() -> None:
    assert [one.text for one in answer(choice("b", index=1), choice("a", index=0)).choices] == ["a", "b"]
    assert [one.index for one in answer(choice(index=None), choice(index="x")).choices] == [0, 1]


@pytest.mark.parametrize("content", [None, ""])
def test_null_is_read_as_no_text(content: Any) -> None:
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    view = answer(choice(content, "tool_calls", tool_calls=[call]))
    assert (view.text, view.finish_reason) == ("", "tool_calls")
    assert view.choices[0].message["tool_calls"] == [call]


def test_a_streamed_answer_is_put_together() -> None:
    view = streamed(
        delta("", role="assistant"),
        delta("1 "),
        delta("2"),
        {"choices": [{"index": 0, "delta": {"content": None}, "finish_reason": "stop"}]},
        {"choices": [], "usage": USAGE},
    )
    assert view.choices == (Choice(0, "1 2", "stop", "assistant", {}, pieces=("1 ", "2")),)
    assert (len(view.chunks), len(view.payloads), len(view.stream.events)) == (5, 5, 6)
    assert (view.text, view.finish_reason, view.usage.completion) == ("1 2", "stop", 5)


def test_streamed_choices_are_told_apart_by_index() -> None:
    view = streamed(delta("b", index=1), delta("a"), delta("B", "length", index=1), delta("A", "stop"))
    assert [(one.index, one.text, one.finish_reason) for one in view.choices] == [
        (0, "aA", "stop"),
        (1, "bB", "length"),
    ]


def test_a_chunk_that_only_reports_on_the_prompt_is_not_part_of_the_answer() -> None:
    view = streamed({"choices": [], "id": ""}, delta("1", "stop"), {"choices": [], "usage": USAGE})
    assert len(view.objects) == 2
    assert len(view.chunks) == 3


def test_the_last_usage_that_is_not_null_counts() -> None:
    assert streamed({"usage": {"total_tokens": 1}}, {"usage": USAGE}, {"usage": None}).usage.total == 8


def test_what_clients_do_not_read_is_not_part_of_the_answer() -> None:
    view = streamed(b"data:\n\n", delta("1", "stop"), done=b"data: [DONE]\n\ndata: {}\n\n")
    assert (view.text, len(view.payloads), len(view.stream.events)) == ("1", 1, 4)


def test_an_error_where_a_stream_was_asked_for_is_read_as_json() -> None:
    view = of(COUNT_STREAM, attempt(400, {"error": {"message": "no"}}))
    assert [document.value for document in view.documents] == [{"error": {"message": "no"}}]
    assert view.error == {"message": "no"}
    with pytest.raises(Blocked, match="HTTP 399"):
        _ = of(COUNT_STREAM, attempt(399, b"{}")).documents


@pytest.mark.parametrize(
    ("details", "reasoning"),
    [
        ({}, 0),
        ({"completion_tokens_details": {"reasoning_tokens": 7}}, 7),
        ({"completion_tokens_details": {"reasoning_tokens": 1}}, 1),
        ({"completion_tokens_details": {"reasoning_tokens": "7"}}, 0),
        ({"completion_tokens_details": {"reasoning_tokens": True}}, 0),
        ({"completion_tokens_details": [7]}, 0),
        ({"completion_tokens_details": None}, 0),
    ],
    ids=by_value,
)
def test_tokens_spent_on_thinking(details: dict[str, Any], reasoning: int) -> None:
    view = answer(choice(), usage={**USAGE, **details})
    assert view.usage.reasoning == reasoning
    assert view.thinks is (reasoning > 0)


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_thoughts_are_seen_plain_and_streamed(name: str) -> None:
    for thought, thinks in (("hm", True), ("", False), (None, False), ([{"text": "hm"}], True)):
        assert answer(choice(**{name: thought})).thinks is thinks
        assert streamed(delta(**{name: thought}), delta("1", "stop")).thinks is thinks


def test_usage_may_be_missing_without_harm_to_the_text() -> None:
    assert not plain({"choices": [choice()]}).has_usage
    assert not plain({"choices": [choice()]}).thinks
    assert answer(choice()).has_usage

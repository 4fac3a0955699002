from __future__ import annotations

import pytest

from conformance.report.results.marks import AROUND, LONGEST, Mark, mark
from conformance.wire.record import Attempt
from tests.report.making import answer, stream

JSON = (("content-type", "application/json"),)
EVENTS = (("content-type", "text/event-stream"),)


def _found(
    message: str, body: bytes, headers: tuple[tuple[str, str], ...] = JSON, status: int = 200
) -> Mark | None:
    return mark("x1", message, Attempt(0.0, 1.0, status, "HTTP/2", headers, ((0.5, body),)))


def test_a_member_that_the_message_names_is_marked_with_its_path_and_its_bytes() -> None:
    body = answer("Ωne", 32, 50, 90)
    found = _found("total_tokens is 90, but 32 + 50 = 82 (1 of 6 answers, first: COUNT)", body)
    assert found is not None
    assert (found.path, found.text, found.event) == ("$.usage.total_tokens", '"total_tokens":90', None)
    assert found.offset is not None
    assert body[found.offset : found.offset + found.length] == b'"total_tokens":90'
    assert found.before.endswith('"completion_tokens":50,')
    assert found.after == "}}"
    assert len(found.before.encode()) <= AROUND


def test_of_a_stream_the_event_is_told_and_the_last_of_many_is_meant() -> None:
    body = stream(["Alfa", "Bravo"])
    found = _found("the stream ends without finish_reason", body, EVENTS)
    assert found is not None
    assert (found.event, found.path) == (2, "$.choices[0].finish_reason")
    assert found.offset == body.rindex(b'"finish_reason"')


def test_a_text_that_was_streamed_in_pieces_is_marked_where_it_is_complete() -> None:
    found = _found(
        r"part of the stop string was streamed: …'a Bravo C'", stream(["Alfa", "Bravo", "C"]), EVENTS
    )
    assert found is not None
    assert (found.event, found.path, found.text) == (3, "$.choices[0].delta.content", '"C "')


def test_a_quoted_text_is_found_in_the_value_that_holds_it() -> None:
    found = _found('the answer ends with the stop sequence "Foxtrot"', answer("Echo Foxtrot", 1, 2))
    assert found is not None
    assert found.path == "$.choices[0].message.content"


@pytest.mark.parametrize(
    ("message", "path", "text"),
    [
        ("$.choices[0].message.role is null", "$.choices[0].message.role", '"role":"assistant"'),
        ("a duplicate name at byte 1", "$.id", '"'),
        ("a model that cannot exist gets HTTP 200: Yes", "status", "HTTP 200"),
        ("Content-Type is 'application/json'", "content-type", "application/json"),
    ],
)
def test_a_place_that_the_message_states_is_that_place(message: str, path: str, text: str) -> None:
    found = _found(message, answer("Yes", 1, 2))
    assert found is not None
    assert found.text == text
    assert found.path == path or "byte" in message


@pytest.mark.parametrize(
    "message", ["the error has no `param` (HTTP 200)", "not present: logprobs", "it's late, isn't it", ""]
)
def test_what_is_not_there_is_not_marked(message: str) -> None:
    assert _found(message, answer("Yes", 1, 2)) is None


@pytest.mark.parametrize(
    "body", [b"", b"{", b'{"a":', b"}" * 9, b"[" * 9999, b'{"total_tokens"' * 99, b"\xff\xfe"]
)
def test_a_body_that_is_no_json_breaks_nothing(body: bytes) -> None:
    _found("total_tokens is 'x', at byte 3", body)
    _found("total_tokens is 'xx'", body, EVENTS)


def test_a_long_value_is_marked_at_its_beginning_and_not_cut_within_a_character() -> None:
    found = _found("content is too long", answer("é" * 5000, 1, 2))
    assert found is not None
    assert LONGEST <= found.length <= LONGEST + 3
    assert "\\x" not in found.text + found.before + found.after


def test_what_is_shown_has_nothing_invisible_in_it() -> None:
    body = '{"role":"\u202e","content":"\u200b"}'.encode()
    found = _found("role is odd", body)
    assert found is not None
    assert found.text == '"role":"\\u{202e}"'
    assert "\\u{200b}" in found.after


def test_a_cookie_is_never_shown() -> None:
    assert _found("Set-Cookie is sent", b"{}", (*JSON, ("set-cookie", "session=4711"))) is None

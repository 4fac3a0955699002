from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.report.results.marks import AROUND, LONGEST, Mark, mark
from conformance.wire.place import STATUS, Place
from conformance.wire.record import Attempt
from tests.ids import by_value
from tests.report.making import answer, stream

JSON = (("content-type", "application/json"),)
EVENTS = (("content-type", "text/event-stream"),)
CONTENT = "$.choices[0].message.content"
DELTA = "$.choices[0].delta.content"


def _found(
    place: Place, body: bytes, headers: tuple[tuple[str, str], ...] = JSON, status: int | None = 200
) -> Mark | None:
    return mark(place, Attempt(0.0, 1.0, status, "HTTP/2", headers, ((0.5, body),)))


def _at(path: str = "", **known: object) -> Place:
    return replace(Place("x1", path=path), **known)  # type: ignore[arg-type]


def test_a_member_is_marked_with_its_name_its_path_and_its_bytes() -> None:
    body = answer("Ωne", 32, 50, 90)
    found = _found(_at("$.usage.total_tokens"), body)
    assert found is not None
    assert (found.exchange, found.path, found.event) == ("x1", "$.usage.total_tokens", None)
    assert found.text == '"total_tokens":90'
    assert found.offset is not None
    assert body[found.offset : found.offset + found.length] == b'"total_tokens":90'
    assert found.before.endswith('"completion_tokens":50,')
    assert found.after == "}}"
    assert len(found.before.encode()) <= AROUND


def test_the_member_of_an_event_is_marked_in_that_event() -> None:
    body = stream(["Alfa", "Bravo", "Charlie"])
    found = _found(_at("$.choices[0].finish_reason", event=2), body, EVENTS)
    assert found is not None
    assert (found.event, found.path) == (2, "$.choices[0].finish_reason")
    assert found.offset == body.index(b'"finish_reason"', body.index(b"Bravo"))


def test_an_event_is_marked_as_a_whole_where_it_has_no_such_place() -> None:
    body = b": hello\n\ndata: {\n\ndata: oops\n\n"
    found = _found(_at(event=2), body, EVENTS)
    assert found is not None
    assert (found.event, found.text, found.path) == (2, "oops", "")
    assert _found(_at(event=3), body, EVENTS) is None
    assert _found(_at("$.id", event=2), body, EVENTS) == found
    assert _found(_at("$.id", event=3), body, EVENTS) is None


def test_events_are_found_whatever_the_response_is_labelled_as() -> None:
    found = _found(_at(DELTA, event=1), stream(["Alfa"]), JSON)
    assert found is not None
    assert found.text == '"content":"Alfa "'


@pytest.mark.parametrize(
    ("said", "marked"),
    [
        ("Foxtrot", "Foxtrot"),
        ('Ω\n"x"', r"Ω\n\"x\""),
        ("Golf", '"content":"Echo Foxtrot Ω\\n\\"x\\" and so on"'),
    ],
    ids=["plain", "escaped", "not there"],
)
def test_the_part_of_a_text_that_is_meant_is_marked(said: str, marked: str) -> None:
    found = _found(_at(CONTENT, text=said), answer('Echo Foxtrot Ω\n"x" and so on', 1, 2))
    assert found is not None
    assert (found.path, found.text) == (CONTENT, marked)


def test_a_part_that_is_written_with_escapes_is_found() -> None:
    body = b'{"choices": [{"message": {"content": "caf\\u00e9 noir"}}]}'
    found = _found(_at(CONTENT, text="café"), body)
    assert found is not None
    assert found.text == "caf\\u00e9"


def test_an_object_and_an_array_can_be_marked() -> None:
    body = b'{"a": [1, {"b": [2, 3]}], "c": {}}'
    assert [
        (one and one.text) for one in (_found(_at(path), body) for path in ("$.a[1].b", "$.a[1]", "$.c"))
    ] == [
        '"b": [2, 3]',
        '{"b": [2, 3]}',
        '"c": {}',
    ]


def test_a_byte_is_marked_with_the_value_that_holds_it() -> None:
    body = answer("Yes", 1, 2)
    found = _found(_at(offset=body.index(b"Yes")), body)
    assert found is not None
    assert (found.path, found.text, found.length) == (CONTENT, "Y", 1)
    streamed = stream(["Alfa", "Bravo"])
    found = _found(_at(offset=streamed.index(b"Bravo")), streamed, EVENTS)
    assert found is not None
    assert (found.event, found.path) == (2, DELTA)
    between = _found(_at(event=2, offset=streamed.index(b"\n\n")), streamed, EVENTS)
    assert between is not None
    assert (between.event, between.path) == (2, "")


def test_where_a_body_ended_too_early_its_last_character_is_marked() -> None:
    found = _found(_at(offset=len(b'{"a": [1 \n')), b'{"a": [1 \n')
    assert found is not None
    assert (found.offset, found.text) == (7, "1")
    assert _found(_at(offset=0), b"") is None
    assert _found(_at(offset=99), b"{}") is None


def test_the_status_and_a_header_are_marked_outside_of_the_body() -> None:
    found = _found(_at(STATUS), b"{}", status=404)
    assert found is not None
    assert (found.path, found.text, found.offset) == ("status", "HTTP 404", None)
    assert _found(_at(STATUS), b"", status=None) is None
    found = _found(_at("retry-after"), b"", (("Retry-After", "soon"),))
    assert found is not None
    assert (found.before, found.text, found.offset) == ("retry-after: ", "soon", None)
    assert _found(_at("x-absent"), b"") is None


def test_a_cookie_is_never_shown() -> None:
    assert _found(_at("set-cookie"), b"{}", (*JSON, ("set-cookie", "session=4711"))) is None


@pytest.mark.parametrize(
    "path", ["$.usage", "$.usage.total_tokens", '$["a.b"].c', "", "$", "$.", "$[", "$]"], ids=by_value
)
def test_what_is_not_there_is_not_marked(path: str) -> None:
    assert _found(_at(path), b'{"choices": [{"message": {}}]}') is None


@pytest.mark.parametrize(
    ("path", "marked"),
    [
        ("$.choices[0].message.content", '"message": {}'),
        ("$.choices[0].message.tool_calls[2].id", '"message": {}'),
        ("$.choices[1].message", '"choices": [{"message": {}}]'),
    ],
    ids=["member", "deep", "element"],
)
def test_of_what_is_missing_the_object_is_marked_in_which_it_is_missing(path: str, marked: str) -> None:
    found = _found(_at(path), b'{"choices": [{"message": {}}]}')
    assert found is not None
    assert found.text == marked
    chunk = b'{"choices": [{"delta": {}}]}'
    streamed = b"data: " + chunk + b"\n\ndata: " + chunk + b"\n\n"
    assert _found(_at("$.choices[0].delta.role"), streamed, EVENTS) is None
    found = _found(_at("$.choices[0].delta.role", event=2), streamed, EVENTS)
    assert found is not None
    assert (found.event, found.text) == (2, '"delta": {}')


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b'{"a":', b"}" * 9, b"[" * 9999, b'{"total_tokens"' * 99, b"\xff\xfe", b'{"a" "b" , : }'],
    ids=range(8),
)
def test_a_body_that_is_no_json_breaks_nothing(body: bytes) -> None:
    for place in (_at("$.usage"), _at(offset=3), _at(event=1), _at("$.a", event=1), _at("$.a", text="x")):
        _found(place, body)
        _found(place, body, EVENTS)


def test_a_body_that_is_too_large_is_not_searched() -> None:
    assert _found(_at("$.a"), b'{"a": "' + b"x" * 2**18 + b'"}') is None


def test_a_long_value_is_marked_at_its_beginning_and_not_cut_within_a_character() -> None:
    found = _found(_at(CONTENT), answer("é" * 5000, 1, 2))
    assert found is not None
    assert LONGEST <= found.length <= LONGEST + 3
    assert "\\x" not in found.text + found.before + found.after


def test_what_is_shown_has_nothing_invisible_in_it() -> None:
    body = '{"role":"\u202e","content":"\u200b"}'.encode()
    found = _found(_at("$.role"), body)
    assert found is not None
    assert found.text == '"role":"\\u{202e}"'
    assert "\\u{200b}" in found.after

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.wire.scanning import means_done
from conformance.wire.sse import DONE, LEGAL, MAX_OF_A_KIND, SENTINEL, Stream, read
from tests.ids import by_value
from tests.wire.streams import END, FRAGMENTS, A, cut


def stream(*parts: bytes) -> Stream:
    """A stream that arrived in these parts, one second after the other."""
    return read([(float(second), part) for second, part in enumerate(parts)])


def kinds(body: bytes) -> list[str]:
    return [note.kind for note in stream(body).notes]


def data(body: bytes) -> list[str]:
    return [event.data for event in stream(body).events]


# -- notes -------------------------------------------------------------------------------------------------

VIOLATIONS = [
    ("bom", b"\xef\xbb\xbf" + A + END, "byte 0"),
    ("invalid-utf8", A + b'data: "caf\xe9"\n\n' + END, "event 2, byte 26"),
    ("nul", b"id: a\0b\n" + A + END, "event 1, byte 5"),
    ("unknown-field", A + b'Data: {"a": 1}\n\n' + END, "event 2, byte 16"),
    ("unknown-field", b' data: {"a": 1}\n\n' + END, "event 1, byte 0"),
    ("unknown-field", b"data : 1\n\n" + END, "event 1, byte 0"),
    ("unknown-field", b"OpenRouter processing\n\n" + END, "event 1, byte 0"),
    ("retry-not-digits", b"retry: 1.5\n" + A + END, "event 1, byte 0"),
    ("retry-not-digits", "retry: ٣\n".encode() + A + END, "event 1, byte 0"),
    ("empty-data", A + b"retry: 3000\n\n" + END, "event 2, byte 16"),
    ("empty-data", b"event: ping\n\n" + A + END, "event 1, byte 0"),
    ("empty-data", b"data:\n\n" + A + END, "event 1, byte 0"),
    ("empty-data", b"data\n\n" + A + END, "event 1, byte 0"),
    ("empty-data", b"id: 1\n" + A + b"\n" + END, "event 2, byte 22"),
    ("empty-data", b"id: 1\n\n" + A + END, "event 1, byte 0"),
    ("missing-blank-line", A[:-1] + A + END, "event 1, byte 0"),
    ("json-not-one-line", b'data: {"a": "b\ndata: c"}\n\n' + END, "event 1, byte 0"),
    ("done-missing", A, "byte 16"),
    ("done-missing", b"", "byte 0"),
    ("done-twice", A + END + END, "event 3, byte 30"),
    ("done-variant", A + b"data: [done]\n\n", "event 2, byte 16"),
    ("done-variant", A + b'data: "[DONE]"\n\n', "event 2, byte 16"),
    ("done-variant", A + b"data: [DONE] \n\n", "event 2, byte 16"),
    ("data-after-done", END + A, "event 2, byte 14"),
    ("missing-blank-line-at-end", A + END[:-1], "event 2, byte 16"),
    ("missing-blank-line-at-end", A + END[:-2], "event 2, byte 16"),
]

LEGAL_IRREGULARITIES = [
    ("comment", b": PING\n\n" + A + END, "event 1, byte 0"),
    ("comment", A + b":\n" + END, "event 2, byte 16"),
    ("crlf", (A + END).replace(b"\n", b"\r\n"), "byte 14"),
    ("cr", (A + END).replace(b"\n", b"\r"), "byte 14"),
    ("mixed-line-endings", A + END.replace(b"\n", b"\r\n"), "byte 28"),
    ("mixed-line-endings", A.replace(b"\n", b"\r\n") + END, "byte 30"),
    ("mixed-line-endings", A.replace(b"\n", b"\r") + END, "byte 28"),
    ("no-space", b'data:{"a": 1}\n\n' + END, "event 1, byte 0"),
    ("no-space", A + b"data:[DONE]\n\n", "event 2, byte 16"),
    ("extra-space", b'data:  {"a": 1}\n\n' + END, "event 1, byte 0"),
    ("other-field", b"x-trace: 1\n" + A + END, "event 1, byte 0"),
    ("several-data-lines", b'data: {\ndata: "a": 1}\n\n' + END, "event 1, byte 0"),
    ("extra-blank-line", A + b"\n" + END, "event 2, byte 16"),
]

CLEAN = [
    A + END,
    END,
    b"event: ping\n" + A + b"retry: 3000\n" + A + b"id: 1\n" + A + END,
    A + b"event: done\n" + END,
    'data: {"a": "é\u2028\x0b\x85"}\n\n'.encode() + END,
    b'data: {"a": "[DONE]"}\n\n' + END,
    b'data: {"a": "\xef\xbb\xbf"}\n\n' + END,
    b"data: not JSON\n\n" + END,
    b"id:\n" + A + END,
    b"event:\n\n" + A + END,
    A + END + b"id: 1\n",
]


@pytest.mark.parametrize(("kind", "body", "where"), VIOLATIONS)
def test_a_violation_is_noted_with_its_place(kind: str, body: bytes, where: str) -> None:
    read_stream = stream(body)
    assert [(note.kind, note.where, note.legal) for note in read_stream.notes] == [(kind, where, False)]
    assert read_stream.violations == read_stream.notes


@pytest.mark.parametrize(("kind", "body", "where"), LEGAL_IRREGULARITIES)
def test_a_legal_irregularity_is_noted_and_no_violation(kind: str, body: bytes, where: str) -> None:
    read_stream = stream(body)
    assert [(note.kind, note.where, note.legal) for note in read_stream.notes] == [(kind, where, True)]
    assert read_stream.violations == ()
    assert [json.loads(event.data) for event in read_stream.events[:-1]] == [{"a": 1}]
    assert read_stream.events[-1].data == DONE


@pytest.mark.parametrize("body", CLEAN)
def test_a_regular_stream_has_no_notes(body: bytes) -> None:
    assert kinds(body) == []


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'data: {"a": "b\nc"}\n\n' + END, ["unknown-field", "json-not-one-line"]),
        (b'data: {"a": "b\nc: d"}\n\n' + END, ["other-field", "json-not-one-line"]),
        (b"\xef\xbb\xbf\xef\xbb\xbf" + A + END, ["bom", "unknown-field"]),
        (b": \xff\n" + A + END, ["comment", "invalid-utf8"]),
        (b"data:  [DONE]\n\n", ["extra-space", "done-variant"]),
        (A[:-1] + END, ["missing-blank-line", "done-variant"]),
        (END + b'data: {"a"', ["missing-blank-line-at-end", "data-after-done"]),
        (b"id: 1\n" + A + b": PING\n\n" + END, ["comment", "empty-data"]),
        (b'{"error": {"message": "no"}}', ["unknown-field", "done-missing"]),
        (b"data: 1\nda", ["missing-blank-line-at-end", "done-missing"]),
        (b"data: 1\nd: a", ["other-field", "missing-blank-line-at-end", "done-missing"]),
        (b"data: caf\xc3", ["missing-blank-line-at-end", "done-missing"]),
        (b"data: caf\xe9.", ["missing-blank-line-at-end", "invalid-utf8", "done-missing"]),
    ],
    ids=by_value,
)
def test_one_defect_may_show_in_several_ways(body: bytes, expected: list[str]) -> None:
    assert sorted(kinds(body)) == sorted(expected)


def test_a_newline_in_json_is_noted_where_the_first_line_after_it_begins() -> None:
    places = [
        note.offset for note in stream(b'data: "a\nb\nc"\n\n' + END).notes if note.kind == "json-not-one-line"
    ]
    assert places == [9]


def test_the_kinds_are_all_tried_here() -> None:
    tried = {kind for kind, _, _ in VIOLATIONS}
    assert {kind for kind, _, _ in LEGAL_IRREGULARITIES} == LEGAL
    assert tried > SENTINEL
    assert not tried & LEGAL


def test_notes_of_a_kind_are_bounded_and_counted() -> None:
    read_stream = stream(b"data:1\n\n" * 100 + b"retry: x\n\n")
    assert read_stream.counts == {"no-space": 100, "retry-not-digits": 1, "done-missing": 1}
    assert [note.kind for note in read_stream.notes].count("no-space") == MAX_OF_A_KIND
    assert len(read_stream.notes) == MAX_OF_A_KIND + 2


@pytest.mark.parametrize(
    "body",
    [b"data: 1\n\n" * 30_000, b"\n" * 100_000, b"x\n" * 100_000, b"data: {}\n" * 30_000 + b"\n"],
    ids=["events", "blank-lines", "garbage", "data-lines"],
)
def test_a_flood_is_read_in_linear_time_with_bounded_wording(body: bytes) -> None:
    read_stream = stream(body)
    assert len(read_stream.notes) <= 2 * MAX_OF_A_KIND
    assert all(len(note.message) < 250 for note in read_stream.notes)


# -- events ------------------------------------------------------------------------------------------------


def test_an_event_has_its_fields() -> None:
    body = b": hello\nid: 7\nevent: error\ndata:{\ndata:  }\nretry: 5\n\ndata: 2\n\n"
    first, second = stream(body).events
    assert (first.number, first.offset, first.type, first.data, first.id) == (1, 0, "error", "{\n }", "7")
    assert (first.lines, first.line_count) == (("data:{", "data:  }"), 5)
    assert (second.number, second.offset, second.type, second.data, second.id) == (2, 53, "message", "2", "7")
    assert (second.lines, second.line_count) == (("data: 2",), 1)


def test_an_event_without_data_is_none_but_its_id_stays() -> None:
    (event,) = stream(b"id: 1\nevent: ping\n\ndata: 1\n\n").events
    assert (event.number, event.type, event.id) == (1, "message", "1")


def test_empty_data_is_an_event_when_there_is_a_data_line() -> None:
    assert data(b"data\n\ndata:\n\ndata\ndata\n\n") == ["", "", "\n"]


def test_an_id_with_nul_is_ignored() -> None:
    first, second = stream(b"id: 1\ndata: 1\n\nid: 2\0\ndata: 2\n\n").events
    assert (first.id, second.id) == ("1", "1")


def test_a_byte_order_mark_is_no_part_of_the_first_event() -> None:
    assert data(b"\xef\xbb\xbf" + A) == ['{"a": 1}']


def test_bytes_that_are_not_utf8_are_replaced() -> None:
    assert data(b"data: caf\xe9!\n\n") == ["caf\ufffd!"]


def test_a_comment_is_kept_with_its_time() -> None:
    read_stream = stream(b": PI", b"NG", b"\n:OK\n\n", A)
    assert [(comment.text, comment.time, comment.offset) for comment in read_stream.comments] == [
        ("PING", 2.0, 0),
        ("OK", 2.0, 7),
    ]


def test_an_event_arrives_with_the_end_of_its_blank_line() -> None:
    parts = (b"data: 1", b"\n", b"", b"\ndata: 2\r", b"\n\r", b"\n", b"data: 3\n\ndata: 4\n", b"\n")
    assert [event.time for event in stream(*parts).events] == [3.0, 5.0, 6.0, 7.0]


@pytest.mark.parametrize(
    ("rest", "cut", "lines", "line_count"),
    [
        (b"data: 2\n", "2", ["data: 2"], 1),
        (b"data: 2", "2", ["data: 2"], 1),
        (b"data: 2\r", "2", ["data: 2"], 1),
        (b'data: {"a": "b', '{"a": "b', ['data: {"a": "b'], 1),
        (b"data: caf\xc3", "caf", ["data: caf"], 1),
        (b"data: 2\ndata: 3", "2\n3", ["data: 2", "data: 3"], 2),
        (b"data: 2\nda", "2", ["data: 2"], 2),
        (b"data: 2\ndata", "2", ["data: 2"], 2),
        (b"data: 2\n: bye", "2", ["data: 2"], 1),
        (b"da", "", [], 1),
        (b"event: x", "", [], 1),
    ],
    ids=by_value,
)
def test_an_event_that_the_end_cuts_off_is_not_dispatched_but_shown(
    rest: bytes, cut: str, lines: list[str], line_count: int
) -> None:
    read_stream = stream(A, rest)
    assert [event.data for event in read_stream.events] == ['{"a": 1}']
    event = read_stream.unterminated
    assert event is not None
    assert (event.data, event.number, event.time) == (cut, 2, 1.0)
    assert (event.lines, event.line_count) == (tuple(lines), line_count)


@pytest.mark.parametrize(
    ("rest", "where"), [(b"data: 2", "in the middle of a line"), (b"data: 2\n", "without the blank line")]
)
def test_what_the_end_cuts_off_is_said(rest: bytes, where: str) -> None:
    (note,) = (one for one in stream(END, rest).notes if one.kind == "missing-blank-line-at-end")
    assert note.message.startswith(f"the stream ends {where}")


@pytest.mark.parametrize(
    "rest", [b"", b": bye", b": bye\n", b"id: 1\n", b"id: 1\n: bye", b"<p>", b"\n"], ids=by_value
)
def test_nothing_is_cut_off_where_no_event_was_begun(rest: bytes) -> None:
    assert stream(A, rest).unterminated is None


def test_a_stream_without_a_byte_has_no_events() -> None:
    read_stream = read([])
    assert (read_stream.events, read_stream.comments, read_stream.unterminated) == ((), (), None)


@settings(max_examples=300)
@given(FRAGMENTS | st.binary(max_size=60), st.lists(st.integers(0, 500)))
def test_the_events_are_the_same_however_the_bytes_are_cut(body: bytes, places: list[int]) -> None:
    def timeless(read_stream: Stream) -> Stream:
        cut_off = read_stream.unterminated
        return replace(
            read_stream,
            events=tuple(replace(event, time=0) for event in read_stream.events),
            comments=tuple(replace(comment, time=0) for comment in read_stream.comments),
            unterminated=replace(cut_off, time=0) if cut_off else None,
        )

    whole = timeless(stream(body))
    assert timeless(read(cut(body, places))) == whole
    assert timeless(read((0.0, body[at : at + 1]) for at in range(len(body)))) == whole


@given(FRAGMENTS, st.lists(st.integers(0, 500)))
def test_times_never_go_backwards(body: bytes, places: list[int]) -> None:
    times = [event.time for event in read(cut(body, places)).events]
    assert times == sorted(times)


def by_the_algorithm(body: bytes) -> list[tuple[str, str, str]]:
    """The events of a stream, as section 9.2.6 of HTML words it."""
    text = body.decode("utf-8", "replace").removeprefix("\ufeff")
    *lines, _ = re.split("\r\n|\n|\r", text)
    events = []
    buffer = kind = last_id = ""
    for line in lines:
        name, _, value = line.partition(":")
        value = value[1:] if value.startswith(" ") else value
        if line == "":
            if buffer:
                events.append((kind or "message", buffer[:-1], last_id))
            buffer = kind = ""
        elif name == "data":
            buffer += value + "\n"
        elif name == "event":
            kind = value
        elif name == "id" and "\0" not in value:
            last_id = value
    return events


@settings(max_examples=500)
@given(FRAGMENTS | st.binary(max_size=60))
def test_the_events_are_those_of_the_algorithm(body: bytes) -> None:
    assert [(event.type, event.data, event.id) for event in stream(body).events] == by_the_algorithm(body)


@given(FRAGMENTS | st.binary(max_size=60))
def test_the_sentinel_is_missing_unless_an_event_means_it(body: bytes) -> None:
    read_stream = stream(body)
    candidates = [*read_stream.events, *filter(None, [read_stream.unterminated])]
    meant = any(means_done(line) for event in candidates for line in event.data.split("\n"))
    assert ("done-missing" in read_stream.counts) == (not meant)

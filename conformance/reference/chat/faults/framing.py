"""Faults in the bytes of a stream: events, lines, encoding, the sentinel."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from conformance.reference.call import Call, Frame, Reply
from conformance.reference.change import instead, other_header
from conformance.reference.chat.faults.change import done_as
from conformance.reference.chat.faults.fault import on_events, on_frames
from conformance.reference.chat.stream import DONE, Event
from conformance.reference.fault import on_reply


def rewritten(frames: Sequence[Frame], old: bytes, new: bytes) -> list[Frame]:
    """The frames with some bytes replaced."""
    return [replace(frame, data=frame.data.replace(old, new)) for frame in frames]


@on_events("stream.done-once-and-last")
def done_missing(events: list[Event], _: Call) -> list[Event]:
    """The stream ends without [DONE]."""
    return done_as(events)


@on_events("stream.done-once-and-last")
def done_twice(events: list[Event], _: Call) -> list[Event]:
    """[DONE] comes twice."""
    return done_as(events, Event(DONE), Event(DONE))


@on_events("stream.done-once-and-last")
def data_after_done(events: list[Event], _: Call) -> list[Event]:
    """After [DONE] the first chunk comes again."""
    return [*events, events[0]]


@on_events("stream.done-once-and-last", "stream.chunks-are-chunks", "sdk.chunks-validate")
def done_as_object(events: list[Event], _: Call) -> list[Event]:
    """The stream is closed by an object instead of [DONE]."""
    return done_as(events, Event({"object": "chat.completion.done"}))


@on_events("stream.done-readable-by-clients", "sdk.stream-iterates")
def done_in_small_letters(events: list[Event], _: Call) -> list[Event]:
    """The sentinel is [done]."""
    return done_as(events, Event("[done]"))


@on_events("stream.done-readable-by-clients", "sdk.stream-iterates")
def done_quoted(events: list[Event], _: Call) -> list[Event]:
    """The sentinel is a JSON string."""
    return done_as(events, Event('"[DONE]"'))


@on_events("stream.done-readable-by-clients", "sdk.stream-iterates")
def done_after_two_spaces(events: list[Event], _: Call) -> list[Event]:
    """There is a space too many before [DONE]."""
    return done_as(events, Event(" [DONE]"))


@on_frames("stream.framing")
def last_blank_line_missing(frames: Sequence[Frame], _: Call) -> Sequence[Frame]:
    """No blank line follows [DONE], so that the event is never dispatched."""
    return [*frames[:-1], replace(frames[-1], data=frames[-1].data.rstrip(b"\n") + b"\n")]


@on_frames("stream.closes-after-done")
def open_after_done(frames: Sequence[Frame], _: Call) -> Sequence[Frame]:
    """The connection stays open for four seconds after [DONE]."""
    return [*frames, Frame(b"", 4.0)]


@on_frames("stream.framing", "sdk.stream-iterates")
def single_newlines(frames: Sequence[Frame], _: Call) -> Sequence[Frame]:
    """Events are separated by one newline, not by a blank line."""
    return [replace(frame, data=frame.data[:-1]) for frame in frames]


@on_frames("stream.framing", "sdk.stream-iterates")
def newline_inside_json(frames: Sequence[Frame], _: Call) -> Sequence[Frame]:
    """The JSON of each event is broken over two lines."""
    return rewritten(frames, b',"choices"', b',\n"choices"')


@on_frames("stream.framing", "sdk.stream-iterates")
def event_without_data(frames: Sequence[Frame], _: Call) -> Sequence[Frame]:
    """Between the events there are some with empty data."""
    return [*frames[:2], Frame(b"data:\n\n"), *frames[2:]]


@on_frames("stream.framing", "sdk.stream-iterates")
def retry_on_its_own(frames: Sequence[Frame], _: Call) -> Sequence[Frame]:
    """The stream opens with an event that only sets the reconnection time."""
    return [Frame(b"retry: 3000\n\n"), *frames]


@on_frames("stream.framing", "sdk.stream-iterates")
def field_name_in_capitals(frames: Sequence[Frame], _: Call) -> Sequence[Frame]:
    """The field name is Data."""
    return rewritten(frames, b"data: ", b"Data: ")


@on_frames("stream.framing", "sdk.stream-iterates")
def lines_indented(frames: Sequence[Frame], _: Call) -> Sequence[Frame]:
    """Each line begins with a space."""
    return rewritten(frames, b"data: ", b" data: ")


@on_frames("stream.framing", "sdk.stream-iterates")
def lines_without_field_name(frames: Sequence[Frame], _: Call) -> Sequence[Frame]:
    """The events are bare lines of JSON."""
    return rewritten(frames, b"data: ", b"")


@on_frames("stream.framing", "sdk.stream-iterates")
def byte_order_marks_inside(frames: Sequence[Frame], _: Call) -> Sequence[Frame]:
    """Every event begins with a byte order mark."""
    return [replace(frame, data=b"\xef\xbb\xbf" + frame.data) for frame in frames]


@on_frames("stream.framing", "sdk.stream-iterates")
def latin_1_stream(frames: Sequence[Frame], _: Call) -> Sequence[Frame]:
    """The stream is written in ISO-8859-1."""
    return [replace(f, data=f.data.decode().encode("latin-1", "replace")) for f in frames]


@on_frames("stream.chunks-are-chunks", "sdk.stream-iterates")
def two_documents_in_an_event(frames: Sequence[Frame], _: Call) -> Sequence[Frame]:
    """The second event holds two JSON documents."""
    if len(frames) < 4:
        return frames
    joined = frames[1].data.rstrip(b"\n") + frames[2].data.removeprefix(b"data: ")
    return [frames[0], replace(frames[1], data=joined), *frames[3:]]


@on_frames("stream.chunks-are-chunks", "sdk.stream-iterates")
def chunk_cut_short(frames: Sequence[Frame], _: Call) -> Sequence[Frame]:
    """The JSON of the second event is cut off."""
    return [frames[0], replace(frames[1], data=frames[1].data[:-20] + b"\n\n"), *frames[2:]]


@on_frames("envelope.json-strict")
def duplicate_member_in_chunks(frames: Sequence[Frame], _: Call) -> Sequence[Frame]:
    """The chunks have their id twice."""
    return rewritten(frames, b'data: {"id"', b'data: {"id":"chatcmpl-x","id"')


@on_reply("stream.content-type")
def stream_labelled_json(reply: Reply, _: Call) -> Reply:
    """The Content-Type of a stream is application/json."""
    return _labelled(reply, "application/json")


@on_reply("stream.content-type")
def stream_labelled_plain(reply: Reply, _: Call) -> Reply:
    """The Content-Type of a stream is text/plain."""
    return _labelled(reply, "text/plain; charset=utf-8")


@on_reply("stream.refusal-is-http-error")
def refusal_as_event(reply: Reply, call: Call) -> Reply:
    """An invalid streamed request gets status 200 and the error as an event."""
    if reply.status < 400 or reply.status == 401 or call.json().get("stream") is not True:
        return reply
    headers = other_header(reply.headers, "content-type", "text/event-stream")
    events = (Frame(b"data: " + reply.body + b"\n\n"), Frame(b"data: [DONE]\n\n"))
    return Reply(200, headers, events, streamed=True)


@on_reply("stream.refusal-is-http-error")
def refusal_is_empty_when_streamed(reply: Reply, call: Call) -> Reply:
    """An invalid streamed request gets an empty JSON object and status 200."""
    refused = 400 <= reply.status < 500 and reply.status != 401
    return instead(reply, {}, 200) if refused and call.json().get("stream") is True else reply


def _labelled(reply: Reply, content_type: str) -> Reply:
    if not reply.streamed:
        return reply
    return replace(reply, headers=other_header(reply.headers, "content-type", content_type))


@on_frames("stream.framing", "sdk.stream-iterates")
def comment_after_an_id(frames: Sequence[Frame], _: Call) -> Sequence[Frame]:
    """The second event is an id and a comment, which some clients take for an event without data."""
    return [frames[0], Frame(b"id: 1\n: ping\n\n"), *frames[1:]]


@on_frames("stream.framing", "sdk.stream-iterates")
def character_halved(frames: Sequence[Frame], _: Call) -> Sequence[Frame]:
    """Of each character of several bytes the last byte is missing."""
    return [replace(frame, data=re.sub(rb"[\x80-\xbf](?![\x80-\xbf])", b"", frame.data)) for frame in frames]

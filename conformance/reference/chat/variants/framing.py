"""Variants in the lines of a stream of server-sent events."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import cycle

from conformance.contracts.chat.sources import DEEPSEEK, WHATWG
from conformance.reference.call import Call, Frame
from conformance.reference.chat.faults.fault import on_frames
from conformance.reference.variant import legal

Frames = Sequence[Frame]

DATALESS = "a blank line without data before it"
"""What openai-python takes for an event once one had an id, and fails on."""


def each_line(frames: Frames, edit: Callable[[bytes], bytes]) -> list[Frame]:
    """The frames with every data line edited, without its end."""
    return [
        replace(
            frame,
            data=b"\n".join(
                edit(line) if line.startswith(b"data:") else line for line in frame.data.split(b"\n")
            ),
        )
        for frame in frames
    ]


def before_each(frames: Frames, text: bytes) -> list[Frame]:
    """The frames with some bytes before each event."""
    return [replace(frame, data=text + frame.data) for frame in frames]


@legal(WHATWG.field, aspect="data lines")
@on_frames()
def several_data_lines(frames: Frames, _: Call) -> list[Frame]:
    """The JSON of an event is indented, with a data line for each of its lines."""

    def edit(line: bytes) -> bytes:
        text = line.removeprefix(b"data:").strip()
        if not text.startswith(b"{"):
            return line
        pretty = json.dumps(json.loads(text), ensure_ascii=False, indent=1)
        return b"\n".join(b"data: " + one.encode() for one in pretty.split("\n"))

    return each_line(frames, edit)


@legal(WHATWG.field, aspect="data lines")
@on_frames()
def no_space_after_data(frames: Frames, _: Call) -> list[Frame]:
    """There is no space after `data:`."""
    return each_line(frames, lambda line: line.replace(b"data: ", b"data:", 1))


@legal(WHATWG.field, aspect="event field")
@on_frames()
def events_named_message(frames: Frames, _: Call) -> list[Frame]:
    """Every event has the field event, with the type that it has anyway."""
    return before_each(frames, b"event: message\n")


@legal(WHATWG.field, aspect="event field")
@on_frames()
def events_with_an_empty_name(frames: Frames, _: Call) -> list[Frame]:
    """Every event has the field event without a value."""
    return before_each(frames, b"event\n")


@legal(WHATWG.field, aspect=DATALESS)
@on_frames()
def events_with_ids(frames: Frames, _: Call) -> list[Frame]:
    """Every event has an id."""
    return [replace(frame, data=b"id: %d\n" % number + frame.data) for number, frame in enumerate(frames)]


@legal(WHATWG.field)
@on_frames()
def retry_in_an_event(frames: Frames, _: Call) -> list[Frame]:
    """The first event sets the time after which to reconnect."""
    return [*before_each(frames[:1], b"retry: 3000\n"), *frames[1:]]


@legal(WHATWG.ignored)
@on_frames()
def fields_of_its_own(frames: Frames, _: Call) -> list[Frame]:
    """Every event has a field that the standard does not know."""
    return before_each(frames, b"x-trace: 00-4bf92f35-01\n")


@legal(WHATWG.comment, aspect="comments")
@on_frames()
def comment_first(frames: Frames, _: Call) -> list[Frame]:
    """The stream begins with a comment of two kilobytes, which gets it through a buffer."""
    return [Frame(b":" + b" " * 2048 + b"\n\n", frames[0].delay), replace(frames[0], delay=0.0), *frames[1:]]


@legal(DEEPSEEK.keep_alive, aspect=("comments", DATALESS))
@on_frames()
def comments_between(frames: Frames, _: Call) -> list[Frame]:
    """Comments between the events keep the connection alive."""
    return [piece for frame in frames for piece in (Frame(b": keep-alive\n\n"), frame)]


@legal(WHATWG.comment, aspect="comments")
@on_frames()
def comments_inside(frames: Frames, _: Call) -> list[Frame]:
    """Each event has a comment, which looks like data."""
    return before_each(frames, b':data: {"choices":[]}\n:\n')


@legal(WHATWG.comment, aspect=("comments", DATALESS))
@on_frames()
def comment_last(frames: Frames, _: Call) -> list[Frame]:
    """A comment comes after [DONE]."""
    return [*frames, Frame(b": bye\n\n")]


@legal(WHATWG.event, aspect=DATALESS)
@on_frames()
def blank_lines_between(frames: Frames, _: Call) -> list[Frame]:
    """Events are separated by several blank lines."""
    return [replace(frame, data=frame.data + b"\n\n") for frame in frames]


@legal(WHATWG.event)
@on_frames()
def blank_lines_first(frames: Frames, _: Call) -> list[Frame]:
    """The stream begins with blank lines."""
    return [*before_each(frames[:1], b"\n\n\n"), *frames[1:]]


@legal(WHATWG.event, aspect="line ends")
@on_frames()
def lines_end_with_crlf(frames: Frames, _: Call) -> list[Frame]:
    """Lines end with CR LF."""
    return _ending(frames, (b"\r\n",))


@legal(WHATWG.event, aspect="line ends")
@on_frames()
def lines_end_with_cr(frames: Frames, _: Call) -> list[Frame]:
    """Lines end with CR."""
    return _ending(frames, (b"\r",))


@legal(WHATWG.event, aspect="line ends")
@on_frames()
def lines_end_in_three_ways(frames: Frames, _: Call) -> list[Frame]:
    """The lines of one event end with LF, those of the next with CR LF, those of the one after with CR."""
    return _ending(frames, (b"\n", b"\r\n", b"\r"))


def _ending(frames: Frames, ends: tuple[bytes, ...]) -> list[Frame]:
    each = zip(frames, cycle(ends), strict=False)
    return [replace(frame, data=frame.data.replace(b"\n", end)) for frame, end in each]

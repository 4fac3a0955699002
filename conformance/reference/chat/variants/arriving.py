"""Variants in when the bytes of a stream arrive, and in what pieces.

Those of the time come first: they are told by events, and what is in pieces has none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise

from conformance.contracts.chat.sources import AZURE, METHOD, OPENAI, RFC
from conformance.reference.call import Call, Frame
from conformance.reference.chat.faults.fault import on_frames
from conformance.reference.variant import legal

Frames = Sequence[Frame]

BEFORE_THE_FIRST = 1.5
"""Seconds of thinking before a slow first token."""


def cut(frames: Frames, places: Iterable[int]) -> list[Frame]:
    """The same bytes in other pieces; each arrives when the frame does in which it ends."""
    whole = b"".join(frame.data for frame in frames)
    due: list[tuple[int, float]] = []
    end, time = 0, 0.0
    for frame in frames:
        end, time = end + len(frame.data), time + frame.delay
        due.append((end, time))
    waiting = iter(due)
    limit, now = next(waiting, (0, 0.0))
    sent, found = 0.0, []
    for start, stop in pairwise(sorted({0, len(whole), *places})):
        while limit < stop:
            limit, now = next(waiting)
        found.append(Frame(whole[start:stop], now - sent))
        sent = now
    return found


def inside(frames: Frames, sign: bytes, offset: int) -> Iterator[int]:
    """The places so many bytes after each occurrence of a sign."""
    whole = b"".join(frame.data for frame in frames)
    place = whole.find(sign)
    while place >= 0:
        yield place + offset
        place = whole.find(sign, place + 1)


@legal(AZURE.buffering, aspect=("time", "deltas"))
@on_frames()
def events_in_groups(frames: Frames, _: Call) -> list[Frame]:
    """Events arrive in groups of eight, as from a service that looks at the text before it passes it on."""
    groups = [frames[start : start + 8] for start in range(0, len(frames), 8)]
    return [Frame(b"".join(f.data for f in group), sum(f.delay for f in group)) for group in groups]


@legal(
    METHOD.practice,
    aspect="time",
    inconclusive=(
        "stream.incremental",
        "stream.begins-before-the-end",
        "transport.no-cross-talk-in-streams",
    ),
)
@on_frames()
def too_fast_to_tell(frames: Frames, _: Call) -> list[Frame]:
    """The service is so fast that everything arrives together, at once."""
    return [Frame(b"".join(frame.data for frame in frames))]


@legal(OPENAI.stream, aspect="time")
@on_frames()
def first_token_slow(frames: Frames, _: Call) -> list[Frame]:
    """The first token takes its time, and the others come quickly after it."""
    first, *rest = frames
    quick = [replace(frame, delay=frame.delay * 0.9) for frame in rest]
    return [replace(first, delay=BEFORE_THE_FIRST), *quick]


@legal(OPENAI.stream, aspect="time")
@on_frames()
def pace_uneven(frames: Frames, call: Call) -> list[Frame]:
    """Some tokens come late, and others all the faster."""
    return [replace(frame, delay=frame.delay * call.chance.choice((0.1, 0.5, 1, 4))) for frame in frames]


@legal(OPENAI.stream, aspect="time")
@on_frames()
def pause_in_the_middle(frames: Frames, _: Call) -> list[Frame]:
    """Nothing comes for a while in the middle of a stream."""
    half = len(frames) // 2
    return [*frames[:half], replace(frames[half], delay=1.0), *frames[half + 1 :]]


@legal(RFC.pieces, aspect="pieces")
@on_frames()
def bytes_one_by_one(frames: Frames, _: Call) -> list[Frame]:
    """Every byte is a piece of its own."""
    return cut(frames, range(sum(len(frame.data) for frame in frames)))


@legal(RFC.pieces, aspect="pieces")
@on_frames()
def pieces_of_any_size(frames: Frames, call: Call) -> list[Frame]:
    """The bytes arrive in pieces of any size, across events, lines and characters."""
    length = sum(len(frame.data) for frame in frames)
    return cut(frames, (call.chance.randrange(length) for _ in range(length // 120)))


@legal(RFC.pieces, aspect="pieces")
@on_frames()
def pieces_across_events(frames: Frames, _: Call) -> list[Frame]:
    """Each piece ends in the middle of the blank line after an event."""
    blank = (b"\n\n", b"\r\n\r\n", b"\r\r")
    return cut(frames, (place for ends in blank for place in inside(frames, ends, 1)))


@legal(RFC.pieces, aspect="pieces")
@on_frames()
def pieces_inside_characters(frames: Frames, _: Call) -> list[Frame]:
    """Every character of more than one byte is cut into pieces, and so is every escape."""
    whole = b"".join(frame.data for frame in frames)
    letters = (place for place, byte in enumerate(whole) if 0x80 <= byte < 0xC0)
    ends = accumulate(len(frame.data) for frame in frames)
    return cut(frames, (*ends, *letters, *inside(frames, b"\\u", 3), *inside(frames, b"\\", 1)))


@legal(RFC.pieces, aspect=("pieces", "line ends"))
@on_frames()
def pieces_between_cr_and_lf(frames: Frames, _: Call) -> list[Frame]:
    """Lines end with CR LF, and each piece ends between the two."""
    whole = [replace(frame, data=frame.data.replace(b"\n", b"\r\n")) for frame in frames]
    return cut(whole, inside(whole, b"\r\n", 1))

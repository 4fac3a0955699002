"""Places in bytes: narrowed down, merged, and filled with something else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

Chunks = tuple[tuple[float, bytes], ...]

Place = tuple[int, int]
"""Where something begins and ends."""

Span = tuple[int, int, bytes]
"""Where a piece begins and ends, and what is to stand there instead."""

MOST = 200
"""Places that are told apart; where there are more, they are one."""


def joined(chunks: Chunks) -> bytes:
    """The whole."""
    return b"".join(data for _, data in chunks)


def replaced(chunks: Chunks, spans: Sequence[Span]) -> Chunks:
    """The chunks with something else in place of these spans of the whole, which are in order."""
    whole = joined(chunks)
    parts = []
    done = end = number = 0
    for at, data in chunks:
        end += len(data)
        part = []
        while number < len(spans) and spans[number][0] < end:
            start, stop, instead = spans[number]
            part += [whole[done:start], instead]
            done, number = stop, number + 1
        part.append(whole[done:end])
        done = max(done, end)
        parts.append((at, b"".join(part)))
    return tuple(parts)


def blanked(data: bytes, places: Iterable[Place]) -> bytes:
    """The bytes with nothing to be found in these places, and all others where they were."""
    blank = bytearray(data)
    for start, stop in places:
        blank[start:stop] = b"\x7f" * (stop - start)
    return bytes(blank)


def merged(data: bytes, places: Iterable[Place]) -> list[Place]:
    """The places in order, none within another, and none that begins or ends within a character."""
    found: list[Place] = []
    for place in sorted(places):
        start, stop = (_whole(data, at, step) for at, step in zip(place, (-1, 1), strict=True))
        if found and start < found[-1][1]:
            start, stop = found[-1][0], max(stop, found.pop()[1])
        found.append((start, stop))
    return found


def _whole(data: bytes, at: int, step: int) -> int:
    """The nearest place in this direction that is not within a character."""
    while 0 < at < len(data) and data[at] & 0xC0 == 0x80:
        at += step
    return at


def narrowed(data: bytes, holds: Callable[[bytes], bool]) -> list[Place]:
    """The words, or the few words together, of which something holds; where these are many, everything."""
    found: list[Place] = []
    for start, stop in _narrowed(data, 0, len(data), holds):
        found.append(_trimmed(data, start, stop))
        if len(found) > MOST:
            return [(0, len(data))]
    return found


def _narrowed(data: bytes, start: int, stop: int, holds: Callable[[bytes], bool]) -> Iterator[Place]:
    middle = _edge(data, start, stop)
    if middle is None:
        yield start, stop
        return
    halves = [half for half in ((start, middle), (middle, stop)) if holds(data[half[0] : half[1]])]
    for half in halves:
        yield from _narrowed(data, *half, holds)
    reach = 64
    while not halves:
        left, right = max(start, middle - reach), min(stop, middle + reach)
        if (left, right) == (start, stop) or holds(data[left:right]):
            yield left, right
            return
        reach *= 2


def _trimmed(data: bytes, start: int, stop: int) -> Place:
    """The place without the spaces and quotation marks around it; escaped ones too."""
    left = len(data[start:stop]) - len(data[start:stop].lstrip(_AROUND))
    return start + left, start + len(data[start:stop].rstrip(_AROUND + b"\\"))


def _edge(data: bytes, start: int, stop: int) -> int | None:
    """Where a word begins or ends, near the middle."""
    middle = (start + stop) // 2
    before = max(data.rfind(edge, start + 1, middle) for edge in _EDGES)
    if before > 0:
        return before
    after = [at for edge in _EDGES if (at := data.find(edge, middle, stop - 1)) > start]
    return min(after, default=None)


_EDGES = (b'"', b" ", b"\n", b"\r", b"\t")
_AROUND = b"".join(_EDGES)

"""What a body says only when its pieces are put together, as text is that comes word by word.

The pieces that a reader puts together are the strings at one place of the JSON texts in a body: of the events
of a stream, of the lines of another, or of an array. Which choice or call they belong to `index` tells, or
their place in the array. What is no JSON, or too much of it, is read as strings with names.
"""

from __future__ import annotations

import json
from array import array
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from heapq import merge
from itertools import islice
from typing import Any, NamedTuple

from conformance.wire.bounded import MISSING
from conformance.wire.redact.glance import Find, suspect
from conformance.wire.redact.secret import SHORTEST
from conformance.wire.redact.spans import Span, joined, replaced
from conformance.wire.redact.texts import strings, texts, value_of

_MOST_CELLS = 10_000
"""Places that are told apart; whatever stands at further ones is read as one text."""

_FAR = 32
"""Places in an array from which on they are not told apart."""

_OF_A_TOKEN = ("token", "bytes", "top_logprobs")
"""What log probabilities say of a token: itself, again as bytes, and what might have stood there instead."""

_HOLDING = (str, list, dict)

Key = tuple[Hashable, int, int, int]
"""A place: names, the values of `index` on the way, and the first and the last place in an array."""

_OTHERS: Key = (None, 0, 0, 0)

Ids = dict[tuple[Hashable, Hashable], int]
"""A number for each name, or value of `index`, after another: so all places take equally little room."""

_SHIFT = 20
_LAST = 2**_SHIFT - 1


class _Piece(NamedTuple):
    """A string: its place, and what holds it under which name or number: nothing, in what is unreadable."""

    key: Key
    text: str
    container: Any = None
    step: Any = None


class _Cell:
    """The strings at one place: what they are, and in which text, at which number of its strings."""

    __slots__ = ("numbers", "texts")

    def __init__(self, numbers: Iterable[int] = (), texts: Iterable[str] = ()) -> None:
        self.numbers = array("Q", numbers)
        self.texts = list(texts)


def in_pieces(whole: bytes, find: Find, mark: str) -> list[Span]:
    """The texts in which something is found only when pieces are put together, with the mark in its place."""
    if not suspect(whole, find):
        return []
    ids: Ids = {}
    cells: dict[Key, _Cell] = {}
    read: list[tuple[int, int, bytes]] = []
    for text in texts(whole):
        for number, piece in enumerate(_pieces([text.value], text.data, ids)):
            cell = cells.get(piece.key)
            if cell is None:
                key = piece.key if len(cells) < _MOST_CELLS else _OTHERS
                cell = cells.setdefault(key, _Cell())
            cell.texts.append(piece.text)
            cell.numbers.append((len(read) << _SHIFT) + min(number, _LAST))
        read.append(text[:3])
    marked: dict[int, dict[int, str]] = defaultdict(dict)
    for cell in _put_together(cells):
        for number, instead in _found(cell, find, mark):
            marked[number >> _SHIFT].setdefault(number & _LAST, instead)
    return [
        (start, stop, _marked(data, marked[number], mark))
        for number, (start, stop, data) in enumerate(read)
        if number in marked
    ]


def _pieces(root: list[Any], data: bytes, ids: Ids) -> Iterable[_Piece]:
    """The strings in the value that `root` holds, in order, each with its place."""
    if root[0] is MISSING:
        return (_Piece((name, kind, 0, 0), text) for name, kind, text in strings(data))
    found: list[_Piece] = []
    _take(root, 0, root[0], (0, 0, -1, -1), ids, found)
    return found


def _gather(container: Any, place: Key, ids: Ids, found: list[_Piece]) -> None:
    names, index, first, last = place
    if isinstance(container, dict):
        own = container.get("index")
        if type(own) is int:
            index = ids.setdefault((index, own), len(ids) + 1)
        for name, value in container.items():
            if value and type(value) in _HOLDING:
                inner = ids.setdefault((names, name), len(ids) + 1)
                _take(container, name, value, (inner, index, first, last), ids, found)
    else:
        for number, value in enumerate(container):
            if value and type(value) in _HOLDING:
                at = min(number, _FAR)
                _take(container, number, value, (names, index, at if first < 0 else first, at), ids, found)


def _take(container: Any, step: Any, value: Any, place: Key, ids: Ids, found: list[_Piece]) -> None:
    if isinstance(value, str):
        found.append(_Piece(place, value, container, step))
    elif isinstance(value, list) and value and type(value[0]) is int:
        # The bytes of a token, or of a text, one by one.
        try:
            found.append(_Piece(place, bytes(value).decode("latin-1"), container, step))
        except (TypeError, ValueError):
            _gather(value, place, ids, found)
    elif isinstance(value, list | dict):
        _gather(value, place, ids, found)


def _put_together(cells: dict[Key, _Cell]) -> Iterator[_Cell]:
    """The strings that a reader might put together: of equal names, told apart in one way or another."""
    together: dict[Hashable, list[_Cell]] = defaultdict(list)
    for (names, index, first, last), cell in cells.items():
        for group in ((names,), (names, index), (names, None, first), (names, index, None, last)):
            together[group].append(cell)
    seen = set()
    for members in together.values():
        which = tuple(map(id, members))
        if which not in seen:
            seen.add(which)
            yield members[0] if len(members) == 1 else _merged(members)


def _merged(cells: Iterable[_Cell]) -> _Cell:
    whole = _Cell()
    for number, text in merge(*(zip(cell.numbers, cell.texts, strict=True) for cell in cells)):
        whole.numbers.append(number)
        whole.texts.append(text)
    return whole


def _found(cell: _Cell, find: Find, mark: str) -> Iterator[tuple[int, str]]:
    """In which strings something is found once they are together: by number, what is left of each."""
    texts = cell.texts
    alike = texts.count(texts[0]) == len(texts)
    if (alike and len(texts[0]) < SHORTEST) or sum(map(len, texts)) < SHORTEST:
        return
    whole = "".join(texts).encode("utf-8", "surrogatepass")
    places = find(whole)
    if not places:
        return
    end = done = 0
    for number, text in zip(cell.numbers, texts, strict=True):
        start, end = end, end + len(text.encode("utf-8", "surrogatepass"))
        spans = []
        for first, last in islice(places, done, None):
            if first >= end:
                break
            done += last <= end
            # Where it begins there is the mark, and nothing where it only goes on.
            spans.append((max(first - start, 0), min(last, end) - start, mark.encode() * (first >= start)))
        if spans:
            left = replaced(((0.0, whole[start:end]),), spans)
            yield number, joined(left).decode("utf-8", "surrogatepass")


def _marked(data: bytes, numbers: Mapping[int, str], mark: str) -> bytes:
    """The text with something else in place of these strings; of what is unreadable nothing is left."""
    root = [value_of(data)]
    pieces = list(_pieces(root, data, {})) if root[0] is not MISSING else []
    if not pieces or pieces[0].container is None:
        return mark.encode()
    for number, instead in numbers.items():
        container, step = pieces[number].container, pieces[number].step
        if step not in _OF_A_TOKEN or not isinstance(container.get("token"), str):
            container[step] = instead if isinstance(container[step], str) else mark
            continue
        # What stands for a token once more, or in its place, is nobody's to read either.
        container.update({name: None for name in _OF_A_TOKEN[1:] if name in container})
        if step == "token":
            container["token"] = instead
        elif container["token"]:
            container["token"] = mark
    return json.dumps(root[0]).encode()

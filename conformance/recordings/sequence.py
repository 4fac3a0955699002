"""The items of a YAML cassette, one at a time: memory is bounded by one interaction, not by the file.

Recorders write the interactions as a block sequence, so an item begins where a line begins with its dash.
Each is parsed by itself, and a damaged one costs itself. Tags name classes of other languages; nothing is
ever made of them but texts, lists and mappings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, BinaryIO

import yaml

from conformance.recordings.entry import MAX_ENTRY, MalformedError

HEAD = re.compile(rb"^(?:(?:http_)?interactions| +entries):\s*(?:#.*)?$")
"""The line before the first item: of a VCR, or of a HAR in YAML. PHP-VCR has none."""

_NOTHING_YET = re.compile(rb"\s*(?:#.*|%.*|---\s*(?:#.*)?)?\s*")
_DASH = re.compile(rb"( *)-[ \r\n]")

_PIECE = 2**16
_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Item:
    """An item: its number and first line, both from 1; `raw` is None where it is longer than MAX_ENTRY."""

    number: int
    line: int
    raw: bytes | None


class SharedError(MalformedError):
    """An item refers to another one, so it cannot be read alone."""


class _Loader(_BASE):  # type: ignore[misc]
    """Reads texts, numbers, lists and mappings, whatever the tags say."""

    # Dates stay texts: the bodies of parsed JSON have none.
    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML declares it so
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
        for first, resolvers in _BASE.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        """A name may be an object of another language: its first item is what it says."""
        if isinstance(node, yaml.MappingNode):
            node.value = [(_name(key), value) for key, value in node.value]
        return super().construct_mapping(node, deep=deep)

    def flatten_mapping(self, node: Any) -> None:
        """Merge keys are not followed: no recorder writes them, and a few lines of them grow endlessly."""


def _name(node: Any) -> Any:
    """The text that stands for a name; aiohttp's headers have `!!python/object/apply:…istr [Accept]`."""
    while isinstance(node, yaml.SequenceNode) and node.value:
        node = node.value[0]
    return node


def _untyped(loader: Any, node: Any) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor(None, _untyped)
_Loader.add_constructor("!binary", _BASE.construct_yaml_binary)


def parsed(raw: bytes) -> Any:
    """The value of a YAML text. Raises MalformedError, with the place in the text."""
    try:
        return yaml.load(raw, Loader=_Loader)  # noqa: S506 - made from a safe loader, and stricter
    except yaml.composer.ComposerError as error:
        if "undefined alias" in str(error):
            raise SharedError("it refers to another interaction") from None
        raise MalformedError(_words(error)) from None
    except (yaml.YAMLError, ValueError, RecursionError, TypeError) as error:
        raise MalformedError(_words(error)) from None


def documents(raw: bytes) -> list[Any]:
    """The values of all documents of a YAML text. Raises MalformedError, with the place in the text."""
    try:
        return list(yaml.load_all(raw, Loader=_Loader))
    except (yaml.YAMLError, ValueError, RecursionError, TypeError) as error:
        raise MalformedError(_words(error)) from None


def _words(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f" (line {mark.line + 1} of it)" if mark is not None else ""
    return f"not YAML that can be read: {getattr(error, 'problem', None) or type(error).__name__}{where}"


def is_named(head: bytes) -> bool:
    """Whether a sequence of exchanges begins here, by a name that few other files have."""
    return any(HEAD.match(line) for line in head.splitlines())


def items(file: BinaryIO) -> Iterator[Item]:
    """The items of the sequence of exchanges, in order; none where there is no such sequence."""
    indent: bytes | None = None
    number = begin = 0
    parts: list[bytes] = []
    size = 0

    def item() -> Item:
        return Item(number, begin, b"".join(parts) if size <= MAX_ENTRY else None)

    for line, text, first in _from_the_first(_lines(file)):
        if first and text.strip() and not text.lstrip().startswith(b"#"):
            dash = _DASH.match(text)
            if indent is None and dash is not None:
                indent = dash[1]
            if indent is None:
                return
            if dash is not None and dash[1] == indent:
                if parts:
                    yield item()
                number, begin, parts, size = number + 1, line, [], 0
            elif len(text) - len(text.lstrip(b" ")) <= len(indent):
                break
        if number:
            size += len(text)
            if size <= MAX_ENTRY:
                parts.append(text)
    if parts:
        yield item()


Line = tuple[int, bytes, bool]


def _from_the_first(lines: Iterator[Line]) -> Iterator[Line]:
    """The lines from the first item on: behind the name of the sequence, or where the file begins."""
    empty = True
    for one in lines:
        _, text, first = one
        if first and HEAD.match(text):
            return lines
        if empty and first and _DASH.match(text):
            return chain([one], lines)
        empty = empty and _NOTHING_YET.fullmatch(text) is not None
    return lines


def _lines(file: BinaryIO) -> Iterator[Line]:
    """Lines in pieces of bounded length: number, piece, and whether it is the first of its line."""
    number, first = 1, True
    while piece := file.readline(_PIECE):
        yield number, piece, first
        first = piece.endswith(b"\n")
        number += first

"""The items of a YAML cassette, one at a time: memory is bounded by one interaction, not by the file.

Recorders write the interactions as a block sequence, so an item begins where a line begins with its dash.
Each is parsed by itself, and a damaged one costs itself. Tags name classes of other languages; nothing is
ever made of them but texts, lists and mappings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import yaml

from conformance.recordings.entry import MAX_ENTRY, MalformedError

HEAD = re.compile(rb"^(?:http_)?interactions:\s*(?:#.*)?$")
"""The line before the first item."""

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

    def flatten_mapping(self, node: Any) -> None:
        """Merge keys are not followed: no recorder writes them, and a few lines of them grow endlessly."""


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


def _words(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f" (line {mark.line + 1} of it)" if mark is not None else ""
    return f"not YAML that can be read: {getattr(error, 'problem', None) or type(error).__name__}{where}"


def items(file: BinaryIO) -> Iterator[Item]:
    """The items of the sequence of interactions, in order; none where there is no such sequence."""
    dash: bytes | None = None
    number = begin = 0
    parts: list[bytes] = []
    size = 0

    def item() -> Item:
        return Item(number, begin, b"".join(parts) if size <= MAX_ENTRY else None)

    lines = _lines(file)
    if not any(HEAD.match(text) for _, text, whole in lines if whole):
        return
    for line, text, first in lines:
        if first and text.strip() and not text.lstrip().startswith(b"#"):
            indent = text[: len(text) - len(text.lstrip(b" "))]
            if dash is None and text.lstrip(b" ").startswith(b"- "):
                dash = indent + b"- "
            if dash is None:
                return
            if text.startswith(dash):
                if parts:
                    yield item()
                number, begin, parts, size = number + 1, line, [], 0
            elif len(indent) < len(dash) - 1:
                break
        if number:
            size += len(text)
            if size <= MAX_ENTRY:
                parts.append(text)
    if parts:
        yield item()


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes, bool]]:
    """Lines in pieces of bounded length: number, piece, and whether it is the first of its line."""
    number, first = 1, True
    while piece := file.readline(_PIECE):
        yield number, piece, first
        first = piece.endswith(b"\n")
        number += first

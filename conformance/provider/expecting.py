"""Known failures as text of providers.yaml, and how they are added to it without touching anything else."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from conformance.provider import located
from conformance.provider.load import parse
from conformance.provider.model import Expected

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
_WORDS = frozenset(("true", "false", "null"))
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")

Entries = Mapping[str, Sequence[Expected]]
"""Known failures by provider."""


class EditError(ValueError):
    """The file cannot be edited safely. One line: the place, why, and what to do instead."""


def as_yaml(entries: Entries) -> str:
    """The entries as they stand in a providers.yaml that has nothing else."""
    lines = ["providers:"]
    for provider, expected in entries.items():
        lines += [f"  {_quoted(provider)}:", "    expected:", *(f"      {_item(one)}" for one in expected)]
    return "\n".join(lines) + "\n"


def missing(data: bytes, file: str, entries: Entries) -> Entries:
    """The entries for requirements that the file does not expect to fail yet. Raises ProvidersError."""
    known = parse(data, file).entries
    there = {
        name: {one.requirement for one in known[name].expected} if name in known else set()
        for name in entries
    }
    left = {
        name: [one for one in expected if one.requirement not in there[name]]
        for name, expected in entries.items()
    }
    return {name: expected for name, expected in left.items() if expected}


def added(data: bytes, file: str, entries: Entries) -> bytes:
    """The bytes of a providers.yaml with the entries added, every other byte as it was.

    None of them may be there yet. Raises ProvidersError where the file is wrong, EditError where the place to
    add them is not a plain one, or a provider is not there.
    """
    parse(data, file)
    text = data.decode("utf-8")
    marked = "\ufeff" if text.startswith("\ufeff") else ""
    lines = _lines(text.removeprefix("\ufeff"))
    end = next((found[0] for found in map(_BREAK.search, lines) if found), "\n")
    insertions = sorted(
        (
            _insertion(text.removeprefix("\ufeff"), file, provider, expected)
            for provider, expected in entries.items()
        ),
        reverse=True,
    )
    for at, new in insertions:
        if at == len(lines) and lines and not _BREAK.search(lines[-1]):
            lines[-1] += end
        lines[at:at] = [f"{one}{end}" for one in new]
    result = (marked + "".join(lines)).encode()
    _check(data, result, file, entries)
    return result


def _check(before: bytes, after: bytes, file: str, entries: Entries) -> None:
    """Nothing but what was wanted may have changed: the text is edited, and YAML has many forms."""
    wanted = copy.deepcopy(located.read(before, file).data)
    for provider, expected in entries.items():
        known = wanted["providers"][provider].setdefault("expected", [])
        known += [_value(one) for one in expected]
    try:
        parse(after, file)
        unchanged = located.read(after, file).data == wanted
    except ValueError:
        unchanged = False
    if not unchanged:
        raise EditError(
            f"{file}: its form is too unusual to be edited; paste what is printed without --write"
        )


def _insertion(text: str, file: str, provider: str, expected: Sequence[Expected]) -> tuple[int, list[str]]:
    """Before which line what has to stand."""
    providers = _member(yaml.compose(text, yaml.SafeLoader), "providers")
    entry = _member(providers, provider)
    if entry is None:
        raise EditError(f"{file}: has no provider {provider!r}; name the right file with --providers-file")
    items = [_item(one) for one in expected]
    known = _member(entry, "expected")
    for node in (providers, entry, known):
        if node is not None and (node.flow_style or not node.value):
            place = f"{file}:{node.start_mark.line + 1}:{node.start_mark.column + 1}"
            raise EditError(
                f"{place}: what stands in braces or brackets is not edited; paste what is printed without "
                "--write"
            )
    if known is not None:
        indent = " " * known.start_mark.column
        return _last_line(known) + 1, [f"{indent}{item}" for item in items]
    indent = " " * entry.value[0][0].start_mark.column
    return _last_line(entry) + 1, [f"{indent}expected:", *(f"{indent}  {item}" for item in items)]


def _member(node: Any, key: str) -> Any:
    return next((value for name, value in node.value if name.value == key), None)


def _last_line(node: Any) -> int:
    """The line, from 0, on which the last scalar within the node ends."""
    while isinstance(node, yaml.CollectionNode) and node.value and not node.flow_style:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    mark = node.end_mark
    # A block scalar ends where the next line begins.
    return int(mark.line - 1 if mark.column == 0 and mark.line > node.start_mark.line else mark.line)


def _lines(text: str) -> list[str]:
    """The lines with their breaks, as the YAML parser counts them."""
    return list(_split(text))


def _split(text: str) -> Iterator[str]:
    at = 0
    for found in _BREAK.finditer(text):
        yield text[at : found.end()]
        at = found.end()
    if at < len(text):
        yield text[at:]


def _item(one: Expected) -> str:
    return "- {" + ", ".join(f"{name}: {_quoted(value)}" for name, value in _value(one).items()) + "}"


def _value(one: Expected) -> dict[str, str]:
    value = {"requirement": one.requirement, "because": one.because}
    if one.link:
        value["link"] = one.link
    if one.until is not None:
        value["until"] = one.until.isoformat()
    return value


def _quoted(text: str) -> str:
    """A scalar that is read as this text: bare where that is certain, else as JSON, which is YAML."""
    if (_PLAIN.fullmatch(text) and text.lower() not in _WORDS) or re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return text
    return json.dumps(text, ensure_ascii=False)

"""A quick look at a body: whether a secret may be in pieces in there, which takes a closer look to say."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence

from conformance.wire.redact.spans import Place

Find = Callable[[bytes], Sequence[Place]]
"""Where secrets stand in some bytes."""

_MEMBER = re.compile(rb'"([^"\\]*)"\s*:\s*"([^"\\]*(?:\\.[^"\\]*)*)"', re.DOTALL)
_FURTHER = re.compile(rb'index"\s*:\s*[1-9]')
_DIGITS = bytes.maketrans(b"123456789-tfn", b"0000000000000")
_NO_OUTLINE = bytes(set(range(256)) - set(b'[]{},"0123456789-tfn'))
_LONG_LINE = 2**16
_SEVERAL = (b"},{", b"],[", b"[0", b'["')
"""Of an outline with several elements in an array."""


def suspect(whole: bytes, find: Find) -> bool:
    """Whether a closer look is needed. A quick one suffices for most streams, and for objects without arrays.

    There each line has each name once, and no array has several elements.
    """
    body = whole.replace(b"[DONE]", b"") if b"[DONE]" in whole else whole
    outline = body.translate(_DIGITS, _NO_OUTLINE)
    if any(several in outline for several in _SEVERAL):
        return True
    if body.startswith(b"{") and not (b"\n{" in body or b"\r{" in body or b"data:" in body):
        return False
    if _FURTHER.search(body):
        return True
    columns: dict[bytes, list[bytes]] = defaultdict(list)
    after_data = False
    for line in body.splitlines():
        if len(line) > _LONG_LINE:
            return True
        is_data = line.startswith(b"data:")
        members = _MEMBER.findall(line)
        several = is_data and after_data
        if several or len(dict(members)) < len(members):
            return True
        if not members and (b'"' in line or (is_data and len(line) > len("data: "))):
            return True
        after_data = is_data
        for name, value in members:
            columns[name].append(value)
    return any(
        column.count(column[0]) < len(column) and bool(find(b"".join(column))) for column in columns.values()
    )

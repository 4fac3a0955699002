"""What of an attempt may be recorded: it is redacted first and cut second, so that no part of a key stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from conformance.wire.excerpt import printable
from conformance.wire.record import Attempt, Failure
from conformance.wire.redact.redactor import Redactor
from conformance.wire.redact.spans import Chunks

KEPT = 2**14
"""Bytes that are kept of a body that passed a bound, as evidence; none of them is judged."""

SEARCHED = KEPT + 2**16
"""Bytes of such a body that are searched for keys, so that one at the end of what is kept is whole."""

LONGEST_MESSAGE = 250
"""Characters of a failure in the words of a library; some repeat the line that they complain of."""

_BEYOND = frozenset({"too-large", "runaway"})


def recordable(attempt: Attempt, redactor: Redactor) -> Attempt:
    """The attempt without secrets. Nothing of it is too long, and its failure can be shown on a terminal."""
    pairs = attempt.headers
    texts = redactor.texts([text for pair in pairs for text in pair])
    chunks = redactor.chunks(attempt.chunks)
    failure = attempt.failure
    if failure is not None:
        if failure.kind in _BEYOND:
            chunks = tuple(_first(chunks, KEPT))
        message = printable(redactor.text(failure.message)[:LONGEST_MESSAGE])
        failure = Failure(failure.kind, message)
    headers = tuple(zip(texts[::2], texts[1::2], strict=True))
    return replace(attempt, headers=headers, chunks=chunks, failure=failure)


def superseded(attempt: Attempt) -> Attempt:
    """An attempt that another one follows: only the beginning of a long body stays."""
    if attempt.size <= SEARCHED:
        return attempt
    return replace(attempt, chunks=tuple(_first(attempt.chunks, KEPT)))


def _first(chunks: Chunks, left: int) -> Iterator[tuple[float, bytes]]:
    for at, data in chunks:
        if left <= 0:
            return
        yield at, data[:left]
        left -= len(data)

"""Traces of httprr (golang.org/x/oscar, and langchaingo): requests and responses as they went over the wire.

    httprr trace v1
    226 676
    POST https://…

Two lengths stand before each pair. Chunks and compression were undone by Go before it was written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from conformance.recordings.entry import MAX_ENTRY, Entry, MalformedError, Unreadable
from conformance.recordings.http_text import message
from conformance.wire.record import Unseen

TITLE = "httprr"

BEGIN = b"httprr trace v1\n"

_LENGTHS = re.compile(rb"(\d{1,10}) (\d{1,10})\n")
_UNSEEN = frozenset({Unseen.ARRIVALS, Unseen.ENDING, Unseen.HEADERS, Unseen.START, Unseen.DURATION})


def read(file: BinaryIO, label: str) -> Iterator[Entry | Unreadable]:
    """The exchanges of a trace, one at a time."""
    file.readline(100)
    number = 0
    while line := file.readline(100):
        number += 1
        place = f"{label} entry {number}"
        lengths = _LENGTHS.fullmatch(line)
        if lengths is None:
            yield Unreadable(place, "it does not begin with the two lengths of a request and its response")
            return
        asked, answered = map(int, lengths.groups())
        if asked + answered > MAX_ENTRY:
            yield Unreadable(place, f"longer than {MAX_ENTRY // 2**20} MiB")
            return
        request, response = file.read(asked), file.read(answered)
        if len(request) + len(response) < asked + answered:
            yield Unreadable(place, "the file ends within it")
            return
        try:
            yield _entry(place, request, response)
        except MalformedError as error:
            yield Unreadable(place, str(error))


def _entry(place: str, asked: bytes, answered: bytes) -> Entry:
    request, response = message(asked), message(answered)
    method, _, rest = request.first.partition(" ")
    url = rest.rpartition(" ")[0] or rest
    host = next((value for name, value in request.headers if name.lower() == "host"), "")
    status = response.first.split(" ")[1:2]
    if not status or not status[0].isdecimal() or len(status[0]) != 3:
        raise MalformedError("the response has no status")
    return Entry(
        place=place,
        method=method,
        url=f"https://{host}{url}" if url.startswith("/") else url,
        request_headers=request.headers,
        request_body=request.body,
        status=int(status[0]),
        headers=response.headers,
        body=response.body,
        http_version=response.first.partition(" ")[0][:20],
        unseen=_UNSEEN,
    )

"""Where in what was recorded a finding is."""

from __future__ import annotations

from dataclasses import dataclass

STATUS = "status"
"""The path of the status, which is no part of the body."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the response of an exchange, as far as it is known.

    `event` counts the events of a stream from 1. `path` is a JSON path, `status`, or the name of a header in
    lower case. `offset` counts bytes of the body. `text` is the part of the value that is meant, where it is
    not the whole. A path may lead to where a member is missing.
    """

    exchange: str
    event: int | None = None
    path: str = ""
    offset: int | None = None
    text: str = ""

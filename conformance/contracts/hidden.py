"""Why a view cannot show what was asked of it."""

from __future__ import annotations


class CannotSee(Exception):
    """A view cannot show what was asked of it."""


class NotAsked(CannotSee):
    """There is no answer to judge: the request was not sent, or nobody answered it in time."""


class NotRecorded(CannotSee):
    """The journal that is judged has no exchange for a probe."""


class Blocked(CannotSee):
    """What was asked for is hidden behind the violation of another requirement."""

    def __init__(self, requirement: str, why: str) -> None:
        super().__init__(why)
        self.requirement = requirement
        self.why = why

"""Why a view cannot show what was asked of it."""

from __future__ import annotations

from typing import Any

from conformance.wire.message import Message
from conformance.wire.place import Place


class Telling(Exception):
    """An exception whose words are a message."""

    def __init__(self, why: str | Message, /, **parameters: Any) -> None:
        super().__init__()
        self.why = why if isinstance(why, Message) else Message.of(why, **parameters)

    def __str__(self) -> str:
        return str(self.why)


class CannotSee(Telling):
    """A view cannot show what was asked of it."""


class NotAsked(CannotSee):
    """There is no answer to judge: the request was not sent, or nobody answered it in time."""


class NotRecorded(CannotSee):
    """The journal that is judged has no exchange for a probe."""


class Blocked(CannotSee):
    """What was asked for is hidden behind the violation of another requirement, at these places."""

    def __init__(self, requirement: str, why: str | Message, /, *places: Place, **parameters: Any) -> None:
        super().__init__(why, **parameters)
        self.requirement = requirement
        self.places = places


class Malformed(Telling):
    """A part of an answer has not the shape that a requirement demands.

    `path` leads to what is wrong, from `within`: an object of the answer.
    """

    def __init__(
        self, requirement: str, why: str, /, within: object, at: str = "", **parameters: Any
    ) -> None:
        super().__init__(why, **parameters)
        self.requirement = requirement
        self.within = within
        self.path = at

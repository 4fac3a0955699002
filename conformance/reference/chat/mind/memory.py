"""What the model remembers of a conversation: sentences of the form "my X is Y", and who said them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from conformance.reference.chat.request import Message

_TOLD = re.compile(
    r"\b(?P<owner>my|your|the)(?: own)? (?P<thing>[a-z][a-z -]{1,30}?)"
    r" is (?:now )?[\"“']?(?P<value>\w[\w-]*)",
    re.IGNORECASE,
)
_ASKED = re.compile(
    r"\bwhat (?:is|was) (?P<owner>my|your|the)(?: own)? (?P<thing>[a-z][a-z -]{1,30}?)(?: now)?\?",
    re.IGNORECASE,
)
_OTHER = {"user": "assistant", "assistant": "user"}


def recall(messages: Sequence[Message], question: str) -> str | None:
    """What was said last about the things asked for; "" if nothing was; None if it is no such question."""
    asked = list(_ASKED.finditer(question))
    if not asked:
        return None
    known = {
        _key(message.role, told["owner"], told["thing"]): told["value"]
        for message in messages
        for told in _TOLD.finditer(message.text)
    }
    wanted = (_key("user", one["owner"], one["thing"]) for one in asked)
    return " ".join(filter(None, (known.get(key, "") for key in wanted)))


def _key(speaker: str, owner: str, thing: str) -> tuple[str, str]:
    """Whose thing it is, whoever speaks: the user's "my code word" is "your code word" to the assistant."""
    owner = owner.lower()
    if owner == "your":
        speaker = _OTHER.get(speaker, speaker)
    return ("all" if owner == "the" else speaker), thing.lower()

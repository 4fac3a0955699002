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
    """What was said last about the thing asked for; "" when nothing was; None when it is no such question."""
    asked = _ASKED.search(question)
    if asked is None:
        return None
    wanted = _key("user", asked["owner"], asked["thing"])
    answer = ""
    for message in messages:
        for told in _TOLD.finditer(message.text):
            if _key(message.role, told["owner"], told["thing"]) == wanted:
                answer = told["value"]
    return answer


def _key(speaker: str, owner: str, thing: str) -> tuple[str, str]:
    """Whose thing it is, whoever speaks: the user's "my code word" is "your code word" to the assistant."""
    owner = owner.lower()
    if owner == "your":
        speaker = _OTHER.get(speaker, speaker)
    return ("all" if owner == "the" else speaker), thing.lower()

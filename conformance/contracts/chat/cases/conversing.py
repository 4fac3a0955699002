"""What several checks of conversations ask, and look at."""

from __future__ import annotations

from functools import partial

from conformance.contracts.chat.probes.named import (
    AT_ONCE_WORD,
)
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.sources import OPENAI
from conformance.judging.requirement import requirement

messages_requirement = partial(requirement, source=OPENAI.messages)

USER_WORD, ASSISTANT_WORD = AT_ONCE_WORD, "marigold"


def says(word: str, view: View) -> bool:
    """The word is in the answer, whatever its case."""
    return word in view.text.lower()


def extra_tokens(longer: View, shorter: View) -> int | None:
    """How many more prompt tokens one request costs than the other, where both say so."""
    counted = longer.has_usage and shorter.has_usage
    return longer.usage.prompt - shorter.usage.prompt if counted else None

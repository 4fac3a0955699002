"""What several checks of conversations ask, and look at."""

from __future__ import annotations

from functools import partial

from conformance.contracts.chat.probes import prompts
from conformance.contracts.chat.probes.named import AT_ONCE_WORD, question, turn
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.sources import OPENAI
from conformance.judging.requirement import requirement

HISTORY = "messages.history-used"

SYSTEM = "messages.system-obeyed"

TWICE = "messages.same-role-twice"

TEXT_PARTS = "messages.text-parts-equal-string"

over_turns = partial(question, feature="multi-turn")

ANSWERED = turn("assistant", prompts.SECRET_ASSISTANT_TURN)

USERS = over_turns("secret, the user's", prompts.SECRET_USER_TURN, ANSWERED, prompts.SECRET_QUESTION_USER)

USER_TWICE = over_turns("secret, two user messages", prompts.SECRET_USER_TURN, prompts.SECRET_QUESTION_USER)

PARTS = question(
    "secret, two text parts",
    {
        "role": "user",
        "content": [
            {"type": "text", "text": prompts.SECRET_USER_TURN},
            {"type": "text", "text": f" {prompts.SECRET_QUESTION_USER}"},
        ],
    },
    feature="text-parts",
)

messages_requirement = partial(requirement, source=OPENAI.messages)

USER_WORD, ASSISTANT_WORD = AT_ONCE_WORD, "marigold"

QUESTION = 20
"""Characters of a question from which on nobody says all of it by chance: who does repeats what was asked."""


def says(word: str, view: View) -> bool:
    """The word is in the answer, whatever its case; not where the answer only repeats the question."""
    asked = _question(view).lower()
    answer = view.text.lower()
    return word in (answer.replace(asked, "") if len(asked) >= QUESTION else answer)


def _question(view: View) -> str:
    """The last message of the user, as far as it is text."""
    turns = view.request.get("messages")
    mine = [turn for turn in turns if isinstance(turn, dict) and turn.get("role") == "user"] if turns else []
    content = mine[-1].get("content") if mine else ""
    parts = content if isinstance(content, list) else [{"text": content}]
    texts = [part.get("text") for part in parts if isinstance(part, dict)]
    return "".join(text for text in texts if isinstance(text, str))


def extra_tokens(longer: View, shorter: View) -> int | None:
    """How many more prompt tokens one request costs than the other, where both say so."""
    counted = longer.has_usage and shorter.has_usage
    return longer.usage.prompt - shorter.usage.prompt if counted else None

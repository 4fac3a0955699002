"""What several areas ask of models that may think before they answer."""

from __future__ import annotations

from conformance.contracts.chat.reading.view import View
from conformance.judging.saying import assume


def shown(cut: View) -> None:
    """What is generated is shown: an answer that the limit cut short has text.

    A model that thinks and does not say so is billed for more than can be seen, and not always for the same.
    """
    assume(cut.text.strip(), "cut short, the answer has no text: the model seems to think without saying so")

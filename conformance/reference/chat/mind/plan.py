"""What the model wants to say, before it is sampled: one distribution per token.

A slot maps the pieces that may come next to logits; a plan is the slots of an answer in order, after which
the model ends. A fixed text is a plan whose slots hold one likely piece each. The sampler adds a background
of unlikely pieces to every slot, so that biases, penalties and hot temperatures have something to move.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from conformance.reference.tokens import tokenize

Slot = Mapping[str, float]
Plan = tuple[Slot, ...]

END = ""
"""The piece that ends an answer."""

LIKELY = 20.0
"""The logit of a piece the model is sure of: at temperature 1 the others together have 1 in 10 million."""

UNLIKELY = -5.0
"""The logit of ending where the plan goes on."""

RARE = -30.0
"""The logit of a piece that no text contains; only a bias brings it about."""

RARE_NUMBERS = 100_000
"""The token ids below this are those of rare pieces."""

_COMMON = "the a of and to in is it that for on with as was at by an be this from or so"

BACKGROUND: Slot = {
    piece: -rank / 10 for rank, piece in enumerate((*(f" {word}" for word in _COMMON.split()), ",", "."))
}
"""What may follow anything, however unlikely. More pieces than `top_logprobs` may ask for."""


def script(text: str) -> Plan:
    """The plan of a fixed text."""
    return tuple({piece: LIKELY} for piece in tokenize(text))


def choice(words: Iterable[str], spread: float = 1.5) -> Slot:
    """A slot that any of the words may fill, the first likeliest by up to `spread` over the last."""
    ranked = list(words)
    return {word: LIKELY - spread * rank / len(ranked) for rank, word in enumerate(ranked)}

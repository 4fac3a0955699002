"""The prompts of a comparison, generated from a seed, so that nobody can treat a list of them specially.

Each has many good answers, which begin at once: what a model writes in 24 tokens then says much about it.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

TEXTS = 20
"""Prompts that are answered with text."""

WEIGHED = 2
"""Prompts that are answered with one token and its probability."""

_FORMS = (
    "Write one sentence about a {adjective} {noun} and a {other}.",
    "Invent a title for a story about a {noun} in a {place}.",
    "Write a random, unusual English phrase of five words about a {noun}.",
    "Describe a {adjective} {noun} in a few words.",
    "Write the first line of a poem about a {place} and a {noun}.",
    "Name something that a {noun} and a {other} have in common.",
    "Make up a name for a shop that sells a {adjective} {noun}.",
    "Continue this sentence: In the {place} stood a {adjective} {noun}, and",
)
# None begins with a vowel: they follow an "a".
_ADJECTIVES = (
    "bitter", "broken", "careful", "copper", "distant", "dusty", "fearless", "frozen",
    "gentle", "hollow", "humble", "jealous", "lonely", "mellow", "narrow", "patient", "polite",
    "quiet", "restless", "rusty", "secret", "silver", "sleepy", "stubborn", "tiny", "velvet", "wooden",
)  # fmt: skip
_NOUNS = (
    "badger", "bicycle", "blanket", "button", "candle", "comet", "compass", "drum",
    "falcon", "fiddle", "glove", "hammer", "hedgehog", "kettle", "ladder", "lantern", "lemon", "magnet",
    "mirror", "needle", "parrot", "pencil", "piano", "puzzle", "ribbon", "saddle", "teapot",
    "telescope", "tulip", "turnip", "violin", "walnut", "whistle", "window",
)  # fmt: skip
_PLACES = (
    "bakery", "canyon", "castle", "cellar", "desert", "forest", "garage", "garden", "harbour", "hospital",
    "kitchen", "library", "lighthouse", "market", "meadow", "museum", "station", "theatre",
    "valley",
)  # fmt: skip


def generated(seed: str) -> tuple[Sequence[str], Sequence[str]]:
    """The prompts to be answered with text, and those to be answered with one token."""
    rng = Random(f"identity/{seed}")  # noqa: S311 - no secret
    made: list[str] = []
    while len(made) < TEXTS + WEIGHED:
        noun, other = rng.sample(_NOUNS, 2)
        prompt = _FORMS[len(made) % len(_FORMS)].format(
            adjective=rng.choice(_ADJECTIVES), noun=noun, other=other, place=rng.choice(_PLACES)
        )
        if prompt not in made:
            made.append(prompt)
    return made[:TEXTS], made[TEXTS:]

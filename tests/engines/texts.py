"""Texts that nobody has seen before, for the model to copy."""

from __future__ import annotations

import random
import string

from conformance.contracts.chat.probes import prompts
from tests.engines import words

PROMPTS = (prompts.COUNT, prompts.REPEAT, prompts.ECHO, prompts.UNIT, prompts.LONG_ANSWER)
KNOWN = (
    (*words.CODE_WORDS, *words.SUBJECTS, *words.OBJECTS, *words.VERBS, *words.QUALITIES, *words.SKIES),
    (*words.NAMES, *words.CITIES, *words.CAPITALS, *words.ADJECTIVES, *prompts.NATO_WORDS),
    (*" ".join(PROMPTS).split(), *words.PARAMETERS),
)

STRANGE = "".join(sorted({*prompts.UNICODE, *"äöüßéèñçøåλπ→你我他是的天地中国日本のはをこれ🎈🌍😀"} - {" "}))


def letters(rng: random.Random, low: int, high: int) -> str:
    """So many random letters."""
    return "".join(rng.choices(string.ascii_lowercase, k=rng.randint(low, high)))


def _pronounceable(rng: random.Random) -> str:
    """A word that could exist, such as `kestrel`."""
    syllables = range(rng.randint(1, 3))
    return "".join(
        rng.choice(words.ONSETS) + rng.choice(words.VOWELS) + rng.choice(words.CODAS) for _ in syllables
    )


def _known(rng: random.Random) -> str:
    """A word that has a meaning elsewhere, in any case."""
    word = rng.choice(rng.choice(KNOWN))
    return rng.choice((str, str, str.lower, str.capitalize, str.upper))(word)


def _number(rng: random.Random) -> str:
    return str(rng.randrange(10 ** rng.randint(1, 5)))


def _letters_and_digits(rng: random.Random) -> str:
    alphabet = rng.choice((string.ascii_lowercase, string.ascii_letters, "abcdef"))
    return "".join(rng.choices(alphabet + string.digits, k=rng.randint(2, 9)))


def _few_letters(rng: random.Random) -> str:
    return letters(rng, 1, 7)


def marker(rng: random.Random) -> str:
    """A text such as `alpha-17-kestrel`."""
    joint = rng.choice(("-", "-", " ", " ", "_", ".", "/"))
    word = (_known, _pronounceable)
    if rng.random() < 0.4:
        makers = [rng.choice(word), _number, rng.choice(word)]
    else:
        makers = rng.choices((*word, _number, _letters_and_digits, _few_letters), k=rng.randint(1, 4))
    return joint.join(make(rng) for make in makers)


def sentence(rng: random.Random) -> str:
    """Known words in any order."""
    return " ".join(_known(rng) for _ in range(rng.randint(2, 12))) + rng.choice((".", "!", "?", "", ""))


def strange(rng: random.Random) -> str:
    """Pieces of prompts.UNICODE in any order, or its characters in any order."""
    pieces = prompts.UNICODE.split(" ")
    if rng.random() < 0.5:
        return " ".join(rng.choices(pieces, k=rng.randint(1, 9)))
    return " ".join("".join(rng.choices(STRANGE, k=rng.randint(1, 5))) for _ in range(rng.randint(1, 5)))


def mixture(rng: random.Random) -> str:
    """Several of the others, one after another."""
    return " ".join(rng.choice((marker, marker, sentence, strange))(rng) for _ in range(rng.randint(2, 6)))

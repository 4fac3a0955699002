"""Drawing tokens from a plan: biases, penalties, temperature, nucleus, stop sequences and the token limit."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random

from conformance.reference.chat.mind.plan import (
    BACKGROUND,
    END,
    LIKELY,
    RARE,
    RARE_NUMBERS,
    UNLIKELY,
    Plan,
    Slot,
)
from conformance.reference.chat.request import ChatRequest
from conformance.reference.tokens import Reader, rare_piece, token_id


@dataclass(frozen=True, slots=True)
class Token:
    """A token of an answer. `top` are the likeliest alternatives with their log probabilities, best first.

    `text` is what can be read with it, and `piece` the token itself where that is another: a part of a
    character.
    """

    text: str
    logprob: float = 0.0
    top: tuple[tuple[str, float], ...] = ()
    piece: str = ""


@dataclass(frozen=True, slots=True)
class Sampled:
    """The tokens of an answer as they are shown, why it ended, and how many tokens were generated for it.

    `stopped_by` is the stop sequence that ended it, if one did.
    """

    tokens: tuple[Token, ...]
    finish_reason: str
    spent: int
    stopped_by: str = ""


def sample(plan: Plan, request: ChatRequest, rng: Random) -> Sampled:
    """Draw an answer: the same random numbers give the same tokens."""
    tokens: list[Token] = []
    counts: Counter[str] = Counter()
    text = ""
    reader = Reader()
    for slot in (*plan, {END: LIKELY}):
        if len(tokens) == request.max_tokens:
            return Sampled(tuple(tokens), "length", len(tokens))
        logits = _adjusted(slot, request, counts)
        piece = _draw(logits, request, rng)
        if piece == END:
            break
        read = reader.read(piece)
        token = Token(read, piece="" if read == piece else piece)
        tokens.append(_weighed(token, piece, logits, request.top_logprobs) if request.logprobs else token)
        counts[piece] += 1
        known = len(text)
        text += read
        for place, stop in _stops(text, known, request.stop):
            return Sampled(_shortened(tokens, place), "stop", len(tokens), stop)
    return Sampled(tuple(tokens), "stop", len(tokens))


def _adjusted(slot: Slot, request: ChatRequest, counts: Counter[str]) -> dict[str, float]:
    logits = {END: UNLIKELY, **BACKGROUND, **slot}
    if request.frequency_penalty or request.presence_penalty:
        for piece, times in counts.items():
            if piece in logits:
                logits[piece] -= request.frequency_penalty * times + request.presence_penalty
    if request.logit_bias:
        rare = {rare_piece(number): RARE for number in request.logit_bias if number < RARE_NUMBERS}
        logits = {**rare, **logits}
        for piece in logits:
            logits[piece] += request.logit_bias.get(token_id(piece), 0.0)
    return logits


def _draw(logits: Mapping[str, float], request: ChatRequest, rng: Random) -> str:
    best = max(logits, key=logits.__getitem__)
    if request.temperature == 0 or request.top_p == 0:
        return best
    peak = logits[best]
    weights = {piece: math.exp((logit - peak) / request.temperature) for piece, logit in logits.items()}
    if request.top_p < 1:
        weights = _nucleus(weights, request.top_p)
    return rng.choices(list(weights), list(weights.values()))[0]


def _nucleus(weights: Mapping[str, float], top_p: float) -> dict[str, float]:
    """The fewest of the likeliest pieces whose probability reaches `top_p`."""
    wanted = top_p * sum(weights.values())
    kept: dict[str, float] = {}
    reached = 0.0
    for piece in sorted(weights, key=weights.__getitem__, reverse=True):
        kept[piece] = weights[piece]
        reached += weights[piece]
        if reached >= wanted:
            break
    return kept


def _weighed(token: Token, piece: str, logits: Mapping[str, float], alternatives: int) -> Token:
    peak = max(logits.values())
    norm = peak + math.log(sum(math.exp(logit - peak) for logit in logits.values()))
    visible = sorted((p for p in logits if p != END), key=logits.__getitem__, reverse=True)
    top = tuple((p, min(0.0, logits[p] - norm)) for p in visible[:alternatives])
    return replace(token, logprob=min(0.0, logits[piece] - norm), top=top)


def _stops(text: str, known: int, stops: tuple[str, ...]) -> list[tuple[int, str]]:
    """The stop sequences that the text contains now and did not at length `known`, and where they begin."""
    places = ((text.find(stop, max(0, known - len(stop) + 1)), stop) for stop in stops)
    return sorted((place, stop) for place, stop in places if place >= 0)


def _shortened(tokens: list[Token], length: int) -> tuple[Token, ...]:
    """The tokens of the first `length` characters, the last one cut where needed."""
    kept = []
    for token in tokens:
        if length <= 0:
            break
        kept.append(replace(token, text=token.text[:length], piece=""))
        length -= len(token.text)
    return tuple(kept)

"""What several checks of sampling ask, and look at."""

from __future__ import annotations

from itertools import pairwise

from conformance.asking.change import copies
from conformance.asking.probe import Probe
from conformance.contracts.chat.probes.change import temperature, top_p
from conformance.contracts.chat.probes.named import (
    OK,
    PHRASE,
    PHRASES,
)
from conformance.contracts.chat.reading.view import View
from conformance.judging.requirement import (
    Wanted,
)
from conformance.judging.saying import assume
from conformance.provider.model import Claims
from conformance.wire.place import Place

NUCLEUS = "sampling.top-p-range-accepted"

PLAIN = PHRASES[0]
"""Shows that a request is served at all without the parameter in question."""

HOT = 1.5
"""High enough for many answers, and low enough for readable ones."""


def temperatures(claims: Claims) -> tuple[float, float]:
    """The documented range."""
    return claims.detail("temperature", "min", 0), claims.detail("temperature", "max", 2)


def nuclei(claims: Claims) -> tuple[float, float]:
    """The documented range."""
    return claims.detail("top_p", "min", 0), claims.detail("top_p", "max", 1)


def cold_sample_of(claims: Claims) -> tuple[Probe, ...]:
    """Four answers at the lowest temperature."""
    return copies(4, PHRASE | temperature(temperatures(claims)[0]))


def hot_sample_of(claims: Claims) -> tuple[Probe, ...]:
    """Four answers at 1.5, or at the highest temperature below it."""
    return copies(4, PHRASE | temperature(min(HOT, temperatures(claims)[1])))


def largest_nucleus(claims: Claims) -> dict[str, Probe]:
    """The largest nucleus."""
    return {"largest": OK | top_p(nuclei(claims)[1])}


def cold_sample(claims: Claims) -> Wanted:
    """Four answers at the lowest temperature."""
    return {"cold": cold_sample_of(claims)}


def hot_sample(claims: Claims) -> Wanted:
    """Four answers at 1.5, or the highest temperature below it."""
    return {"hot": hot_sample_of(claims)}


def usual_and_cold_samples(claims: Claims) -> Wanted:
    """Four answers by default, and four at the lowest temperature."""
    return {"default": PHRASES, **cold_sample(claims)}


def cold_and_hot_samples(claims: Claims) -> Wanted:
    """Four answers at the lowest temperature, and four at 1.5 or the highest below it."""
    return {**cold_sample(claims), **hot_sample(claims)}


def texts(sample: tuple[View, ...]) -> list[str]:
    """The answers of a sample, each of which has visible text."""
    empty = [view.probe for view in sample if not view.text.strip()]
    assume(not empty, "there is no visible text in the answer to {probes}", probes=", ".join(empty))
    return [view.text.strip() for view in sample]


def unthinking(answers: tuple[View, ...]) -> None:
    """Near ties add up over the hundreds of tokens that are thought before an answer."""
    assume(
        not any(view.thinks for view in answers), "the model thinks before it answers, not always the same"
    )


def cut_alike(sample: tuple[View, ...]) -> None:
    """No answer is the beginning of another, as equal answers are where the limit cuts thoughts too."""
    found = sorted(set(texts(sample)))
    cut = [one for one, other in pairwise(found) if other.startswith(one)]
    where = cut[0][-20:] if cut else ""
    assume(not cut, "an answer was cut at {where!r}, where another goes on", where=where)


def in_texts(sample: tuple[View, ...]) -> list[Place]:
    """The places of the answers of a sample."""
    return [view.at_text() for view in sample]


def different(sample: tuple[View, ...]) -> int:
    """How many different answers a sample has."""
    return len(set(texts(sample)))

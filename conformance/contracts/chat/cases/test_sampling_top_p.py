"""Nucleus sampling: top_p has its documented range, and an effect."""

from __future__ import annotations

from functools import partial

from conformance.asking.change import copies, either, to_be_refused
from conformance.asking.probe import Probe
from conformance.contracts.chat.cases.steering import (
    NUCLEUS,
    PLAIN,
    cut_alike,
    different,
    in_texts,
    largest_nucleus,
    nuclei,
    texts,
    unthinking,
    usual_and_cold_samples,
)
from conformance.contracts.chat.probes.change import top_p
from conformance.contracts.chat.probes.named import (
    OK,
    PHRASE,
)
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.sources import OPENAI
from conformance.contracts.host.refusing import are_refused
from conformance.judging.requirement import (
    MAY,
    MUST,
    SHOULD,
    Wanted,
    controls,
    controls_for,
    probes,
    probes_for,
    requirement,
)
from conformance.judging.saying import assume, needs, visible, wrong
from conformance.provider.model import Claims

top_p_requirement = partial(requirement, source=OPENAI.top_p, claim="top_p", basis=NUCLEUS)

TINY = 0.01
"""Small enough to leave one token in nearly every place; some documented ranges begin here."""


def narrow_sample_of(claims: Claims) -> tuple[Probe, ...]:
    """Three answers out of a tiny nucleus."""
    return copies(3, PHRASE | top_p(max(nuclei(claims)[0], TINY)))


def inside_nuclei(claims: Claims) -> dict[str, Probe]:
    """The smallest nucleus that every sampler can serve, and the largest."""
    return {"smallest": narrow_sample_of(claims)[0], **largest_nucleus(claims)}


def outside_nuclei(claims: Claims) -> dict[str, Probe]:
    """A value beyond each end of the range."""
    low, high = nuclei(claims)
    return {
        "below": OK | top_p(round(low - 0.1, 2)) | to_be_refused,
        "above": OK | top_p(round(high + 0.1, 2)) | to_be_refused,
    }


def narrow_sample(claims: Claims) -> Wanted:
    """Three answers out of a tiny nucleus."""
    return {"narrow": narrow_sample_of(claims)}


@top_p_requirement(NUCLEUS, MUST, basis=None, hurts="Requests that follow the documents fail.")
@controls(plain=PLAIN)
@probes_for(inside_nuclei)
def test_documented_nuclei_are_accepted(plain: View, smallest: View, largest: View) -> None:
    """A top_p from 0.01 to 1 is accepted."""
    visible(plain.choices, smallest.choices, largest.choices)


@top_p_requirement("sampling.top-p-out-of-range-refused", SHOULD)
@controls_for(largest_nucleus)
@probes_for(outside_nuclei)
def test_nuclei_outside_the_range_are_refused(largest: View, below: View, above: View) -> None:
    """A top_p below or above the documented range is refused, not silently clamped."""
    needs(NUCLEUS, largest.served, "not even the largest top_p is accepted")
    are_refused(below, above)


@top_p_requirement("sampling.top-p-zero-no-crash", MAY)
@controls(plain=PLAIN)
@probes(zero=OK | top_p(0) | either)
def test_nucleus_of_zero_does_not_crash(plain: View, zero: View) -> None:
    """A top_p of 0 is answered or refused; it is no server error."""
    visible(plain.choices)
    if not zero.refused:
        visible(zero.choices)


@top_p_requirement("sampling.top-p-narrows-output", SHOULD)
@controls_for(usual_and_cold_samples)
@probes_for(narrow_sample)
def test_small_nucleus_narrows_the_output(
    default: tuple[View, ...], cold: tuple[View, ...], narrow: tuple[View, ...]
) -> None:
    """A tiny top_p gives fewer different answers than the default."""
    assume(different(default) > 2, "by default the model does not give different answers")
    found = set(texts(narrow))
    # A nucleus of one token is greedy, as the lowest temperature is, so the two share an answer. Where near
    # ties move 15 in 100 greedy answers, three different ones come up 1 time in 40, but without any of the
    # four cold answers less than 1 time in 5,000.
    greedy = {view.text.strip() for view in cold if view.served}
    if len(found) == 1 or (len(found) == 2 and found & greedy):
        return
    cut_alike(narrow)
    unthinking(narrow)
    assert len(found) < 3 or found & greedy, wrong(
        "with top_p {top_p} three answers differ, none of them the likeliest: {texts}",
        *in_texts(narrow),
        top_p=narrow[0].request["top_p"],
        texts=", ".join(sorted(repr(text[:40]) for text in found)),
    )
    assume(False, "{count} different answers out of three with a tiny top_p", count=len(found))

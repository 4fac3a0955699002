"""Sampling: which values are accepted, which are refused, and whether the parameters do what they are for.

The effects are judged on small samples of one prompt that has very many good answers. Each rule states how
often it would report a provider that samples as it should. There, p is the probability of the model's
commonest phrase: about 0.1 for chat models at temperature 1, 0.3 for one that is unusually set in its ways,
and less than that at a higher temperature.
"""

from __future__ import annotations

from collections import Counter
from functools import partial

from conformance.asking.change import setting, to_be_refused
from conformance.asking.probe import Probe
from conformance.contracts.chat.cases.steering import (
    HOT,
    NUCLEUS,
    PLAIN,
    cold_and_hot_samples,
    cold_sample,
    cold_sample_of,
    cut_alike,
    different,
    hot_sample,
    hot_sample_of,
    in_texts,
    largest_nucleus,
    temperatures,
    texts,
    unthinking,
    usual_and_cold_samples,
)
from conformance.contracts.chat.probes.change import temperature, top_p
from conformance.contracts.chat.probes.named import (
    OK,
    PHRASE_CHOICES,
    PHRASES,
    PHRASES_SEEDED,
)
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.sources import METHOD, OPENAI
from conformance.contracts.host.refusing import are_refused
from conformance.judging.requirement import (
    MAY,
    MUST,
    SHOULD,
    controls,
    controls_for,
    probes,
    probes_for,
    requirement,
)
from conformance.judging.saying import assume, concerns, needs, note, visible, wrong
from conformance.provider.model import Claims

RANGE = "sampling.temperature-range-accepted"

temperature_requirement = partial(requirement, source=OPENAI.temperature, claim="temperature", basis=RANGE)


def inside_temperatures(claims: Claims) -> dict[str, Probe]:
    """The ends of the range, and a value in its upper half."""
    low, high = temperatures(claims)
    return {
        "lowest": cold_sample_of(claims)[0],
        "middle": hot_sample_of(claims)[0] if high > HOT else OK | temperature(low + 0.75 * (high - low)),
        "highest": OK | temperature(high),
    }


def ends_of_temperature(claims: Claims) -> dict[str, Probe]:
    """The ends of the range."""
    return {"lowest": cold_sample_of(claims)[0], "highest": OK | temperature(temperatures(claims)[1])}


def outside_temperatures(claims: Claims) -> dict[str, Probe]:
    """A value beyond each end of the range."""
    low, high = temperatures(claims)
    return {
        "below": OK | temperature(round(low - 0.1, 2)) | to_be_refused,
        "above": OK | temperature(round(high + 0.1, 2)) | to_be_refused,
    }


def lowest_temperature(claims: Claims) -> dict[str, Probe]:
    """The lowest temperature."""
    return {"lowest": cold_sample_of(claims)[0]}


def each_alone(claims: Claims) -> dict[str, Probe]:
    """Each of the two parameters alone."""
    nucleus = largest_nucleus(claims)["largest"]
    return {"plain": PLAIN, "warm": inside_temperatures(claims)["middle"], "nucleus": nucleus}


def plain_and_nucleus(claims: Claims) -> dict[str, Probe]:
    """Neither parameter, and the largest nucleus."""
    return {"plain": PLAIN, "nucleus": largest_nucleus(claims)["largest"]}


@temperature_requirement(RANGE, MUST, basis=None, hurts="Requests that follow the documents fail.")
@controls(plain=PLAIN)
@probes_for(inside_temperatures)
def test_documented_temperatures_are_accepted(plain: View, lowest: View, middle: View, highest: View) -> None:
    """Temperatures from the lowest to the highest documented one are accepted."""
    visible(plain.choices, lowest.choices, middle.choices, highest.choices)


@temperature_requirement("sampling.temperature-out-of-range-refused", SHOULD)
@controls_for(ends_of_temperature)
@probes_for(outside_temperatures)
def test_temperatures_outside_the_range_are_refused(
    lowest: View, highest: View, below: View, above: View
) -> None:
    """A temperature below or above the documented range is refused, not silently clamped."""
    needs(RANGE, lowest.served and highest.served, "not even both ends of the range are accepted")
    are_refused(below, above)


@temperature_requirement("sampling.temperature-wrong-type-refused", SHOULD)
@controls_for(lowest_temperature)
@probes(word=OK | temperature("hot") | to_be_refused)
def test_temperature_that_is_no_number_is_refused(lowest: View, word: View) -> None:
    """A temperature that is not a number is refused."""
    needs(RANGE, lowest.served, "a temperature in the range is not accepted either")
    are_refused(word)


@temperature_requirement(
    "sampling.temperature-varies-output",
    SHOULD,
    hurts="Callers that raise the temperature for variety get the same answer again.",
)
@controls_for(usual_and_cold_samples)
@probes_for(hot_sample)
def test_temperature_varies_the_output(
    default: tuple[View, ...], cold: tuple[View, ...], hot: tuple[View, ...]
) -> None:
    """A high temperature gives more different answers than the lowest."""
    usual, asked = texts(default), texts(hot)
    if different(hot) > max(2, different(cold)):  # two could be near ties of a greedy sampler
        return
    # Reported where four hot answers are one text and the four default answers either are one text too
    # (p^8 for the same text: 1 in 15,000 even for p = 0.3) or never that text (p^4 (1-p)^4: 1 in 15,000
    # for p = 0.1, never more than 1 in 256). A greedy sampler does the first, and so does a replayed cache.
    apart = not set(asked) & set(usual)
    stuck = len(set(asked)) == 1 and (len(set(usual)) == 1 or apart)
    replayed = len(set(usual)) == 1 and apart
    needs("sampling.answers-not-replayed", not replayed, "equal requests get the same answer again")
    phrase = all(len(text.split()) == 5 for text in asked)
    text = asked[0][:40]
    assume(phrase or not stuck, "the answer {text!r} is not the phrase that was asked for", text=text)
    same = len({str(view.json.get("id")) for view in hot}) == 1
    assert not stuck, wrong(
        "at {temperature} all four answers are {text!r}, with the same id: a replay"
        if same
        else "at {temperature} all four answers are {text!r}",
        *in_texts(hot),
        temperature=hot[0].request["temperature"],
        text=text,
    )
    needs(
        "sampling.temperature-zero-steady",
        different(cold) < 4,
        "the lowest temperature varies as much as the high one",
    )
    assume(
        False,
        "{hot} different answers at the high temperature, {cold} at the lowest",
        hot=different(hot),
        cold=different(cold),
    )


@temperature_requirement(
    "sampling.temperature-zero-steady",
    SHOULD,
    hurts="Evaluations and caches that count on temperature 0 are not repeatable.",
)
@controls(default=PHRASES)
@probes_for(cold_sample)
def test_lowest_temperature_is_steady(default: tuple[View, ...], cold: tuple[View, ...]) -> None:
    """The lowest temperature gives nearly always the same answer."""
    texts(default)
    # Batching makes real services waver between near ties, so two different answers are nothing. Four out of
    # four need as many near ties: with the likelihoods 0.85, 0.1, 0.03 and 0.02, 24 times their product is
    # 1 in 800. A sampler that ignores the temperature gives four nearly always.
    steadiest = max(Counter(texts(cold)).values())
    shown = ", ".join(repr(text[:40]) for text in texts(cold)[:2])
    if steadiest == 1:
        cut_alike(cold)
        unthinking(cold)
    assert steadiest > 1, wrong(
        "at {temperature} all four answers differ: {shown}, …",
        *in_texts(cold),
        temperature=cold[0].request["temperature"],
        shown=shown,
    )
    if steadiest == 2:
        note(
            "{count} different answers to four equal requests at the lowest temperature: {shown}",
            *in_texts(cold),
            count=different(cold),
            shown=shown,
        )


@temperature_requirement("sampling.temperature-default-not-zero", MAY, claimed=SHOULD)
@controls_for(cold_and_hot_samples)
@probes(default=PHRASES, more=(PHRASE_CHOICES, *PHRASES_SEEDED))
def test_default_temperature_is_not_zero(
    cold: tuple[View, ...],
    hot: tuple[View, ...],
    default: tuple[View, ...],
    more: tuple[View, ...],
    claims: Claims,
) -> None:
    """Without `temperature`, answers vary: the default is not 0."""
    concerns(claims.detail("temperature", "default", 1) > 0, "the documents say that the default is 0")
    usual = texts(default)
    assume(different(hot) > 2, "even a high temperature gives few different answers")
    # All equal by chance: p^4 where no more than the sample is served, p^5 with two seeded answers (p^6, if
    # the seed is ignored), p^9 with four choices too. For p = 0.1 that is 1 in 10,000 to 1 in a billion, for
    # p = 0.3 it is 1 in 120 to 1 in 50,000.
    others = [choice.text.strip() for view in more if view.served for choice in view.choices]
    varied = len(set(usual)) > 1 or not all(usual[0].startswith(text) for text in others)
    as_cold = usual[0] in texts(cold)
    assert varied, wrong(
        "without `temperature` every answer is {text!r}, as at the lowest temperature"
        if as_cold
        else "without `temperature` every answer is {text!r}",
        *in_texts((*default, *(view for view in more if view.served))),
        text=usual[0][:40],
    )


@temperature_requirement("sampling.temperature-with-top-p", SHOULD)
@controls_for(each_alone)
@probes(both=OK | temperature(0.7) | top_p(0.9))
def test_temperature_and_top_p_together(plain: View, warm: View, nucleus: View, both: View) -> None:
    """temperature and top_p are accepted together, though it is not recommended to change both."""
    visible(plain.choices)
    needs(RANGE, warm.served, "temperature is not accepted even alone")
    needs(NUCLEUS, nucleus.served, "top_p is not accepted even alone")
    visible(both.choices)


@temperature_requirement("sampling.null-is-unset", SHOULD, source=(OPENAI.temperature, METHOD.practice))
@controls_for(plain_and_nucleus)
@probes(null=OK | setting(temperature=None, top_p=None))
def test_null_means_unset(plain: View, nucleus: View, null: View) -> None:
    """`temperature: null` and `top_p: null` are accepted, as if they were left out."""
    visible(plain.choices)
    needs(NUCLEUS, nucleus.served, "top_p is not accepted at all")
    visible(null.choices)

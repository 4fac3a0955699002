"""Sampling: which values are accepted, which are refused, and whether the parameters do what they are for.

The effects are judged on small samples of one prompt that has very many good answers. Each rule states how
often it would report a provider that samples as it should. There, p is the probability of the model's
commonest phrase: about 0.1 for chat models at temperature 1, 0.3 for one that is unusually set in its ways,
and less than that at a higher temperature.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from itertools import pairwise

from conformance.asking.change import copies, either, setting, to_be_refused
from conformance.asking.probe import Probe
from conformance.contracts.chat.probes.change import temperature, top_p
from conformance.contracts.chat.probes.named import (
    COUNT,
    COUNT_CUT,
    OK,
    PHRASE,
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
    Wanted,
    controls,
    controls_for,
    probes,
    probes_for,
    requirement,
)
from conformance.judging.saying import assume, needs, note, visible, wrong
from conformance.provider.model import Claims
from conformance.wire.place import Place

RANGE = "sampling.temperature-range-accepted"
NUCLEUS = "sampling.top-p-range-accepted"

temperature_requirement = partial(requirement, source=OPENAI.temperature, claim="temperature", basis=RANGE)
top_p_requirement = partial(requirement, source=OPENAI.top_p, claim="top_p", basis=NUCLEUS)

PLAIN = PHRASES[0]
"""Shows that a request is served at all without the parameter in question."""

TOKENS = ("900", "3000")
"""Ids that real vocabularies have, beyond their bytes, and beyond the special tokens at their beginning."""

BIASED = COUNT_CUT[1] | setting(logit_bias=dict.fromkeys(TOKENS, 100))

HOT = 1.5
"""High enough for many answers, and low enough for readable ones."""

TINY = 0.01
"""Small enough to leave one token in nearly every place; some documented ranges begin here."""


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


def narrow_sample_of(claims: Claims) -> tuple[Probe, ...]:
    """Three answers out of a tiny nucleus."""
    return copies(3, PHRASE | top_p(max(nuclei(claims)[0], TINY)))


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


def inside_nuclei(claims: Claims) -> dict[str, Probe]:
    """The smallest nucleus that every sampler can serve, and the largest."""
    return {"smallest": narrow_sample_of(claims)[0], **largest_nucleus(claims)}


def largest_nucleus(claims: Claims) -> dict[str, Probe]:
    """The largest nucleus."""
    return {"largest": OK | top_p(nuclei(claims)[1])}


def outside_nuclei(claims: Claims) -> dict[str, Probe]:
    """A value beyond each end of the range."""
    low, high = nuclei(claims)
    return {
        "below": OK | top_p(round(low - 0.1, 2)) | to_be_refused,
        "above": OK | top_p(round(high + 0.1, 2)) | to_be_refused,
    }


def each_alone(claims: Claims) -> dict[str, Probe]:
    """Each of the two parameters alone."""
    nucleus = largest_nucleus(claims)["largest"]
    return {"plain": PLAIN, "warm": inside_temperatures(claims)["middle"], "nucleus": nucleus}


def plain_and_nucleus(claims: Claims) -> dict[str, Probe]:
    """Neither parameter, and the largest nucleus."""
    return {"plain": PLAIN, "nucleus": largest_nucleus(claims)["largest"]}


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


def narrow_sample(claims: Claims) -> Wanted:
    """Three answers out of a tiny nucleus."""
    return {"narrow": narrow_sample_of(claims)}


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
    cold: tuple[View, ...], hot: tuple[View, ...], default: tuple[View, ...], more: tuple[View, ...]
) -> None:
    """Without `temperature`, answers vary: the default is not 0."""
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


@temperature_requirement("sampling.temperature-with-top-p", SHOULD)
@controls_for(each_alone)
@probes(both=OK | temperature(0.7) | top_p(0.9))
def test_temperature_and_top_p_together(plain: View, warm: View, nucleus: View, both: View) -> None:
    """temperature and top_p are accepted together, though it is not recommended to change both."""
    visible(plain.choices)
    needs(RANGE, warm.served, "temperature is not accepted even alone")
    needs(NUCLEUS, nucleus.served, "top_p is not accepted even alone")
    visible(both.choices)


@requirement(
    "sampling.answers-not-replayed",
    SHOULD,
    source=METHOD.practice,
    hurts="Whoever asks again for another answer pays again for the same one; evaluations lie.",
)
@controls_for(cold_and_hot_samples)
@probes(default=PHRASES)
def test_answers_are_not_replayed(
    cold: tuple[View, ...], hot: tuple[View, ...], default: tuple[View, ...]
) -> None:
    """A request that was answered before gets an answer of its own, not a recorded one."""
    usual = set(texts(default))
    others = set(texts(cold)) | set(texts(hot))
    if len(usual) > 1:
        return
    assume(not usual & others, "the answer is a common one: other requests get it too")
    # One text four times by chance, though no other request gets it: p^4, 1 in 2,000 even for p = 0.15.
    wrong(
        "four equal requests, one after another, get {text!r}, and no other request does",
        *in_texts(default),
        text=min(usual)[:40],
    )


@requirement(
    "sampling.logit-bias-selects",
    MAY,
    claimed=MUST,
    source=OPENAI.logit_bias,
    claim="logit_bias",
    hurts="Classifiers that allow only the tokens of their labels get other words.",
)
@controls(control=COUNT_CUT[1], able=COUNT)
@probes(biased=BIASED)
def test_logit_bias_selects_tokens(control: View, able: View, biased: View) -> None:
    """With a bias of 100 on a few tokens nothing but these is written."""
    likely = control.text.strip()[:3]
    assume(likely and able.text.strip().startswith(likely), "the model answers differently each time")
    # Which texts these tokens stand for only the tokenizer knows; that the answer begins with both is chance.
    same = biased.text.strip().startswith(likely)
    assert not same, wrong(
        "with all the weight on tokens {tokens} the answer still begins with {begins!r}",
        biased.at_text(likely),
        tokens=f"{TOKENS}",
        begins=likely,
    )


@requirement("sampling.seed-repeats", MAY, source=OPENAI.seed, claim="seed")
@controls(default=PHRASES)
@probes(seeded=PHRASES_SEEDED)
def test_same_seed_repeats_the_answer(default: tuple[View, ...], seeded: tuple[View, ...]) -> None:
    """Two equal requests with the same seed get the same answer, as far as can be."""
    assume(different(default) > 2, "without a seed the answers are alike too")
    first, second = texts(seeded)
    one, other = (view.json.get("id") for view in seeded)
    replay = one == other and one
    needs("envelope.id-unique", not replay, "both answers have the same id: one may be a replay of the other")
    if first != second:
        # The reference promises no more than an effort, so this is never a violation.
        note(
            "the same seed gave {first!r} and {second!r}",
            *in_texts(seeded),
            first=first[:40],
            second=second[:40],
        )


@temperature_requirement("sampling.null-is-unset", SHOULD, source=(OPENAI.temperature, METHOD.practice))
@controls_for(plain_and_nucleus)
@probes(null=OK | setting(temperature=None, top_p=None))
def test_null_means_unset(plain: View, nucleus: View, null: View) -> None:
    """`temperature: null` and `top_p: null` are accepted, as if they were left out."""
    visible(plain.choices)
    needs(NUCLEUS, nucleus.served, "top_p is not accepted at all")
    visible(null.choices)

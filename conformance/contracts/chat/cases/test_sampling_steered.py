"""What else decides which token comes: the seed, biases, and no cache."""

from __future__ import annotations

from conformance.asking.change import setting, stream
from conformance.contracts.chat.cases.steering import cold_and_hot_samples, different, in_texts, texts
from conformance.contracts.chat.cases.twins import sound
from conformance.contracts.chat.probes.named import (
    COUNT,
    COUNT_CUT,
    COUNT_STREAM,
    PHRASES,
    PHRASES_SEEDED,
)
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.sources import METHOD, OPENAI
from conformance.judging.requirement import (
    MAY,
    MUST,
    SHOULD,
    controls,
    controls_for,
    probes,
    requirement,
)
from conformance.judging.saying import assume, needs, note, visible, wrong

TOKENS = ("900", "3000")
"""Ids that real vocabularies have, beyond their bytes, and beyond the special tokens at their beginning."""

SEEDED_STREAMED = PHRASES_SEEDED[0] | stream

BIASED = COUNT_CUT[1] | setting(logit_bias=dict.fromkeys(TOKENS, 100))


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


@requirement(
    "sampling.seed-repeats-when-streamed",
    MAY,
    claimed=SHOULD,
    source=(OPENAI.seed, METHOD.metamorphic),
    claim="seed",
    basis="sampling.seed-repeats",
)
@controls(default=PHRASES, seeded=PHRASES_SEEDED, count=COUNT, counted=COUNT_STREAM)
@probes(streamed=SEEDED_STREAMED)
def test_a_seed_gives_the_same_answer_in_a_stream(
    default: tuple[View, ...], seeded: tuple[View, ...], count: View, counted: View, streamed: View
) -> None:
    """Where a seed repeats an answer, it repeats it in a stream, too."""
    assume(different(default) > 2, "without a seed the answers are alike too")
    first, second = texts(seeded)
    one, other = (view.json.get("id") for view in seeded)
    replay = one == other and one
    needs("envelope.id-unique", not replay, "both answers have the same id: one may be a replay of the other")
    sound(count, counted)
    assume(first == second, "the seed does not repeat an answer that is not streamed either")
    visible(streamed.finish_reason)
    (text,) = texts((streamed,))
    assert text == first, wrong(
        "twice plain the seed gave {plain!r}, streamed it gave {streamed!r}",
        streamed.at_text(),
        plain=first[:40],
        streamed=text[:40],
    )

"""Penalties: the documented range is accepted, and penalised repetition becomes rarer."""

from __future__ import annotations

import re
from functools import partial

from conformance.asking.change import copies, costing, setting, to_be_refused
from conformance.asking.probe import Probe
from conformance.contracts.chat.probes import prompts
from conformance.contracts.chat.probes.ask import ask
from conformance.contracts.chat.probes.change import temperature
from conformance.contracts.chat.probes.named import OK, PHRASE, PHRASES
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.sources import OPENAI
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
from conformance.judging.saying import assume, needs, note, visible, wrong
from conformance.provider.model import Claims

RANGE = "penalties.range-accepted"
EITHER = (OPENAI.frequency_penalty, OPENAI.presence_penalty)

penalty_requirement = partial(requirement, claim="frequency_penalty", basis=RANGE)

REPEAT = ask("repeat", prompts.REPEAT, temperature=0, max_tokens=160, completion_tokens=40)
VARIED = costing(12)
OFTEN = 30
"""So many of the 40 repetitions must be there without a penalty, or there is nothing to reduce."""


def ends(claims: Claims, parameter: str) -> tuple[float, float]:
    """The documented range of a penalty."""
    return claims.detail(parameter, "min", -2), claims.detail(parameter, "max", 2)


def inside(claims: Claims) -> dict[str, Probe]:
    """Both ends of both ranges, in two requests."""
    frequency, presence = ends(claims, "frequency_penalty"), ends(claims, "presence_penalty")
    return {
        "one": OK | setting(frequency_penalty=frequency[1], presence_penalty=presence[0]),
        "other": OK | setting(frequency_penalty=frequency[0], presence_penalty=presence[1]),
    }


def outside(claims: Claims) -> dict[str, Probe]:
    """A frequency penalty above and a presence penalty below the range."""
    above = round(ends(claims, "frequency_penalty")[1] + 0.1, 2)
    below = round(ends(claims, "presence_penalty")[0] - 0.1, 2)
    return {
        "above": OK | setting(frequency_penalty=above) | to_be_refused,
        "below": OK | setting(presence_penalty=below) | to_be_refused,
    }


def repetitions(view: View) -> int:
    """How often the word was written exactly as asked: Echo and ECHO are other tokens."""
    return len(re.findall(r"\becho\b", view.text))


def repeats(control: View) -> int:
    """How often the word is written without a penalty; often enough to see fewer."""
    times = repetitions(control)
    assume(times >= OFTEN, "without a penalty the word comes only {times} times", times=times)
    return times


@penalty_requirement(
    RANGE, MAY, claimed=MUST, basis=None, source=EITHER, hurts="Clients that always send penalties fail."
)
@controls(plain=PHRASES[0])
@probes_for(inside)
def test_documented_penalties_are_accepted(plain: View, one: View, other: View) -> None:
    """Frequency and presence penalties at both ends of the documented range are accepted."""
    visible(plain.choices, one.choices, other.choices)


@penalty_requirement("penalties.out-of-range-refused", MAY, claimed=SHOULD, source=EITHER)
@controls_for(inside)
@probes_for(outside)
def test_penalties_outside_the_range_are_refused(one: View, other: View, above: View, below: View) -> None:
    """A penalty outside the documented range is refused, not silently clamped."""
    needs(RANGE, one.served and other.served, "not even both ends of the range are accepted")
    are_refused(above, below)


@penalty_requirement(
    "penalties.frequency-reduces-repetition",
    MAY,
    claimed=SHOULD,
    source=OPENAI.frequency_penalty,
    hurts="Callers that fight loops with the penalty get the loop, and pay for it.",
)
@controls(control=REPEAT)
@probes(penalised=REPEAT | setting(frequency_penalty=2) | VARIED)
def test_frequency_penalty_reduces_repetition(control: View, penalised: View) -> None:
    """With a frequency_penalty of 2, a word that is asked for 40 times comes clearly less often."""
    before = repeats(control)
    after = repetitions(penalised)
    assume(penalised.text.strip(), "with the penalty there is no visible text")
    # The twentieth repetition costs 40 logits: no model is that sure of a word.
    assert after <= 0.7 * before, wrong(
        "'echo' comes {after} times with the penalty and {before} times without",
        penalised.at_text(),
        after=after,
        before=before,
    )


@penalty_requirement(
    "penalties.presence-reduces-repetition", MAY, source=OPENAI.presence_penalty, claim="presence_penalty"
)
@controls(control=REPEAT, steady=copies(2, PHRASE | temperature(0)))
@probes(penalised=REPEAT | setting(presence_penalty=2) | VARIED)
def test_presence_penalty_reduces_repetition(
    control: View, steady: tuple[View, ...], penalised: View
) -> None:
    """With a presence_penalty of 2, a word that is asked for 40 times comes less often."""
    before = repeats(control)
    after = repetitions(penalised)
    if after >= before:
        first, second = steady
        needs(
            "sampling.temperature-zero-steady", first.text == second.text, "temperature 0 leaves it to chance"
        )
        # It costs a word 2 logits however often it came, which a model that is sure of it does not notice.
        note(
            "no effect seen, which may be because it is weak: 'echo' comes {after} and {before} times",
            penalised.at_text(),
            after=after,
            before=before,
        )

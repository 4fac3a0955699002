"""Log probabilities: they are there, they are those of the answer, and there are as many as asked for."""

from __future__ import annotations

from functools import partial

from conformance.asking.change import setting, stream, to_be_refused
from conformance.contracts.chat.cases.thinking import shown
from conformance.contracts.chat.cases.twins import sound
from conformance.contracts.chat.probes.named import COUNT, COUNT_CUT, COUNT_STREAM, OK
from conformance.contracts.chat.reading.logprobs import Written
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.sources import METHOD, OPENAI
from conformance.contracts.host.refusing import are_refused
from conformance.judging.requirement import MAY, MUST, SHOULD, controls, probes, requirement
from conformance.judging.saying import assume, needs, visible, wrong

SHAPE = "logprobs.shape"

logprobs_requirement = partial(requirement, source=OPENAI.logprobs, claim="logprobs", basis=SHAPE)

ASKED = 2
_, CUT, _ = COUNT_CUT
WEIGHED = CUT | setting(logprobs=True, top_logprobs=ASKED)
TOO_MANY = OK | setting(logprobs=True, top_logprobs=21) | to_be_refused
WEIGHED_STREAMED = WEIGHED | stream

ROUNDING = 1e-3
"""By so much a log probability may be above 0."""

FAR_OFF = 1.0
"""By so much no computation of the same token differs from another."""

NEAR_TIE = 0.1
"""By so much a log probability may differ between two computations of the same token."""


@logprobs_requirement(
    SHAPE,
    MAY,
    claimed=MUST,
    source=OPENAI.token_logprobs,
    basis=None,
    hurts="Classifiers and evaluations cannot read confidence off the answer.",
)
@probes(answer=WEIGHED)
def test_log_probabilities_are_there(answer: View) -> None:
    """With `logprobs: true` each token comes with its logprob, which is not above 0, and alternatives."""
    found = answer.logprobs
    assert found or not answer.text, wrong(
        "logprobs.content is empty, though there is a text", answer.at("logprobs.content", answer.choices[0])
    )
    above = [
        (place, one)
        for place, entry in enumerate(found)
        for one in (entry.chosen, *entry.top)
        if one.logprob > ROUNDING
    ]
    assert not above, wrong(
        "the logprob of {token!r} is {logprob:g}: above 0",
        answer.at(f"logprobs.content[{above[0][0]}].logprob", answer.choices[0]),
        token=above[0][1].token[:20],
        logprob=above[0][1].logprob,
    )


@logprobs_requirement("logprobs.agree-with-usage", MAY, claimed=SHOULD, source=METHOD.metamorphic)
@controls(whole=COUNT, control=CUT)
@probes(answer=WEIGHED)
def test_log_probabilities_are_those_of_the_text(whole: View, control: View, answer: View) -> None:
    """The tokens make up the text, and there are as many of them as completion_tokens."""
    found = answer.logprobs
    assume(not answer.thinks, "the model thinks before it answers, and that is counted too")
    needs("envelope.content-text", answer.text or not found, "there is no text")
    shown(answer)
    begins = whole.text.startswith(control.text)
    needs("limits.output-grows-with-limit", begins, "a cut answer is not the beginning of the whole one")
    together = "".join(entry.chosen.token for entry in found)
    assert together == answer.text, wrong(
        "the tokens are {tokens!r}, the text is {text!r}",
        answer.at("logprobs.content[0].token", answer.choices[0]),
        tokens=together[:40],
        text=answer.text[:40],
    )
    exact = control.usage.completion == control.request["max_tokens"]
    needs("limits.max-tokens-exact", exact, "a cut answer is not billed exactly without logprobs either")
    billed = answer.usage.completion
    assert abs(billed - len(found)) <= 1, wrong(
        "{tokens} tokens have a logprob, {billed} are billed",
        answer.at("usage.completion_tokens"),
        tokens=len(found),
        billed=billed,
    )


@logprobs_requirement(
    "logprobs.as-many-as-asked", MAY, claimed=SHOULD, source=OPENAI.top_logprobs, claim="top_logprobs"
)
@probes(answer=WEIGHED)
def test_there_are_as_many_alternatives_as_asked_for(answer: View) -> None:
    """With `top_logprobs: 2` each token comes with the two likeliest at its place."""
    counts, asked = [len(entry.top) for entry in answer.logprobs], answer.request["top_logprobs"]
    assume(counts, "there are no logprobs")
    # "In rare cases, there may be fewer": most of the tokens should have them all.
    fewer, most = [place for place, count in enumerate(counts) if count < asked], max(counts)
    assert most <= asked, wrong(
        "{most} alternatives, {asked} were asked for",
        answer.at(f"logprobs.content[{counts.index(most)}].top_logprobs", answer.choices[0]),
        most=most,
        asked=asked,
    )
    assert 2 * len(fewer) < len(counts), wrong(
        "{fewer} of {tokens} tokens have fewer than {asked}",
        answer.at(f"logprobs.content[{fewer[0]}].top_logprobs", answer.choices[0]),
        fewer=len(fewer),
        tokens=len(counts),
        asked=asked,
    )


@logprobs_requirement(
    "logprobs.too-many-refused", MAY, claimed=SHOULD, source=OPENAI.top_logprobs, claim="top_logprobs"
)
@controls(answer=WEIGHED)
@probes(many=TOO_MANY)
def test_more_alternatives_than_there_may_be_are_refused(answer: View, many: View) -> None:
    """`top_logprobs: 21` is refused: there may be 20."""
    assume(answer.served, "two alternatives are not served either")
    visible(answer.logprobs)
    are_refused(many)


@logprobs_requirement("logprobs.chosen-is-the-likeliest", MAY, claimed=SHOULD)
@controls(control=CUT)
@probes(answer=WEIGHED)
def test_the_likeliest_token_is_chosen(control: View, answer: View) -> None:
    """At temperature 0 no alternative is likelier than the token that was chosen."""
    found = [(place, entry) for place, entry in enumerate(answer.logprobs) if entry.top]
    assume(found, "there are no alternatives")
    same = control.text == answer.text
    assume(same, "at temperature 0 the same request was answered differently without logprobs")
    for place, entry in found:
        chosen, best = entry.chosen, max(entry.top, key=lambda one: one.logprob)
        assert chosen.logprob >= best.logprob - NEAR_TIE, wrong(
            "{chosen!r} ({probability:.3f}) is chosen, {best!r} is likelier ({other:.3f})",
            answer.at(f"logprobs.content[{place}].token", answer.choices[0]),
            chosen=chosen.token[:20],
            probability=chosen.logprob,
            best=best.token[:20],
            other=best.logprob,
        )


def among_the_likeliest(one: Written) -> bool:
    """The token that was chosen is one of the alternatives at its place."""
    return one.chosen.token in [other.token for other in one.top]


@logprobs_requirement(
    "logprobs.same-when-streamed",
    MAY,
    claimed=MUST,
    source=(OPENAI.token_logprobs, METHOD.metamorphic),
    hurts="Classifiers that stream get no confidence, or that of other tokens.",
)
@controls(plain=WEIGHED, count=COUNT, counted=COUNT_STREAM)
@probes(streamed=WEIGHED_STREAMED)
def test_log_probabilities_are_streamed_too(plain: View, count: View, counted: View, streamed: View) -> None:
    """In a stream each token comes with its logprob and as many alternatives as in an answer in one piece."""
    whole, found = plain.logprobs, streamed.logprobs
    needs(SHAPE, whole, "there are none in an answer that is not streamed either")
    assume(streamed.text, "the stream has no visible text")
    sound(count, counted)
    assert found, wrong(
        "the stream has no logprobs, though the same request has {count} when it is not streamed",
        streamed.at("choices[0].logprobs"),
        count=len(whole),
    )
    texts = ["".join(entry.chosen.token for entry in one) for one in (whole, found)]
    right = texts[0] == plain.text
    assert texts[1].strip() == streamed.text.strip() or not right, wrong(
        "the streamed tokens are {tokens!r}, the streamed text is {text!r}",
        streamed.at("choices[0].logprobs"),
        tokens=texts[1][:40],
        text=streamed.text[:40],
    )
    assume(texts[0] == texts[1], "the model answered differently this time")
    asked = streamed.request["top_logprobs"]
    counts = [sum(min(len(entry.top), asked) for entry in one) for one in (whole, found)]
    assert counts[1] >= counts[0], wrong(
        "streamed, the tokens come with fewer alternatives: {streamed} in all, and {plain} plain",
        streamed.at("choices[0].logprobs"),
        streamed=counts[1],
        plain=counts[0],
    )
    absent = [
        [one.chosen.token not in [other.token for other in one.top] for one in each]
        for each in (whole, found)
    ]
    lost = [entry.chosen.token for entry, gone in zip(found, absent[1], strict=True) if gone]
    assert any(absent[0]) or not lost, wrong(
        "streamed, the token {token!r}, which was chosen at temperature 0, is not among its alternatives",
        streamed.at("choices[0].logprobs"),
        token=lost[0][:20] if lost else "",
    )
    best = [max((other.logprob for other in one.top), default=one.chosen.logprob) for one in whole]
    right = all(one.chosen.logprob >= top - NEAR_TIE for one, top in zip(whole, best, strict=True))
    needs("logprobs.chosen-is-the-likeliest", right, "plain, they are not those of what was chosen")
    pairs = zip(whole, found, strict=False)
    off = [(a.chosen, b.chosen) for a, b in pairs if abs(a.chosen.logprob - b.chosen.logprob) > FAR_OFF]
    assert not off, wrong(
        "the logprob of {token!r} is {streamed:g} in the stream, and {plain:g} plain",
        streamed.at("choices[0].logprobs"),
        token=off[0][1].token[:20],
        streamed=off[0][1].logprob,
        plain=off[0][0].logprob,
    )

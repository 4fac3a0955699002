"""What completion_tokens is made of: text, thoughts and calls, and the details that say so."""

from __future__ import annotations

from conformance.contracts.chat.cases.tooling import ONE_AT_A_TIME, TWO, TWO_USAGE, calls_of
from conformance.contracts.chat.probes.named import COUNT, COUNT_USAGE
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.selecting import every_answer
from conformance.contracts.chat.sources import METHOD, OPENAI
from conformance.judging.requirement import SHOULD, controls, probes, requirement
from conformance.judging.saying import assume, concerns, needs, wrong

PARTS = (
    ("prompt_tokens_details", ("cached_tokens", "audio_tokens", "text_tokens", "image_tokens")),
    (
        "completion_tokens_details",
        (
            *("reasoning_tokens", "audio_tokens", "text_tokens"),
            *("accepted_prediction_tokens", "rejected_prediction_tokens"),
        ),
    ),
)
"""The details that are part of a count."""

LEAST = 0.1
"""Tokens for each byte that every tokenizer needs: the longest words of a vocabulary have about ten bytes."""

SHORT = 40
"""Bytes below which a text is too short to tell."""


def size(text: str) -> int:
    """Its bytes; white space is often counted with the word that follows."""
    return len("".join(text.split()).encode("utf-8", "surrogatepass"))


@requirement("usage.details-within-parent", SHOULD, source=OPENAI.usage_details)
@every_answer
def test_details_are_within_their_totals(answer: View) -> None:
    """Each of the details, such as cached_tokens and reasoning_tokens, is at most the count it is part of."""
    usage = answer.usage
    wholes = (usage.prompt, usage.completion)
    for (group, names), whole in zip(PARTS, wholes, strict=True):
        for name in names:
            part = usage.detail(group, name) or 0
            assert 0 <= part <= whole, wrong(
                "{name} is {part} of {whole}",
                answer.at(f"usage.{group}.{name}"),
                name=name,
                part=part,
                whole=whole,
            )


@requirement(
    "usage.reasoning-counted",
    SHOULD,
    source=OPENAI.usage_details,
    hurts="What was thought is billed, and the bill does not show it.",
)
@every_answer
def test_reasoning_is_counted(answer: View) -> None:
    """Where an answer shows what was thought, reasoning_tokens, if it is there, counts that and no more."""
    concerns(answer.has_usage, "usage is not stated")
    usage = answer.usage
    stated = usage.detail("completion_tokens_details", "reasoning_tokens")
    concerns(stated is not None, "reasoning_tokens is not stated")
    reasoned = stated or 0
    thoughts = sum(size(choice.thoughts) for choice in answer.choices)
    text = sum(size(choice.text) for choice in answer.choices)
    concerns(thoughts or reasoned, "nothing was thought")
    lone = "there is no text beside the thoughts: they may be the answer"
    needs("envelope.content-text", text or not thoughts, lone)
    place = answer.at("usage.completion_tokens_details.reasoning_tokens")
    assert reasoned > 0 or not thoughts, wrong(
        "reasoning_tokens is 0, though {size} bytes of thoughts came with the answer", place, size=thoughts
    )
    few = thoughts >= SHORT and reasoned < LEAST * thoughts
    assert not few, wrong(
        "reasoning_tokens is {reasoned} for {size} bytes of thoughts", place, reasoned=reasoned, size=thoughts
    )
    whole = usage.total == usage.prompt + usage.completion
    needs("usage.total-is-sum", whole, "reasoning seems to be counted beside completion_tokens")
    left = usage.completion - reasoned
    beside = text >= SHORT and 0 <= left < LEAST * text
    assert not beside, wrong(
        "{reasoned} of {all} completion_tokens are said to be reasoning, which leaves {left} for {size} "
        "bytes of text",
        place,
        reasoned=reasoned,
        all=usage.completion,
        left=left,
        size=text,
    )


@requirement("usage.calls-counted", SHOULD, source=(OPENAI.usage_completion, METHOD.metamorphic))
@every_answer
def test_calls_are_counted(answer: View) -> None:
    """What a model writes into a tool call counts in completion_tokens as text does."""
    made = calls_of(answer)
    concerns(made and answer.has_usage, "no tool is called where usage is stated")
    usage = answer.usage
    needs("usage.counts-positive", usage.completion > 0, "calls cost nothing")
    written = sum(size(call.name) + size(call.arguments) for call in made)
    least = int(LEAST * written)
    assert usage.completion >= least, wrong(
        "{count} calls with {size} bytes of names and arguments cost {billed} tokens",
        answer.at("usage.completion_tokens"),
        count=len(made),
        size=written,
        billed=usage.completion,
    )


@requirement(
    "usage.every-call-counted",
    SHOULD,
    source=(OPENAI.usage_completion, METHOD.metamorphic),
    claim="tools",
    basis="tools.call-shape",
)
@controls(one=ONE_AT_A_TIME)
@probes(two=TWO)
def test_every_call_is_counted(one: View, two: View) -> None:
    """Two calls cost more than the first of them alone."""
    several, single = two.tool_calls, calls_of(one)
    assume(single and len(several) > 1, "there are no two calls and one to compare")
    needs("tools.parallel-calls-switched-off", len(single) == 1, "there is no single call to compare with")
    assume(not (one.thinks or two.thinks), "the model thinks before it calls, and that is counted too")
    assume(single[0].arguments == several[0].arguments, "the calls are not the same")
    alone, together = one.usage.completion, two.usage.completion
    assume(min(alone, together) > 1, "calls cost next to nothing")
    written = sum(size(call.name + call.arguments) for call in several)
    assume(together <= 2 * written, "calls cost far more than they hold")
    assert together > alone, wrong(
        "{count} calls cost {together} tokens, and the first of them alone {alone}",
        two.at("usage.completion_tokens"),
        count=len(several),
        together=together,
        alone=alone,
    )


@requirement(
    "usage.same-with-tools-when-streamed",
    SHOULD,
    source=METHOD.metamorphic,
    claim="stream_options",
    basis="stream.usage-chunk-last",
)
@controls(count=COUNT, count_streamed=COUNT_USAGE, plain=TWO)
@probes(streamed=TWO_USAGE)
def test_tools_cost_the_same_when_streamed(
    count: View, count_streamed: View, plain: View, streamed: View
) -> None:
    """A request with tools costs the same, streamed and not."""
    without = count.usage.prompt == count_streamed.usage.prompt
    needs("stream.same-usage-as-not-streamed", without, "without tools a prompt costs another when streamed")
    one, other = plain.usage, streamed.usage
    costs = min(one.completion, other.completion) > 0
    needs("usage.counts-positive", costs, "calls cost nothing")
    assert one.prompt == other.prompt, wrong(
        "with tools: {plain} prompt tokens plain, {streamed} streamed",
        streamed.at("usage.prompt_tokens"),
        plain=one.prompt,
        streamed=other.prompt,
    )
    assume(not (plain.thinks or streamed.thinks), "the model thinks before it calls, not always as long")
    steady = abs(count.usage.completion - count_streamed.usage.completion) <= 1
    assume(steady, "the same text without tools costs another number of tokens each time")
    written = [[(call.name, call.arguments) for call in calls_of(view)] for view in (plain, streamed)]
    assume(written[0] and written[0] == written[1], "the calls are not the same")
    assert abs(one.completion - other.completion) <= len(written[0]) + 1, wrong(
        "the same calls: {plain} completion tokens plain, {streamed} streamed",
        streamed.at("usage.completion_tokens"),
        plain=one.completion,
        streamed=other.completion,
    )

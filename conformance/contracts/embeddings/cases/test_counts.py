"""Usage: what is billed for embeddings, checked without trusting anybody's tokenizer."""

from __future__ import annotations

from conformance.contracts.embeddings.probes.named import BASE64, BATCH, OTHER, TEXT, TEXT_AGAIN
from conformance.contracts.embeddings.reading.view import View
from conformance.contracts.embeddings.selecting import every_answer
from conformance.contracts.embeddings.sources import METHOD, OPENAI
from conformance.judging.requirement import MUST, SHOULD, controls, probes, requirement
from conformance.judging.saying import needs, visible, wrong


@requirement(
    "counts.present-and-integer",
    MUST,
    source=OPENAI.usage,
    hurts="Budgets, dashboards and bills that are built on usage have nothing to count.",
)
@every_answer
def test_usage_is_present(answer: View) -> None:
    """An answer has `usage` with the integers prompt_tokens and total_tokens."""
    visible(answer.usage)


@requirement(
    "counts.positive", MUST, source=OPENAI.usage, hurts="What was used is billed, or reported, as nothing."
)
@every_answer
def test_usage_counts_something(answer: View) -> None:
    """prompt_tokens is greater than 0."""
    assert answer.usage.prompt, wrong("prompt_tokens is 0", answer.at("usage.prompt_tokens"))


@requirement("counts.total-is-prompt", MUST, source=OPENAI.usage, hurts="Bills do not add up.")
@every_answer
def test_total_is_the_prompt(answer: View) -> None:
    """total_tokens is prompt_tokens: nothing is generated."""
    usage = answer.usage
    assert usage.total == usage.prompt, wrong(
        "total_tokens is {total}, and prompt_tokens {prompt}",
        answer.at("usage.total_tokens"),
        total=usage.total,
        prompt=usage.prompt,
    )


@requirement(
    "counts.same-input-same-count",
    SHOULD,
    source=METHOD.metamorphic,
    hurts="The same request has two prices.",
)
@controls(text=TEXT)
@probes(others=(TEXT_AGAIN, BASE64))
def test_same_input_has_the_same_count(text: View, others: tuple[View, ...]) -> None:
    """The same text has the same prompt_tokens, whenever and in whatever encoding it is asked for."""
    for other in others:
        if not other.served:
            continue
        assert other.usage.prompt == text.usage.prompt, wrong(
            "{one} prompt_tokens, and {other} for the same text",
            other.at("usage.prompt_tokens"),
            one=text.usage.prompt,
            other=other.usage.prompt,
        )


@requirement(
    "counts.additive",
    SHOULD,
    source=(OPENAI.usage, METHOD.metamorphic),
    hurts="Batches are billed for padding, or for their first text only.",
)
@controls(text=TEXT, other=OTHER)
@probes(batch=BATCH)
def test_a_batch_costs_what_its_texts_cost(text: View, other: View, batch: View) -> None:
    """prompt_tokens of a batch is the sum of those of its texts by themselves."""
    whole = 2 * text.usage.prompt + other.usage.prompt
    needs("counts.positive", text.usage.prompt and other.usage.prompt, "a text has no tokens")
    assert batch.usage.prompt == whole, wrong(
        "a batch has {batch} prompt_tokens, and its texts by themselves 2 × {one} + {other} = {sum}",
        batch.at("usage.prompt_tokens"),
        batch=batch.usage.prompt,
        one=text.usage.prompt,
        other=other.usage.prompt,
        sum=whole,
    )

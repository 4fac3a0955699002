"""Usage accounting: what is billed, checked without trusting anybody's tokenizer."""

from __future__ import annotations

from conformance.asking.change import escaped
from conformance.contracts.chat import counting
from conformance.contracts.chat.cases.thinking import shown
from conformance.contracts.chat.cases.tooling import calls_of
from conformance.contracts.chat.probes import prompts
from conformance.contracts.chat.probes.named import (
    COUNT,
    COUNT_CUT,
    COUNT_DEFAULTS,
    COUNT_USAGE,
    NATO,
    NATO_FOUR_STOPS,
    NATO_STOPPED,
    PHRASES,
    UNITS,
    echo,
)
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.selecting import every_answer, every_plain_answer
from conformance.contracts.chat.sources import METHOD, OPENAI, RFC
from conformance.judging.requirement import MAY, MUST, SHOULD, controls, probes, requirement
from conformance.judging.saying import assume, concerns, needs, visible, wrong
from conformance.wire.message import Message
from conformance.wire.strict_json import is_integer

ONCE, TWICE, FOUR_TIMES = UNITS
UNICODE = echo(prompts.UNICODE, "unicode")

NATURAL = (0.15, 1.2)
"""Tokens for each UTF-8 byte of plain English that any tokenizer in use stays within."""

DIFFERENT = 5
"""So many different texts no tokenizer cuts into exactly as many tokens as a formula says."""


def sent(view: View) -> str:
    """The text of the only message of a request."""
    return str(view.request["messages"][0]["content"])


def limit_of(view: View) -> int:
    """The limit, under the name by which the model takes it."""
    limit: int = view.request.get("max_tokens") or view.request["max_completion_tokens"]
    return limit


@requirement(
    "usage.present-and-integer",
    MUST,
    source=OPENAI.usage,
    hurts="Budgets, dashboards and bills that are built on usage have nothing to count.",
)
@every_plain_answer
def test_usage_is_present(answer: View) -> None:
    """An answer has `usage` with the integers prompt_tokens, completion_tokens and total_tokens."""
    visible(answer.stated_usage)


@requirement("usage.total-is-sum", MUST, source=OPENAI.usage_total, hurts="Bills do not add up.")
@every_answer
def test_total_is_prompt_plus_completion(answer: View) -> None:
    """total_tokens is the sum of prompt_tokens and completion_tokens."""
    usage = answer.usage
    both = usage.prompt + usage.completion
    assert usage.total == both, wrong(
        "total_tokens is {total}, but {prompt} + {completion} = {sum}",
        answer.at("usage.total_tokens"),
        total=usage.total,
        prompt=usage.prompt,
        completion=usage.completion,
        sum=both,
    )


@requirement(
    "usage.counts-positive",
    MUST,
    source=(OPENAI.usage_prompt, OPENAI.usage_completion),
    hurts="What was used is billed, or reported, as nothing.",
)
@every_answer
def test_counts_are_positive(answer: View) -> None:
    """prompt_tokens is greater than 0, and so is completion_tokens where there is text or a call."""
    usage = answer.stated_usage
    empty = not (usage.prompt or usage.completion or usage.total)
    assert not empty, wrong("usage is 0, 0 and 0: nothing is counted", answer.at("usage"))
    for name, count, least in (
        ("prompt_tokens", usage.prompt, 1),
        ("completion_tokens", usage.completion, 0),
    ):
        assert count >= least, wrong("{name} is {count}", answer.at(f"usage.{name}"), name=name, count=count)
    written = "text" if any(choice.text for choice in answer.choices) else ""
    made = written or ("a tool call" if calls_of(answer) else "")
    assert usage.completion > 0 or not made, wrong(
        "completion_tokens is 0, though there is {made}",
        answer.at("usage.completion_tokens"),
        made=Message(made),
    )


@requirement(
    "usage.within-limit",
    MUST,
    source=OPENAI.max_tokens,
    claim="max_tokens",
    basis="limits.truncation-is-success",
    hurts="More tokens are billed than the limit allows: budgets that rely on it are exceeded.",
)
@probes(answers=(*COUNT_CUT, COUNT))
def test_completion_tokens_stay_within_the_limit(answers: tuple[View, ...]) -> None:
    """completion_tokens is not greater than max_tokens."""
    for answer in answers:
        limit = limit_of(answer)
        written = len(answer.text.split())
        within = "{written} numbers within {limit} tokens"
        needs("limits.max-tokens-bounds", written <= limit, within, written=written, limit=limit)
        billed = answer.usage.completion
        # Some services bound only the text, and say what was thought on top.
        assume(billed <= limit or not answer.thinks, "the model thinks, which the limit may not be about")
        assert billed <= limit, wrong(
            "{probe}: {billed} completion tokens are billed, {limit} were allowed",
            answer.at("usage.completion_tokens"),
            probe=answer.probe,
            billed=billed,
            limit=limit,
        )


@requirement("usage.plausible-for-text", SHOULD, source=OPENAI.usage_completion)
@controls(cut=COUNT_CUT[1])
@probes(answers=(COUNT, NATO))
def test_completion_tokens_are_plausible(cut: View, answers: tuple[View, ...]) -> None:
    """completion_tokens is plausible for the length of the text."""
    for answer in answers:
        assume(not answer.thinks, "the model thinks aloud: hidden tokens are billed with the text")
        size = len(answer.text.encode("utf-8", "surrogatepass"))
        assume(size >= 30, "{probe}: too little text to tell", probe=answer.probe)
        low, high = (bound * size for bound in NATURAL)
        billed = answer.usage.completion
        if billed > high + 3:
            shown(cut)
        assert low <= billed <= high + 3, wrong(
            "{probe}: {billed} tokens for {size} bytes of text",
            answer.at("usage.completion_tokens"),
            probe=answer.probe,
            billed=billed,
            size=size,
        )


@requirement(
    "usage.completion-not-estimated",
    SHOULD,
    source=(OPENAI.usage_completion, METHOD.metamorphic),
    hurts="Customers pay by the token for what is no count of tokens.",
)
@probes(answers=(COUNT, NATO, NATO_STOPPED, UNICODE, *PHRASES))
def test_completion_tokens_are_not_estimated(answers: tuple[View, ...]) -> None:
    """completion_tokens is no number of characters, bytes or words by a constant."""
    served = [view for view in answers if view.served]
    assume(not any(view.thinks for view in served), "the model thinks aloud: hidden tokens are billed too")
    counted = {view.text: view.usage.completion for view in served if view.text}
    # Tokenizers need 1 to 3 characters for a token of digits or of several scripts, and 4 to 5 for prose.
    assume(len(counted) >= DIFFERENT, "only {count} different texts were answered", count=len(counted))
    formula = counting.formula_for_answers(list(counted.items()))
    assert formula is None, wrong(
        "in {count} answers completion_tokens is exactly {formula}",
        *(view.at("usage.completion_tokens") for view in served),
        count=len(counted),
        formula=formula,
    )


@requirement(
    "usage.prompt-not-estimated",
    SHOULD,
    source=(OPENAI.usage_prompt, METHOD.metamorphic),
    hurts="Customers pay by the token for what is no count of tokens.",
)
@probes(prompts=(COUNT, NATO, PHRASES[0], *UNITS), unicode=UNICODE)
def test_prompt_tokens_are_not_estimated(prompts: tuple[View, ...], unicode: View) -> None:
    """prompt_tokens is no number of characters, bytes or words by a constant."""
    assume(unicode.served, "a text of several scripts is not served, and the others are too much alike")
    counted = [(sent(view), view.usage.prompt) for view in (*prompts, unicode)]
    needs("usage.counts-positive", min(tokens for _, tokens in counted) > 0, "not every prompt is counted")
    constant = len({tokens for _, tokens in counted}) == 1
    needs("usage.prompt-count-affine", not constant, "every prompt has the same prompt_tokens")
    formula = counting.formula_for_prompts(counted)
    assert formula is None, wrong(
        "for {count} prompts prompt_tokens is exactly {formula}",
        *(view.at("usage.prompt_tokens") for view in (*prompts, unicode)),
        count=len(counted),
        formula=formula,
    )


@requirement(
    "usage.counted-on-every-ending",
    MUST,
    source=OPENAI.usage,
    hurts="Answers that were cut, or stopped, are missing from budgets and bills.",
)
@probes(stopped=NATO_STOPPED, cut=COUNT_CUT[1])
def test_usage_is_counted_on_every_ending(stopped: View, cut: View) -> None:
    """Usage is counted too where the answer ended at a stop string or at the limit."""
    for view in (stopped, cut):
        usage = view.usage
        counted = usage.prompt > 0 and (usage.completion > 0 or not view.text)
        assert counted, wrong(
            "{probe}: {prompt} prompt and {completion} completion tokens",
            view.at("usage.completion_tokens" if usage.prompt > 0 else "usage.prompt_tokens"),
            probe=view.probe,
            prompt=usage.prompt,
            completion=usage.completion,
        )


@requirement("usage.extra-members-agree", MAY, source=METHOD.metamorphic)
@every_answer
def test_extra_members_agree(answer: View) -> None:
    """Other names for the same counts, such as input_tokens, do not contradict them."""
    usage = answer.usage
    for name, value in (("input_tokens", usage.prompt), ("output_tokens", usage.completion)):
        other = usage.members.get(name, value)
        assert other == value or not is_integer(other), wrong(
            "{name} is {other}, but the same count is {count}",
            answer.at(f"usage.{name}"),
            name=name,
            other=other,
            count=value,
        )


@requirement(
    "usage.same-prompt-same-count", MUST, source=METHOD.metamorphic, hurts="The same request has two prices."
)
@probes(answers=(COUNT, COUNT_DEFAULTS, COUNT_USAGE, *COUNT_CUT))
def test_same_prompt_costs_the_same(answers: tuple[View, ...]) -> None:
    """The same prompt has the same prompt_tokens, whatever the other parameters."""
    served = [view for view in answers if view.served]
    counted = [view for view in served if view.has_usage]
    if len(counted) <= 1:
        for view in served:
            visible(view.usage)  # or the requirement that its lack is about says so
    needs("usage.present-and-integer", len(counted) > 1, "fewer than two answers have usage")
    counted = [view for view in counted if view.usage.prompt > 0]
    needs("usage.counts-positive", len(counted) > 1, "fewer than two answers count their prompt")
    assert len({view.usage.prompt for view in counted}) == 1, wrong(
        "prompt_tokens differ: {seen}",
        *(view.at("usage.prompt_tokens") for view in counted),
        seen=", ".join(f"{view.probe}: {view.usage.prompt}" for view in counted),
    )


@requirement(
    "usage.prompt-count-affine",
    MUST,
    source=METHOD.metamorphic,
    hurts="Customers pay by the token for an estimate.",
)
@probes(once=ONCE, twice=TWICE, four=FOUR_TIMES)
def test_prompt_tokens_grow_with_the_text(once: View, twice: View, four: View) -> None:
    """prompt_tokens grows in proportion when a text is repeated: it is counted, not estimated."""
    one, two, many = (view.usage.prompt for view in (once, twice, four))
    where = [view.at("usage.prompt_tokens") for view in (once, twice, four)]
    assert two > one, wrong(
        "prompt_tokens is {once} for a text and {twice} for the text twice", *where[:2], once=one, twice=two
    )
    off = (many - two) - 2 * (two - one)
    assert abs(off) <= 2, wrong(
        "prompt_tokens for the text once, twice, four times: {once}, {twice}, {four}",
        *where,
        once=one,
        twice=two,
        four=many,
    )


@requirement(
    "usage.inert-parameters-free",
    SHOULD,
    source=METHOD.metamorphic,
    claim="stop",
    basis="stop.fourth-of-four-works",
)
@controls(control=NATO)
@probes(one=NATO_STOPPED, four=NATO_FOUR_STOPS)
def test_stop_strings_do_not_cost_prompt_tokens(control: View, one: View, four: View) -> None:
    """Stop strings do not change prompt_tokens: they are not written into the prompt."""
    none, *others = counts = [view.usage.prompt for view in (control, one, four)]
    costly = [view for view, count in zip((one, four), others, strict=True) if count != none]
    assert not costly, wrong(
        "prompt_tokens with no, one and four stop strings: {counts}",
        *(view.at("usage.prompt_tokens") for view in costly),
        counts=counts,
    )


@requirement("usage.escaped-text-same-count", MAY, source=(RFC.json_strings, METHOD.metamorphic))
@controls(as_it_is=UNICODE)
@probes(with_escapes=UNICODE | escaped)
def test_escaped_text_costs_the_same(as_it_is: View, with_escapes: View) -> None:
    r"""A text costs the same whether its characters are written as they are or as \u escapes."""
    concerns(as_it_is.served, "the text itself was not served")
    plain, quoted = as_it_is.usage.prompt, with_escapes.usage.prompt
    assert plain == quoted, wrong(
        "{plain} prompt tokens as it is, {quoted} with escapes",
        with_escapes.at("usage.prompt_tokens"),
        plain=plain,
        quoted=quoted,
    )

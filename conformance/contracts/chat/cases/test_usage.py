"""Usage accounting: what is billed, checked without trusting anybody's tokenizer."""

from __future__ import annotations

from conformance.asking.change import escaped
from conformance.contracts.chat import counting
from conformance.contracts.chat.cases.thinking import shown
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
    UNIT_WITH_SYSTEM,
    UNITS,
    echo,
)
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.selecting import every_answer, every_plain_answer
from conformance.contracts.chat.sources import METHOD, OPENAI, RFC
from conformance.judging.requirement import MAY, MUST, SHOULD, controls, probes, requirement
from conformance.judging.saying import assume, concerns, needs, note, visible, wrong
from conformance.wire.message import Message
from conformance.wire.strict_json import is_integer

ONCE, TWICE, FOUR_TIMES = UNITS
UNICODE = echo(prompts.UNICODE, "unicode")

NATURAL = (0.15, 1.2)
"""Tokens for each UTF-8 byte of plain English that any tokenizer in use stays within."""

SYSTEM_MESSAGE = 60
"""Prompt tokens that a system message of six words stays under, whatever the chat template."""

DIFFERENT = 5
"""So many different texts no tokenizer cuts into exactly as many tokens as a formula says."""

TEMPLATE, HIDDEN = 75, 150
"""Prompt tokens beside the text: what chat templates stay under, and what none accounts for.

Most templates add 3 to 40 tokens. The longest in wide use tell the date and how to reason, in about 70.
"""


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
    visible(answer.usage)


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
    """prompt_tokens is greater than 0, and so is completion_tokens where there is text."""
    usage = answer.usage
    for name, count, least in (
        ("prompt_tokens", usage.prompt, 1),
        ("completion_tokens", usage.completion, 0),
    ):
        assert count >= least, wrong("{name} is {count}", answer.at(f"usage.{name}"), name=name, count=count)
    written = any(choice.text for choice in answer.choices)
    assert usage.completion > 0 or not written, wrong(
        "completion_tokens is 0, though there is text", answer.at("usage.completion_tokens")
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


@requirement("usage.details-within-parent", SHOULD, source=OPENAI.usage_details)
@every_answer
def test_details_are_within_their_totals(answer: View) -> None:
    """Cached tokens are part of prompt_tokens, reasoning tokens part of completion_tokens."""
    usage = answer.usage
    for group, name, whole in (
        ("prompt_tokens_details", "cached_tokens", usage.prompt),
        ("completion_tokens_details", "reasoning_tokens", usage.completion),
    ):
        part = usage.detail(group, name) or 0
        assert 0 <= part <= whole, wrong(
            "{name} is {part} of {whole}",
            answer.at(f"usage.{group}.{name}"),
            name=name,
            part=part,
            whole=whole,
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
    """completion_tokens is no number of characters, bytes or words that is divided by a constant."""
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
    """prompt_tokens is no number of characters, bytes or words that is divided by a constant."""
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
    counted = [view for view in answers if view.served and view.has_usage]
    needs("usage.present-and-integer", len(counted) > 1, "fewer than two answers have usage")
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
    "usage.no-hidden-prompt",
    SHOULD,
    source=METHOD.metamorphic,
    hurts="Customers pay in every request for a prompt that they neither wrote nor can see.",
)
@probes(once=ONCE, twice=TWICE, four=FOUR_TIMES)
def test_no_hidden_prompt_is_billed(once: View, twice: View, four: View) -> None:
    """prompt_tokens counts the messages and what a chat template adds, and no prompt that nobody sent."""
    one, two, many = (view.usage.prompt for view in (once, twice, four))
    steady = two > one and abs((many - two) - 2 * (two - one)) <= 2
    needs("usage.prompt-count-affine", steady, "prompt_tokens does not grow with the text")
    _, beside = counting.line(one, two, many)
    where = [view.at("usage.prompt_tokens") for view in (once, twice, four)]
    shown = Message.of(
        "{once}, {twice}, {four} prompt tokens for a text once, twice, four times: {beside:.0f} beside it",
        once=one,
        twice=two,
        four=many,
        beside=beside,
    )
    assert beside <= HIDDEN, wrong("{shown}", *where, shown=shown)
    if beside > TEMPLATE:
        note("{shown}; the chat template seems to add a text of its own", *where, shown=shown)


@requirement(
    "usage.system-message-counted",
    SHOULD,
    source=METHOD.metamorphic,
    claim="system-role",
    basis="messages.system-obeyed",
)
@controls(without=ONCE)
@probes(with_system=UNIT_WITH_SYSTEM)
def test_system_message_is_counted(without: View, with_system: View) -> None:
    """A system message is counted in prompt_tokens, with no more than it holds."""
    more = with_system.usage.prompt - without.usage.prompt
    where = with_system.at("usage.prompt_tokens")
    assert more, wrong("a system message of six words does not change prompt_tokens: it was dropped", where)
    if more < 0:
        note(
            "{more} prompt tokens: a system message takes the place of one that the chat template has",
            where,
            more=more,
        )
    assert more <= SYSTEM_MESSAGE, wrong(
        "a system message of six words costs {more} tokens", where, more=more
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

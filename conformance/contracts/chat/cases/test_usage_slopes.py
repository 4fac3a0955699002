"""What a prompt is billed for, from two measurements: what each sentence costs, and what is there beside it.

The same sentence is repeated in a user message, in a system message, and in the description of a tool. Who
counts tokens gets the same number for it each time, whatever the tokenizer: those of GPT-3 to GPT-4o, Llama 2
and 3, and Mistral do, to the token. What remains was never sent: the marks of a chat template, or a
prompt.
"""

from __future__ import annotations

from conformance.contracts.chat import counting
from conformance.contracts.chat.cases.tooling import NAMED, REQUIRED, TWO, calls_at_all
from conformance.contracts.chat.probes import prompts
from conformance.contracts.chat.probes.named import (
    CODES_AT_ONCE,
    LONG_MESSAGE,
    SYSTEM_UNITS,
    TOOL_UNITS,
    UNITS,
)
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.sources import METHOD, OPENAI
from conformance.judging.requirement import SHOULD, controls, probes, requirement
from conformance.judging.saying import assume, needs, note, wrong
from conformance.provider.model import Claims
from conformance.wire.message import Message

ONCE, TWICE, FOUR_TIMES = UNITS

SHORT, EIGHTFOLD = 1, 8
"""How often the sentence is in a short and in a long system message or description."""

SLACK = 4
"""Tokens by which seven sentences may differ from seven others: none does with the tokenizers in use."""

AROUND = 19
"""Tokens by which the short text is longer than what stands around the sentences of the long one.

It is 18 to 20 with the tokenizers in use.
"""

LONG_SLACK = 0.05
"""By which part a long text may differ from what a short one lets expect."""

TEMPLATE, HIDDEN = 50, 150
"""Prompt tokens beside the text: what chat templates stay under, and what none accounts for.

Most templates add 3 to 20 tokens. Those of Llama 3 and Qwen 2.5 have a text of their own, and add 30 to 40.
"""

WITH_SYSTEM = 45
"""Tokens that a system message stays under beside its text, whatever the chat template."""


def steady(once: View, twice: View, four: View) -> float:
    """What the sentence costs in a user message, where it costs the same each time."""
    one, two, many = (view.usage.prompt for view in (once, twice, four))
    same = two > one and abs((many - two) - 2 * (two - one)) <= 2
    needs("usage.prompt-count-affine", same, "prompt_tokens does not grow with the text")
    return (many - one) / 3


def counted(what: str, short: View, long: View, each: float) -> None:
    """Seven sentences more cost what seven sentences cost."""
    more, sentences = long.usage.prompt - short.usage.prompt, EIGHTFOLD - SHORT
    expected, where = sentences * each, [view.at("usage.prompt_tokens") for view in (short, long)]
    found = {"what": Message(what), "more": more, "sentences": sentences, "expected": round(expected)}
    assert more > expected / 4, wrong(
        "{what} is not counted, or does not reach the model: {sentences} sentences more of it change "
        "prompt_tokens by {more}, in a user message by {expected}",
        *where,
        **found,
    )
    assert more < 1.5 * expected, wrong(
        "{what} is counted {times:.1f} times over: {sentences} sentences more of it cost {more} tokens, in a "
        "user message {expected}",
        *where,
        **found,
        times=more / expected,
    )
    assert abs(more - expected) <= SLACK, wrong(
        "{what} is estimated, or counted otherwise than messages are: {sentences} sentences more of it cost "
        "{more} tokens, in a user message {expected}",
        *where,
        **found,
    )


@requirement(
    "usage.long-prompt-counted",
    SHOULD,
    source=(OPENAI.usage_prompt, METHOD.metamorphic),
    hurts="A page of text is cut, or billed by another rule than a line of it.",
)
@controls(once=ONCE, twice=TWICE, four=FOUR_TIMES, short=CODES_AT_ONCE)
@probes(long=LONG_MESSAGE)
def test_a_long_prompt_is_counted_like_a_short_one(
    once: View, twice: View, four: View, short: View, long: View
) -> None:
    """A text of 3,000 characters costs as many tokens as its sentences cost in a short one."""
    each = steady(once, twice, four)
    expected = round(short.usage.prompt - AROUND + prompts.LONG_TIMES * each)
    found = long.usage.prompt
    assert abs(found - expected) <= LONG_SLACK * expected, wrong(
        "a text with {times} equal sentences costs {found} tokens, where {expected} follow from 1, 2 and 4",
        long.at("usage.prompt_tokens"),
        times=prompts.LONG_TIMES,
        found=found,
        expected=expected,
    )


@requirement(
    "usage.system-message-counted",
    SHOULD,
    source=(OPENAI.usage_prompt, METHOD.metamorphic),
    claim="system-role",
    basis="messages.system-obeyed",
)
@controls(once=ONCE, twice=TWICE, four=FOUR_TIMES)
@probes(systems=SYSTEM_UNITS)
def test_system_message_is_counted(once: View, twice: View, four: View, systems: tuple[View, ...]) -> None:
    """A system message is counted once in prompt_tokens, with little beside its text."""
    short, long = systems
    visible_growth = short.usage.prompt - once.usage.prompt, long.usage.prompt - once.usage.prompt
    where = [view.at("usage.prompt_tokens") for view in systems]
    assert any(visible_growth), wrong(
        "a system message does not change prompt_tokens: it was dropped, or is not counted", *where
    )
    each = steady(once, twice, four)
    counted("the text of a system message", short, long, each)
    beside = round(visible_growth[0] - each)
    assert beside <= WITH_SYSTEM, wrong(
        "a system message costs {beside} tokens beside its text", where[0], beside=beside
    )
    if visible_growth[0] < 0:
        note(
            "{more} prompt tokens: a system message takes the place of one that the chat template has",
            where[0],
            more=visible_growth[0],
        )


@requirement(
    "usage.no-hidden-prompt",
    SHOULD,
    source=(OPENAI.usage_prompt, METHOD.metamorphic),
    hurts="Customers pay in every request for a prompt that they neither wrote nor can see.",
)
@controls(system=SYSTEM_UNITS[0])
@probes(once=ONCE, twice=TWICE, four=FOUR_TIMES)
def test_no_hidden_prompt_is_billed(
    system: View, once: View, twice: View, four: View, claims: Claims
) -> None:
    """prompt_tokens counts the messages and what a chat template adds, and no hidden prompt."""
    each = steady(once, twice, four)
    one, two, many = (view.usage.prompt for view in (once, twice, four))
    _, beside = counting.line(one, two, many)
    always = min(beside, system.usage.prompt - 2 * each) if system.served and system.has_usage else beside
    where = [view.at("usage.prompt_tokens") for view in (once, twice, four)]
    documented = claims.detail("prompt-overhead", "max", 0)
    shown = Message.of(
        "{once}, {twice}, {four} prompt tokens for a text once, twice, four times: {beside:.0f} beside it",
        once=one,
        twice=two,
        four=many,
        beside=beside,
    )
    allowed = max(documented, TEMPLATE)
    assert always <= allowed, wrong(
        "about {always:.0f} tokens of a hidden prompt are billed with every request, with a system message "
        "of its own or without ({shown}); chat templates add 3 to 40",
        *where,
        always=always,
        shown=shown,
    )
    assert beside <= max(documented, HIDDEN), wrong("{shown}", *where, shown=shown)
    if beside > allowed:
        note(
            "{shown}; a default system prompt seems to be billed where the request has none",
            *where,
            shown=shown,
        )


@requirement(
    "usage.tools-counted",
    SHOULD,
    source=(OPENAI.usage_prompt, OPENAI.tools, METHOD.metamorphic),
    claim="tools",
    basis="tools.call-shape",
    hurts="What tools cost is missing from budgets, and a prompt that does not fit is not seen coming.",
)
@controls(once=ONCE, twice=TWICE, four=FOUR_TIMES, calling=(NAMED, REQUIRED, TWO))
@probes(tools=TOOL_UNITS)
def test_tools_are_counted(
    once: View, twice: View, four: View, calling: tuple[View, ...], tools: tuple[View, ...]
) -> None:
    """The definitions of tools count in prompt_tokens, by their text."""
    short, long = tools
    alone, *with_tools = (view.usage.prompt for view in (once, short, long))
    calls_at_all(*calling)
    each = steady(once, twice, four)
    assume(min(with_tools) >= alone, "prompt_tokens is less with a tool than without")
    assert max(with_tools) > alone, wrong(
        "tools do not count: prompt_tokens is {alone} without tools, with a tool, and with a longer one",
        *(view.at("usage.prompt_tokens") for view in tools),
        alone=alone,
    )
    counted("the description of a tool", short, long, each)

"""Messages: every turn and every role reaches the model, in order, and text comes back as it was sent.

A model that cannot answer is not the provider's fault. So what is asked over several turns is asked in one
message too, and only a model that answers that is expected to answer the other. Where the prompt tokens say
that a message was never put before the model, no such control is needed.
"""

from __future__ import annotations

from conformance.asking.change import costing
from conformance.asking.probe import Probe
from conformance.contracts.chat.cases.conversing import (
    ANSWERED,
    ASSISTANT_WORD,
    HISTORY,
    SYSTEM,
    USER_TWICE,
    USER_WORD,
    USERS,
    extra_tokens,
    messages_requirement,
    over_turns,
    says,
)
from conformance.contracts.chat.probes import prompts
from conformance.contracts.chat.probes.named import (
    ALONE,
    AT_ONCE,
    ORDERED_BY_DEVELOPER,
    ORDERED_BY_SYSTEM,
    question,
    turn,
)
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.sources import OPENAI
from conformance.judging.requirement import MAY, MUST, SHOULD, controls, probes
from conformance.judging.saying import assume, needs, visible, warn, wrong
from conformance.wire.message import Message

UNKNOWN = costing(11)

ASSISTANTS = over_turns(
    "secret, the assistant's", prompts.SECRET_USER_TURN, ANSWERED, prompts.SECRET_QUESTION_ASSISTANT
)

UNTOLD = (
    over_turns(
        "secret, the assistant's untold",
        prompts.SECRET_USER_TURN,
        turn("assistant", "Noted."),
        prompts.SECRET_QUESTION_ASSISTANT,
    )
    | UNKNOWN
)

ONE, OTHER = "copper", "violet"


def changed(name: str, first: str, then: str) -> Probe:
    """A code word that is replaced by another."""
    return over_turns(
        name,
        prompts.CHANGED_FIRST.format(word=first),
        turn("assistant", prompts.CHANGED_ACKNOWLEDGED),
        prompts.CHANGED_THEN.format(word=then),
        turn("assistant", prompts.CHANGED_ACKNOWLEDGED),
        prompts.CHANGED_QUESTION,
    )


CHANGED = changed("changed word", ONE, OTHER)

CHANGED_BACK = changed("changed word, swapped", OTHER, ONE)

CHANGED_AT_ONCE = question(
    "changed word, one message",
    f"{prompts.CHANGED_FIRST.format(word=ONE)} {prompts.CHANGED_THEN.format(word=OTHER)} "
    f"{prompts.CHANGED_QUESTION}",
)

ORDERED_WORD = "pineapple"

FRANCE = question("capital", prompts.QUESTION) | costing(8)

ORDERED_BY_USER = question("order by the user", f"{prompts.PINEAPPLE} {prompts.QUESTION}")

NAMED = question(
    "secret, named user",
    {
        "role": "user",
        "name": "alice",
        "content": f"{prompts.SECRET_USER_TURN} {prompts.SECRET_QUESTION_USER}",
    },
    feature="message-name",
)


def chooses(word: str, other: str, view: View) -> bool:
    """The one word is in the answer, and the other is not."""
    return says(word, view) and not says(other, view)


def arrives(what: str, with_it: View, without: View, *, in_place: bool = False) -> None:
    """What was added is among the prompt tokens: it was not dropped on the way to the model.

    `in_place`: it may take the place of a longer text, which the chat template has of its own.
    """
    extra = extra_tokens(with_it, without)
    assert extra is None or extra > 0 or (in_place and extra < 0), wrong(
        "{what} does not reach the model: {with_it} prompt tokens with it, {without} without",
        with_it.at("usage.prompt_tokens"),
        what=Message(what),
        with_it=with_it.usage.prompt,
        without=without.usage.prompt,
    )


@messages_requirement(
    HISTORY,
    MUST,
    claim="multi-turn",
    hurts="The model has forgotten what was just said: conversations do not work.",
)
@controls(alone=ALONE, able=AT_ONCE, also=ASSISTANTS)
@probes(told=USERS)
def test_history_is_used(alone: View, able: View, also: View, told: View) -> None:
    """What was said in earlier turns is known in later ones."""
    assume(not says(USER_WORD, alone), "the model says the word without having been told it")
    if says(USER_WORD, told):
        return
    arrives("the history", told, alone)
    assume(told.text.strip(), "there is no visible text")
    assume(says(USER_WORD, able), "the model does not find the word even in the same message")
    known = any(says(word, view) for word in (USER_WORD, ASSISTANT_WORD) for view in (told, also))
    assume(not known, "the model knows of the history, but mixes up the two words in it")
    wrong("told a word two turns ago, the model answers {text!r}", told.at_text(), text=told.text[:40])


@messages_requirement(
    "messages.assistant-turn-is-context",
    MUST,
    claim="multi-turn",
    basis=HISTORY,
    hurts="The model does not know what it said itself: conversations do not work.",
)
@controls(single=ALONE, without=UNTOLD, told=USERS)
@probes(own=ASSISTANTS)
def test_assistant_turn_is_context(single: View, without: View, told: View, own: View) -> None:
    """What the assistant said in an earlier turn is known in later ones."""
    visible(single.choices)
    assume(not says(ASSISTANT_WORD, without), "the model says the word without its having been said")
    if says(ASSISTANT_WORD, own):
        return
    needs(HISTORY, says(USER_WORD, told), "not even the user's turn is known")
    arrives("the text of the assistant's turn", own, without)
    text = own.text[:40]
    assume(own.text.strip() == without.text.strip(), "the model answers {text!r}", text=text)
    warn("what the assistant said makes no difference: the answer stays {text!r}", own.at_text(), text=text)


@messages_requirement(
    "messages.same-role-twice",
    SHOULD,
    claim="multi-turn",
    basis=HISTORY,
    hurts="Clients that send what a user said in several messages get no answer.",
)
@controls(alone=ALONE, able=AT_ONCE, told=USERS)
@probes(twice=USER_TWICE)
def test_two_messages_of_one_role_are_both_read(alone: View, able: View, told: View, twice: View) -> None:
    """Two user messages in succession are accepted, and both are read: roles need not alternate."""
    if says(USER_WORD, twice):
        return
    needs(HISTORY, says(USER_WORD, told), "what an earlier turn said is not known either")
    arrives("the first of two user messages", twice, alone)
    assume(twice.text.strip(), "there is no visible text")
    assume(says(USER_WORD, able), "the model does not find the word even in the same message")
    uncounted, text = extra_tokens(twice, alone) is None, twice.text[:40]
    assume(uncounted, "both are counted, but the model says {text!r}", text=text)
    wrong("the first of two user messages is not known: {text!r}", twice.at_text(), text=text)


@messages_requirement("messages.order-kept", SHOULD, claim="multi-turn", basis=HISTORY)
@controls(able=CHANGED_AT_ONCE)
@probes(changed=CHANGED, swapped=CHANGED_BACK)
def test_order_of_messages_is_kept(able: View, changed: View, swapped: View) -> None:
    """The order of the messages counts: of two statements the later one holds."""
    clear = chooses(OTHER, ONE, able)
    if chooses(OTHER, ONE, changed) and chooses(ONE, OTHER, swapped):
        return
    needs(HISTORY, says(ONE, changed) or says(OTHER, changed), "neither word of the history is known")
    assume(clear, "the model does not tell the later word from the earlier even in one message")
    earlier = chooses(ONE, OTHER, changed) and chooses(OTHER, ONE, swapped)
    found = {"changed": changed.text[:40], "swapped": swapped.text[:40]}
    assert not earlier, wrong(
        "in both orders the earlier word holds: {changed!r}, {swapped!r}",
        changed.at_text(),
        swapped.at_text(),
        **found,
    )
    assume(False, "the model answers {changed!r}, and with the words swapped {swapped!r}", **found)


@messages_requirement(
    SYSTEM,
    MUST,
    claim="system-role",
    hurts="Whatever a system message sets up, guard rails included, is not in force.",
)
@controls(without=FRANCE, able=ORDERED_BY_USER)
@probes(ordered=ORDERED_BY_SYSTEM)
def test_system_message_is_obeyed(without: View, able: View, ordered: View) -> None:
    """A system message steers the answer."""
    assume(not says(ORDERED_WORD, without), "the model says the word without being ordered to")
    if says(ORDERED_WORD, ordered):
        return
    arrives("the system message", ordered, without, in_place=True)
    assume(ordered.text.strip(), "there is no visible text")
    assume(says(ORDERED_WORD, able), "the model does not obey the same order in a user message either")
    wrong(
        "obeyed when the user says it, not as a system message: {text!r}",
        ordered.at_text(),
        text=ordered.text[:40],
    )


@messages_requirement(
    "messages.developer-role",
    MAY,
    claimed=MUST,
    source=OPENAI.developer,
    claim="developer-role",
    hurts="Agents that send their instructions as developer messages are not obeyed.",
)
@controls(without=FRANCE, system=ORDERED_BY_SYSTEM)
@probes(ordered=ORDERED_BY_DEVELOPER)
def test_developer_message_is_obeyed(without: View, system: View, ordered: View) -> None:
    """A developer message is accepted, and steers the answer as a system message does."""
    assume(not says(ORDERED_WORD, without), "the model says the word without being ordered to")
    if says(ORDERED_WORD, ordered):
        return
    arrives("the developer message", ordered, without, in_place=True)
    needs(SYSTEM, says(ORDERED_WORD, system), "the same order by the system is not obeyed either")
    assume(ordered.text.strip(), "there is no visible text")
    wrong(
        "obeyed as a system message, not as a developer message: {text!r}",
        ordered.at_text(),
        text=ordered.text[:40],
    )


@messages_requirement("messages.name-accepted", MAY, claimed=MUST, source=OPENAI.name, claim="message-name")
@controls(plain=AT_ONCE)
@probes(named=NAMED)
def test_name_of_a_participant_is_accepted(plain: View, named: View) -> None:
    """A message may have a `name`."""
    visible(plain.choices, named.choices)

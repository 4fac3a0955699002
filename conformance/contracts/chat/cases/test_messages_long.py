"""Long messages and long conversations: nothing of them is silently cut, dropped or refused."""

from __future__ import annotations

from collections.abc import Collection

from conformance.asking.change import costing, either
from conformance.contracts.chat.cases.conversing import (
    HISTORY,
    PARTS,
    SYSTEM,
    TEXT_PARTS,
    TWICE,
    USER_TWICE,
    USER_WORD,
    USERS,
    messages_requirement,
    over_turns,
    says,
)
from conformance.contracts.chat.probes import prompts
from conformance.contracts.chat.probes.named import (
    AT_ONCE,
    CODES_AT_ONCE,
    LONG_MESSAGE,
    ORDERED_BY_SYSTEM,
    UNITS,
    question,
    turn,
)
from conformance.contracts.chat.reading.placing import refused_for_its_place
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.sources import METHOD, OPENAI
from conformance.judging.requirement import MUST, SHOULD, controls, probes
from conformance.judging.saying import assume, needs, note, wrong

FIRST, SECOND, THIRD, FOURTH = prompts.CODES

WHOLE = 0.85
"""The share of the tokens of a long text that says that all of it was counted."""

SYSTEMS = question(
    "system messages, two and a late one, over ten turns",
    turn("system", prompts.CODES_TOLD[FIRST]),
    {"role": "system", "content": [{"type": "text", "text": prompts.CODES_TOLD[SECOND]}]},
    turn("user", prompts.CODES_TOLD[THIRD]),
    turn("assistant", "Noted."),
    *(
        turn(role, text)
        for pair in prompts.CHATTER
        for role, text in zip(("user", "assistant"), pair, strict=True)
    ),
    turn("system", prompts.CODES_TOLD[FOURTH]),
    turn("user", prompts.CODES_ASKED),
    feature="system-role",
) | costing(4)

EMPTY = (
    over_turns(
        "secret, after an empty turn",
        prompts.SECRET_USER_TURN,
        turn("assistant", ""),
        prompts.SECRET_QUESTION_USER,
    )
    | either
)

PREFILLED = over_turns("prefill", prompts.QUESTION, turn("assistant", prompts.PREFILL)) | either


def knows(view: View) -> Collection[str]:
    """Which of the code words the answer has, by their ordinals."""
    return [ordinal for ordinal, word in prompts.CODES.items() if says(word, view)]


def uncounted(view: View, one: View, four: View) -> bool:
    """Whether the long text has far fewer tokens than its sentence has when it stands four times."""
    if not (view.has_usage and one.has_usage and four.has_usage):
        return False
    each = (four.usage.prompt - one.usage.prompt) / 3
    return each > 1 and view.usage.prompt < WHOLE * each * prompts.LONG_TIMES


@messages_requirement(
    "messages.long-text-whole",
    MUST,
    source=(OPENAI.messages, METHOD.metamorphic),
    hurts="Long prompts are cut without a word: the model answers about half a document.",
)
@controls(able=CODES_AT_ONCE, one=UNITS[0], four=UNITS[-1])
@probes(long=LONG_MESSAGE)
def test_a_long_message_reaches_the_model_whole(able: View, one: View, four: View, long: View) -> None:
    """Of a message of 3,000 characters neither the beginning nor the end is lost, unless it is refused."""
    found = knows(long)
    if {FIRST, SECOND} <= set(found):
        return
    text, less = long.text[:40], uncounted(long, one, four)
    assert not less, wrong(
        "a message of 3,000 characters is cut: {prompt} prompt tokens, where {times} times its sentence "
        "alone are {whole}; the model answers {text!r}",
        long.at("usage.prompt_tokens"),
        prompt=long.usage.prompt if long.has_usage else 0,
        times=prompts.LONG_TIMES,
        whole=round((four.usage.prompt - one.usage.prompt) / 3 * prompts.LONG_TIMES) if less else 0,
        text=text,
    )
    assume(long.text.strip(), "there is no visible text")
    assume(len(knows(able)) == len(prompts.CODES), "the model does not find the words in a short text either")
    # A word that stands before the question is missed by no model that finds four of them.
    assert SECOND in found, wrong(
        "what stands at the end of a message of 3,000 characters is not known: {text!r}",
        long.at_text(),
        text=text,
    )
    assume(
        not long.has_usage,
        "the whole text is counted, but the model does not say its first word: {text!r}",
        text=text,
    )
    wrong(
        "what stands at the beginning of a message of 3,000 characters is not known: {text!r}",
        long,
        text=text,
    )


@messages_requirement(
    "messages.every-system-message-read",
    SHOULD,
    claimed=MUST,
    claim="system-role",
    basis="messages.system-obeyed",
    hurts="Agents that add an instruction later, or in a message of its own, are refused, or not obeyed.",
)
@controls(able=CODES_AT_ONCE, system=ORDERED_BY_SYSTEM, told=USERS, twice=USER_TWICE, parts=PARTS)
@probes(several=SYSTEMS)
def test_every_system_message_is_read(
    able: View, system: View, told: View, twice: View, parts: View, several: View
) -> None:
    """Two system messages at the beginning, and one after ten turns, are read; so is the first turn."""
    assert not refused_for_its_place(several), wrong(
        "a system message that is not the first message is refused: {refusal}",
        several.at_status(),
        refusal=several.refusal_in_words,
    )
    needs(TWICE, several.served or twice.served, "no two messages of one role in succession are accepted")
    needs(TEXT_PARTS, several.served or parts.served, "content as text parts is not accepted")
    if several.refused and system.served:
        wrong(
            "one system message is accepted; two, and one after ten turns, are refused: {refusal}",
            several.at_status(),
            refusal=several.refusal_in_words,
        )
    found = knows(several)
    lost = [ordinal for ordinal in prompts.CODES if ordinal not in found]
    if not lost:
        return
    assume(several.text.strip(), "there is no visible text")
    assume(len(knows(able)) == len(prompts.CODES), "the model does not find the words in one message either")
    where = {
        FIRST: "the first of two system messages",
        SECOND: "the second of two system messages, whose content is a text part,",
        THIRD: "the first of ten turns",
        FOURTH: "the system message after ten turns",
    }
    needs(SYSTEM, says("pineapple", system), "not even a single system message is obeyed")
    needs(HISTORY, lost != [THIRD] or says(USER_WORD, told), "no history is known")
    needs(TWICE, lost != [FIRST] or says(USER_WORD, twice), "of two messages of one role only one is read")
    needs(TEXT_PARTS, lost != [SECOND] or says(USER_WORD, parts), "no text parts are read")
    wrong(
        "not known: what {places} said; the answer is {text!r}",
        several.at_text(),
        places=" and ".join(where[ordinal] for ordinal in lost),
        text=several.text[:40],
    )


@messages_requirement(
    "messages.empty-turn-accepted",
    SHOULD,
    claim="multi-turn",
    hurts="A conversation in which the model once said nothing can never be continued.",
)
@controls(able=AT_ONCE, told=USERS)
@probes(after=EMPTY)
def test_an_empty_turn_of_the_assistant_is_accepted(able: View, told: View, after: View) -> None:
    """A history in which a turn of the assistant is empty is served, and known."""
    assert after.status < 400 or not able.served, wrong(
        "a history with an empty turn of the assistant gets {refusal}",
        after.at_status(),
        refusal=after.refusal_in_words,
    )
    if says(USER_WORD, after):
        return
    assume(after.text.strip(), "there is no visible text")
    assume(says(USER_WORD, able), "the model does not find the word even in one message")
    needs(HISTORY, says(USER_WORD, told), "no history is known")
    wrong("what was said before an empty turn is not known: {text!r}", after.at_text(), text=after.text[:40])


@messages_requirement(
    "messages.prefill-no-crash",
    MUST,
    source=(OPENAI.messages, METHOD.practice),
    hurts="A conversation that ends with the assistant's words takes the service down.",
)
@probes(prefilled=PREFILLED)
def test_a_conversation_that_ends_with_the_assistant_is_no_crash(prefilled: View) -> None:
    """A conversation that ends with a turn of the assistant is answered, or refused with 4xx."""
    assert prefilled.status < 500, wrong(
        "a conversation that ends with the assistant gets {refusal}",
        prefilled.at_status(),
        refusal=prefilled.refusal_in_words,
    )
    if prefilled.refused:
        note(
            "a conversation that ends with the assistant is refused: {refusal}",
            prefilled.at_status(),
            refusal=prefilled.refusal_in_words,
        )

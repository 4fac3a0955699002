"""Messages: every turn and every role reaches the model, in order, and text comes back as it was sent.

A model that cannot answer is not the provider's fault. So what is asked over several turns is asked in one
message too, and only a model that answers that is expected to answer the other. Where the prompt tokens say
that a message was never put before the model, no such control is needed.
"""

from __future__ import annotations

import json
import re
import unicodedata
from functools import partial

from conformance.asking.change import costing, stream
from conformance.asking.probe import Probe
from conformance.contracts.chat.probes import prompts
from conformance.contracts.chat.probes.named import (
    AT_ONCE,
    AT_ONCE_WORD,
    COUNT,
    COUNT_CUT,
    ORDERED_BY_DEVELOPER,
    echo,
    question,
    turn,
)
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.sources import OPENAI, RFC
from conformance.judging.requirement import MAY, MUST, SHOULD, probes, requirement
from conformance.judging.saying import assume, needs, note, warn

HISTORY = "messages.history-used"
SYSTEM = "messages.system-obeyed"

messages_requirement = partial(requirement, source=OPENAI.messages)


USER_WORD, ASSISTANT_WORD = AT_ONCE_WORD, "marigold"
ANSWERED = turn("assistant", prompts.SECRET_ASSISTANT_TURN)

over_turns = partial(question, feature="multi-turn")
UNKNOWN = costing(11)
ALONE = question("secret, question alone", prompts.SECRET_QUESTION_USER) | UNKNOWN
USERS = over_turns("secret, the user's", prompts.SECRET_USER_TURN, ANSWERED, prompts.SECRET_QUESTION_USER)
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

USER_TWICE = over_turns("secret, two user messages", prompts.SECRET_USER_TURN, prompts.SECRET_QUESTION_USER)

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
ORDERED_BY_SYSTEM = question(
    "order by the system", turn("system", prompts.PINEAPPLE), prompts.QUESTION, feature="system-role"
)

PARTS = question(
    "secret, two text parts",
    {
        "role": "user",
        "content": [
            {"type": "text", "text": prompts.SECRET_USER_TURN},
            {"type": "text", "text": f" {prompts.SECRET_QUESTION_USER}"},
        ],
    },
    feature="text-parts",
)
NAMED = question(
    "secret, named user",
    {
        "role": "user",
        "name": "alice",
        "content": f"{prompts.SECRET_USER_TURN} {prompts.SECRET_QUESTION_USER}",
    },
    feature="message-name",
)

UNICODE = echo(prompts.UNICODE)
UNICODE_STREAMED = UNICODE | stream

MARGIN = 4
"""Prompt tokens by which joining parts may differ from one string."""


def says(word: str, view: View) -> bool:
    """The word is in the answer, whatever its case."""
    return word in view.text.lower()


def chooses(word: str, other: str, view: View) -> bool:
    """The one word is in the answer, and the other is not."""
    return says(word, view) and not says(other, view)


def extra_tokens(longer: View, shorter: View) -> int | None:
    """How many more prompt tokens one request costs than the other, where both say so."""
    counted = longer.has_usage and shorter.has_usage
    return longer.usage.prompt - shorter.usage.prompt if counted else None


def arrives(what: str, with_it: View, without: View, *, in_place: bool = False) -> None:
    """What was added is among the prompt tokens: it was not dropped on the way to the model.

    `in_place`: it may take the place of a longer text, which the chat template has of its own.
    """
    extra = extra_tokens(with_it, without)
    assert extra is None or extra > 0 or (in_place and extra < 0), (
        f"{what} does not reach the model: {with_it.usage.prompt} prompt tokens with it, "
        f"{without.usage.prompt} without"
    )


@messages_requirement(
    HISTORY,
    MUST,
    claim="multi-turn",
    hurts="The model has forgotten what was just said: conversations do not work.",
)
@probes(alone=ALONE, able=AT_ONCE, told=USERS, also=ASSISTANTS)
def test_history_is_used(alone: View, able: View, told: View, also: View) -> None:
    """What was said in earlier turns is known in later ones."""
    assume(not says(USER_WORD, alone), "the model says the word without having been told it")
    if says(USER_WORD, told):
        return
    arrives("the history", told, alone)
    assume(told.text.strip(), "there is no visible text")
    assume(says(USER_WORD, able), "the model does not find the word even in the same message")
    known = any(says(word, view) for word in (USER_WORD, ASSISTANT_WORD) for view in (told, also))
    assume(not known, "the model knows of the history, but mixes up the two words in it")
    assert says(USER_WORD, told), f"told a word two turns ago, the model answers {told.text[:40]!r}"


@messages_requirement(
    "messages.assistant-turn-is-context",
    MUST,
    claim="multi-turn",
    basis=HISTORY,
    hurts="The model does not know what it said itself: conversations do not work.",
)
@probes(single=ALONE, without=UNTOLD, told=USERS, own=ASSISTANTS)
def test_assistant_turn_is_context(single: View, without: View, told: View, own: View) -> None:
    """What the assistant said in an earlier turn is known in later ones."""
    assert single.choices
    assume(not says(ASSISTANT_WORD, without), "the model says the word without its having been said")
    if says(ASSISTANT_WORD, own):
        return
    needs(HISTORY, says(USER_WORD, told), "not even the user's turn is known")
    arrives("the text of the assistant's turn", own, without)
    assume(own.text.strip() == without.text.strip(), f"the model answers {own.text[:40]!r}")
    warn(f"what the assistant said makes no difference: the answer stays {own.text[:40]!r}")


@messages_requirement(
    "messages.same-role-twice",
    SHOULD,
    claim="multi-turn",
    basis=HISTORY,
    hurts="Clients that send what a user said in several messages get no answer.",
)
@probes(alone=ALONE, able=AT_ONCE, told=USERS, twice=USER_TWICE)
def test_two_messages_of_one_role_are_both_read(alone: View, able: View, told: View, twice: View) -> None:
    """Two user messages in succession are accepted, and both are read: roles need not alternate."""
    if says(USER_WORD, twice):
        return
    needs(HISTORY, says(USER_WORD, told), "what an earlier turn said is not known either")
    arrives("the first of two user messages", twice, alone)
    assume(twice.text.strip(), "there is no visible text")
    assume(says(USER_WORD, able), "the model does not find the word even in the same message")
    assume(extra_tokens(twice, alone) is None, f"both are counted, but the model says {twice.text[:40]!r}")
    assert says(USER_WORD, twice), f"the first of two user messages is not known: {twice.text[:40]!r}"


@messages_requirement("messages.order-kept", SHOULD, claim="multi-turn", basis=HISTORY)
@probes(able=CHANGED_AT_ONCE, changed=CHANGED, swapped=CHANGED_BACK)
def test_order_of_messages_is_kept(able: View, changed: View, swapped: View) -> None:
    """The order of the messages counts: of two statements the later one holds."""
    clear = chooses(OTHER, ONE, able)
    if chooses(OTHER, ONE, changed) and chooses(ONE, OTHER, swapped):
        return
    needs(HISTORY, says(ONE, changed) or says(OTHER, changed), "neither word of the history is known")
    assume(clear, "the model does not tell the later word from the earlier even in one message")
    earlier = chooses(ONE, OTHER, changed) and chooses(OTHER, ONE, swapped)
    assert not earlier, f"in both orders the earlier word holds: {changed.text[:40]!r}, {swapped.text[:40]!r}"
    assume(
        False, f"the model answers {changed.text[:40]!r}, and with the words swapped {swapped.text[:40]!r}"
    )


@messages_requirement(
    SYSTEM,
    MUST,
    claim="system-role",
    hurts="Whatever a system message sets up, guard rails included, is not in force.",
)
@probes(without=FRANCE, able=ORDERED_BY_USER, ordered=ORDERED_BY_SYSTEM)
def test_system_message_is_obeyed(without: View, able: View, ordered: View) -> None:
    """A system message steers the answer."""
    assume(not says(ORDERED_WORD, without), "the model says the word without being ordered to")
    if says(ORDERED_WORD, ordered):
        return
    arrives("the system message", ordered, without, in_place=True)
    assume(ordered.text.strip(), "there is no visible text")
    assume(says(ORDERED_WORD, able), "the model does not obey the same order in a user message either")
    assert says(ORDERED_WORD, ordered), (
        f"obeyed when the user says it, not as a system message: {ordered.text[:40]!r}"
    )


@messages_requirement(
    "messages.developer-role",
    MAY,
    claimed=MUST,
    source=OPENAI.developer,
    claim="developer-role",
    hurts="Agents that send their instructions as developer messages are not obeyed.",
)
@probes(without=FRANCE, system=ORDERED_BY_SYSTEM, ordered=ORDERED_BY_DEVELOPER)
def test_developer_message_is_obeyed(without: View, system: View, ordered: View) -> None:
    """A developer message is accepted, and steers the answer as a system message does."""
    assume(not says(ORDERED_WORD, without), "the model says the word without being ordered to")
    if says(ORDERED_WORD, ordered):
        return
    arrives("the developer message", ordered, without, in_place=True)
    needs(SYSTEM, says(ORDERED_WORD, system), "the same order by the system is not obeyed either")
    assume(ordered.text.strip(), "there is no visible text")
    assert says(ORDERED_WORD, ordered), (
        f"obeyed as a system message, not as a developer message: {ordered.text[:40]!r}"
    )


@messages_requirement(
    "messages.text-parts-equal-string",
    SHOULD,
    claimed=MUST,
    source=OPENAI.parts,
    claim="text-parts",
    hurts="Clients that always send content as parts get another answer, or none.",
)
@probes(string=AT_ONCE, parts=PARTS, count=COUNT, cut=COUNT_CUT[-1])
def test_text_parts_are_the_same_as_a_string(string: View, parts: View, count: View, cut: View) -> None:
    """Content as an array of text parts means the same as their texts in one string."""
    able = says(USER_WORD, string)
    extra = extra_tokens(parts, string) or 0
    if not says(USER_WORD, parts):
        assert extra >= -MARGIN, f"not all of the parts reach the model: {extra:+d} prompt tokens"
        assume(able, "the model does not answer the question as a string either")
        assert says(USER_WORD, parts), f"understood as a string, not as parts: {parts.text[:40]!r}"
    needs("usage.same-prompt-same-count", not extra_tokens(count, cut), "prompts are not counted steadily")
    if abs(extra) > MARGIN:
        warn(f"the parts cost {extra:+d} prompt tokens against the same text as a string")


@messages_requirement("messages.name-accepted", MAY, claimed=MUST, source=OPENAI.name, claim="message-name")
@probes(plain=AT_ONCE, named=NAMED)
def test_name_of_a_participant_is_accepted(plain: View, named: View) -> None:
    """A message may have a `name`."""
    assert plain.choices
    assert named.choices


def damages() -> dict[str, str]:
    """How the words of the text look after the usual accidents, and what each accident is called."""
    found = {}
    for word in (word for word in prompts.UNICODE.split(" ") if not word.isascii()):
        found[word.encode().decode("latin-1")] = "UTF-8 was read as Latin-1"
        found[word.encode().decode("cp1252", "ignore")] = "UTF-8 was read as Windows-1252"
        found[json.dumps(word)[1:-1]] = "it was escaped twice"
        if any(ord(character) > 0xFFFF for character in word):
            found["".join("?" if ord(c) > 0xFFFF else c for c in word)] = "it was squeezed into 16 bits"
        if len(word) > 3:  # a question mark or two may come from the model
            found[word.encode("ascii", "replace").decode()] = "it was squeezed into ASCII"
    return found


LOST = re.compile("[\ufffd\ud800-\udfff]+")


def damage(text: str) -> str:
    """The accident that the text shows, if any. A model that copies badly does not produce these words."""
    if text.split() == prompts.UNICODE.encode("ascii", "ignore").decode().split():
        return f"all but ASCII was stripped: {text[:20]!r}"
    return next((f"{how}: {word!r}" for word, how in damages().items() if word in text), "")


def lost(text: str) -> str:
    """What was lost, if the text is a true copy but for characters that could not be decoded.

    Where the rest is no true copy, the model itself may have produced bytes that mean nothing.
    """
    place = 0
    for piece in LOST.split(text):
        found = prompts.UNICODE.find(piece, place)
        if found < 0:
            return ""
        place = found + len(piece)
    gaps = LOST.findall(text)
    return ascii("".join(gaps)[:4]) if gaps and len(text) > len(prompts.UNICODE) / 2 else ""


def same_text(text: str) -> bool:
    """The copy is exact but for what a model may change: normalisation form, backslashes."""
    return plainer(prompts.UNICODE) in plainer(text)


def plainer(text: str) -> str:
    """The text in normalisation form KC, without backslashes."""
    return unicodedata.normalize("NFKC", text).replace("\\", "")


@messages_requirement(
    "messages.unicode-round-trip",
    MUST,
    source=(OPENAI.messages, RFC.json_utf8),
    hurts="Text in any language but English is damaged.",
)
@probes(plain=UNICODE, streamed=UNICODE_STREAMED)
def test_text_comes_back_as_it_was_sent(plain: View, streamed: View) -> None:
    """Letters with accents, ideographs, emoji and quotation marks come back as they were sent."""
    utf8 = all(fault.kind != "invalid-utf8" for fault in plain.document.faults)
    needs("transport.json-utf8", utf8, "the answer is not UTF-8")
    assert not damage(plain.text), damage(plain.text)
    needs("stream.framing", "invalid-utf8" not in streamed.stream.counts, "the stream is not UTF-8")
    assert not damage(streamed.text), f"in the stream {damage(streamed.text)}"
    gone = lost(plain.text.strip())
    assert not gone, f"characters are lost: the text comes back with {gone} in it"
    assume(not LOST.search(plain.text), f"the model does not copy: {plain.text[:40]!r}")
    needs("stream.characters-whole", not LOST.search(streamed.text), "characters are lost in the stream")
    if prompts.UNICODE in plain.text and prompts.UNICODE in streamed.text:
        return
    assume(
        same_text(plain.text) and same_text(streamed.text), f"the model does not copy: {plain.text[:40]!r}"
    )
    form = "normalised" if "\\" in plain.text else "without its backslashes"
    note(f"the text comes back {form}: {plain.text[-40:]!r}")

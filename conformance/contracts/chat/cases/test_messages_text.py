"""The text of messages: in one piece or in parts, in any script."""

from __future__ import annotations

import json
import re
import unicodedata

from conformance.asking.change import stream
from conformance.contracts.chat.cases.conversing import (
    PARTS,
    USER_WORD,
    extra_tokens,
    messages_requirement,
    says,
)
from conformance.contracts.chat.probes import prompts
from conformance.contracts.chat.probes.named import (
    AT_ONCE,
    COUNT,
    COUNT_CUT,
    echo,
)
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.sources import OPENAI, RFC
from conformance.judging.requirement import MUST, SHOULD, controls, probes
from conformance.judging.saying import assume, needs, note, warn, wrong
from conformance.wire.message import Message

UNICODE = echo(prompts.UNICODE)

UNICODE_STREAMED = UNICODE | stream

MARGIN = 4
"""Prompt tokens by which joining parts may differ from one string."""


@messages_requirement(
    "messages.text-parts-equal-string",
    SHOULD,
    claimed=MUST,
    source=OPENAI.parts,
    claim="text-parts",
    hurts="Clients that always send content as parts get another answer, or none.",
)
@controls(string=AT_ONCE, count=COUNT, cut=COUNT_CUT[-1])
@probes(parts=PARTS)
def test_text_parts_are_the_same_as_a_string(string: View, count: View, cut: View, parts: View) -> None:
    """Content as an array of text parts means the same as their texts in one string."""
    able = says(USER_WORD, string)
    extra = extra_tokens(parts, string) or 0
    if not says(USER_WORD, parts):
        assert extra >= -MARGIN, wrong(
            "not all of the parts reach the model: {extra:+d} prompt tokens",
            parts.at("usage.prompt_tokens"),
            extra=extra,
        )
        assume(able, "the model does not answer the question as a string either")
        wrong("understood as a string, not as parts: {text!r}", parts.at_text(), text=parts.text[:40])
    needs("usage.same-prompt-same-count", not extra_tokens(count, cut), "prompts are not counted steadily")
    if abs(extra) > MARGIN:
        warn(
            "the parts cost {extra:+d} prompt tokens against the same text as a string",
            parts.at("usage.prompt_tokens"),
            extra=extra,
        )


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


def damage(text: str) -> tuple[str, str]:
    """The accident that the text shows, and what shows it. A model that copies badly does not do these."""
    if text.split() == prompts.UNICODE.encode("ascii", "ignore").decode().split():
        return "all but ASCII was stripped", text[:20]
    return next(((how, word) for word, how in damages().items() if word in text), ("", ""))


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
    return "".join(gaps)[:4] if gaps and len(text) > len(prompts.UNICODE) / 2 else ""


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
    how, shown = damage(plain.text)
    assert not how, wrong("{how}: {shown!r}", plain.at_text(shown), how=Message(how), shown=shown)
    needs("stream.framing", "invalid-utf8" not in streamed.stream.counts, "the stream is not UTF-8")
    how, shown = damage(streamed.text)
    assert not how, wrong(
        "in the stream {how}: {shown!r}", streamed.at_text(shown), how=Message(how), shown=shown
    )
    gone = lost(plain.text.strip())
    assert not gone, wrong(
        "characters are lost: the text comes back with {gone} in it", plain.at_text(), gone=ascii(gone)
    )
    begins = plain.text[:40]
    assume(not LOST.search(plain.text), "the model does not copy: {text!r}", text=begins)
    needs("stream.characters-whole", not LOST.search(streamed.text), "characters are lost in the stream")
    if prompts.UNICODE in plain.text and prompts.UNICODE in streamed.text:
        return
    same = same_text(plain.text) and same_text(streamed.text)
    assume(same, "the model does not copy: {text!r}", text=begins)
    note(
        "the text comes back normalised: {end!r}"
        if "\\" in plain.text
        else "the text comes back without its backslashes: {end!r}",
        plain.at_text(),
        end=plain.text[-40:],
    )

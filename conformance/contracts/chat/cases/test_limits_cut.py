"""What an answer looks like where the limit cut it: whole characters, and every token that is billed."""

from __future__ import annotations

import re

from conformance.asking.change import stream
from conformance.contracts.chat.cases.test_limits import FIVE, SIXTEEN, limit_requirement
from conformance.contracts.chat.cases.test_messages_text import UNICODE, UNICODE_STREAMED
from conformance.contracts.chat.cases.test_messages_text import damage as unicode_damage
from conformance.contracts.chat.cases.twins import recorded
from conformance.contracts.chat.probes import prompts
from conformance.contracts.chat.probes.change import max_tokens
from conformance.contracts.chat.probes.named import COUNT, COUNT_CUT_STREAM, echo
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.sources import METHOD, OPENAI, RFC
from conformance.judging.requirement import MUST, SHOULD, controls, probes
from conformance.judging.saying import assume, needs, note, visible, wrong

EMOJI = echo(prompts.RARE_EMOJI, "rare emoji, cut within a character")

WITHIN = EMOJI | max_tokens(11)
"""Where each character is three tokens, or four, this falls within one, also after a quotation mark."""

WITHIN_STREAMED = WITHIN | stream

REPLACED = "\ufffd"

LONGEST = 3
"""Bytes of a character that is not whole, each of which may show as U+FFFD."""

SCHEMES = tuple(map(re.compile, (r"\d+|\s", r"\s?\d+", r"\d|\s", r"\s?\d")))
"""How tokenizers cut numbers and the spaces between them: apart or together, by numbers or by digits."""

BESIDE = 2
"""Tokens that may be counted beside the text: one that opens it, and the one that ends it."""


def damage(text: str) -> str:
    """What the bytes of the emoji became, if they were read one by one as Latin-1 or Windows-1252."""
    for encoding in ("latin-1", "cp1252"):
        head = prompts.RARE_EMOJI.encode()[:2].decode(encoding)
        if head in text:
            return head
    return ""


def whole_elsewhere(uncut: View, flowing: View) -> None:
    """Characters come whole where no limit cuts them; otherwise that is the finding, not this."""
    if not recorded(uncut, flowing):
        return
    torn = any(fault.kind == "lone-surrogate" for document in flowing.documents for fault in document.faults)
    replaced = REPLACED in flowing.text and REPLACED not in uncut.text
    needs("stream.characters-whole", not torn and not replaced, "streams tear characters anyway")
    how, _ = unicode_damage(uncut.text)
    needs("messages.unicode-round-trip", not how, "characters are damaged without a limit, too")


@limit_requirement(
    "limits.cut-within-a-character",
    MUST,
    source=(OPENAI.max_tokens, RFC.json_utf8, RFC.json_unicode),
    hurts="A limit that falls within an emoji or an ideograph makes an answer that clients cannot decode.",
)
@controls(between=FIVE, uncut=UNICODE, flowing=UNICODE_STREAMED)
@probes(answers=(WITHIN, WITHIN_STREAMED))
def test_a_limit_within_a_character_leaves_the_text_valid(
    between: View, uncut: View, flowing: View, answers: tuple[View, ...]
) -> None:
    """Where max_tokens falls within a character, the answer is valid, and no character in it is broken."""
    whole_elsewhere(uncut, flowing)
    for view in answers:
        assert view.served or view.status < 500 or not between.served, wrong(
            "cut within a character, the answer is an error: {refusal}",
            view.at_status(),
            refusal=view.refusal_in_words,
        )
        view.require_answer()
        faults = {fault.kind for document in view.documents for fault in document.faults}
        utf8 = "invalid-utf8" not in (view.stream.counts if view.streamed else faults)
        owner = "stream.framing" if view.streamed else "transport.json-utf8"
        needs(owner, utf8, "cut within a character, the answer is not UTF-8")
        assert "lone-surrogate" not in faults, wrong(
            "cut within a character, the text has half a surrogate pair: {text}",
            view.at_text(),
            text=ascii(view.text[-12:]),
        )
        mangled = damage(view.text)
        assert not mangled, wrong(
            "cut within a character, the text has its bytes as letters: {text!r}",
            view.at_text(mangled),
            text=view.text[:20],
        )
    for view in answers:
        copied = view.text.strip(REPLACED + "\"'“”` \n")
        shown = view.text[:20]
        assume(not view.thinks, "the model thinks aloud before it writes")
        assume(prompts.RARE_EMOJI.startswith(copied), "the model does not copy: {text!r}", text=shown)
    replaced = [view for view in answers if REPLACED in view.text]
    for view in replaced:
        many = view.text.count(REPLACED)
        assert many <= LONGEST or not view.streamed or replaced == list(answers), wrong(
            "streamed, {many} U+FFFD stand for characters that come whole in the plain answer: {text!r}",
            view.at_text(REPLACED),
            many=many,
            text=view.text[:20],
        )
        assume(many <= LONGEST, "the model itself writes U+FFFD: {text!r}", text=view.text[:20])
    if replaced:
        note("a character that is not whole shows as U+FFFD", *(view.at_text(REPLACED) for view in replaced))


def pieces(whole: View) -> tuple[list[str], int]:
    """The text in the tokens that it seems to be made of, and how many are counted beside it."""
    counted = whole.usage.completion
    found = [scheme.findall(whole.text.strip()) for scheme in SCHEMES]
    fitting = [one for one in found if 0 <= counted - len(one) <= BESIDE]
    assume(len(fitting) == 1, "{count} tokens are no known way to cut the text", count=counted)
    return fitting[0], counted - len(fitting[0])


@limit_requirement("limits.billed-is-delivered", SHOULD, source=(OPENAI.usage_completion, METHOD.metamorphic))
@controls(whole=COUNT)
@probes(answers=(FIVE, SIXTEEN))
def test_what_is_billed_is_delivered(whole: View, answers: tuple[View, ...]) -> None:
    """A cut answer has the text of all tokens that are billed for it."""
    assume(not whole.thinks, "the model thinks before it answers, and that is counted too")
    assume(whole.text.strip() == prompts.COUNTED, "the model does not count to 20")
    tokens, beside = pieces(whole)
    for view in answers:
        billed = view.usage.completion
        assume(whole.text.startswith(view.text.strip()), "the model answered differently this time")
        got = len(view.text.strip())
        delivered = sum(len("".join(tokens[: place + 1]).strip()) <= got for place in range(len(tokens)))
        assert delivered >= billed - beside, wrong(
            "{probe}: {billed} tokens are billed, and the text of {delivered} is delivered: {text!r}",
            view.at_text(),
            probe=view.probe,
            billed=billed,
            delivered=delivered,
            text=view.text[:40],
        )
        assume(delivered >= billed, "a token may be counted that opens the text")


@limit_requirement("limits.cut-text-same-when-streamed", SHOULD, source=METHOD.metamorphic)
@controls(whole=COUNT, plain=FIVE)
@probes(streamed=COUNT_CUT_STREAM)
def test_a_cut_answer_is_the_same_when_streamed(whole: View, plain: View, streamed: View) -> None:
    """At the same limit, a streamed answer has the same text as a plain one."""
    texts = [view.text.strip() for view in (whole, plain, streamed)]
    assume(not any(view.thinks for view in (plain, streamed)), "the model thinks before it answers")
    assume(all(texts), "there is no visible text")
    assume(all(texts[0].startswith(text) for text in texts), "the model answered differently this time")
    needs("limits.max-tokens-bounds", texts[1] != texts[0], "the limit is not kept")
    needs("limits.bounds-stream", texts[2] != texts[0], "in a stream the limit is not kept")
    visible(streamed.finish_reason)
    assert texts[1] == texts[2], wrong(
        "within {limit} tokens: {plain!r} plain, {streamed!r} streamed",
        streamed.at_text(),
        limit=streamed.limit,
        plain=texts[1][:40],
        streamed=texts[2][:40],
    )

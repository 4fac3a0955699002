"""Text that is odd, and parts that few models read: nothing is masked, dropped without a word, or a crash."""

from __future__ import annotations

import base64
import re
import struct
from functools import cache
from typing import Any

from conformance.asking.change import either, raw
from conformance.asking.probe import MODEL, Probe
from conformance.contracts.chat.cases.conversing import USER_WORD, extra_tokens, messages_requirement, says
from conformance.contracts.chat.cases.twins import sound
from conformance.contracts.chat.probes import prompts
from conformance.contracts.chat.probes.invalid import EMPTY_MESSAGES, MALFORMED_JSON
from conformance.contracts.chat.probes.named import (
    ALONE,
    COUNT,
    COUNT_STREAM,
    OK,
    PRIVATE,
    PRIVATE_STREAMED,
    question,
)
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.sources import METHOD, OPENAI, RFC
from conformance.judging.requirement import MUST, SHOULD, controls, probes
from conformance.judging.saying import assume, needs, wrong

CRASH = "errors.client-mistake-never-5xx"

MARGIN = 4
"""Prompt tokens by which a question in a part may differ from the same in one string."""

LOOKS_PRIVATE = ("jane.roe@example.com", "212-555-0142", "987-65-4321", "742 Elm Street", "Jane Roe")

MASK = re.compile(
    r"<[A-Z][A-Z_]{3,}(?:_?\d+)?>|\[[A-Z][A-Z_ ]{3,}(?:_?\d+)?\]|\{[A-Z][A-Z_]{3,}\}|\*{3,}|[Xx]{3,}|•{3,}"
    r"|█{2,}|\b(?:REDACTED|MASKED|ANONYMI[SZ]ED)\b"
)

HALF = (
    OK
    | raw(
        "half a surrogate pair",
        f'{{"model":"{MODEL}","messages":[{{"role":"user","content":"{prompts.OK} \\ud83d"}}]}}',
    )
    | either
)

LARGE = OK | raw(
    "150 kB",
    f'{{"model":"{MODEL}",{" " * 150_000}'
    f'"messages":[{{"role":"user","content":"{prompts.OK}"}}],"max_tokens":4}}',
)


def with_part(kind: str, part: dict[str, Any]) -> Probe:
    """The question for a word that nothing but the part can tell."""
    content = [{"type": "text", "text": prompts.SECRET_QUESTION_USER}, {"type": kind, kind: part}]
    return question(f"secret, in a part {kind}", {"role": "user", "content": content}) | either


def pdf(text: str) -> bytes:
    """A page with this text."""
    drawn = f"BT /F1 24 Tf 72 720 Td ({text}) Tj ET"
    objects = (
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        f"<</Length {len(drawn)}>>stream\n{drawn}\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    body, places = "%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj{one}endobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    ending = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer<</Size {size}/Root 1 0 R>>\n"
    return f"{body}{ending}startxref\n{len(body)}\n%%EOF".encode()


def silence(seconds: float) -> bytes:
    """A WAV file in which nothing is said, at 4,000 samples a second."""
    data = b"\x80" * int(4000 * seconds)
    form = struct.pack("<IHHIIHH", 16, 1, 1, 4000, 4000, 1, 8)
    return (
        b"RIFF"
        + struct.pack("<I", 36 + len(data))
        + b"WAVEfmt "
        + form
        + b"data"
        + struct.pack("<I", len(data))
        + data
    )


@cache
def encoded(kind: str) -> str:
    """A small file in base64."""
    data = pdf(prompts.SECRET_USER_TURN) if kind == "file" else silence(1)
    return base64.b64encode(data).decode()


FILE = with_part(
    "file", {"filename": "word.pdf", "file_data": f"data:application/pdf;base64,{encoded('file')}"}
)
SOUND = with_part("input_audio", {"data": encoded("input_audio"), "format": "wav"})


@messages_requirement(
    "messages.private-looking-unmasked",
    SHOULD,
    source=(OPENAI.messages, METHOD.practice),
    hurts="Addresses and numbers in prompts are replaced on the way: answers, forms and code are wrong.",
)
@controls(count=COUNT, counted=COUNT_STREAM)
@probes(plain=PRIVATE, streamed=PRIVATE_STREAMED)
def test_what_looks_private_comes_back_as_it_was_sent(
    count: View, counted: View, plain: View, streamed: View
) -> None:
    """An address, a telephone number and nine digits come back as they were sent, streamed and not."""
    for view in (plain, streamed):
        text = view.text
        lost = [one for one in LOOKS_PRIVATE if not all(word in text for word in one.split())]
        if not lost:
            continue
        mask = MASK.search(text)
        words = prompts.PARALLEL["private"].partition(": ")[2].split()
        copied = [word for word in words if word in text]
        assert not mask, wrong(
            "{lost} is masked: {text!r}",
            view.at_text(mask[0] if mask else ""),
            lost=", ".join(lost),
            text=text[:80],
        )
        if view.streamed:
            sound(count, counted)
        assert len(copied) < len(words) or len(lost) < 2, wrong(
            "{lost} is lost or replaced, and the rest comes back as it was sent: {text!r}",
            view.at_text(),
            lost=", ".join(lost),
            text=text[:80],
        )
        assume(False, "the model does not copy: {text!r}", text=text[:40])


@messages_requirement(
    "messages.parts-not-dropped",
    SHOULD,
    source=OPENAI.parts,
    hurts="The model answers as if there were no file or sound, and nobody is told.",
)
@controls(without=ALONE, mistake=EMPTY_MESSAGES)
@probes(parts=(FILE, SOUND))
def test_a_part_that_cannot_be_read_is_refused(without: View, mistake: View, parts: tuple[View, ...]) -> None:
    """A `file` or `input_audio` part reaches the model, or is refused; it is not dropped without a word."""
    unclear = []
    needs(CRASH, mistake.status < 500, "whatever is refused is a server error")
    for view in parts:
        kind = view.request["messages"][-1]["content"][-1]["type"]
        assert view.status < 500, wrong(
            "a part {kind} gets {refusal}", view.at_status(), kind=kind, refusal=view.refusal_in_words
        )
        if view.refused or says(USER_WORD, view):
            continue
        extra = extra_tokens(view, without)
        assert extra is None or extra > MARGIN, wrong(
            "the part {kind} is accepted and dropped: {extra:+d} prompt tokens with it, and {text!r}",
            view.at("usage.prompt_tokens"),
            kind=kind,
            extra=extra,
            text=view.text[:40],
        )
        if extra is None:
            unclear.append(kind)
    assume(not unclear, "prompt tokens do not say whether {kinds} was read", kinds=" and ".join(unclear))


@messages_requirement(
    "messages.half-character-no-crash",
    MUST,
    source=RFC.json_unicode,
    hurts="A text that was cut in the middle of an emoji takes the request down, again at each retry.",
)
@controls(mistake=MALFORMED_JSON)
@probes(half=HALF)
def test_half_a_character_is_no_crash(mistake: View, half: View) -> None:
    """A text with half a surrogate pair is answered, or refused with 4xx: it is no server error."""
    alone = mistake is half  # as in a recording, where nothing else was asked
    needs(CRASH, alone or mistake.status < 500, "whatever cannot be read is a server error")
    assert half.status < 500, wrong(
        "half a surrogate pair in a text, \\ud83d, gets {refusal}",
        half.at_status(),
        refusal=half.refusal_in_words,
    )


@messages_requirement(
    "messages.large-body-accepted",
    MUST,
    source=METHOD.practice,
    hurts="Long conversations and images of any size are refused by a server that stands before the model.",
)
@controls(small=OK)
@probes(large=LARGE)
def test_a_large_body_is_accepted(small: View, large: View) -> None:
    """A body of 150 kB, most of it white space, is served like one of 100 bytes."""
    assume(small.served, "the same request is not served without the white space either")
    status = large.status
    assert status < 500 and status != 413, wrong(  # noqa: PT018
        "a body of 150 kB gets {refusal}", large.at_status(), refusal=large.refusal_in_words
    )

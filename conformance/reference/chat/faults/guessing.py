"""Faults in the token counts that come of a formula instead of a tokenizer."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from conformance.reference.call import Call, JsonObject
from conformance.reference.chat.faults.accounting import recounted
from conformance.reference.chat.faults.fault import on_choice, on_usage
from conformance.reference.chat.mind.answering import Choice
from conformance.reference.chat.mind.sampling import Token


@on_choice("usage.completion-not-estimated")
def completion_is_characters_by_four(choice: Choice, _: Call) -> Choice:
    """An answer that was not cut is billed a token for every four characters."""
    pieces = re.findall(".{1,4}", choice.text, re.DOTALL)
    if choice.finish_reason != "stop":
        return choice
    return replace(choice, tokens=tuple(map(Token, pieces)), spent=len(pieces))


@on_usage("usage.prompt-not-estimated")
def prompt_is_bytes_by_three(usage: JsonObject, call: Call) -> JsonObject:
    """prompt_tokens is the number of bytes of messages and tools by three."""
    asked = (call.json().get(name) for name in ("messages", "tools"))
    size = sum(len(text.encode()) for text in texts_in(list(asked)))
    return recounted(usage, prompt=math.ceil(size / 3))


def texts_in(value: Any) -> Iterator[str]:
    """Every text in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from texts_in(inner)

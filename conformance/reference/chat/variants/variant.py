"""What a variant is, and how one is written.

A variant is made of faults that are none: the same function of a few lines at the same stages. What is added
is the document that allows it, and what a fair judge may say about it nevertheless:

    @legal(OPENAI.refusal, notes=("envelope.nullable-members-present",))
    @on_messages
    def refusal_absent(message, call):
        \"\"\"Messages and deltas have no refusal.\"\"\"
        return without(message, "refusal")
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from types import MappingProxyType
from typing import Any

from conformance.contracts.chat.sources import Source
from conformance.judging.verdict import Verdict
from conformance.reference.call import Call
from conformance.reference.chat.faults.change import (
    each_choice,
    each_chunk,
    each_delta,
    each_message,
    each_part,
)
from conformance.reference.chat.faults.fault import Fault, on_answer, on_events
from conformance.reference.chat.request import JsonObject
from conformance.reference.chat.stream import Event

Edit = Callable[[JsonObject, Call], JsonObject]


@dataclass(frozen=True, slots=True)
class Variant:
    """Something unusual and legal. `sources` allow it.

    Of variants of the same `aspect` a service has one at most. `changes` are the verdicts that are other than
    those on the embedded provider as it is, by requirement. `documents` is what the documents of such a
    service state otherwise than those of OpenAI, as claims in providers.yaml.
    """

    name: str
    summary: str
    sources: tuple[Source, ...]
    parts: tuple[Fault, ...]
    aspect: str
    changes: Mapping[str, Verdict]
    documents: Mapping[str, Any]


def legal(
    *sources: Source,
    aspect: str = "",
    notes: tuple[str, ...] = (),
    unsupported: tuple[str, ...] = (),
    inconclusive: tuple[str, ...] = (),
    unseen: tuple[str, ...] = (),
    seen: tuple[str, ...] = (),
    documents: Mapping[str, Any] | None = None,
) -> Callable[[Fault | tuple[Fault, ...]], Variant]:
    """Makes a variant of one alteration, or of one at several stages.

    `notes`, `unsupported`, `inconclusive` and `unseen` are the requirements that get the verdict note,
    unsupported, inconclusive or not-applicable because of it; `seen` are those that pass, and otherwise would
    not be applicable.
    """
    changes = {
        **dict.fromkeys(notes, Verdict.NOTE),
        **dict.fromkeys(unsupported, Verdict.UNSUPPORTED),
        **dict.fromkeys(inconclusive, Verdict.INCONCLUSIVE),
        **dict.fromkeys(unseen, Verdict.NOT_APPLICABLE),
        **dict.fromkeys(seen, Verdict.PASS),
    }

    def make(made: Fault | tuple[Fault, ...]) -> Variant:
        parts = made if isinstance(made, tuple) else (made,)
        name, summary = parts[0].name, parts[0].summary
        return Variant(
            name,
            summary,
            sources,
            parts,
            aspect or name,
            MappingProxyType(changes),
            MappingProxyType(dict(documents or {})),
        )

    return make


def on_objects(edit: Edit) -> tuple[Fault, Fault]:
    """Alters the object that carries an answer: the completion, or each chunk."""
    return _twice(
        edit,
        edit,
        lambda events, call: each_chunk(events, lambda chunk: edit(chunk, call)),
    )


def on_choices(edit: Edit) -> tuple[Fault, Fault]:
    """Alters each choice of an answer, whole or in chunks."""
    return _twice(
        edit,
        lambda answer, call: each_choice(answer, lambda choice: edit(choice, call)),
        lambda events, call: each_part(events, lambda part: edit(part, call)),
    )


def on_messages(edit: Edit) -> tuple[Fault, Fault]:
    """Alters each message of an answer, or each delta."""
    return _twice(
        edit,
        lambda answer, call: each_message(answer, lambda message: edit(message, call)),
        lambda events, call: each_delta(events, lambda delta: edit(delta, call)),
    )


def _twice(
    named: Edit,
    whole: Callable[[JsonObject, Call], JsonObject],
    streamed: Callable[[list[Event], Call], list[Event]],
) -> tuple[Fault, Fault]:
    return on_answer()(wraps(named)(whole)), on_events()(wraps(named)(streamed))

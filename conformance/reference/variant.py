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
from types import MappingProxyType
from typing import Any

from conformance.judging.source import Source
from conformance.judging.verdict import Verdict
from conformance.reference.fault import Fault


@dataclass(frozen=True, slots=True)
class Variant:
    """Something unusual and legal. `sources` allow it.

    Of variants that share an aspect a service has one at most. `changes` are the verdicts that are other than
    those on the embedded provider as it is, by requirement. `documents` is what the documents of such a
    service state otherwise than those of OpenAI, as claims in providers.yaml.
    """

    name: str
    summary: str
    sources: tuple[Source, ...]
    parts: tuple[Fault, ...]
    aspects: frozenset[str]
    changes: Mapping[str, Verdict]
    documents: Mapping[str, Any]


def legal(
    *sources: Source,
    aspect: str | tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
    unsupported: tuple[str, ...] = (),
    inconclusive: tuple[str, ...] = (),
    unseen: tuple[str, ...] = (),
    seen: tuple[str, ...] = (),
    documents: Mapping[str, Any] | None = None,
) -> Callable[[Fault | tuple[Fault, ...]], Variant]:
    """Makes a variant of one alteration, or of one at several stages.

    `aspect` is what it is one way of, or several such things; left out, only it is.
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
            frozenset((aspect,) if isinstance(aspect, str) else aspect or (name,)),
            MappingProxyType(changes),
            MappingProxyType(dict(documents or {})),
        )

    return make

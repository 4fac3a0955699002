"""What an answer with embeddings says, read lazily; what cannot be seen says which requirement hides it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from conformance.contracts import view
from conformance.contracts.embeddings.probes.costs import inputs
from conformance.contracts.embeddings.reading.vector import Vector, read
from conformance.contracts.hidden import Blocked, Malformed

LIST, SHAPE, USAGE = (
    "embeddings.one-json-object",
    "embeddings.matches-schema",
    "counts.present-and-integer",
)


@dataclass(frozen=True, slots=True)
class Usage:
    """Token counts as the provider states them."""

    prompt: int
    total: int


class View(view.View):
    """An exchange about embeddings."""

    @property
    def legible(self) -> bool:
        """Whether there is a list of embeddings."""
        return bool(self.entries)

    @property
    def encoding(self) -> Any:
        """The encoding that was asked for; None where none was."""
        return self.request.get("encoding_format")

    @cached_property
    def inputs(self) -> int:
        """How many inputs the request has."""
        return sum(1 for _ in inputs(self.request))

    @cached_property
    def json(self) -> Mapping[str, Any]:
        """The members of the answer."""
        self.require_answer()
        value = self.document.value
        if not isinstance(value, dict):
            kinds = ", ".join(sorted({fault.kind for fault in self.document.faults})) or type(value).__name__
            raise Blocked(LIST, "the body is not a JSON object ({kinds})", self.at_byte(0), kinds=kinds)
        if value.get("error") is not None:
            why = "there is an error in the answer: {refusal}"
            raise Blocked(LIST, why, self.at("error"), refusal=self.refusal_in_words)
        return value

    @cached_property
    def entries(self) -> tuple[Mapping[str, Any], ...]:
        """What stands in `data`, in the order in which it stands there."""
        data = self.json.get("data")
        if not isinstance(data, list) or not all(isinstance(one, dict) for one in data):
            raise Blocked(SHAPE, "`data` is no array of objects", self.at("data"))
        return tuple(data)

    @cached_property
    def vectors(self) -> tuple[Vector, ...]:
        """A vector for each input: by `index` where each input has its own, else as they stand."""
        if len(self.entries) != self.inputs:
            why = "{inputs} inputs got {count} embeddings"
            place = self.at("data")
            raise Blocked(
                "vectors.one-for-each-input", why, place, inputs=self.inputs, count=len(self.entries)
            )
        return tuple(map(self._vector, _ordered(self.entries)))

    @property
    def vector(self) -> Vector:
        """That of the first input."""
        return self.vectors[0]

    def _vector(self, entry: Mapping[str, Any]) -> Vector:
        if isinstance(entry.get("embedding"), str) and self.encoding != "base64":
            why = "the vector is a string, though base64 was not asked for"
            raise Blocked("encoding.float-unless-asked", why, self.at("embedding", within=entry))
        try:
            return read(entry)
        except Malformed as wrong:
            place = self.at(wrong.path, within=wrong.within)
            raise Blocked(wrong.requirement, wrong.why, place) from wrong

    @cached_property
    def usage(self) -> Usage:
        """What was billed."""
        members = self.json.get("usage")
        if not isinstance(members, dict):
            raise Blocked(USAGE, "there is no usage object", self.at("usage"))
        names = ("prompt_tokens", "total_tokens")
        wrong = [name for name in names if type(members.get(name)) is not int or members[name] < 0]
        if wrong:
            where = self.at(f"usage.{wrong[0]}")
            raise Blocked(USAGE, "usage.{names}: no count", where, names=", usage.".join(wrong))
        return Usage(*(members[name] for name in names))


def _ordered(entries: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The entries by `index`, where each place has one; else as they stand, as most clients take them."""
    places = {one.get("index"): one for one in entries if type(one.get("index")) is int}
    return (
        [places[index] for index in range(len(entries))]
        if places.keys() == set(range(len(entries)))
        else [*entries]
    )

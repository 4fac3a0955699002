"""What a server with faults makes of what is right: where the faults strike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from conformance.reference.body import read_object
from conformance.reference.call import Call, JsonObject
from conformance.reference.fault import Fault, Stage, strike
from conformance.reference.refusal import Refusal

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Faulty:
    """The faults of a server. Without any, everything stays as it is."""

    faults: Sequence[Fault]

    def struck(self, stage: StrEnum, value: T, call: Call) -> T:
        """The value after every fault of that stage."""
        return strike(self.faults, stage, value, call)

    def refuse(self, refusal: Refusal, call: Call) -> None:
        """Raise the refusal. Only a fault can wave the request through."""
        struck: Refusal | None = self.struck(Stage.REFUSAL, refusal, call)
        if struck is not None:
            raise struck

    def read(
        self,
        call: Call,
        stage: StrEnum,
        parse: Callable[[JsonObject], T],
        repaired: Callable[[JsonObject, Refusal], JsonObject],
    ) -> T:
        """The request in the body of a call, or what is served in its place where a fault waives a refusal.

        `repaired` is the body without what was wrong; repeated often enough, it gives a valid one.
        """
        try:
            body = read_object(call.header("content-type"), call.body)
        except Refusal as refusal:
            self.refuse(refusal, call)
            body = repaired({}, refusal)
        body = self.struck(stage, body, call)
        while True:
            try:
                return parse(body)
            except Refusal as refusal:
                self.refuse(refusal, call)
                body = repaired(body, refusal)

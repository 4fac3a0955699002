"""What a fault is, and where one can strike, whatever is asked.

A fault is written as a function of a few lines. Its name is the name of the function, its summary the
docstring, and the decorator says where it strikes and which requirements it is aimed at:

    @on_usage("usage.total-is-sum")
    def usage_total_off_by_one(usage, call):
        \"\"\"total_tokens is one more than the sum.\"\"\"
        return {**usage, "total_tokens": usage["total_tokens"] + 1}

The function gets what is right and returns what is sent instead, or raises a Refusal. A contract has
stages of its own, for what only it has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from conformance.reference.call import Call, Frame, Reply
from conformance.reference.refusal import Refusal

T = TypeVar("T")


class Stage(StrEnum):
    """Where a fault strikes, in the order in which a request passes."""

    REFUSAL = "refusal"
    ERROR = "error object"
    MODELS = "models"
    REPLY = "reply"
    WIRE = "wire"


@dataclass(frozen=True, slots=True)
class Fault:
    """A named defect. `aims` are the ids of the requirements that should notice it."""

    name: str
    summary: str
    stage: StrEnum
    aims: tuple[str, ...]
    apply: Callable[[Any, Call], Any]


class Ending(StrEnum):
    """How a connection ends after the last byte."""

    CLOSE = "close"
    RESET = "reset"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class Wire:
    """A response byte for byte, from the status line on, as it leaves on the connection."""

    frames: tuple[Frame, ...]
    ending: Ending = Ending.CLOSE


def strike(faults: Iterable[Fault], stage: StrEnum, value: T, call: Call) -> T:
    """The value after every fault of that stage; None, which waives a refusal, is final."""
    for fault in faults:
        if fault.stage is stage and value is not None:
            value = fault.apply(value, call)
    return value


Change = Callable[[T, Call], T]


def on_refusal(*aims: str) -> Callable[[Callable[[Refusal, Call], Refusal | None]], Fault]:
    """A fault in refusing. To return None is to serve the request, without what was wrong in it."""
    return at(Stage.REFUSAL, aims)


def on_error(*aims: str) -> Callable[[Change[Any]], Fault]:
    """A fault in the JSON of a refusal."""
    return at(Stage.ERROR, aims)


def on_models(*aims: str) -> Callable[[Change[Any]], Fault]:
    """A fault in the JSON of the models endpoints."""
    return at(Stage.MODELS, aims)


def on_reply(*aims: str) -> Callable[[Change[Reply]], Fault]:
    """A fault in status, headers or bytes of any response, as far as HTTP stays intact."""
    return at(Stage.REPLY, aims)


def on_wire(*aims: str) -> Callable[[Change[Wire]], Fault]:
    """A fault in the bytes on the connection, where HTTP itself breaks."""
    return at(Stage.WIRE, aims)


def at(stage: StrEnum, aims: tuple[str, ...]) -> Callable[[Callable[[Any, Call], Any]], Fault]:
    """Makes a fault of a function: what strikes at that stage."""

    def make(function: Callable[[Any, Call], Any]) -> Fault:
        name = function.__name__.strip("_").replace("_", "-")
        return Fault(name, (function.__doc__ or "").strip(), stage, aims, function)

    return make

"""What a user of the official openai-python gets from recorded embeddings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conformance.contracts.sdk import Raised, remembered, replay, type_name
from conformance.wire.record import Attempt

if TYPE_CHECKING:
    from openai import OpenAI

    from conformance.contracts.sdk import Progress


@dataclass(frozen=True, slots=True)
class Seen:
    """What the SDK makes of a response.

    `result` is the type of what it gives ("" where it raises). `widths` has for each embedding how many
    numbers a program gets; None where it gets something else.
    """

    raised: Raised | None = None
    result: str = ""
    widths: tuple[int | None, ...] = ()


@remembered
def create(attempt: Attempt, *, strict: bool = False) -> Seen:
    """`client.embeddings.create(…)`, which asks for base64 and decodes it, as it does unless told otherwise.

    `strict` turns on `_strict_response_validation`, which takes floats only.
    """

    def use(client: OpenAI, _: Progress) -> Seen:
        if strict:
            return _seen(client.embeddings.create(model="m", input="", encoding_format="float"))
        return _seen(client.embeddings.create(model="m", input=""))

    found, _ = replay(attempt, use, strict=strict)
    return Seen(raised=found) if isinstance(found, Raised) else found


def _seen(answer: Any) -> Seen:
    """An answer, of which every member can be of any type: the SDK does not look."""
    data = getattr(answer, "data", None)
    vectors = [getattr(one, "embedding", None) for one in data] if isinstance(data, list) else []
    return Seen(result=type_name(answer), widths=tuple(map(_width, vectors)))


def _width(vector: Any) -> int | None:
    numbers = isinstance(vector, list) and all(isinstance(one, int | float) for one in vector)
    return len(vector) if numbers else None

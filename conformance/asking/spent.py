"""What an attempt is charged at, and why that may differ from what its answer states."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Doubt(StrEnum):
    """Why an answer is not charged at what it states.

    It states nothing; it holds more text than it states; it counts reasoning beside `completion_tokens`; a
    number that it states cannot be true; it did not come to its end.
    """

    UNSTATED = "unstated"
    TOO_LITTLE = "too-little"
    BESIDE = "beside"
    ABSURD = "absurd"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Used:
    """Tokens that one attempt is charged at."""

    prompt: int = 0
    completion: int = 0
    doubt: Doubt | None = field(default=None, compare=False)

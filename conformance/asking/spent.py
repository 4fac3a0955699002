"""What an attempt is charged at, and why that may differ from what its answer states."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Doubt(StrEnum):
    """Why an answer is not charged at what it states."""

    UNSTATED = "states no tokens"
    TOO_LITTLE = "holds more than it states"
    ABSURD = "states a number of tokens that cannot be"
    LOST = "did not come to its end"


@dataclass(frozen=True, slots=True)
class Used:
    """Tokens that one attempt is charged at."""

    prompt: int = 0
    completion: int = 0
    doubt: Doubt | None = field(default=None, compare=False)

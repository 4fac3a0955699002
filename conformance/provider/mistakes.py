"""What is wrong with a file that people write, said so that they can put it right."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

_SHOWN_FAULTS = 50
_SHOWN_LENGTH = 60
_LOOKS_SECRET = re.compile(r"(?i)bearer .*|(?:sk|pk|rk|key|api|tok(?:en)?)[-_].{8,}|[a-z0-9+/=_]{32,}")


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One thing that is wrong, and where. Line and column count from 1; line 0 means the file as a whole."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{place}: {self.message}"


class ProvidersError(ValueError):
    """providers.yaml, or a claims profile, cannot be used. Its text is one line for each fault."""

    def __init__(self, faults: Iterable[Mistake]) -> None:
        super().__init__(tuple(sorted(set(faults))))

    @property
    def faults(self) -> tuple[Mistake, ...]:
        """Every fault, in the order of the file."""
        found: tuple[Mistake, ...] = self.args[0]
        return found

    def __str__(self) -> str:
        lines = [str(fault) for fault in self.faults[:_SHOWN_FAULTS]]
        if more := len(self.faults) - len(lines):
            lines.append(f"… and {more} more")
        return "\n".join(lines)


def suggestion(name: str, valid: Iterable[str]) -> str:
    """ ", did you mean 'x'?" for the nearest valid name, or nothing where none is near."""
    near = difflib.get_close_matches(name[:_SHOWN_LENGTH], list(valid), n=1, cutoff=0.6)
    return f", did you mean '{near[0]}'?" if near else ""


def shown(value: Any) -> str:
    """A value as a message may show it: short, printable, and never one that may be a key."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, str):
        if _LOOKS_SECRET.fullmatch(value):
            return "this text"
        return repr(value if len(value) <= _SHOWN_LENGTH else value[: _SHOWN_LENGTH - 1] + "…")
    if value is None:
        return "nothing"
    return str(value).lower() if isinstance(value, bool) else str(value)[:_SHOWN_LENGTH]

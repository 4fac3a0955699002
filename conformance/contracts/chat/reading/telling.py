"""Which events of a stream have something for whoever reads along."""

from __future__ import annotations

from typing import Any

from conformance.wire import bounded


def tells(data: str) -> bool:
    """Whether an event has text, thoughts, or a piece of a call."""
    value = bounded.read(data.encode("utf-8", "replace")) if '"delta"' in data else None
    choices = value.get("choices") if isinstance(value, dict) else None
    return any(_says(choice) for choice in choices) if isinstance(choices, list) else False


def _says(choice: Any) -> bool:
    delta = choice.get("delta") if isinstance(choice, dict) else None
    return isinstance(delta, dict) and any(value for name, value in delta.items() if name != "role")

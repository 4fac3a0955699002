"""JSON Schemas (draft 2020-12) in our own words: of the OpenAI contract, and of what this suite writes.

Branches are made by if/then, never by oneOf or anyOf, whose errors name no cause.
"""

from __future__ import annotations

import json
from importlib import resources
from typing import Any


def load(name: str) -> dict[str, Any]:
    """The schema of that name, for example `completion`. Raises FileNotFoundError if there is none."""
    file = resources.files(__name__).joinpath(f"{name}.schema.json")
    schema: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return schema

"""YAML in files that come with the suite: read with libyaml where PyYAML has it, ten times as fast.

What a user writes is read with the parser in Python, which sees the oddest files in another way, and says
what is wrong with them in other words.
"""

from __future__ import annotations

from typing import Any

import yaml

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load(text: str | bytes) -> Any:
    """The value of the one document in the text."""
    return yaml.load(text, LOADER)  # noqa: S506 - both loaders are safe

"""What can be said of a JSON text without reading it: how deep it nests, and what is outside of strings."""

from __future__ import annotations

import re
from itertools import accumulate

# The closing quote is optional, or an unclosed string would be searched again from each quote within it.
_TEXT = re.compile(r'"[^"]*+"?')
_NO_BRACKET = re.compile(r"[^\[\]{}]++")
_STEP = {"[": 1, "{": 1, "]": -1, "}": -1}


def depth(text: str) -> int:
    """How deep a well-formed text nests; of a malformed one, an estimate."""
    brackets = _NO_BRACKET.sub("", without_strings(text))
    return max(accumulate((_STEP[char] for char in brackets), initial=0))


def without_strings(text: str) -> str:
    """A text without its strings: once nothing is escaped, each quotation mark begins or ends one."""
    return _TEXT.sub("", text.replace("\\\\", "").replace('\\"', ""))

"""What a refusal says of where a system message may stand."""

from __future__ import annotations

import re

from conformance.contracts.chat.reading.view import View

_PLACE = re.compile(
    r"\bsystem\b[^.\n]{0,60}\b(?:begin\w*|first|start|once|(?:only )?one|single|multiple|position)\b"
)


def refused_for_its_place(view: View) -> bool:
    """Whether the refusal says that a system message has to come first, or that there may be one."""
    return view.status in (400, 422) and _PLACE.search(view.error_text) is not None

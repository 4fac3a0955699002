"""A model that is set in its ways: asked for anything, it says the same thing about every third time.

Chat models are: what seems a free choice has a favourite, and it shows at any temperature below 1.
"""

from __future__ import annotations

import math
from dataclasses import replace

from conformance.reference.chat.mind.answering import ABLE
from conformance.reference.chat.mind.plan import Plan, Slot
from conformance.reference.chat.mind.understanding import intend
from conformance.reference.chat.request import ChatRequest

_FREE = 8
"""Among so many words the model has a choice."""

_FAVOURITE = 0.79
"""How likely its favourite is at temperature 1: five times in a row, 3 times in 10."""


def _insist(request: ChatRequest) -> Plan:
    return tuple(map(_set_in_its_ways, intend(request)))


def _set_in_its_ways(slot: Slot) -> Slot:
    if len(slot) < _FREE:
        return slot
    favourite = max(slot, key=slot.__getitem__)
    others = sum(math.exp(logit) for piece, logit in slot.items() if piece != favourite)
    return {**slot, favourite: math.log(others * _FAVOURITE / (1 - _FAVOURITE))}


STUBBORN = replace(ABLE, intend=_insist)

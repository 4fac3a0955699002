"""Serving what should be refused: a body without what was wrong in it."""

from __future__ import annotations

from conformance.reference.call import JsonObject
from conformance.reference.refusal import Refusal

_ANY_QUESTION = [{"role": "user", "content": "Hello"}]


def repaired(body: JsonObject, refusal: Refusal) -> JsonObject:
    """The body without the parameter that the refusal names. Repeated often enough, it gives a valid body."""
    param = (refusal.param or "").partition(".")[0].partition("[")[0]
    replacements = {"model": "reference", "messages": _ANY_QUESTION}
    if param in replacements:
        changed = {**body, param: replacements[param]}
    else:
        changed = {name: value for name, value in body.items() if name != param}
    if changed != body:
        return changed
    return {**replacements, "stream": body.get("stream") is True}

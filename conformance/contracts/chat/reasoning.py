"""What is no fault of a model that reasons: what it may refuse, and what its thoughts leave no room for.

Either is believed only where something in the recording shows that the model reasons; that a limit leaves no
room is believed of anybody where the limit is there only to bound cost.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.traits import NEW_NAME, WITH_ROOM
from conformance.contracts.hidden import CannotSee
from conformance.provider.model import Claims

SOME_WORDS = 16
"""Tokens within which every model that does not reason has said something."""


def reasons(answer: View) -> bool:
    """Whether the exchange shows a model that reasons: it bills or shows thoughts, needs room for them, says
    nothing within a limit that has room for some words, or takes the new limit only.

    OpenAI renamed the limit for these: max_tokens "is not compatible with o-series models".
    """
    try:
        adapted = {NEW_NAME, WITH_ROOM}.intersection(answer.exchange.adapted)
        return bool(adapted) or (answer.served and (answer.thinks or _says_nothing(answer)))
    except CannotSee:
        return False


def may_refuse(claims: Claims, claim: str, refusal: View, recorded: Iterable[View]) -> bool:
    """Whether the documents let a model that reasons refuse the claim, as this one does, by its name.

    Whoever serves it with another value does not leave it out.
    """
    if not claims.detail(claim, "unless_reasoning") or not refusal.blames(claim):
        return False
    views = tuple(recorded)
    default = claims.detail(claim, "default")
    return any(map(reasons, views)) and not any(_is_served(claim, default, view) for view in views)


def no_room(refusal: View, recorded: Iterable[View]) -> bool:
    """Whether the limit was too small for thoughts: the error says so, and the model is one that has them."""
    return refusal.out_of_room and any(map(reasons, recorded))


def cut_short(views: Iterable[View], bounded: Collection[str], recorded: Iterable[View]) -> View | None:
    """The first of the views that thoughts left no room, of those whose limit is there only to bound cost.

    `bounded` are the keys of their probes. Nothing that is compared with such an answer says anything.
    """
    within = [view for view in views if view.exchange.key in bounded]
    refused = (view for view in within if view.out_of_room)
    cut = (view for view in within if _is_cut(view))
    return next(refused, None) or (next(cut, None) if any(map(reasons, recorded)) else None)


def _says_nothing(answer: View) -> bool:
    """No text has come where the answer ends at its limit. Calls of tools come without text."""
    free = answer.request.keys().isdisjoint({"tools", "functions"})
    room = answer.limit is not None and answer.limit >= SOME_WORDS
    return free and room and answer.cut and not answer.text.strip()


def _is_served(claim: str, default: Any, view: View) -> bool:
    """Whether a request was served that sets the parameter to something that has an effect."""
    value = view.request.get(claim)
    return value not in (None, {}, [], default) and view.last.succeeded


def _is_cut(view: View) -> bool:
    try:
        return view.cut
    except CannotSee:
        return False

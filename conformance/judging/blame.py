"""What a refusal is about: the parameter or feature that a requirement is about, or something else.

A request that is refused says nothing about one of its parameters as long as nobody knows what becomes of the
same request without it. A key that is refused, or a model that does not exist, is no fault of a parameter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from conformance.asking.probe import Expects
from conformance.contracts.view import View
from conformance.wire.record import NOT_NOW

_ABSENT = object()


def is_to_blame(claim: str, refused: View, views: Iterable[View]) -> bool:
    """Whether a request is refused for what it claims, as far as the others show.

    It is where the same request is served without the claim. Where nobody sent just that, it takes that
    requests without the claim, or with another value of it, are served, and that the error names the claim,
    or everything else in the request is served elsewhere, as far as it was sent. It is not where the error
    names another parameter with which requests are refused that do not have the claim at all, or that no
    request is served with. And a plain value that is served beside other messages is not at fault beside
    these, unless these are served without it.
    """
    if refused.exchange.request.method != "POST":
        return True  # an endpoint that is fetched has nothing that could be left out
    value = _value(refused, claim)
    told = [one for one in views if _tells(one)]
    others = [one for one in told if claim not in one.exchange.claims or _value(one, claim) != value]
    if _is_plain(value) and not _same_words(others, refused) and refused.blamed != claim:
        elsewhere = [one for one in told if one is not refused and _value(one, claim) == value]
        if any(one.served for one in elsewhere):
            return False
    twins = [
        one for one in others if _value(one, claim) is _ABSENT and _rest(one, claim) == _rest(refused, claim)
    ]
    same = _same_words(twins, refused)
    twins = same or twins
    served = [one for one in twins or others if one.served]
    named = refused.blamed
    rest = set(refused.exchange.claims) - {claim}
    known = twins or named == claim or rest & _claims(others) <= _claims(served)
    if not served or not known:
        return False
    if named not in rest or named not in refused.request:
        return True
    lost = [one for one in told if claim not in one.exchange.claims and not one.served]
    with_it = [one for one in told if _has(one, named, refused.request[named]) and one.served]
    return named not in _claims(lost) and bool(with_it)


def _tells(view: View) -> bool:
    """Whether its request had to be served, and there is a response that says whether it was."""
    exchange = view.exchange
    must = exchange.expects == Expects.ANSWER and exchange.request.method == "POST"
    return must and view.last.status is not None and view.last.status not in NOT_NOW


def _value(view: View, claim: str) -> object:
    """What a request has for the claim, if that is one of its members."""
    return view.request.get(claim, _ABSENT)


def _has(view: View, name: str, value: object) -> bool:
    """Whether a request has that value for the member; of numbers, any one tells that it can be sent."""
    found = view.request.get(name)
    return found == value or (isinstance(value, int | float) and isinstance(found, int | float))


def _is_plain(value: object) -> bool:
    """Whether it is one word or number, which means the same beside any messages."""
    return isinstance(value, bool | int | float | str)


def _same_words(views: Iterable[View], refused: View) -> list[View]:
    """Those that say the same to the model."""
    return [one for one in views if one.request.get("messages") == refused.request.get("messages")]


def _rest(view: View, claim: str) -> tuple[set[str], Mapping[str, object]]:
    """What a request claims beside the claim, with the values."""
    claims = set(view.exchange.claims) - {claim}
    return claims, {name: value for name, value in view.request.items() if name in claims}


def _claims(views: Iterable[View]) -> set[str]:
    return {claim for view in views for claim in view.exchange.claims}

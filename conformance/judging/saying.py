"""What a case says of the exchanges that it judges.

    recites(control)
    assert NEXT not in one.text, wrong("the answer goes on after {stop!r}", one.at_text(NEXT), stop=WORD)

A case that has nothing to say has found nothing wrong. Whatever it says ends it; `ruling` has what becomes of
that. Sentences have gaps, `{stop}`, which are filled with what was found and what was expected: see
`conformance.wire.message`. A finding names the exchanges that it is about, or the places in them.
"""

from __future__ import annotations

from typing import Any, NoReturn

from conformance.contracts.hidden import Blocked, Telling
from conformance.contracts.view import View
from conformance.judging.verdict import Finding, Verdict
from conformance.wire.message import Message
from conformance.wire.place import Place


class Inconclusive(Telling):
    """The control did not show that the effect was possible."""


class NotApplicable(Telling):
    """The requirement does not concern this target, or nothing it speaks of was seen."""


class Objection(Exception):
    """What is required does not hold. `at_most`: what that weighs, unless the level makes less of it."""

    def __init__(self, finding: Finding, at_most: Verdict | None = None) -> None:
        super().__init__()
        self.finding = finding
        self.at_most = at_most

    def __str__(self) -> str:
        return str(self.finding.message)


def wrong(what: str, /, *where: View | Place, **found: Any) -> NoReturn:
    """Says what is wrong, and where: in these exchanges together, or at these places of them.

    It raises, also where an assertion makes a message of it: so that the finding arrives as it is, whoever
    runs the case. (pytest writes the assertions anew of modules that are called like tests, and makes text
    of their messages.)
    """
    raise Objection(_finding(what, where, found))


def warn(what: str, /, *where: View | Place, **found: Any) -> NoReturn:
    """Ends the case with a warning: legal or tolerable, but harmful."""
    raise Objection(_finding(what, where, found), Verdict.WARN)


def note(what: str, /, *where: View | Place, **found: Any) -> NoReturn:
    """Ends the case with a note: worth knowing, no fault."""
    raise Objection(_finding(what, where, found), Verdict.NOTE)


def assume(condition: object, why: str | Message, /, **found: Any) -> None:
    """Gives up, as inconclusive, unless the control shows what the judgement needs."""
    if not condition:
        raise Inconclusive(why, **found)


def needs(requirement: str, condition: object, why: str | Message, /, **found: Any) -> None:
    """Gives up, as inconclusive, where another requirement is violated that this one builds on."""
    if not condition:
        raise Blocked(requirement, why, **found)


def concerns(condition: object, why: str | Message, /, **found: Any) -> None:
    """Gives up, as not applicable, unless the requirement concerns what was seen."""
    if not condition:
        raise NotApplicable(why, **found)


def visible(*seen: object) -> None:
    """These can be seen, and more is not asked: a view that cannot show something says why."""
    del seen


def _finding(what: str, where: tuple[View | Place, ...], found: dict[str, Any]) -> Finding:
    places = tuple(one.at() if isinstance(one, View) else one for one in where)
    return Finding(Message.of(what, **found), places)

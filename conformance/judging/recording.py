"""What was recorded of one target, as views that cases can be judged on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Self

from conformance.asking.probe import Expects, Probe
from conformance.asking.tally import lost_by_chance
from conformance.contracts import view_of
from conformance.contracts.view import View
from conformance.judging.requirement import Case, Every, Named
from conformance.judging.standing import OPEN, Standing
from conformance.provider.model import Claims
from conformance.wire.record import Exchange, Request, not_recorded, not_sent

NO_WALL = "transport.no-bot-wall"
"""The requirement that is about what keeps programs out: a finding also where it keeps out this one."""

Binding = Mapping[str, "View | tuple[View, ...]"]
"""The exchanges that a case judges, by the names of its parameters."""


@dataclass(frozen=True, slots=True)
class Recording:
    """The exchanges of one target, as views, by the identity of their probes."""

    views: Mapping[str, View]
    standing: Standing = OPEN
    walls: Sequence[View] = ()
    """Answers that kept us out, as they came: no evidence but of that."""

    @classmethod
    def of(cls, exchanges: Sequence[Exchange], found: Standing = OPEN) -> Self:
        """A recording of these exchanges, in the order of their ids, which stand like that."""
        ordered = sorted(exchanges, key=lambda one: (len(one.id), one.id))
        asked = [one for one in ordered if one.expects != Expects.NOTHING]
        # Where a proxy of the user's was in between, nobody knows whose page it is.
        walls = [one for one in asked if one.key in found.barred and not one.last.proxy]
        lost = lost_by_chance(one for one in asked if one.key not in found.barred)
        views = {one.key: view_of(_as_evidence(one, found, lost)) for one in asked}
        return cls(views, found, tuple(map(view_of, walls)))

    def view(self, probe: Probe, contract: str) -> View:
        """The view of a probe's exchange, as that contract reads it."""
        found = self.views.get(probe.key)
        return found if found is not None else _missing(probe, contract)

    def bound(self, case: Case, claims: Claims) -> Sequence[Binding]:
        """What a case that names its probes is judged on: each of them by itself, and at least one."""
        assert isinstance(case.subject, Named)
        wanted = case.subject.wanted(claims)
        view = partial(self.view, contract=claims.contract)
        return (
            {
                name: view(one) if isinstance(one, Probe) else tuple(map(view, one))
                for name, one in wanted.items()
            },
        )

    def proving(self, case: Case) -> Sequence[View]:
        """The exchanges that others made, and that decide the case each by itself."""
        del case
        return ()

    def selected(self, case: Case) -> Sequence[View]:
        """What a case on every exchange of a kind is judged on.

        Raises Inconclusive where there are exchanges of that kind, but none shows what the case looks at.
        """
        assert isinstance(case.subject, Every)
        walls = self.walls if case.requirement.id == NO_WALL else ()
        return [view for view in (*self.views.values(), *walls) if case.subject.selects(view)]

    def doubt(self, case: Case) -> str | None:
        """Why the case proves nothing where it finds nothing, or None."""
        del case
        return None


def _as_evidence(exchange: Exchange, found: Standing, lost: Mapping[str, str]) -> Exchange:
    """The exchange; where it is no evidence, as if it had not been made."""
    why = found.why if exchange.key in found.barred else lost.get(exchange.key)
    return exchange if why is None else replace(exchange, attempts=(not_sent(why),))


def _missing(probe: Probe, contract: str) -> View:
    """Stands for an exchange that the journal does not have."""
    request = Request(probe.method, probe.path, (), probe.body or "")
    why = f"the journal has no exchange for {probe.name!r}"
    return view_of(
        Exchange("", "", "", probe.name, probe.key, request, (not_recorded(why),), contract=contract)
    )


def flat(views: Binding) -> list[View]:
    """All views of a binding."""
    found: list[View] = []
    for view in views.values():
        found += (view,) if isinstance(view, View) else view
    return found

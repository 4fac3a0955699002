"""What was recorded of one target, as views that cases can be judged on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from conformance.asking.probe import Probe
from conformance.contracts import view_of
from conformance.contracts.view import View
from conformance.judging.requirement import Case, Every, Named
from conformance.provider.model import Claims
from conformance.wire.record import Exchange, Request, not_recorded

Binding = Mapping[str, "View | tuple[View, ...]"]
"""The exchanges that a case judges, by the names of its parameters."""


@dataclass(frozen=True, slots=True)
class Recording:
    """The exchanges of one target, as views, by the identity of their probes."""

    views: Mapping[str, View]

    @classmethod
    def of(cls, exchanges: Sequence[Exchange]) -> Recording:
        """A recording of these exchanges, in the order of their ids."""
        return cls(
            {one.key: view_of(one) for one in sorted(exchanges, key=lambda one: (len(one.id), one.id))}
        )

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

    def selected(self, case: Case) -> Sequence[View]:
        """What a case on every exchange of a kind is judged on.

        Raises Inconclusive where there are exchanges of that kind, but none shows what the case looks at.
        """
        assert isinstance(case.subject, Every)
        return [view for view in self.views.values() if case.subject.selects(view)]

    def doubt(self, case: Case) -> str | None:
        """Why the case proves nothing where it finds nothing, or None."""
        del case
        return None


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

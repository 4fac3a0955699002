"""What was found of one target, as something that cases can be judged on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from conformance.asking.probe import Probe
from conformance.contracts import contract_of, named, recorded
from conformance.contracts.view import View
from conformance.judging.recording import Binding, Recording
from conformance.judging.requirement import Case, Every
from conformance.judging.saying import Inconclusive
from conformance.provider.model import Claims

MOST = 200
"""Comparisons of one kind; more would say the same again."""


@dataclass(frozen=True, slots=True)
class Found(Recording):
    """Exchanges that were recorded for other purposes: each shows what it happens to show."""

    def bound(self, case: Case, claims: Claims) -> Sequence[Binding]:
        """The probes of the case, where somebody sent them; and what decides it as well."""
        contract = named(claims.contract)
        compared = contract.compared(case.requirement.id, tuple(self.views.values()))
        complete = (whole for whole in (_complete(case, claims, one) for one in compared) if whole)
        candidates = [*self._probed(case, claims), *islice(complete, MOST)]
        if not candidates:
            raise Inconclusive("it takes requests made for it, or such as this recording does not have")
        hidden_by = [self._hidden(case, binding) for binding in candidates]
        shown = [binding for binding, why in zip(candidates, hidden_by, strict=True) if why is None]
        if not shown:
            raise Inconclusive(hidden_by[0] or "")
        return shown

    def proving(self, case: Case) -> Sequence[View]:
        """The exchanges that show by themselves what the case is about."""
        if case.alone is None:
            return ()
        shown = (view for view in self.views.values() if view.exchange.unseen and case.alone.shows(view))
        return [view for view in islice(shown, MOST) if self._hides(case, view) is None]

    def _probed(self, case: Case, claims: Claims) -> Sequence[Binding]:
        """The binding of a run, as far as at least what is judged in it was recorded."""
        assert not isinstance(case.subject, Every)
        wanted = case.subject.wanted(claims).values()
        probes = [probe for one in wanted for probe in ((one,) if isinstance(one, Probe) else one)]
        recorded = sum(probe.key in self.views for probe in probes)
        return (
            Recording.bound(self, case, claims)
            if recorded == len(probes) or 2 * recorded > len(probes)
            else ()
        )

    def _hidden(self, case: Case, binding: Binding) -> str | None:
        for one in binding.values():
            for view in (one,) if isinstance(one, View) else one:
                why = self._hides(case, view)
                if why is not None:
                    return why
        return None

    def _hides(self, case: Case, view: View) -> str | None:
        """Why a recorded exchange does not show what the case is about, or None where it does."""
        name = case.requirement.id
        here = recorded.hidden(name, view, self.views.values())
        return here or contract_of(view.exchange).hidden(name, view.exchange)

    def selected(self, case: Case) -> Sequence[View]:
        """The exchanges of the kind that show what the case looks at."""
        chosen = Recording.selected(self, case)
        reasons = [self._hides(case, view) for view in chosen]
        shown = [view for view, why in zip(chosen, reasons, strict=True) if why is None]
        if chosen and not shown:
            raise Inconclusive(reasons[0] or "")
        assert isinstance(case.subject, Every)
        return recorded.originals(shown) if case.subject.together else shown

    def doubt(self, case: Case) -> str | None:
        """What a recording cannot prove."""
        by_others = (view.exchange for view in self.views.values() if view.exchange.unseen)
        return next((contract_of(one).unproven(case.requirement.id) for one in by_others), None)


def _complete(case: Case, claims: Claims, binding: Binding) -> Binding | None:
    """The binding with no exchanges where the case may have several; None where one of its own is missing."""
    assert not isinstance(case.subject, Every)
    wanted = case.subject.wanted(claims)
    if any(isinstance(one, Probe) and name not in binding for name, one in wanted.items()):
        return None
    return {name: binding.get(name, ()) for name in wanted}

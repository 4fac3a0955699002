"""What was found of one target, as something that cases can be judged on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from conformance.asking.probe import Probe
from conformance.contracts import contract_of, named
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
        candidates = [*self._probed(case, claims), *islice(compared, MOST)]
        if not candidates:
            raise Inconclusive("it takes requests made for it, or such as this recording does not have")
        hidden_by = [self._hidden(case, binding) for binding in candidates]
        shown = [binding for binding, why in zip(candidates, hidden_by, strict=True) if why is None]
        if not shown:
            raise Inconclusive(hidden_by[0] or "")
        return shown

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
                why = hidden(case, view)
                if why is not None:
                    return why
        return None

    def selected(self, case: Case) -> Sequence[View]:
        """The exchanges of the kind that show what the case looks at."""
        chosen = Recording.selected(self, case)
        reasons = [hidden(case, view) for view in chosen]
        shown = [view for view, why in zip(chosen, reasons, strict=True) if why is None]
        if chosen and not shown:
            raise Inconclusive(reasons[0] or "")
        return shown

    def doubt(self, case: Case) -> str | None:
        """What a recording cannot prove."""
        by_others = (view.exchange for view in self.views.values() if view.exchange.unseen)
        return next((contract_of(one).unproven(case.requirement.id) for one in by_others), None)


def hidden(case: Case, view: View) -> str | None:
    """Why a recorded exchange does not show what the case is about, or None where it does."""
    return contract_of(view.exchange).hidden(case.requirement.id, view.exchange)

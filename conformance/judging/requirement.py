"""How a check is written: which requirement it judges, on which exchanges.

    @requirement("stop.not-in-output", MUST, source=OPENAI.stop, claim="stop")
    @controls(control=NATO)
    @probes(stopped=NATO | stop("Foxtrot"))
    def test_stop_sequence_is_not_in_the_output(control: View, stopped: View) -> None:
        \"\"\"The returned text does not contain the stop sequence.\"\"\"
        assume("Foxtrot" in control.text, "without `stop` the model never wrote the word")
        assert "Foxtrot" not in stopped.text, wrong("the word is there", stopped.at_text("Foxtrot"))

A case sends nothing: it names the probes it needs and judges what was recorded. What it says is in `saying`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import Any

from conformance.asking.own import Asked, resolved
from conformance.asking.probe import Probe
from conformance.contracts.view import View
from conformance.judging.source import Source
from conformance.provider.level import Level
from conformance.provider.model import Claims

MUST, SHOULD, MAY = Level

Wanted = Mapping[str, "Probe | tuple[Probe, ...]"]
"""The probes a case wants, by the name of its parameter; a tuple stands for a sample."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One obligation.

    `level` holds for a provider whose documents are silent about `claim`; `claimed` for one that documents
    it. `basis` is the requirement this one rests on: where that one fails because the request is refused,
    this one is not a second finding. `hurts` says in a sentence what a violation does to whom: what a report
    opens with. A MUST has one.
    """

    id: str
    statement: str
    level: Level
    sources: tuple[Source, ...]
    claim: str | None = None
    claimed: Level | None = None
    basis: str | None = None
    hurts: str = ""

    @property
    def area(self) -> str:
        """The part of the id before the dot."""
        return self.id.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Named:
    """The case gets the exchanges of the probes it names: those that it judges, and controls for them."""

    judged: Callable[[Claims], Wanted]
    controls: Callable[[Claims], Wanted] = lambda _: MappingProxyType({})

    def wanted(self, claims: Claims) -> Wanted:
        """All of them, by the names of the parameters."""
        return {**self.controls(claims), **self.judged(claims)}


@dataclass(frozen=True, slots=True)
class Every:
    """The case gets every exchange that `selects` picks: one at a time, or all together.

    `defaults` are what it wants sent, so that there is such an exchange whatever else was chosen.
    """

    title: str
    selects: Callable[[View], bool]
    defaults: tuple[Asked, ...]
    together: bool = False

    def probes(self, claims: Claims) -> tuple[Probe, ...]:
        """The defaults, as the contract of the claims has them."""
        return tuple(dict.fromkeys(resolved(one, claims.contract) for one in self.defaults))


@dataclass(frozen=True, slots=True)
class Alone:
    """What an exchange proves without a control, whoever asked, and whatever for.

    `check` judges one that `shows` picks. It is the part of the case that needs nothing to compare with.
    """

    shows: Callable[[Any], bool]
    check: Callable[[Any], None]


@dataclass(frozen=True, slots=True)
class Case:
    """A requirement, the exchanges it is judged on, and the function that judges.

    In what others recorded, `alone` is judged as well.
    """

    requirement: Requirement
    subject: Named | Every
    function: Callable[..., None]
    alone: Alone | None = None

    def __call__(self, *args: Any, **kwargs: Any) -> None:
        self.function(*args, **kwargs)

    def probes(self, claims: Claims) -> tuple[Probe, ...]:
        """What has to be sent to a target with these claims."""
        return () if self.omitted(claims) else self._wanted(claims)

    def omitted(self, claims: Claims) -> Collection[str]:
        """The parameters that it is about and no request to this provider may have."""
        if not claims.omitted:
            return ()
        about = {name for probe in self._wanted(claims) for name in probe.members.keys() - probe.inert}
        return claims.omitted.intersection({*about, self.requirement.claim})

    def _wanted(self, claims: Claims) -> tuple[Probe, ...]:
        if isinstance(self.subject, Every):
            return self.subject.probes(claims)
        found: list[Probe] = []
        for wanted in self.subject.wanted(claims).values():
            found += (wanted,) if isinstance(wanted, Probe) else wanted
        return tuple(found)

    def controls(self, claims: Claims) -> Collection[str]:
        """The names of the parameters whose exchanges are there to compare with."""
        return () if isinstance(self.subject, Every) else self.subject.controls(claims).keys()

    def level(self, claims: Claims) -> Level:
        """How binding the requirement is for a provider with these claims."""
        override = claims.levels.get(self.requirement.id)
        if override is not None:
            return override.level
        requirement = self.requirement
        claim = requirement.claim
        if requirement.claimed is None or claim is None or not claims.documents(claim):
            return requirement.level
        # What only follows from a sentence like "fully compatible" binds less than a documented parameter.
        implied = claims.detail(claim, "implied") and requirement.claimed is MUST
        return SHOULD if implied else requirement.claimed


@dataclass(frozen=True, slots=True)
class _Draft:
    """A case that does not know its requirement yet."""

    subject: Named | Every
    function: Callable[..., None]


def requirement(
    id: str,
    level: Level,
    *,
    source: Source | tuple[Source, ...],
    claim: str | None = None,
    claimed: Level | None = None,
    basis: str | None = None,
    hurts: str = "",
) -> Callable[[_Draft], Case]:
    """Declares the requirement that a case judges; the docstring of the case is its statement."""

    def complete(draft: _Draft) -> Case:
        statement = inspect.cleandoc(draft.function.__doc__ or "").replace("\n", " ")
        if not statement:
            raise TypeError(f"{draft.function.__name__} has no docstring: it states the obligation")
        sources = source if isinstance(source, tuple) else (source,)
        return Case(
            Requirement(id, statement, level, sources, claim, claimed, basis, hurts),
            draft.subject,
            draft.function,
        )

    return complete


def probes(**wanted: Asked | tuple[Asked, ...]) -> Callable[[Callable[..., None]], _Draft]:
    """The case judges the exchanges of these probes, given to it by name."""
    return probes_for(partial(_resolved, wanted))


def probes_for(wanted: Callable[[Claims], Wanted]) -> Callable[[Callable[..., None]], _Draft]:
    """Like `probes`, where what is sent depends on what the provider's documents say."""
    return lambda function: _Draft(Named(wanted), function)


def controls(**wanted: Asked | tuple[Asked, ...]) -> Callable[[_Draft], _Draft]:
    """The case compares what it judges with the exchanges of these probes, and accuses them of nothing."""
    return controls_for(partial(_resolved, wanted))


def controls_for(wanted: Callable[[Claims], Wanted]) -> Callable[[_Draft], _Draft]:
    """Like `controls`, where what is sent depends on what the provider's documents say."""

    def complete(draft: _Draft) -> _Draft:
        if not isinstance(draft.subject, Named):
            raise TypeError(f"{draft.function.__name__} judges every exchange of a kind: none is a control")
        return replace(draft, subject=replace(draft.subject, controls=wanted))

    return complete


def _resolved(wanted: Mapping[str, Asked | tuple[Asked, ...]], claims: Claims) -> Wanted:
    """The probes, as the contract of the claims has them."""
    return {
        name: tuple(resolved(each, claims.contract) for each in one)
        if isinstance(one, tuple)
        else resolved(one, claims.contract)
        for name, one in wanted.items()
    }


def proven_alone(shows: Callable[[Any], bool], check: Callable[[Any], None]) -> Callable[[Case], Case]:
    """In what others recorded, `check` judges each exchange that `shows` picks: it needs no control."""
    return lambda case: replace(case, alone=Alone(shows, check))


def every(
    title: str, selects: Callable[[View], bool], *defaults: Asked, together: bool = False
) -> Callable[[Callable[..., None]], _Draft]:
    """The case judges every exchange that `selects` picks; `title` is what one of them is called."""
    return lambda function: _Draft(Every(title, selects, defaults, together), function)

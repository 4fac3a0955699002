"""What changed from one run to a later one, and whether anything got worse."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from conformance.judging.verdict import Verdict
from conformance.provider.level import Level
from conformance.report.results.outline import Outline, Row
from conformance.wire.record import TargetId


class Change(StrEnum):
    """What became of a requirement at a target. The order of the members is the order of reports."""

    FAILING = "newly failing"
    WARNING = "newly warning"
    SEEN = "failing, undecided before"
    PASSING = "newly passing"
    OTHER = "changed otherwise"
    VANISHED = "vanished"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Changed:
    """A requirement whose verdict at a target is not what it was. `before`, `after`: None if not judged."""

    change: Change
    at: TargetId
    requirement: str
    before: Row | None
    after: Row | None

    @property
    def level(self) -> Level:
        """How binding it is now, or was when it was last judged."""
        row = self.after or self.before
        assert row is not None
        return row.level

    def is_regression(self, *, strict: bool) -> bool:
        """Whether it got worse; `strict` also counts a SHOULD that is newly violated."""
        return self.change is Change.FAILING or (strict and self.change is Change.WARNING)


@dataclass(frozen=True, slots=True)
class Definitions:
    """How the catalogue of the new run differs from the one before. Nothing of this is compared."""

    old: str
    new: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    altered: tuple[str, ...]

    def __bool__(self) -> bool:
        return self.old != self.new or bool(self.altered)


@dataclass(frozen=True, slots=True)
class Difference:
    """The changes, in the order of targets and catalogue; targets that came or went stand apart."""

    old: Outline
    new: Outline
    definitions: Definitions
    changes: tuple[Changed, ...]
    vanished: tuple[TargetId, ...]
    appeared: tuple[TargetId, ...]

    def of(self, change: Change) -> tuple[Changed, ...]:
        """The changes of one kind, those of a MUST first."""
        found = [one for one in self.changes if one.change is change]
        return tuple(sorted(found, key=lambda one: list(Level).index(one.level)))

    def regressions(self, *, strict: bool = False) -> tuple[Changed, ...]:
        """What got worse."""
        return tuple(one for one in self.changes if one.is_regression(strict=strict))


def difference(old: Sequence[Outline], new: Outline) -> Difference:
    """What changed from the old runs to the new one.

    Compared is with the latest of the old runs; where that could not decide a requirement, or did not judge
    it, with the latest one that did. Otherwise a provider that was out of reach for a day would either hide
    what broke in the meantime, or have everything that was broken before reported again.
    """
    latest_first = sorted(old, key=lambda run: run.started, reverse=True)
    latest = latest_first[0]
    definitions = _definitions(latest, new)
    seen_before = {name for run in latest_first for name in run.targets if name not in run.closed}
    return Difference(
        old=latest,
        new=new,
        definitions=definitions,
        changes=tuple(_changes(latest_first, new, definitions)),
        vanished=tuple(name for name in latest.targets if name not in new.targets),
        appeared=tuple(name for name in new.targets if name not in seen_before and name not in new.closed),
    )


def _definitions(old: Outline, new: Outline) -> Definitions:
    before, after = old.requirements, new.requirements
    across = old.catalogue != new.catalogue
    return Definitions(
        old.catalogue,
        new.catalogue,
        # Within one version what is missing was not selected.
        added=tuple(id for id in after if id not in before) if across else (),
        removed=tuple(id for id in before if id not in after) if across else (),
        altered=tuple(id for id in after if id in before and before[id] != after[id]),
    )


def _changes(latest_first: Sequence[Outline], new: Outline, definitions: Definitions) -> Iterator[Changed]:
    latest, removed = latest_first[0], frozenset(definitions.removed)
    added = frozenset(definitions.added) | frozenset(definitions.altered)
    for name in new.targets:
        rows = new.tested(name)
        if not rows or not any(run.tested(name) for run in latest_first):
            continue
        for id, after in rows.items():
            if id in added:
                continue
            before = _before(latest_first, new, name, id)
            change = Change.NEW if before is None else _change(before, after)
            if change is not None:
                yield Changed(change, name, id, before, after)
        for id, before in latest.tested(name).items():
            if id not in rows and id not in removed:
                yield Changed(Change.VANISHED, name, id, before, None)


def _before(latest_first: Sequence[Outline], new: Outline, name: TargetId, id: str) -> Row | None:
    """The latest decided verdict on the same obligation; the latest of all where none was decided."""
    found = [
        row
        for run in latest_first
        if (row := run.row(name, id)) is not None and run.requirements[id] == new.requirements[id]
    ]
    return next((row for row in found if row.decided), found[0] if found else None)


def _change(before: Row, after: Row) -> Change | None:
    if before.verdict is after.verdict:
        return None
    if after.red:
        return Change.FAILING if before.decided else Change.SEEN
    if after.verdict is Verdict.WARN and not after.known and before.decided:
        return Change.OTHER if before.verdict is Verdict.FAIL else Change.WARNING
    if before.verdict.violates and after.decided and not after.verdict.violates:
        return Change.PASSING
    return Change.OTHER

"""A comparison as it is carried out: both sides are asked, stage by stage, until the result is clear."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from conformance.asking.asking import Access, Progress, Work
from conformance.asking.budget import Budget
from conformance.asking.plan import Plan, plan
from conformance.identity.asking import Questions, questions, side
from conformance.identity.comparing import Compared, compare
from conformance.identity.outcome import Asked, Outcome, asked
from conformance.identity.prompts import generated
from conformance.identity.values import Side
from conformance.provider.model import Provider, Target
from conformance.provider.travelling import travelling
from conformance.running import resuming
from conformance.running.exchanging import Exchanging
from conformance.running.folder import JOURNAL
from conformance.running.signals import Signals
from conformance.wire.journal import Journal, Writer
from conformance.wire.record import UNASKED, Exchange, TargetId


@dataclass(frozen=True)
class Stored:
    """Answers that were recorded before: their name, where they came from, and the exchanges."""

    name: str
    url: str
    exchanges: Sequence[Exchange]


class StoredError(Exception):
    """A journal is no file of answers that can be compared. One line that names it, and what to do."""


def stored_in(journal: Journal) -> Stored:
    """The answers that a journal holds of one side. Raises StoredError."""
    keys = {probe.key for probe in questions(journal.nonce).stages[-1]}
    if not any(one.key in keys for one in journal.exchanges):
        raise StoredError(
            f"{journal.path} has no answers to the prompts of a comparison, or to those of another version; "
            "make it with: conformance same NAME --save FILE"
        )
    at, url = journal.targets[0]
    return Stored(f"{at.provider}/{at.model}", url, [one for one in journal.exchanges if one.at == at])


@dataclass
class Session:
    """Two sides, of which one may be stored answers, or one alone whose answers are to be kept.

    `seed` decides the prompts. `resumed` is the journal of a comparison that is gone on with. `ended` says
    why not everything was asked that was wanted.
    """

    targets: Sequence[Target]
    stored: Stored | None
    folder: Path
    access: Callable[[Provider], Access]
    seed: str = field(default_factory=lambda: secrets.token_hex(6))
    resumed: Journal | None = None
    budget: Budget = field(default_factory=Budget)
    signals: Signals = field(default_factory=Signals)
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    exchanges: list[Exchange] = field(default_factory=list, init=False)
    ended: str | None = field(default=None, init=False)
    _questions: Questions = field(init=False)
    _written: Path | None = field(default=None, init=False)
    _urls: dict[TargetId, str] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        if self.resumed is not None:
            self.exchanges = list(self.resumed.exchanges)
            self._written = self.resumed.path
            self._urls = dict(self.resumed.targets)
        self._questions = questions(self.seed)

    def plans(self) -> tuple[tuple[Plan, ...], ...]:
        """What can be sent, stage by stage, each with what the stages before it have sent."""
        return tuple(plan(dict.fromkeys(self.targets, probes)) for probes in self._questions.stages)

    def carry_out(self, progress: Progress) -> Compared | None:
        """Asks, compares, and asks on while that may change the result. None of a single side."""
        for plans in self.plans():
            self._ask(plans, progress)
            found = self.compared()
            if self.ended is not None or (found is not None and found.decided):
                return found
        return self.compared()

    def sides(self) -> tuple[Side, ...]:
        """What each side has answered by now."""
        live = [
            side(str(target), self._questions, [one for one in self.exchanges if one.at == target.at])
            for target in self.targets
        ]
        stored = self.stored
        return (*live, *([side(stored.name, self._questions, stored.exchanges)] if stored else []))

    def compared(self) -> Compared | None:
        """What can be said by now; None of a single side."""
        if len(sides := self.sides()) == 1:
            return None
        one, other = sides
        return compare(one, other, self.seed)

    def outcome(self) -> Outcome | None:
        """What it came to, and what that cost; None of a single side."""
        found = self.compared()
        if found is None:
            return None
        prompts, _ = generated(self.seed)
        return Outcome(found, self._costs(), prompts, self.seed, self.started, self.ended)

    def _costs(self) -> tuple[Asked, ...]:
        stored = [] if self.stored is None else [(self.stored.url, self.stored.exchanges)]
        live = [
            (self._urls[target.at], [one for one in self.exchanges if one.at == target.at])
            for target in self.targets
        ]
        return tuple(
            asked(side, url, exchanges, stored=number >= len(live))
            for number, (side, (url, exchanges)) in enumerate(zip(self.sides(), live + stored, strict=True))
        )

    def _ask(self, plans: Sequence[Plan], progress: Progress) -> None:
        numbered = resuming.numbered(plans, self.exchanges)
        if not any(one.missing.probes for one in numbered):
            return
        with ExitStack() as stack:
            works = [
                Work(one.plan, self._access(stack, one.plan.target.provider), one.ids, one.kept)
                for one in numbered
            ]
            self._urls |= {work.plan.target.at: work.access.base_url for work in works}
            exchanging = Exchanging(works, self.seed, self._writer(works))
            kept = {(one.at, one.key): one for one in self.exchanges}
            try:
                exchanging.carry_out(progress, self.budget, self.signals)
                self.ended = exchanging.end or self._unasked(exchanging.exchanges)
            finally:
                made = {(one.at, one.key): one for one in exchanging.exchanges}
                self.exchanges = list({**kept, **made}.values())
                self.ended = self.ended or exchanging.end

    def _unasked(self, exchanges: Sequence[Exchange]) -> str | None:
        """Why something was not asked, if it was not for what the provider did."""
        failures = [one.last.failure for one in exchanges if one.last.failure is not None]
        return next((one.message for one in failures if one.kind in UNASKED), None)

    def _access(self, stack: ExitStack, provider: Provider) -> Access:
        if not provider.embedded:
            return self.access(provider)
        from conformance.reference import persona, serving

        key = f"sk-{secrets.token_hex(16)}"
        return Access(stack.enter_context(serving(key, persona=persona(provider.persona))), key)

    def _writer(self, works: Sequence[Work]) -> Writer:
        self.folder.mkdir(parents=True, exist_ok=True)
        asked: Mapping[str, Provider] = {
            work.plan.target.provider.name: work.plan.target.provider for work in works
        }
        writer = Writer(
            self.folder / JOURNAL,
            self.started.isoformat(),
            [(work.plan.target.at, work.access.base_url) for work in works],
            nonce=self.seed,
            providers={name: travelling(one) for name, one in asked.items() if one.entry},
            after=self._written,
        )
        self._written = self.folder / JOURNAL
        return writer

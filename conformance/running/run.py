"""A run: from targets and cases to a journal, judgements and reports. Knows nothing of pytest."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance import CATALOGUE, __version__
from conformance.asking.budget import Budget
from conformance.asking.plan import Plan, Tier, plan
from conformance.asking.probe import Credential, Expects
from conformance.judging.catalogue import by_id, catalogue, every_requirement, test_id
from conformance.judging.requirement import Case
from conformance.judging.verdict import Judgement, Verdict
from conformance.provider.model import Provider, Target
from conformance.provider.travelling import travelling
from conformance.running import folder, resuming, tiers
from conformance.running.folder import JOURNAL, REPORT, RESULTS, SUMMARY
from conformance.running.signals import Signals
from conformance.wire import files, journal
from conformance.wire.record import UNASKED, Exchange, TargetId

if TYPE_CHECKING:
    from conformance.asking.asking import Access, Progress, Work
    from conformance.judging.judge import Judge
    from conformance.judging.standing import Standing
    from conformance.reference.fault import Fault
    from conformance.report.results.results import CatalogueEntry, Results
    from conformance.running.repeating import Repeated


class UnrecordableError(Exception):
    """The journal cannot be begun, so nothing was sent. One line that names the folder."""


@dataclass
class Run:
    """What one run knows: whom it asks, what it was told, and where it keeps it.

    `access` says how to reach a provider that is not embedded. `replayed` is the journal that is judged
    instead of sending anything; `resumed` the one that is resumed. `set_aside` is where an earlier run
    in the folder was moved. `language` is that of report.html. `judges` are there where nothing is sent,
    because what others recorded is judged. `interrupted` says why not everything was asked, `unwritten`
    whether the journal lacks what was.
    """

    targets: Sequence[Target]
    folder: Path
    access: Callable[[Provider], Access]
    budget: Budget = field(default_factory=Budget)
    replayed: journal.Journal | None = None
    faults: Sequence[Fault] = ()
    language: str = "en"
    judges: Mapping[Target, Judge] = field(default_factory=dict)
    resumed: journal.Journal | None = None
    tier: Tier = Tier.FULL
    repeat: int = 1
    signals: Signals = field(default_factory=Signals)
    exchanges: list[Exchange] = field(default_factory=list, init=False)
    selected: dict[Target, list[Case]] = field(default_factory=dict, init=False)
    interrupted: str | None = field(default=None, init=False)
    unwritten: bool = field(default=False, init=False)
    set_aside: Path | None = field(default=None, init=False)
    started: datetime = field(default_factory=lambda: datetime.now(UTC), init=False)
    _judges: dict[Target, Judge | Repeated] = field(default_factory=dict, init=False)
    _urls: dict[str, str] = field(default_factory=dict, init=False)

    def plans(self) -> tuple[Plan, ...]:
        """What the selected cases want sent, one plan for each target."""
        once = plan({target: tiers.in_order(cases, target.claims) for target, cases in self.selected.items()})
        if self.repeat == 1:
            return once
        from conformance.running.repeating import repeated

        return tuple(repeated(one, self.repeat) for one in once)

    def to_send(self) -> tuple[Plan, ...]:
        """The plans without what a run that is resumed has recorded."""
        return tuple(one.missing for one in self._numbered())

    @property
    def left_alone(self) -> int:
        """How many exchanges of the run that is resumed are not wanted now. They stay in the journal."""
        if self.resumed is None:
            return 0
        numbered = {id for one in self._numbered() for id in one.ids.values()}
        recorded = self.resumed.exchanges
        return sum(one.id not in numbered and one.expects != Expects.NOTHING for one in recorded)

    def exchange(self, progress: Progress) -> None:
        """Sends what the selected cases want, or takes it from the journal. What was asked is kept."""
        if self.replayed is not None:
            self.exchanges = list(self.replayed.exchanges)
            if damaged := len(self.replayed.damaged):
                self.interrupted = f"{damaged} line{'s' * (damaged > 1)} of the journal could not be read"
            self.started = datetime.fromisoformat(self.replayed.started)
            self._urls = {at.provider: url for at, url in self.replayed.targets}
            self._make_room(self.replayed.path)
            return
        from conformance.running.exchanging import Exchanging

        nonce = secrets.token_hex(6)
        if self.resumed is not None:
            self.started = datetime.fromisoformat(self.resumed.started)
            nonce = self.resumed.nonce or nonce
        with ExitStack() as stack:
            works = self._works(stack)
            exchanging = Exchanging(works, nonce, self._writer(works, nonce))
            self.exchanges = exchanging.exchanges
            try:
                exchanging.carry_out(progress, self.budget, self.signals)
            finally:
                self.interrupted, self.unwritten = exchanging.end, exchanging.unwritten is not None

    def _make_room(self, own: Path | None) -> None:
        """Moves the earlier run in the folder aside, but for that of the journal `own`."""
        try:
            self.set_aside = folder.set_aside(self.folder, own, records=self.replayed is None)
        except OSError as error:
            raise self._unrecordable(error) from None

    def _unrecordable(self, error: OSError) -> UnrecordableError:
        return UnrecordableError(f"cannot record the run in {self.folder}: {error.strerror}")

    def _works(self, stack: ExitStack) -> list[Work]:
        from conformance.asking.asking import Work

        works = []
        for one in self._numbered():
            provider = one.plan.target.provider
            access = self._embedded(stack, provider) if provider.embedded else self.access(provider)
            self._urls[provider.name] = access.base_url
            works.append(Work(one.plan, access, one.ids, one.kept))
        return works

    def _numbered(self) -> list[resuming.Numbered]:
        return resuming.numbered(self.plans(), self.resumed.exchanges if self.resumed is not None else ())

    def _writer(self, works: Sequence[Work], nonce: str) -> journal.Writer:
        before = None if self.resumed is None else self.resumed.path
        self._make_room(before)
        known = frozenset(every_requirement())
        urls = {work.plan.target.at: work.access.base_url for work in works}
        chosen = {(at, case.requirement.id) for at, case in self._chosen()}
        about = {id for _, id in chosen}
        if self.resumed is not None:
            # What the run is about stays, whatever of it is asked now.
            about = about.union(self.resumed.requirements) if self.resumed.requirements else set(known)
            urls = dict(self.resumed.targets) | urls
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            return journal.Writer(
                self.folder / JOURNAL,
                self.started.isoformat(),
                urls.items(),
                nonce=nonce,
                requirements=() if about >= known else sorted(about),
                tier=self.tier if self.resumed is None else self.resumed.tier,
                providers=self._described(works),
                after=before,
                part=not chosen.issuperset(
                    (at, id) for at in urls for id in about.intersection(catalogue(at.contract))
                ),
            )
        except OSError as error:
            raise self._unrecordable(error) from None

    def _described(self, works: Sequence[Work]) -> Mapping[str, Any]:
        """The entries of the providers, for whoever judges the journal without providers.yaml."""
        known = {} if self.resumed is None else self.resumed.providers
        asked = {work.plan.target.provider.name: work.plan.target.provider for work in works}
        return {**known, **{name: travelling(one) for name, one in asked.items() if one.entry}}

    def _chosen(self) -> Iterator[tuple[TargetId, Case]]:
        for target, cases in self.selected.items():
            for case in cases:
                yield target.at, case

    def _embedded(self, stack: ExitStack, provider: Provider) -> Access:
        from conformance.asking.asking import Access
        from conformance.reference import persona, serving

        key = f"sk-{secrets.token_hex(16)}"
        served = serving(key, faults=self.faults, persona=persona(provider.persona))
        return Access(stack.enter_context(served), key)

    def judge(self, target: Target, case: Case) -> Judgement:
        """The judgement on one requirement at one target."""
        return self._judge(target).judge(case)

    def _judge(self, target: Target) -> Judge | Repeated:
        judge = self.judges.get(target) or self._judges.get(target)
        if judge is None:
            from conformance.judging.judge import Judge
            from conformance.judging.standing import standing
            from conformance.running.repeating import Repeated, recordings

            name = target.at
            mine = [one for one in self.exchanges if one.at == name]
            found, cases = standing(target.provider, mine), by_id(self.selected[target])
            times = [Judge(target.claims, one, cases) for one in recordings(mine, found)]
            judge = self._judges[target] = times[0] if len(times) == 1 else Repeated(times)
        return judge

    def standing(self, target: Target) -> Standing:
        """What of the recording of a target is no evidence, and why."""
        return self._judge(target).standing

    def judgements(self) -> list[tuple[Target, Judgement]]:
        """Every judgement on what was selected."""
        return [
            (target, self.judge(target, case)) for target, cases in self.selected.items() for case in cases
        ]

    def nothing_was_answered(self, target: Target) -> bool:
        """Whether no requirement could be judged, because nothing came back that could be."""
        verdicts = {self.judge(target, case).verdict for case in self.selected[target]}
        return verdicts <= {Verdict.ERROR, Verdict.INCONCLUSIVE, Verdict.NOT_APPLICABLE} and (
            Verdict.ERROR in verdicts
        )

    def untested(self) -> Mapping[TargetId, str]:
        """The targets at which nothing could be tested, though they were reached, and why."""
        unreachable, found = self.unreachable(), {one.at: self.standing(one) for one in self.selected}
        return {at: one.why for at, one in found.items() if one.untested and at not in unreachable}

    def unreachable(self) -> Mapping[TargetId, str]:
        """The targets that never gave an HTTP response, and why."""
        found = {}
        for target in self.selected:
            name = target.at
            mine = [one for one in self.exchanges if one.at == name and one.expects != Expects.NOTHING]
            if any(attempt.status is not None for one in mine for attempt in one.attempts):
                continue
            failures = [one.last.failure for one in mine if one.last.failure is not None]
            asked = [failure for failure in failures if failure.kind not in UNASKED]
            if asked:
                found[name] = self.standing(target).why or asked[0].message
        return found

    def exit_code(self, *, strict: bool, today: datetime) -> int:
        """0 nothing failed, 1 something did, 7 something could not be tested, 8 nobody could be reached.

        Where nothing could be tested at a target, nobody failed, whatever kept us out.
        """
        unreachable, untested = self.unreachable(), self.untested()
        if self.selected and all(target.at in unreachable for target in self.selected):
            return 8
        found = [(target, judgement) for target, judgement in self.judgements() if target.at not in untested]
        if any(is_red(target, judgement, strict=strict, today=today) for target, judgement in found):
            return 1
        incomplete = (
            self.interrupted or untested or any(judgement.verdict is Verdict.ERROR for _, judgement in found)
        )
        return 7 if incomplete else 0

    @cached_property
    def results(self) -> Results:
        """Everything that is known, as results.json has it. Asked for once nothing more is sent."""
        from conformance.report.results.build import build

        cases = {case.requirement.id: case for chosen in self.selected.values() for case in chosen}
        return build(
            version=__version__,
            catalogue=CATALOGUE,
            entries=[entry(case) for case in cases.values()],
            targets=[self._resolved(target) for target in self.selected],
            judgements=[(self._resolved(target), judgement) for target, judgement in self.judgements()],
            exchanges=self.exchanges,
            started=self.started,
            finished=self._finished(),
            incomplete_because=self.interrupted,
            today=datetime.now(UTC).date(),
            unreachable=self.unreachable(),
            untested=self.untested(),
            credentials=self._credentials(),
            recorded=bool(self.judges),
            tier=self.tier,
        )

    def write_reports(self) -> None:
        """Writes results.json and the reports that are made from it."""
        for name, data in self.reports():
            files.replace(self.folder / name, data)

    def reports(self) -> Iterator[tuple[str, bytes]]:
        """The files to write, by name: results.json, and what is made from it."""
        from conformance.report import markdown
        from conformance.report.page import html
        from conformance.report.results import stored

        yield RESULTS, stored.encoded(self.results)
        yield REPORT, html.render(self.results, self.language).encode()
        yield SUMMARY, markdown.render(self.results).encode()

    def _finished(self) -> datetime:
        """When the last byte of the last exchange came: a replay ends when its recording did."""
        ends = [one.last.started + one.last.ended for one in self.exchanges if one.last.started]
        return datetime.fromtimestamp(max(ends), UTC) if ends else self.started

    def _resolved(self, target: Target) -> Target:
        """The target with the base URL that was really asked."""
        url = self._urls.get(target.provider.name, target.provider.base_url)
        return replace(target, provider=replace(target.provider, base_url=url))

    def _credentials(self) -> Mapping[str, Credential]:
        return {
            probe.key: probe.credential
            for target, cases in self.selected.items()
            for case in cases
            for probe in case.probes(target.claims)
            if probe.credential is not Credential.VALID
        }


def is_red(target: Target, judgement: Judgement, *, strict: bool, today: datetime) -> bool:
    """Whether a judgement turns a run red: a failure nobody expected, or an expectation that is stale."""
    known = next((one for one in target.provider.expected if one.requirement == judgement.requirement), None)
    violated = judgement.verdict.counts(strict=strict)
    if known is None:
        return violated
    if known.until is not None and known.until < today.date():
        return True
    return not known.sometimes and judgement.verdict.holds


def entry(case: Case) -> CatalogueEntry:
    """The row of the catalogue for a report."""
    from conformance.report.results.results import CatalogueEntry

    requirement = case.requirement
    return CatalogueEntry(
        id=requirement.id,
        area=requirement.area,
        level=requirement.level,
        statement=requirement.statement,
        claim=requirement.claim,
        sources=requirement.sources,
        test=test_id(case),
        impact=requirement.hurts,
    )

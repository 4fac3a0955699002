"""What the plugin does in a session that tests providers: from options to items, outcomes and the summary."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from conformance.asking.plan import Tier
from conformance.contracts.kept import Kept, kept_in
from conformance.judging.requirement import Case
from conformance.judging.verdict import Judgement, Verdict
from conformance.provider.model import OLD, Provider, Target, days_since
from conformance.report.show import plural
from conformance.running import options, terminal
from conformance.running import run as runs
from conformance.running.ending import Ending
from conformance.running.folder import BusyError, Claim
from conformance.running.item import CaseFolder, CaseItem
from conformance.running.pytest_files import PytestFiles
from conformance.running.run import Run, UnrecordableError
from conformance.running.tiers import of_tier
from conformance.wire import journal

REPLAYS = "conformance/sdk"
"""What the SDK made of responses, in pytest's cache."""


class Conformance:
    """A session in which providers are tested."""

    def __init__(self, run: Run, config: pytest.Config, *, plan_only: bool, strict: bool) -> None:
        self.run = run
        self._config = config
        self._plan_only = plan_only
        self._strict = strict
        self._today = datetime.now(UTC)
        self._notices: list[str] = []
        self.hushed = False
        """Whether an error of an item needs no words of pytest."""
        self.ending = Ending(run, self._notices, strict=strict, today=self._today)

    # -- from options -------------------------------------------------------------------------------------

    @classmethod
    def of(cls, config: pytest.Config) -> Conformance:
        """Reads the options. Raises pytest.UsageError, with the fix, for anything the user got wrong."""
        from conformance.provider.mistakes import ProvidersError
        from conformance.provider.select import SelectionError

        if getattr(config.option, "numprocesses", None):
            raise pytest.UsageError(
                "-n cannot be used with --provider: requests are concurrent in one process; see --concurrency"
            )
        plan_only = bool(config.getoption("plan"))
        try:
            recorded = options.recorded(config)
            replays = bool(config.getoption("replay"))
            targets, skipped = options.targets(config, recorded, sends=options.sends(config))
        except (ProvidersError, SelectionError, journal.JournalError) as error:
            raise pytest.UsageError(str(error)) from None
        run = Run(
            targets,
            options.folder(config, targets, datetime.now(UTC)),
            options.access,
            options.budget(config, targets),
            recorded if replays else None,
            options.faults(config, targets),
            config.getoption("lang"),
            resumed=None if replays else recorded,
            tier=options.tier(config, recorded),
            repeat=options.repeat(config),
        )
        # Parsed by pytest as its own option; here it also makes warnings count.
        strict = "--strict" in config.invocation_params.args
        self = cls(run, config, plan_only=plan_only, strict=strict)
        self._notices += [f"skipped: {reason}" for reason in skipped]
        if recorded is not None:
            self._notices += recorded.damaged
        if not plan_only and not config.option.collectonly:
            run.signals.heed()
            config.add_cleanup(run.signals.restore)
            self._claim_files()
        return self

    def _claim_files(self) -> None:
        """Keeps other runs out of the folder, and sees to the files of pytest's plugins."""
        option = self._config.option
        if not any(arg.startswith("-r") for arg in map(str, self._config.invocation_params.args)):
            # The findings have a line each at the end of the run: pytest's list would say them again.
            option.reportchars = ""
        try:
            claim = Claim(self.run.folder, new=options.is_new(self._config))
            self._config.add_cleanup(claim.leave)
        except BusyError as busy:
            raise pytest.UsageError(str(busy)) from None
        except OSError as error:
            raise pytest.UsageError(
                f"cannot write to {self.run.folder}: {error.strerror}; choose a place with --report-dir=DIR"
            ) from None
        try:
            self.ending.files = PytestFiles(self._config)
        except OSError as error:
            raise pytest.UsageError(f"cannot write temporary files: {error.strerror}; see TMPDIR") from None
        self._config.add_cleanup(self.ending.files.close)
        self.run.folder = claim.folder
        if claim.unlocked:
            where = terminal.short(claim.folder)
            self._notices.append(f"a second run in {where} would not be noticed: {claim.unlocked}")

    def _keep_replays(self) -> None:
        """Has what the SDK makes of responses kept in pytest's cache, where there is one."""
        cache = getattr(self._config, "cache", None)
        if cache is None:
            return
        known = cache.get(REPLAYS, {})
        store = Kept(known if isinstance(known, dict) else {})
        replays = ExitStack()
        replays.callback(lambda: cache.set(REPLAYS, store.texts) if store.fresh else None)
        replays.enter_context(kept_in(store))
        self._config.add_cleanup(replays.close)

    # -- collection ---------------------------------------------------------------------------------------

    def folder(self, parent: pytest.Collector, path: Path) -> CaseFolder | None:
        """A folder of modules with cases; None for anything else."""
        return CaseFolder.from_parent(parent, path=path, session_of=self) if path.name == "cases" else None

    def items(self, collector: pytest.Collector, obj: object) -> Iterable[CaseItem] | None:
        """The items of a case: one for each target. None for anything that is no case."""
        if not isinstance(obj, Case):
            return None
        from conformance.judging.catalogue import belongs, test_id

        return [
            CaseItem.from_parent(
                collector,
                name=f"{obj.function.__name__}[{target}]",
                # pytest's own would leave the file out where the cases lie outside its rootdir. pytest-html
                # reads escapes in an id, and fails over those that are none.
                nodeid=f"{test_id(obj)}[{target}]".replace("\\", "\\\\"),
                case=obj,
                target=target,
                session_of=self,
            )
            for target in self.run.targets
            if belongs(obj, target.contract)
        ]

    def narrow(self, items: list[pytest.Item]) -> Sequence[pytest.Item]:
        """Takes out what the tier does not decide, and a run that is resumed was not about."""
        cases: dict[Target, list[Case]] = {}
        about = self.run.resumed.requirements if self.run.resumed is not None else ()
        # What a run is about was of its tier already; only a smaller one takes something out.
        tier = self.run.tier if self._config.getoption("tier") or not about else Tier.FULL
        for item in items:
            if isinstance(item, CaseItem) and (not about or item.case.requirement.id in about):
                cases.setdefault(item.target, []).append(item.case)
        kept = {
            (target, case.requirement.id)
            for target, found in cases.items()
            for case in of_tier(tier, found, target.claims)
        }
        left_out = [
            item
            for item in items
            if isinstance(item, CaseItem) and (item.target, item.case.requirement.id) not in kept
        ]
        gone = set(left_out)
        items[:] = [item for item in items if item not in gone]
        return left_out

    def select(self, items: Sequence[pytest.Item]) -> None:
        """Takes note of what is left after deselection: only that is sent."""
        for item in items:
            if isinstance(item, CaseItem):
                self.run.selected.setdefault(item.target, []).append(item.case)
        if not self.run.selected and not self._config.option.collectonly:
            self._notices += [
                "no requirement was selected; nothing was sent",
                *options.unknown_marks(self._config),
            ]
        if self._config.option.collectonly or not items:
            return
        if not self._plan_only:
            self._check_expectations()

    def _check_expectations(self) -> None:
        from conformance.judging.catalogue import every_requirement

        known_ids = every_requirement()
        wrong = [
            f"{known.where}: expected failure names no requirement: {known.requirement!r}"
            for target in self.run.targets
            for known in target.provider.expected
            if known.requirement not in known_ids
        ]
        if wrong:
            raise pytest.UsageError("\n".join(dict.fromkeys(wrong)))

    # -- the run ------------------------------------------------------------------------------------------

    def exchange(self) -> None:
        """Sends what was selected, showing progress on a terminal."""
        if not self.run.selected:
            return
        self._keep_replays()
        reporter = self._config.pluginmanager.getplugin("terminalreporter")
        if left := self.run.left_alone:
            self._notices.append(f"not selected now, but kept in the journal: {plural(left, 'exchange')}")
        if reporter is not None and self.run.replayed is None and reporter.verbosity >= 0:
            for line in terminal.sending_lines(self.run):
                reporter.write_line(line)
        shown = reporter is not None and reporter.isatty and reporter.verbosity >= 0
        plans = self.run.plans() if self.run.replayed is None else ()
        done: dict[str, tuple[int, int]] = {str(plan.target): (0, plan.requests) for plan in plans}

        def progress(target: Target, ended: int, total: int) -> None:
            done[str(target)] = (ended, total)
            if shown:
                with suppress(OSError):  # a terminal that is gone is no reason to end
                    line = terminal.progress_line(self.run, done, reporter._tw.fullwidth)
                    reporter.rewrite(line, erase=True)

        try:
            self.run.exchange(progress)
        except KeyboardInterrupt:
            if reporter is not None:
                reporter.write_line("")
                reporter.write_line(
                    "interrupted: nothing more is sent; what was answered is judged and reported"
                )
            raise
        except UnrecordableError as error:
            raise pytest.UsageError(f"{error}; choose another place with --report-dir=DIR") from None
        finally:
            if shown:
                with suppress(OSError):
                    reporter.rewrite("", erase=True)

    def worth_showing(self, items: Sequence[pytest.Item]) -> list[pytest.Item]:
        """The items to run. Of those that could not be asked for one reason, one says so for all.

        The reason is a target that could not be asked anything, or not any more, or the run that ended before
        all was asked. Where nothing could be tested at all, the last words say so, and nothing else does.
        """
        untested = self.run.untested()
        silent = {target: self.run.nothing_was_answered(target) for target in self.run.selected}
        shown: list[pytest.Item] = []
        said: set[tuple[Target | None, str]] = set()
        left = 0
        for item in items:
            reason = self._reason_for_all(item, silent)
            if reason is None or reason not in said:
                shown.append(item)
            elif isinstance(item, CaseItem):
                left += item.target.at not in untested
            if reason is not None:
                said.add(reason)
        if left:
            self._notices.append(f"{left} more requirements could not be asked, for the same reason")
        if len(untested) + len(self.run.unreachable()) == len(self.run.selected) > 0:
            self._say_nothing_of_errors()
        return shown

    def _reason_for_all(
        self, item: pytest.Item, silent: Mapping[Target, bool]
    ) -> tuple[Target | None, str] | None:
        """Why an item could not be asked, where that is not for itself, and whom that is about."""
        if not isinstance(item, CaseItem):
            return None
        judgement, why = self.run.judge(item.target, item.case), self.run.standing(item.target).why
        if judgement.verdict is Verdict.ERROR and judgement.message == self.run.interrupted:
            return None, judgement.message
        if judgement.verdict is Verdict.ERROR and why and judgement.message == why:
            return item.target, why
        return (item.target, "") if silent[item.target] and not why else None

    def _say_nothing_of_errors(self) -> None:
        """Keeps pytest from saying in its own way what one sentence says at the end."""
        reporter = self._config.pluginmanager.getplugin("terminalreporter")
        self.hushed = True
        self._config.option.tbstyle = "no"
        if reporter is not None and not reporter.showlongtestinfo:
            reporter.showfspath = False

    def is_red(self, target: Target, judgement: Judgement) -> bool:
        """Whether the judgement counts as a failed test."""
        return runs.is_red(target, judgement, strict=self._strict, today=self._today)

    def latency(self, judgement: Judgement) -> float | None:
        """The longest exchange that was looked at, in seconds."""
        looked_at = set(judgement.consulted)
        seconds = (one.last.ended for one in self.run.exchanges if one.id in looked_at)
        return max(seconds, default=None)

    def explain(self, item: CaseItem, judgement: Judgement) -> str:
        """A finding in a few lines, for the terminal."""
        return terminal.explain(self.run, item.case.requirement, item.target, judgement, self._today.date())

    def decorate(self, item: pytest.Item, report: pytest.TestReport) -> None:
        """Has a report that skips say where the requirement stands, not where this plugin raised."""
        if isinstance(item, CaseItem) and report.skipped and isinstance(report.longrepr, tuple):
            path, line, _ = item.reportinfo()
            report.longrepr = (str(path), (line or 0) + 1, report.longrepr[2])

    def header(self) -> list[str]:
        """Who is tested, against which documents."""
        lines = []
        for target in self.run.targets:
            provider = target.provider
            where = "embedded" if provider.embedded else provider.base_url
            claims = target.claims
            lines.append(f"provider: {target} ({where}), model {target.model}")
            if options.sends(self._config) and (proxy := options.access(provider).proxy) is not None:
                lines.append(f"  through the proxy {proxy.name}")
            whence = ", as recorded" if self._is_as_recorded(provider) else ""
            said = f"{claims.title} (claims: {claims.profile}{whence}) {claims.url}"
            lines.append(f"  judged against {said}".rstrip())
            if (days := days_since(claims.read, self._today.date())) is not None:
                old = ": they may have changed, read them again" if days > OLD else ""
                lines.append(f"  the documents were read on {claims.read}, {days} days ago{old}")
        if self.run.replayed is not None:
            lines.append(f"replay: {len(self.run.replayed.exchanges)} recorded exchanges; nothing is sent")
        if self.run.resumed is not None:
            lines.append(f"resumed: {len(self.run.resumed.exchanges)} exchanges are in the journal")
        return lines

    def _is_as_recorded(self, provider: Provider) -> bool:
        """Whether the journal describes the provider, because no providers.yaml here does."""
        return self.run.replayed is not None and provider.where == str(self.run.replayed.path)

    # -- the end ------------------------------------------------------------------------------------------

    def finish(self, session: pytest.Session) -> None:
        """Writes the reports and sets the exit code. No signal comes between."""
        self.run.signals.hold()
        if not self._plan_only and not session.config.option.collectonly:
            self.ending.write(session)

    def summarise(self, reporter: pytest.TerminalReporter, exitstatus: int) -> None:
        """The last words: what would be sent, or what was found."""
        if not self._plan_only:
            self.ending.say(reporter, exitstatus)
            return
        for line in self._notices:
            reporter.write_line(line, yellow=True)
        reporter.write_line("")
        for line in terminal.plan_lines(self.run, verbose=reporter.verbosity > 0):
            reporter.write_line(line)

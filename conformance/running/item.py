"""What pytest collects and runs: folders of modules with cases, an item for each requirement and target.

Whatever the user's pytest takes for a test, in these folders only cases are.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance.judging.requirement import Case
from conformance.judging.verdict import Judgement, Verdict
from conformance.provider.model import Target
from conformance.report.text import MESSAGE, line

if TYPE_CHECKING:
    from _pytest._code.code import TerminalRepr, TracebackStyle

    from conformance.running.session import Conformance


class CaseFolder(pytest.Directory):
    """A folder of modules with cases."""

    def __init__(self, *, session_of: Conformance, **kw: Any) -> None:
        super().__init__(**kw)
        self._conformance = session_of

    def collect(self) -> list[CaseModule]:
        return [
            CaseModule.from_parent(self, path=path, session_of=self._conformance)
            for path in sorted(self.path.glob("test_*.py"))
        ]


class CaseModule(pytest.Module):
    """A module with cases and no tests, in which pytest need not look for fixtures, classes or functions."""

    def __init__(self, *, session_of: Conformance, **kw: Any) -> None:
        super().__init__(**kw)
        self._conformance = session_of

    def collect(self) -> list[pytest.Item | pytest.Collector]:
        found = [obj for name, obj in vars(self.obj).items() if name.startswith("test_")]
        return [item for obj in found for item in self._conformance.items(self, obj) or ()]


class CaseItem(pytest.Item):
    """One requirement at one target. Running it judges what has been recorded."""

    def __init__(self, *, case: Case, target: Target, session_of: Conformance, **kw: Any) -> None:
        super().__init__(**kw)
        self.case = case
        self.target = target
        self._conformance = session_of
        self.judgement: Judgement | None = None
        requirement = case.requirement
        self.add_marker(
            pytest.mark.requirement(
                id=requirement.id,
                area=requirement.area,
                level=case.level(target.claims).value,
                provider=target.provider.name,
                contract=target.contract,
                model=target.model,
            )
        )
        self.extra_keyword_matches |= {requirement.id, requirement.area, target.provider.name, target.model}

    def setup(self) -> None:
        judgement = self.judgement = self._conformance.run.judge(self.target, self.case)
        self.user_properties += [
            ("requirement", judgement.requirement),
            ("level", judgement.level.value),
            ("verdict", judgement.verdict.value),
            ("claim", self.case.requirement.claim or ""),
            ("provider", self.target.provider.name),
            ("model", self.target.model),
            ("message", line(judgement.message, MESSAGE)),
            ("latency", self._conformance.latency(judgement)),
        ]
        if judgement.verdict is Verdict.ERROR and not self._conformance.is_red(self.target, judgement):
            pytest.fail(self._conformance.explain(self, judgement), pytrace=False)

    def runtest(self) -> None:
        judgement = self.judgement
        assert judgement is not None
        reason = line(judgement.message, MESSAGE) or judgement.verdict.value
        if self._conformance.is_red(self.target, judgement):
            pytest.fail(self._conformance.explain(self, judgement), pytrace=False)
        match judgement.verdict:
            case Verdict.FAIL | Verdict.WARN:
                pytest.xfail(f"{judgement.verdict}: {reason}")
            case Verdict.UNSUPPORTED | Verdict.INCONCLUSIVE | Verdict.NOT_APPLICABLE:
                see = f" (see {judgement.see})" if judgement.see else ""
                pytest.skip(f"{judgement.verdict}: {reason}{see}")
            case _:
                return

    def repr_failure(
        self, excinfo: pytest.ExceptionInfo[BaseException], style: TracebackStyle | None = None
    ) -> str | TerminalRepr:
        """What ends an item says all in words; to show the line of this file that raised it takes longest."""
        if isinstance(excinfo.value, pytest.xfail.Exception):
            return excinfo.getrepr(style="value")
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        line = self.case.function.__code__.co_firstlineno - 1
        return self.path, line, f"{self.case.requirement.id} [{self.target}]"

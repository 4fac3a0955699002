"""Verdicts, and the judgement: what the suite says about one requirement at one target."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from conformance.provider.level import Level


class Verdict(StrEnum):
    """What was found. The order of the members is the order of reports: worst first."""

    FAIL = "fail"
    ERROR = "error"
    WARN = "warn"
    INCONCLUSIVE = "inconclusive"
    UNSUPPORTED = "unsupported"
    NOTE = "note"
    PASS = "pass"  # noqa: S105 - a verdict, not a password
    NOT_APPLICABLE = "not-applicable"


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on one requirement at one target, with the evidence for it.

    `message` is one line for people; `detail` the longer explanation, if any. `offending` names the
    exchanges that broke the requirement, `consulted` every exchange that was looked at (the controls
    included). `see` is the requirement that keeps this one from being decided.
    """

    requirement: str
    level: Level
    verdict: Verdict
    message: str = ""
    detail: str = ""
    offending: tuple[str, ...] = ()
    consulted: tuple[str, ...] = ()
    see: str | None = None
